"""Everything that is stored about an account as JSON: for the customer who asks, and for other programs."""

import json

from pydantic_core import to_jsonable_python
from sqlmodel import Session

from storage.held import held


def as_json(session: Session, account_id: str) -> str:
    """An object of rows by table, amounts in minor units, instants in UTC; empty where nothing is held.

    It is the same text as long as nothing changes.
    """
    return json.dumps(to_jsonable_python(dict(held(session, account_id))), indent=1, ensure_ascii=False)
