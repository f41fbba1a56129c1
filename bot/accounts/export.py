"""What is stored about an account as JSON: for the customer who asks, and for other programs."""

import json

from pydantic_core import to_jsonable_python
from sqlmodel import Session

from storage.held import held

# Drafts are their author's own, who looked is for who runs Kahvi, and messages stand in Slack.
NOT_FOR_ALL = frozenset(("audit", "exit_forms", "outbox"))


def as_json(session: Session, account_id: str) -> str:
    """An object of rows by table, amounts in minor units, instants in UTC.

    It is the same text as long as nothing changes.
    """
    return json.dumps(to_jsonable_python(held(session, account_id)), indent=1, ensure_ascii=False)


def rows_as_json(session: Session, account_id: str) -> dict[str, list[str]]:
    """The same rows by table, an object each on one line, but for those that are not for everybody who may export."""
    found = {table: rows for table, rows in held(session, account_id).items() if table not in NOT_FOR_ALL}
    return {
        table: [json.dumps(row, ensure_ascii=False) for row in to_jsonable_python(rows)]
        for table, rows in found.items()
    }
