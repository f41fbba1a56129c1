"""What stands in the form of an exit interview, as plain answers by field, and what a person changed in it.

A form says only what was changed in it since it was opened: two people who fill one in at once both keep what they
said. Names that are to be added stand there as NEW and the name, those that are known as KNOWN and their id.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from bot.exits import long_text
from bot.exits.reasons import Reasons
from storage.exit_forms import Form
from storage.exit_interviews import FIELDS, NOTE, TAGS, Entry, Interview, Said, without
from storage.exit_names import LONGEST as LONGEST_NAME
from storage.states import Answer, NameKind

Answers = Mapping[str, Any]
KNOWN, NEW = "=", "+"
BY_REASON = ("reason", "root_cause", "secondary_reason")
YES_OR_NO = ("avoidable", "left_anyway")
TEXTS = ("bring_back", "missed")
NAMES = {"competitor": NameKind.COMPETITOR, TAGS: NameKind.FEATURE}
MOST_TAGS = 10
FIT = range(1, 11)
LONGEST = long_text.PART
HELD = "held"
NOTHING = "Say what you know: a reason, or a few words."


def shown(interview: Interview | None, author: str) -> dict[str, Any]:
    """What a form shows to this author: what all have said, and the author's own note."""
    if interview is None:
        return {}
    own = [note.text for note in interview.notes if note.author == author]
    return plain(interview.said) | ({NOTE: own[-1]} if own else {})


def plain(said: Said) -> dict[str, Any]:
    """Answers as a form holds them, what is empty left out."""
    found = {
        **{field.name: getattr(said, field.name) for field in fields(Said)},
        "competitor": KNOWN + said.competitor if said.competitor else "",
        TAGS: [KNOWN + tag for tag in said.tags[:MOST_TAGS]],
        "ask_again_on": said.ask_again_on.isoformat() if said.ask_again_on else "",
        "icp_fit": str(said.icp_fit or ""),
    }
    return {name: value for name, value in found.items() if value}


def complete(form: Form, typed: Answers) -> dict[str, Any]:
    """All that a form says: behind a note that it holds without showing it goes what was typed."""
    note = "\n".join(part for part in (form.shown.get(HELD), typed.get(NOTE)) if part)
    return {**typed, NOTE: note} if note else dict(typed)


def holding(shown: Answers, note: str) -> dict[str, Any]:
    """What a form shows that holds a note too long to be shown."""
    return {**shown, HELD: note}


def changed(before: Answers, typed: Answers) -> dict[str, Any]:
    """What differs from the form as it was opened, by field; empty where something was taken back."""
    return {name: typed.get(name, "") for name in FIELDS if _compared(typed.get(name)) != _compared(before.get(name))}


def problems(before: Answers, typed: Answers, reasons: Reasons, today: date) -> dict[str, str]:
    """What is wrong with a form, by field; what already stood there when it was opened stays right."""
    fresh = {name: value for name, value in changed(before, typed).items() if value}
    found = {name: said for name, value in fresh.items() if (said := _wrong(name, value, reasons, today))}
    if not typed and not before:
        return {"reason": NOTHING}
    for name in BY_REASON:
        reason = reasons.get(str(typed.get(name, "")))
        if name not in found and reason and reason.needs_words and not typed.get(NOTE):
            found.setdefault(NOTE, f"“{reason.label}” needs a few words: what was it?")
    second = typed.get("secondary_reason")
    if second and second == typed.get("root_cause"):
        found.setdefault("secondary_reason", "This is the cause you chose above; choose another one, or none.")
    return found


def entry(form: Form, typed: Answers, at: datetime, named: Callable[[NameKind, str], str]) -> Entry:
    """What a form without problems adds; `named` puts a name on its list and gives its id."""
    new, had = changed(form.shown, typed), form.shown.get(TAGS, ())

    def id_of(kind: NameKind, value: str) -> str:
        return value[1:] if value.startswith(KNOWN) else named(kind, value[1:])

    competitor = new.get("competitor") or ""
    day, fit = new.get("ask_again_on"), new.get("icp_fit")
    said = Said(
        **{name: new.get(name) or "" for name in (*BY_REASON, *TEXTS, "link")},
        avoidable=Answer(new["avoidable"]) if new.get("avoidable") else None,
        left_anyway=Answer(new["left_anyway"]) if new.get("left_anyway") else None,
        competitor=id_of(NAMES["competitor"], competitor) if competitor else "",
        tags=tuple(dict.fromkeys(id_of(NAMES[TAGS], tag) for tag in new.get(TAGS) or () if tag not in had)),
        ask_again_on=date.fromisoformat(day) if day else None,
        icp_fit=int(fit) if fit else None,
    )
    gone = [without(tag[1:]) for tag in had if TAGS in new and tag not in new[TAGS]]
    cleared = (*(name for name, value in new.items() if not value and name != TAGS), *gone)
    return Entry(form.id, form.account_id, form.came, form.author, at, said, new.get(NOTE) or "", cleared)


def _compared(value: Any) -> Any:
    return sorted(value) if isinstance(value, list | tuple) else value or ""


def _wrong(name: str, value: Any, reasons: Reasons, today: date) -> str:
    """What is wrong with a fresh answer; empty when nothing is."""
    wrong = ""
    if name in BY_REASON:
        wrong = "" if value in reasons else "Please choose one of the reasons."
    elif name in YES_OR_NO:
        wrong = "" if value in set(Answer) else "Please choose one of the answers."
    elif name in NAMES:
        wrong = _wrong_names([value] if isinstance(value, str) else value)
    elif name == "ask_again_on":
        wrong = _wrong_day(value, today)
    elif name == "icp_fit":
        wrong = "" if value in map(str, FIT) else f"Please choose from {FIT[0]} to {FIT[-1]}."
    elif name == "link":
        wrong = _wrong_link(value)
    else:
        longest = long_text.LONGEST if name == NOTE else LONGEST
        if len(value) > longest:
            wrong = f"This holds up to {longest:,} characters; yours has {len(value):,}."
    return wrong


def _wrong_names(values: list[str]) -> str:
    if len(values) > MOST_TAGS:
        return f"Choose up to {MOST_TAGS}, those that mattered most."
    for value in values:
        if value[:1] not in (KNOWN, NEW) or not value[1:].strip():
            return "Please choose a name from the list, or type one."
        if len(value) > LONGEST_NAME + 1:
            return f"A name has up to {LONGEST_NAME} characters: shorten it."
    return ""


def _wrong_day(value: str, today: date) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return "Please choose a day."
    return "" if day > today else "Choose a day that is still to come."


def _wrong_link(value: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc or any(char.isspace() for char in value):
        return "Write a whole address, such as https://crm.example/acme."
    return "" if len(value) <= LONGEST else f"This holds up to {LONGEST:,} characters; yours has {len(value):,}."
