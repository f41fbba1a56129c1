"""The coffee stats: what happened since the last digest, as plain data that `bot.messages.digest` puts into words."""

from bot.digest.days import Rhythm, days_covered, previous_digest_day
from bot.digest.digest import Digest, compose

__all__ = ["Digest", "Rhythm", "compose", "days_covered", "previous_digest_day"]
