"""Text as customers may write it, and what must never come alive from it."""

import re
from typing import Any

from hypothesis import strategies as st

WORST = (
    "<!channel>",
    "<@U0AINO>",
    "<https://evil.example|Acme>",
    "two\nlines",
    "\u202egnp.exe",
    "`code` *bold* _it_ ~no~",
    ":fire:",
    "&lt;!here&gt;",
    "🦄" * 100,
    "x" * 300,
    "",
)
texts = st.one_of(st.sampled_from(WORST), st.text(max_size=350))
# What Kahvi itself writes: mentions of people and times in the reader's zone, and links to the billing system.
_OURS = re.compile(r"<@U1>|<!date\^\d+\^[^|>]*\|[^>]*>|<https://pay\.example/[^|>]*\|[^<>]*>")


def alive(message: Any) -> str:
    """Anything in a message's text that Slack would turn into a mention or a link, but for Kahvi's own."""
    said = [message.text, *_mrkdwn(message.blocks)]
    return "".join(re.findall(r"[<>]", _OURS.sub("", "\n".join(said))))


def _mrkdwn(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if value.get("type") == "mrkdwn" else []
        return own + [text for inner in value.values() for text in _mrkdwn(inner)]
    return [text for inner in value for text in _mrkdwn(inner)] if isinstance(value, list) else []
