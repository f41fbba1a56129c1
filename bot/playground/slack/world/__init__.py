"""What the workspace holds: people, channels, messages, views, and its clock."""
