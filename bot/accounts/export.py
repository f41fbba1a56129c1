"""What is stored about an account as JSON: for the customer who asks, and for other programs."""

import json
from collections.abc import Collection

from pydantic_core import to_jsonable_python
from sqlmodel import Session

from storage.held import held

# Drafts are their author's own, who looked is for who runs Kahvi, and messages stand in Slack.
NOT_FOR_ALL = frozenset(("audit", "exit_forms", "outbox"))


def as_json(session: Session, account_id: str, *, without: Collection[str] = ()) -> str:
    """An object of rows by table but for those `without`, amounts in minor units, instants in UTC.

    It is the same text as long as nothing changes.
    """
    found = {table: rows for table, rows in held(session, account_id).items() if table not in without}
    return json.dumps(to_jsonable_python(found), indent=1, ensure_ascii=False)
