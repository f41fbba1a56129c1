"""A long text in parts, as Slack's inputs hold no more than 3,000 characters each.

A part that is full goes on in the next one without a break; between others stands a line break.
"""

from collections.abc import Iterable

PART = 3000  # of UTF-16, as browsers count: one more sign may be two of these
FULL = PART - 1  # a sign of two does not fit the last place
LONGEST = 40_000  # characters of a whole text
PARTS = 28  # enough for the longest, even if each of its characters is two of UTF-16


def parts_of(text: str) -> list[str]:
    """The text in as few parts as lines allow; `whole` makes it of them again. One empty part for an empty text."""
    found: list[str] = []
    while _width(text) > PART:
        end = _room(text)
        line = text.rfind("\n", 1, end)
        rest = text[line + 1 :]
        if line > 0 and rest and _width(text[:line]) < FULL and len(found) + _needed(rest) < PARTS:
            found.append(text[:line])
            text = rest
        else:
            found.append(text[:end])
            text = text[end:]
    return [*found, text]


def whole(parts: Iterable[str]) -> str:
    """The text that its parts make; parts in which nothing stands are passed over."""
    found = ""
    between = ""
    for part in parts:
        if part:
            found += between + part
            between = "" if _width(part) >= FULL else "\n"
    return found


def _width(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _room(text: str) -> int:
    """How many characters from the start fill a part."""
    if _width(text[:PART]) <= PART:
        return PART
    cut = text.encode("utf-16-le", "surrogatepass")[: 2 * PART]
    return len(cut.decode("utf-16-le", "ignore"))


def _needed(text: str) -> int:
    """How many parts a text takes that is cut wherever it is full."""
    return -(-_width(text) // FULL)
