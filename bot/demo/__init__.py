"""`kahvi demo`: the real bot between a local Slack and a local Stripe, with a believable company behind it."""

from bot.demo.run import main

__all__ = ["main"]
