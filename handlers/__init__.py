"""What people do in Slack: each listener parses, asks access, notes the work, and answers."""
