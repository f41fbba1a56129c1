"""Block Kit messages; escaping and Slack's limits live in `bot.messages.blocks` and nowhere else."""
