"""What each command of the command line does; `bot.cli` has their words and options."""
