"""What a person typed or pasted after a command, made comparable with what is stored."""

import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

from bot.messages.blocks import plain
from storage.fact_store import folded

LONGEST = 200
# Slack wraps what it takes for an address: <mailto:a@b.c|a@b.c>, <https://b.c|b.c>, <@U1|ann>.
_WRAPPED = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_MENTION = re.compile(r"<@([UW]\w+)(?:\|[^<>]*)?>")
# What names one object of a billing system: cus_9aF, AC-7, 1042, 0f8b2c4d6e.
_ID = re.compile(r"\w*_\w*|(?=.*\d)[\w-]*-[\w-]*|\d+|(?=.*\d)\w{10,}")
_DOMAIN = re.compile(r"[\w-]+(\.[\w-]+)+")
_QUOTES = str.maketrans("‘’‚‛′“”„‟″«»", "''''''" + '"' * 6)


@dataclass(frozen=True, slots=True)
class Query:
    """`name` is what may be a name, `text` the same folded, `ids` what may be an account's id as written.

    `shown` is for people. `domain` is set when a domain or an e-mail address was typed, `person` when somebody was
    mentioned, by their id in Slack.
    """

    shown: str
    name: str
    text: str
    ids: tuple[str, ...]
    domain: str | None = None
    person: str | None = None

    @property
    def exacting(self) -> bool:
        """Whether an address, a domain or an id was typed: it names an account or none, never one that is alike."""
        return self.domain is not None or _ID.fullmatch(self.shown) is not None

    @property
    def numbered(self) -> bool:
        """Whether it may be the id or number of something that an account has."""
        return any(character.isdigit() or character in "_-" for character in self.shown)


def parse(typed: str) -> Query:
    """What a look-up compares; `text` is empty when nothing was typed."""
    mention = _MENTION.search(typed)
    said = plain(_WRAPPED.sub(_unwrapped, unescape(typed)).translate(_QUOTES), LONGEST)
    said = said.strip("\"' ").removesuffix(",")
    if "://" in said and " " not in said:
        return _from_url(said)
    text = folded(said)
    domain = text.rpartition("@")[2]
    return Query(
        said,
        said,
        text,
        (said,) if said else (),
        domain if _DOMAIN.fullmatch(domain) else None,
        mention.group(1) if mention else None,
    )


def _unwrapped(match: re.Match[str]) -> str:
    target, label = match.group(1), match.group(2)
    if target.startswith("mailto:"):
        return target.removeprefix("mailto:")
    if target.startswith(("@", "#", "!")):
        return label or target[1:]
    return target if _path_of(target) else label or target


def _from_url(said: str) -> Query:
    """A pasted page of the billing system names an account in its path; any other URL stands for its domain."""
    path = _path_of(said)
    host = folded(_host_of(said)).removeprefix("www.")
    return Query(said, host, host, tuple(reversed(path.split("/"))) if path else (), host or None)


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path.strip("/")
    except ValueError:
        return ""


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
