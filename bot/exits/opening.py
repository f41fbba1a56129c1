"""Opening the form of an exit interview: about which departure, filled with what, and noted as opened."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session

from bot.accounts import standing
from bot.clock import local_day
from bot.exits import interview as interviews
from bot.exits.reasons import Reasons, as_set, told_by_billing
from bot.messages import exit_form as messages
from bot.messages.account import Setting
from bot.messages.blocks import Block
from bot.messages.exit_form import Filled
from storage import alerts, departures, exit_forms, exit_names, exit_reasons
from storage.accounts.story import AccountStory, departure
from storage.alerts import Alert
from storage.exit_forms import Form
from storage.exit_interviews import NOTE, TAGS, Interview
from storage.states import NameKind

LARGEST = 200_000  # bytes of a form as it is sent; Slack refuses more than 250,000


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose form of which account is to be opened: of the departure that began on `came`, or of the one at hand."""

    form_id: str
    account_id: str
    author: str
    came: date | None = None


def opened(session: Session, asked: Asked, setting: Setting) -> tuple[Block, Form] | None:
    """The form, and what is to be noted of it; None for an account that is not known."""
    found = departure(session, asked.account_id, setting.now)
    if found is None:
        return None
    stays = departures.stays(session, asked.account_id)
    came, left = _departure(stays, found, asked.came)
    interview = interview_of(found.interviews, came)
    shown = interviews.shown(interview, asked.author)
    reasons = as_set(exit_reasons.in_force(session))
    draft = exit_forms.draft(session, asked.account_id, came, asked.author)
    answers = dict(shown)
    if draft and draft.typed:
        answers = interviews.complete(draft, draft.typed)
    elif stays[:1] == [(came, left)] or not stays:
        answers = _heard(found, reasons) | shown
    filled = Filled(
        id=asked.form_id,
        came=came,
        left=left,
        author=asked.author,
        answers=answers,
        reasons=reasons,
        names=names_in(session, answers),
        interview=interview,
        flagged=_flagged(session, asked.account_id, came, left, setting),
        draft_at=draft.typed_at if draft else None,
    )
    view, form = messages.form(found, filled, setting), Form(*_own(asked, came, setting), shown)
    if len(json.dumps(view)) > LARGEST:
        note = answers.pop(NOTE)
        view = messages.form(found, replace(filled, answers=answers, held=len(note)), setting)
        form = replace(form, shown=interviews.holding(shown, note))
    return view, form


def interview_of(found: Sequence[Interview], came: date | None) -> Interview | None:
    """The interview about a departure; of an account that never paid, the one there is."""
    return next((one for one in found if came in (None, one.stay)), None)


def names_in(session: Session, answers: interviews.Answers) -> dict[str, str]:
    """The names of the competitors and features that answers hold by their ids."""
    held = {
        NameKind.COMPETITOR: [str(answers.get("competitor", ""))],
        NameKind.FEATURE: [str(tag) for tag in answers.get(TAGS, ())],
    }
    found: dict[str, str] = {}
    for kind, values in held.items():
        found |= exit_names.named(session, kind, [value[1:] for value in values if value.startswith(interviews.KNOWN)])
    return found


def _own(asked: Asked, came: date | None, setting: Setting) -> tuple[str, str, date | None, str, datetime]:
    return asked.form_id, asked.account_id, came, asked.author, setting.now


def _departure(
    stays: Sequence[tuple[date, date | None]], found: AccountStory, wanted: date | None
) -> tuple[date | None, date | None]:
    """The stay that was asked for by its first day, else the one that ended last or is to end."""
    told = [(one.stay, one.left) for one in found.interviews]  # also of before the account ever paid
    named = [one for one in (*stays, *told) if one[0] == wanted]
    if named or not stays:
        return next(iter(named), (None, None))
    newest, *earlier = stays
    present = standing.live(found)
    leaves = newest[1] is not None or (present and all(one.cancel_at for one in present))
    return newest if leaves or not earlier else earlier[0]


def _heard(found: AccountStory, reasons: Reasons) -> dict[str, str]:
    """What billing heard, as the form offers it."""
    left = standing.leaving(found)
    known = told_by_billing(left.cancel_reason, left.cancel_kind) if left else None
    return {"reason": known.id} if known and not reasons[known.id].retired else {}


def _flagged(session: Session, account_id: str, came: date | None, left: date | None, setting: Setting) -> list[Alert]:
    """The alerts of a stay, the newest first."""
    return [
        one
        for one in alerts.of_account(session, account_id)
        if (came or date.min) <= local_day(one.opened_at, setting.zone) <= (left or date.max)
    ]
