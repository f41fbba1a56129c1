"""The form for the people of a customer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.accounts.contacts import written
from bot.messages import blocks as b
from bot.messages.account import CONTACTS
from bot.messages.windows import open_again, told
from storage.contacts import Contact

FORM, PEOPLE = "contacts", "people"
TITLE = "Contacts"


def form(account_id: str, name: str, found: Sequence[Contact], noted_at: datetime | None) -> b.Block:
    """The form, filled with those that are known."""
    carried = {"account": account_id, "noted_at": noted_at.isoformat() if noted_at else ""}
    return b.modal(
        FORM,
        TITLE,
        [
            b.section(f"*{b.escape(name)}*"),
            b.entry(
                PEOPLE,
                "Who do you know there?",
                b.text_input(
                    initial=written(found), multiline=True, placeholder="Jane Doe, jane@acme.com, CTO, champion"
                ),
                hint="A line for each: name, address, role. The champion is who stands up for you there.",
                optional=True,
            ),
        ],
        submit="Save",
        private_metadata=b.carried(carried),
    )


def saved(name: str) -> b.Block:
    return told(TITLE, f"Saved. `/account` shows them with {b.escape(name)}.")


def carried(view: Mapping[str, Any]) -> tuple[str, str]:
    """The account that an open form is about, and when its contacts were last set as it was opened."""
    found = b.carried_by(view)
    return str(found.get("account") or ""), str(found.get("noted_at") or "")


def again(view: b.Block) -> b.Message:
    return open_again(CONTACTS, carried(view)[0])
