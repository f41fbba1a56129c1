"""The form for a note about an account, the notes as people read them, and what a card's thread is told."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from bot.accounts.search import Found
from bot.messages import blocks as b
from bot.messages.account import LOG_NOTE
from bot.messages.account_lines import KINDS, note
from bot.messages.blocks import Message
from bot.messages.look_up import choice, nothing
from bot.messages.windows import open_again, told
from bot.messages.words import person, quoted
from bot.telling.told import counted
from storage.journal import Entry
from storage.states import NoteKind

FORM, CORRECT, KEPT, TYPED = "journal_note", "journal_correct", "journal_kept", "journal_typed"
TITLE = "Note"
KIND, TEXT, COST, DUE = "kind", "text", "cost", "due"
SHOWN, LONGEST = 500, 3000


def form(account_id: str, name: str, base: str, before: Entry | None = None) -> b.Block:
    """An empty form, or one that puts an entry right."""
    options = [b.option(words, kind.value) for kind, words in KINDS.items() if kind is not NoteKind.KEPT]
    due = before.due.isoformat() if before and before.due else None
    kind, text = (before.kind.value, before.text) if before else (NoteKind.CALL.value, "")
    whole = len(text) <= LONGEST
    said = "Corrects an earlier note, which stays readable." if before else "Read by whoever has the role CSM or above."
    carried = {"account": account_id, "corrects": before.id if before else None}
    return b.modal(
        FORM,
        TITLE,
        [
            b.section(f"*{b.escape(name)}*"),
            b.entry(KIND, "What was it?", b.choice(options, initial=kind)),
            b.entry(
                TEXT,
                "What should others know?",
                b.text_input(multiline=True, initial=text if whole else "", longest=LONGEST),
                hint=""
                if whole
                else f"The note is too long for this form ({len(text):,} letters): write what is right.",
            ),
            b.entry(
                COST,
                f"What an incentive cost ({base.upper()})",
                b.text_input(placeholder="250", longest=20),
                hint="A discount, credit or gift that was to keep them.",
                optional=True,
            ),
            b.entry(
                DUE,
                "By when, if it is a promise",
                b.date_input(due),
                hint="It stands on the card until it is kept.",
                optional=True,
            ),
            b.context(said),
        ],
        submit="Save",
        private_metadata=b.carried(carried),
    )


def carried(view: Mapping[str, Any]) -> tuple[str, str | None]:
    """The account that an open form is about, and the entry it corrects."""
    found = b.carried_by(view)
    return str(found.get("account") or ""), found.get("corrects")


def day_of(answers: Mapping[str, Any]) -> date | None:
    """The day by which a promise is to be kept, where one was chosen."""
    return b.date_of(answers.get(DUE))


def again(form: b.Block) -> Message:
    account_id, corrects = carried(form)
    return open_again(CORRECT, corrects) if corrects else open_again(LOG_NOTE, account_id)


def saved() -> b.Block:
    return told(TITLE, "Noted. `/account` and the name show it, and `notes` behind the name all of them.")


def notes(
    account: tuple[str, str], found: Sequence[Entry], corrected: Collection[str], words: str, zone: ZoneInfo
) -> Message:
    """The newest entries of an account, an id and a name, those that were put right struck through."""
    id_, name = account
    about = f" with {quoted(words)}" if words else ""
    another = b.actions(b.button("Log note", LOG_NOTE, id_))
    if not found:
        text = f"Nothing is noted of *{b.escape(name)}*{about}."
        return Message(text, [b.section(text), another])
    order = ", the newest first" if len(found) > 1 else ""
    head = f"*{counted(len(found), 'note')}{about} of {b.escape(name)}{order}*"
    entries = [(entry, note(entry, zone, put_right=entry.id in corrected)) for entry in found]
    blocks = [b.section(head)] + [
        b.section(text, accessory=None if entry.id in corrected else _button(entry)) for entry, text in entries
    ]
    text = b.cut_lines([head, *(text for _, text in entries)], b.MESSAGE_TEXT)
    return Message(text, [*b.fitted(blocks, b.BLOCKS_PER_MESSAGE - 1), another])


def _button(entry: Entry) -> b.Block:
    if entry.kind is NoteKind.PROMISE:
        return b.button("Kept", KEPT, entry.id)
    return b.button("Correct", CORRECT, entry.id)


def noted_of(name: str) -> str:
    return f"Noted of *{b.escape(name)}*."


def to_choose(found: Found, typed: str, delivery: str) -> Message:
    """The accounts that may be meant, a button each that notes it there.

    A text that a button cannot carry is to be pasted into the form that it opens.
    """
    if not found.matches:
        return nothing(found)
    if max(len(_carrying(one.id, typed, delivery)) for one in found.matches) <= b.BUTTON_VALUE:
        return choice(found, TYPED, "Note it here", lambda id_: _carrying(id_, typed, delivery))
    return choice(found, LOG_NOTE, "Log note")


def not_noted(meant: Message, typed: str) -> Message:
    """Why, or what to choose from first; and what was typed, so that it can be copied: Slack shows no command again."""
    text = f"{meant.text}\nNothing was noted yet: {quoted(typed, LONGEST)}"
    return Message(text, b.fitted([*meant.blocks, b.section("*Nothing was noted yet:*"), *b.as_typed(typed)]))


def typed_of(value: str) -> tuple[str, str, str]:
    """What a button carries: the account's id, what was typed, and what Slack had delivered it as."""
    found = b.read_carried(value)
    return str(found.get("account") or ""), str(found.get("text") or ""), str(found.get("delivery") or "")


def _carrying(account_id: str, text: str, delivery: str) -> str:
    return b.carried({"account": account_id, "delivery": delivery, "text": text})


def noted(entry: Entry) -> Message:
    """News for the thread of a card: somebody noted something."""
    kind = "" if entry.kind is NoteKind.OTHER else f" ({KINDS[entry.kind].lower()})"
    return b.said(f"{person(entry.author)} noted{kind}: {quoted(entry.text, SHOWN)}")
