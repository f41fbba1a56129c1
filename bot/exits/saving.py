"""Saving what a person wrote into the form of an exit interview."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlmodel import Session

from bot.clock import local_day
from bot.exits import interview as interviews
from bot.exits.opening import interview_of, names_in
from bot.exits.reasons import Reasons, as_set
from bot.messages.account import GONE, Setting
from bot.messages.exits import in_words
from storage import exit_forms, exit_interviews, exit_names, exit_reasons, locks
from storage.accounts import called
from storage.exit_forms import Form
from storage.exit_interviews import NOTE, TAGS
from storage.states import NameKind

LOCK = "exit_interviews"
NOT_KEPT = f"Nothing was saved. {GONE}"


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a form: `wrong` by field, and nothing was kept; else whether it `changed` anything.

    `meanwhile` are the answers of others, in words by field, that were given since the form was opened and that it
    replaced.
    """

    wrong: Mapping[str, str]
    changed: bool = False
    meanwhile: Mapping[str, str] | None = None


def keep(session: Session, form: Form, typed: interviews.Answers, setting: Setting) -> Kept:
    """Check a form and keep what it adds; the same form sent again replaces what it added before."""
    locks.alone(session, LOCK)  # or of two who answer at once neither would be told of the other
    if not called.names(session, [form.account_id]):
        return Kept({NOTE: NOT_KEPT})
    form = exit_forms.find(session, form.id, form.author) or form
    said = interviews.complete(form, typed)
    reasons = as_set(exit_reasons.in_force(session))
    wrong = interviews.problems(form.shown, said, reasons, local_day(setting.now, setting.zone))
    if wrong:
        return Kept(wrong)
    new = interviews.changed(form.shown, said)
    if not new and not form.saved_at:
        return Kept({})
    meanwhile = _meanwhile(session, form, new, reasons)
    named = partial(_named, session, form.author, setting.now)
    exit_interviews.save(session, interviews.entry(form, said, setting.now, named))
    exit_forms.saved(session, form, setting.now)
    return Kept({}, changed=True, meanwhile=meanwhile)


def opened(session: Session, form: Form) -> bool:
    """Note a form as opened; False when its account is gone by now."""
    locks.alone(session, LOCK)
    if not called.names(session, [form.account_id]):
        return False
    exit_forms.opened(session, form)
    return True


def _meanwhile(session: Session, form: Form, new: interviews.Answers, reasons: Reasons) -> dict[str, str]:
    interview = interview_of(exit_interviews.of_account(session, form.account_id), form.came)
    others = [one for one in interview.entries if one.id != form.id] if interview else []
    now = interviews.plain(exit_interviews.together(others))
    replaced = {
        name: value
        for name, value in now.items()
        if name in new and name != TAGS and value not in (form.shown.get(name), new[name])
    }
    names = names_in(session, replaced)
    return {name: in_words(name, value, reasons, names) for name, value in replaced.items()}


def _named(session: Session, author: str, at: datetime, kind: NameKind, name: str) -> str:
    return exit_names.add(session, kind, name, author, at)
