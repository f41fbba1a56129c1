from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing Slack would refuse, and where it stands in the payload."""

    path: Path
    message: str

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer, such as `/blocks/2/text/text`."""
        return "".join(f"/{step}" for step in self.path)

    def __str__(self) -> str:
        return f"[{self.pointer[1:]}] {self.message}"
