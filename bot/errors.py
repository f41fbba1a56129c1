"""Every error that Kahvi raises on purpose; the message says what happened and what to do.

KahviError
├── SettingsError        a setting is missing or wrong
├── PolicyError          a metrics policy names an axis, value or preset that does not exist
├── StorageBusy          another process holds the database file
├── SourceError          the billing source could not be read; what is stored stays whole
│   ├── SourceRefused    it will go on refusing until a person acts (key, permission, version)
│   ├── SourceDown       it may answer later (network, rate limit, broken answer)
│   ├── SourceBusy       another process is reading it now
│   └── ImportRejected   a folder of CSV files has bad rows; nothing was imported
├── InputsRefused        rows told beside billing are wrong; the others count
├── NotRecorded          what a person wanted to record is wrong; nothing was recorded
├── CannotErase          something still needs whom it was to erase; nothing was changed
└── Denied               this person may not see this here
"""

from collections.abc import Sequence


class KahviError(Exception):
    """Something failed in a way a person can act on."""


class SettingsError(KahviError):
    """A setting is missing or wrong."""


class PolicyError(KahviError):
    """A metrics policy names an axis, value or preset that does not exist."""


class StorageBusy(KahviError):
    """Another process holds the database file."""


class SourceError(KahviError):
    """The billing source could not be read; what is stored stays whole."""


class SourceRefused(SourceError):
    """The billing source refuses until a person acts."""


class SourceDown(SourceError):
    """The billing source cannot answer now; the next sync tries again."""


class SourceBusy(SourceError):
    """Another process is reading the billing source; wait until it is done."""


class ImportRejected(SourceError):
    """A folder of CSV files has bad rows; nothing was imported.

    `problems` holds one line per bad cell: file, line, column, reason; `total` counts those left out of it too.
    """

    def __init__(self, problems: Sequence[str], total: int | None = None) -> None:
        self.problems = tuple(problems)
        count = len(self.problems) if total is None else total
        rows = "1 problem" if count == 1 else f"{count} problems"
        super().__init__(f"Nothing was imported: {rows} in the files; mend them and import again.")


class InputsRefused(KahviError):
    """Rows of signals.csv, spend.csv or targets.csv were left out; `problems` holds a line for each, at most 50."""

    def __init__(self, problems: Sequence[str], left_out: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"Left out: {', '.join(left_out)}; mend them and read again. The rest counts.")


class NotRecorded(KahviError):
    """What a person wanted to record is wrong; nothing was recorded."""


class Denied(KahviError):
    """This person may not see this here."""


class CannotErase(KahviError):
    """Something still needs whom it was to erase; nothing was changed."""
