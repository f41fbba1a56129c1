"""What is wrong with the files, in words a person can act on."""

from collections import Counter

MOST_LISTED = 50
LONGEST_QUOTE = 60


def quoted(text: str) -> str:
    """A cell for showing in one line of an error: cut, and without characters that would hide or move text."""
    shown = text if len(text) <= LONGEST_QUOTE else text[:LONGEST_QUOTE] + "…"
    return '"' + "".join(char if char.isprintable() else ascii(char)[1:-1] for char in shown) + '"'


class Problems:
    """Collects what is wrong: every problem is counted, the first ones are kept."""

    def __init__(self) -> None:
        self.by_file: Counter[str] = Counter()
        self._listed: list[tuple[str, str]] = []

    def __bool__(self) -> bool:
        return bool(self.by_file)

    def add(self, file: str, reason: str, *, line: int | None = None, column: str | None = None) -> None:
        self.by_file[file] += 1
        if len(self._listed) < MOST_LISTED:
            shown = file if file.isprintable() else quoted(file)
            place = shown + (f" line {line}" if line else "") + (f", column {column}" if column else "")
            self._listed.append((file, f"{place}: {reason}"))

    def lines(self) -> list[str]:
        """One line per problem, at most 50, and how many more there are."""
        more = self.by_file.total() - len(self._listed)
        return [text for _, text in self._listed] + ([f"and {more} more"] if more else [])

    def first(self, file: str) -> str:
        """The first problem of a file; when none of its own is listed, how many it has."""
        return next((text for name, text in self._listed if name == file), f"{self.by_file[file]} problems")
