"""The one look of a bar in the terminal: shown while work moves, gone when it ends."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


def progress_bar(counted: str = "") -> Progress:
    """A bar on the error stream; a file or a pipe gets nothing of it.

    `counted` says what is counted beside "n of m": words, or a format of the task's fields.
    """
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(counted),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
