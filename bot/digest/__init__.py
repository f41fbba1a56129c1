"""The coffee stats: what happened since the last digest, as plain data that `bot.messages.digest` puts into words."""

from bot.digest.compose import Digest, compose
from bot.digest.days import Rhythm, days_covered, previous_digest_day

__all__ = ["Digest", "Rhythm", "compose", "days_covered", "previous_digest_day"]
