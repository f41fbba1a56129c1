"""A filter cut into words, with what quotes protect, and the error that points at one of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.errors import KahviError

QUOTES = str.maketrans("“”„‟″«»", '"' * 7)
SHOWN = 40


class FilterError(KahviError):
    """A filter cannot be understood; the sentence names the word and its place (`at`, the first character is 1)."""

    def __init__(self, sentence: str, at: int) -> None:
        super().__init__(sentence)
        self.at = at

    @classmethod
    def about(cls, word: str, at: int, fault: str) -> "FilterError":
        """The error of one word: what is wrong with it, and where it stands."""
        shown = word if len(word) <= SHOWN else f"{word[: SHOWN - 1]}…"
        end = "" if fault.endswith("?") else "."
        return cls(f"“{shown}” (character {at} of the filter) {fault}{end}", at)


@dataclass(frozen=True, slots=True)
class Word:
    """One condition as typed: characters, each with whether quotes protect it, and its place in the text."""

    characters: tuple[tuple[str, bool], ...]
    at: int

    def __str__(self) -> str:
        return "".join(character for character, _ in self.characters)

    def place(self, marks: Sequence[str], start: int = 0) -> tuple[int, str] | None:
        """Where the first of these marks stands outside quotes, and which."""
        for place in range(start, len(self.characters)):
            for mark in marks:
                if all(
                    self.characters[place + step : place + step + 1] == ((wanted, False),)
                    for step, wanted in enumerate(mark)
                ):
                    return place, mark
        return None

    def part(self, start: int, end: int | None = None) -> "Word":
        return Word(self.characters[start:end], self.at)


def words(text: str) -> Iterator[Word]:
    """The words between spaces; inside quotes a backslash keeps a quote or a backslash. Raises FilterError."""
    text = text.translate(QUOTES)
    held: list[tuple[str, bool]] = []
    begun, opened, place = 0, 0, 0
    while place < len(text):
        character = text[place]
        if opened and character == "\\" and text[place + 1 : place + 2] in ('"', "\\"):
            place += 1
            held.append((text[place], True))
        elif character == '"':
            begun = begun or place + 1
            opened = 0 if opened else place + 1
            held.append(("", True))
        elif character.isspace() and not opened:
            if begun:
                yield Word(tuple(held), begun)
            held, begun = [], 0
        else:
            begun = begun or place + 1
            held.append((character, bool(opened)))
        place += 1
    if opened:
        raise FilterError(f"The quotation mark at character {opened} is never closed.", opened)
    if begun:
        yield Word(tuple(held), begun)
