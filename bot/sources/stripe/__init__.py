"""Stripe as a billing source: lists for the first read, events as hints of what to read again."""

from bot.sources.stripe.source import StripeSource

__all__ = ["StripeSource"]
