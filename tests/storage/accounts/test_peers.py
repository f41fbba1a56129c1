"""How an account stands among those of its segment."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from storage import risks
from storage.accounts.peers import Peers, of_account
from storage.engine import Database
from storage.risks import Assessed
from tests.company import fill
from tests.factories import account


def assessed(session: Session, account_id: str, score: int, worth: int | None, now: datetime) -> None:
    sums: dict[str, Any] = {"worth": worth, "committed": 0, "overdue": 0, "stake": 0}
    one = Assessed(account_id=account_id, score=score, hard=False, **sums, likely=None, reasons=(), stale=())
    risks.store(session, [one], {}, now, now.date())


def test_only_those_of_the_segment_are_peers(database: Database, morning: datetime) -> None:
    with database.writing() as session:
        segments = {"a": "smb", "b": "smb", "c": "smb", "d": "enterprise", "e": None}
        fill(session, [account(id_, segment=segment) for id_, segment in segments.items()], morning)
        for id_, score, worth in (("a", 50, 500), ("b", 20, 900), ("c", 70, 100), ("d", 10, 10), ("e", 90, None)):
            assessed(session, id_, score, worth, morning)

        assert of_account(session, "a", "smb") == Peers("smb", 3, 1, 1, money=True)
        assert of_account(session, "e", None) == Peers("", 5, 0, 4, money=False)
        assert of_account(session, "x", "smb") is None
