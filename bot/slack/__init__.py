"""Everything between the outbox and Slack: connections, sending, and what became of each message."""
