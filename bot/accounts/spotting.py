"""The accounts that a text names, such as a colleague's message: by whole names, addresses and ids, never by likeness.

A single word counts only where it looks like a name, an address or an id: companies are called like words of any text.
"""

import re
from collections.abc import Iterator

from bot.accounts.index import Index

LONGEST = 6  # words of a name
READ = 400  # words of the text
MOST = 5  # accounts
WORD = re.compile(r"[^\s<>|,;:!?()\[\]{}\"“”„]+")
AROUND = ".'’*_~`"
TELLING = re.compile(r"[A-Z0-9À-ÖØ-Þ]|[^\W\d_a-z]|.*[@\d]")  # how a word begins that stands alone for a name
SHORTEST = 2


def spotted(index: Index, text: str) -> list[str]:
    """Ids of the accounts that are named, those named first first; the longest name counts."""
    words = [word.strip(AROUND) for word in WORD.findall(text)][:READ]
    found: dict[str, None] = {}
    at = 0
    while at < len(words) and len(found) < MOST:
        length, ids = next(_named(index, words, at), (1, ()))
        found.update(dict.fromkeys(ids))
        at += length
    return list(found)[:MOST]


def _named(index: Index, words: list[str], at: int) -> Iterator[tuple[int, list[str]]]:
    """The longest run of words from here that names somebody, with its length."""
    for length in range(min(LONGEST, len(words) - at), 0, -1):
        run = " ".join(words[at : at + length])
        alone = length == 1 and (len(run) < SHORTEST or not TELLING.match(run))
        if not alone and (ids := index.named(run)):
            yield length, ids
