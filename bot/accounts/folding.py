"""Names made comparable: in Latin letters and small, in words, with the legal form told apart.

A name and what somebody types for it are folded alike, so only that matters, not that a reading is the proper one:
東京 is "dongjing" on both sides.
"""

import re
import unicodedata
from collections.abc import Sequence

from anyascii import anyascii

from bot.accounts.legal_forms import ATTACHED, BEGINNINGS, BETWEEN, ENDINGS, NATIVE, SHORTENED

LONGEST = 200  # characters of a name or a question that are compared
MOST_WORDS = 16
SHORTEST_GLUED = 3  # letters of a name; fewer before a form are one of the many words that end so

_APOSTROPHES = re.compile("['`´\u2018\u2019\u201a\u201b\u2032\u02bc\u05f3\uff07]")
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789 ")
_WORDS = re.compile("[a-z0-9]+")


def romanised(text: str) -> str:
    """Text in small Latin letters, without accents, marks that nobody sees, and apostrophes; at most LONGEST of it."""
    text = text[:LONGEST]
    if not text.isascii():
        shown = unicodedata.normalize("NFKC", _APOSTROPHES.sub("", _INVISIBLE.sub("", text)))
        for short, form in SHORTENED.items():
            shown = shown.replace(short, form)
        text = anyascii(ATTACHED.sub(" \\1 ", shown))[: 2 * LONGEST]
    return text.replace("'", "").replace("`", "").lower()


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, those of single letters joined: "A.C.M.E. & Sons" is acme, and, sons."""
    found: list[str] = []
    for written in romanised(name).replace("&", " and ").split():
        parts = _WORDS.findall(written)
        found.extend(["".join(parts)] if len(parts) > 1 and all(map(_is_letter, parts)) else parts)
    return tuple(found[:MOST_WORDS])


def marks_of(text: str) -> tuple[str, ...]:
    """What stands in a text besides words and spaces, for names made of nothing else."""
    return tuple(
        sorted({mark for mark in romanised(text) if not mark.isalnum() and mark.isprintable() and mark != " "})
    )


def label_of(domain: str) -> str:
    """The part of a domain that is somebody's name: "acme-robotics" of mail.acme-robotics.co.uk."""
    return max(domain.split(".")[:-1] or [domain], key=len)


def core_of(words: Sequence[str]) -> tuple[str, ...]:
    """The words without the legal form, which is never all of a name."""
    start, end = 0, len(words)
    while end > 1 and (_is_form(words[end - 1]) or (end < len(words) and words[end - 1] in BETWEEN)):
        end -= 1
    while start < end - 1 and (words[start] in BEGINNINGS or words[start] in NATIVE):
        start += 1
    return tuple(words[start:end])


def form_of(words: Sequence[str]) -> frozenset[str]:
    """The words of the legal form, whichever way round it is written."""
    return frozenset(words) - frozenset(core_of(words)) - BETWEEN


def unglued(word: str) -> tuple[str, ...]:
    """A name and the legal form that was written to its end: "acmecorp" is acme, corp; nothing where none was."""
    ends = (at for at in range(SHORTEST_GLUED, len(word) - 1) if word[at:] in ENDINGS)
    at = next(ends, None)
    return (word[:at], word[at:]) if at else ()


def _is_letter(word: str) -> bool:
    return len(word) == 1 and word.isalpha()


def _is_form(word: str) -> bool:
    return word in ENDINGS or word in NATIVE
