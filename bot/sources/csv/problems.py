"""What is wrong with the files, in words a person can act on."""

from collections import Counter

from bot.errors import ImportRejected, KahviError, SourceRefused

MOST_LISTED = 50
LONGEST_QUOTE = 60
CHANGED = "the files changed while they were read: write each under another name, then rename it into place"


def quoted(text: str) -> str:
    """A cell for showing in one line of an error: cut, and without characters that would hide or move text."""
    shown = text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…"
    return '"' + "".join(char if char.isprintable() else ascii(char)[1:-1] for char in shown) + '"'


def unreadable(file: str, error: OSError) -> KahviError:
    """What to raise for a file that could not be opened or read: it went away just now, or a person must act."""
    if isinstance(error, FileNotFoundError):
        return ImportRejected([CHANGED])
    return SourceRefused(f"{file} cannot be read ({error.strerror}); allow Kahvi to read it.")


class Problems:
    """Collects what is wrong: every problem is counted, the first ones are kept."""

    def __init__(self) -> None:
        self.by_file: Counter[str] = Counter()
        self._listed: list[tuple[str, str, str]] = []  # file, the place in it, what is wrong there

    def __bool__(self) -> bool:
        return bool(self.by_file)

    def add(self, file: str, reason: str, *, line: int | None = None, column: str | None = None) -> None:
        self.by_file[file] += 1
        if len(self._listed) < MOST_LISTED:
            places = (f" line {line}" if line else "", f", column {column}" if column else "")
            self._listed.append((file, "".join(places), reason))

    def lines(self) -> list[str]:
        """One line per problem, at most 50, and how many more there are."""
        more = self.by_file.total() - len(self._listed)
        told = [f"{_shown(file)}{place}: {reason}" for file, place, reason in self._listed]
        return told + ([f"and {more} more"] if more else [])

    def first(self, file: str) -> str:
        """The first problem of a file, without its name; when none of its own is listed, how many it has."""
        for name, place, reason in self._listed:
            if name == file:
                return f"{place.lstrip(' ,')}: {reason}" if place else reason
        return f"{self.by_file[file]} problems"


def _shown(file: str) -> str:
    return file if file.isprintable() else quoted(file)
