"""Kahvi's neutral words (`bot.telling.told`) as mrkdwn, as text to be read out, and as plain text."""

from collections.abc import Sequence
from decimal import Decimal

from bot.messages.blocks import escape, link, plain
from bot.telling.told import Foreign, Link, Phrase, Strong

BARS = "▁▂▃▄▅▆▇█"


def mrkdwn(phrase: Phrase) -> str:
    """A phrase for a block: foreign text inert, strong words bold."""
    return "".join(f"*{_said(part.said)}*" if isinstance(part, Strong) else _linked(part) for part in phrase)


def spoken(phrase: Phrase) -> str:
    """A phrase for a message's `text`: as in blocks, without emphasis and links."""
    return "".join(_said(part.said if isinstance(part, Strong | Link) else part) for part in phrase)


def in_plain_text(phrase: Phrase) -> str:
    """A phrase as plain text, for a terminal or a table's cell."""
    parts = (part.said if isinstance(part, Strong | Link) else part for part in phrase)
    return "".join((plain(part.text, part.limit) or "–") if isinstance(part, Foreign) else part for part in parts)


def sparkline(values: Sequence[Decimal]) -> str:
    """The course of values as block characters, the lowest and the highest of them at the ends of the scale."""
    low, high = min(values), max(values)
    if low == high:
        return BARS[3] * len(values)
    return "".join(BARS[int((value - low) / (high - low) * (len(BARS) - 1))] for value in values)


def _linked(part: str | Foreign | Link) -> str:
    if isinstance(part, Link):
        return link(part.url, plain(part.said.text, part.said.limit) or "–") if part.url else _said(part.said)
    return _said(part)


def _said(part: str | Foreign) -> str:
    return (escape(part.text, part.limit) or "–") if isinstance(part, Foreign) else part
