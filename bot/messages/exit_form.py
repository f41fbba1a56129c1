"""The exit interview's form: made, read while it is open, and answered."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.accounts import standing
from bot.exits import long_text
from bot.exits.interview import BY_REASON, FIT, KNOWN, LONGEST, MOST_TAGS, NAMES, NEW, YES_OR_NO, Answers
from bot.exits.reasons import Reasons
from bot.messages import account_lines as lines
from bot.messages import alert_words, risk_words
from bot.messages import blocks as b
from bot.messages.account import EXIT_HISTORY, Setting
from bot.messages.exits import ANSWERS, LABELS, LONGEST_SHOWN, OPEN_OF, named, of_departure
from bot.messages.windows import open_again, told
from bot.messages.words import amounts, capital, day, moment_now, person, quoted
from bot.telling.told import counted
from storage.accounts.story import AccountStory
from storage.alerts import Alert
from storage.exit_interviews import FIELDS, NOTE, TAGS, Interview
from storage.exit_names import LONGEST as LONGEST_NAME
from storage.exit_names import id_of

CALLBACK = "exit_interview"
START_OVER, MORE_ROOM = "exit_start_over", "exit_more_room"
TITLE = "Exit interview"
BLOCK = "exit"
BLOCK_ID = re.compile(rf"{BLOCK}:(?P<field>[a-z_]+):(?P<part>\d+):(?P<form>[0-9a-f]+)")
OTHERS, FLAGGED = 3, 3
ENDS = {FIT[0]: " – not whom we sell to", FIT[-1]: " – exactly whom we sell to"}
HINTS = {
    "root_cause": "Your own judgement. Price is the easy answer: was it the price, or what they got for it?",
    "competitor": "Type a name; one that is not on the list can be added.",
    TAGS: "Few and short: the report sums the MRR lost over each. One that is not on the list can be added.",
    "missed": "The sign that should have told us, and when it was there.",
    NOTE: "When did they first think of leaving, what did they try first, who decided?",
    "link": "A recording, a ticket, their page in the CRM.",
}
_FREE: dict[str, bool] = {"optional": True, "tells": True}


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in a form, by its id: `answers` of what all have said, or the author's draft of `draft_at`.

    `names` are the names of competitors and features by id, `left` the day on which the stay ended, `flagged` the
    alerts there were, the newest first. `held` is the length of a note that is kept, too long to be shown in a form.
    """

    id: str
    came: date | None
    left: date | None
    author: str
    answers: Answers
    reasons: Reasons
    names: Mapping[str, str]
    interview: Interview | None = None
    flagged: Sequence[Alert] = ()
    draft_at: datetime | None = None
    held: int = 0


@dataclass(frozen=True, slots=True)
class Subject:
    """What a form is about, as the form itself carries it."""

    form: str
    account_id: str
    came: date | None
    name: str

    @property
    def value(self) -> str:
        """What a button carries that opens the form of this departure."""
        return of_departure(self.account_id, self.came)


def form(story: AccountStory, filled: Filled, setting: Setting) -> b.Block:
    """The form, over what billing and colleagues know already."""
    subject = Subject(filled.id, story.account.id, filled.came, b.plain(story.account.name or story.account.id, 80))
    known = [*_known(story, filled, setting), *_others(filled, setting)]
    draft = _draft(filled, subject, setting) if filled.draft_at else []
    fields = [block for name in FIELDS if name not in (NOTE, "link") for block in [_entry(name, filled)]]
    blocks = [*known, *draft, b.divider(), *fields, *_note(filled), _entry("link", filled)]
    came = filled.came.isoformat() if filled.came else None
    own = {"form": filled.id, "account": subject.account_id, "name": subject.name, "came": came}
    return b.modal(CALLBACK, TITLE, blocks, submit="Save", private_metadata=b.carried(own))


def with_more_room(view: Mapping[str, Any]) -> b.Block:
    """The same form with one more part for the note; Slack keeps what stands in the others."""
    blocks: list[b.Block] = list(view["blocks"])
    found = [(place, at) for place, block in enumerate(blocks) if (at := _at(block)) and at["field"] == NOTE]
    last, at = found[-1]
    following = int(at["part"]) + 1
    blocks.insert(last + 1, _part(following, at["form"], ""))
    if following + 1 >= long_text.PARTS:
        blocks = [block for block in blocks if not _has_action(block, MORE_ROOM)]
    private = str(view.get("private_metadata") or "")
    return b.modal(CALLBACK, TITLE, blocks, submit="Save", private_metadata=private)


def subject_of(view: Mapping[str, Any]) -> Subject:
    """What an open form is about; raises nothing, whatever it carries."""
    own = b.carried_by(view)
    values = (str(own.get(key) or "") for key in ("form", "account", "name"))
    form_id, account_id, name = values
    return Subject(form_id, account_id, b.date_of(own.get("came")), name)


def typed(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers by field that stand in a form, what is empty left out."""
    found: dict[str, Any] = {}
    note: dict[int, str] = {}
    for block_id, value in answers.items():
        at = BLOCK_ID.fullmatch(block_id)
        if at and at["field"] == NOTE:
            note[int(at["part"])] = str(value or "")
        elif at and at["field"] in FIELDS:
            found[at["field"]] = value.strip() if isinstance(value, str) else value
    found[NOTE] = long_text.whole(note[part] for part in sorted(note)).strip()
    return {name: value for name, value in found.items() if value}


def errors(view: Mapping[str, Any], wrong: Mapping[str, str]) -> dict[str, str]:
    """What is wrong by field, under the input of each."""
    inputs = {at["field"]: str(block["block_id"]) for block in view["blocks"] if (at := _at(block))}
    first = next(iter(inputs.values()))
    return {inputs.get(name, first): sentence for name, sentence in wrong.items()}


def saved(subject: Subject, meanwhile: Mapping[str, str]) -> b.Block:
    """That a form is saved; `meanwhile` are answers, in words, that others gave since it was opened and it replaced."""
    text = f"*Noted for {b.escape(subject.name)}*\nIt now stands on its `/account` card."
    if meanwhile:
        listed = "\n".join(f"• {LABELS[name]} {words}" for name, words in meanwhile.items())
        text += (
            f"\n\nSomebody answered while you wrote. Yours is shown now, and theirs is kept in the history:\n{listed}"
        )
    window = told(TITLE, text)
    return {**window, "blocks": [*window["blocks"], _after(subject)]}


def _after(subject: Subject) -> b.Block:
    change = b.button("Change or add", OPEN_OF, subject.value)
    return b.actions(change, b.button("History", EXIT_HISTORY, subject.account_id))


def unchanged(subject: Subject) -> b.Block:
    return told(TITLE, f"Nothing was changed for *{b.escape(subject.name)}*, so nothing new is noted.")


def again(view: b.Block) -> b.Message:
    return open_again(OPEN_OF, subject_of(view).value)


def suggestions(found: Sequence[tuple[str, str]], typed_so_far: str) -> list[b.Block]:
    """Options for what was typed: names that are known, and what was typed itself where none is just that."""
    options = [b.option(name, KNOWN + id_) for id_, name in found]
    new = b.plain(typed_so_far, LONGEST_NAME)
    if new and id_of(new) not in (known for known, _ in found):
        options.append(b.option(new, NEW + new, "Not on the list yet: adds it"))
    return options


def _known(story: AccountStory, filled: Filled, setting: Setting) -> list[b.Block]:
    """What billing knows, so that nobody types it again, and whether it was foreseen."""
    now, zone = setting.now, setting.zone
    before = [one for one in story.movements if filled.left is None or one.day < filled.left]
    money = amounts(standing.mrr(before), nothing="none")
    stands = lines.standing_lines(story, now, zone)
    parts = (
        (f"MRR lost on {day(filled.left, zone)}" if filled.left else "MRR at stake", [money]),
        ("Plan", [lines.plan(plan) for plan in story.plans] or ["None any more"]),
        ("Customer since", lines.tenure(story, now, zone)),
        ("Standing", stands),
    )
    told = [_comment(story, "\n".join(stands)), *_risk(story, filled, setting)]
    return [
        b.section(f"*{b.escape(story.account.name or story.account.id)}*"),
        b.fields(b.cut_lines([f"*{title}*", *shown], b.FIELD_TEXT) for title, shown in parts),
        b.section(b.cut_lines([line for line in told if line], b.SECTION_TEXT)),
    ]


def _comment(story: AccountStory, said: str) -> str:
    """The customer's own words, unless they are said already."""
    left = standing.leaving(story)
    words = quoted(left.cancel_comment, lines.QUOTE) if left and left.cancel_comment else ""
    return f"They wrote: {words}" if words and words not in said else ""


def _risk(story: AccountStory, filled: Filled, setting: Setting) -> list[str]:
    """The risk with its largest reasons, and the alerts of the stay."""
    zone, risk, found = setting.zone, story.risk, []
    if risk and risk.reasons:
        head = risk_words.scored(risk.score, risk.before, risk.day, hard=risk.hard)
        reasons = risk_words.reasons(risk.reasons, zone, FLAGGED)
        found = [f"*{capital(head)}*", *(f"• {reason}" for reason in reasons)]
    for alert in filled.flagged[:FLAGGED]:
        reason = alert_words.reason(alert, zone).replace("\n", ", ")
        until = f" to {day(alert.closed_at, zone)}" if alert.closed_at else ""
        found.append(f"Alert from {day(alert.opened_at, zone)}{until}: {reason}")
    more = len(filled.flagged) - FLAGGED
    last = f"{counted(more, 'earlier alert')}" if more > 0 else "" if filled.flagged else "No alert before this."
    return [*found, last]


def _others(filled: Filled, setting: Setting) -> list[b.Block]:
    """What colleagues noted, read only: each has a note of their own."""
    notes = [note for note in (filled.interview.notes if filled.interview else ()) if note.author != filled.author]
    told_by = [
        f"{person(note.author)} on {day(note.written_at, setting.zone)}: {quoted(note.text, LONGEST_SHOWN)}"
        for note in notes[-OTHERS:]
    ]
    return [b.context(*told_by)] if told_by else []


def _draft(filled: Filled, subject: Subject, setting: Setting) -> list[b.Block]:
    assert filled.draft_at  # noqa: S101 - asked before
    when = moment_now(filled.draft_at, setting.now, setting.zone)
    over = b.button("Start over", START_OVER, subject.value)
    return [b.section(f"*This is your draft* of {when}: you typed it and did not save it.", accessory=over)]


def _entry(name: str, filled: Filled) -> b.Block:
    """The input of one field, but for the note."""
    given = filled.answers.get(name)
    return b.entry(
        _id(name, 0, filled.id), LABELS[name], _input(name, given, filled), hint=HINTS.get(name, ""), **_FREE
    )


def _input(name: str, given: Any, filled: Filled) -> b.Block:
    if name in NAMES:
        chosen = [_option(one, filled.names) for one in ([given] if isinstance(given, str) else given or ())]
        return b.search_input("Type a name", chosen, most=MOST_TAGS if name == TAGS else 1)
    if name == "ask_again_on":
        return b.date_input(given)
    options = _options(name, given, filled.reasons)
    if options:
        return b.choice(options, initial=given)
    return b.text_input(initial=given or "", multiline=name != "link", longest=LONGEST)


def _options(name: str, given: Any, reasons: Reasons) -> list[b.Block]:
    """What there is to choose from, none where people write; a reason that was given stays though it is retired."""
    if name in BY_REASON:
        return [b.option(one.label, one.id) for one in reasons.values() if not one.retired or one.id == given]
    if name in YES_OR_NO:
        return [b.option(words, answer.value) for answer, words in ANSWERS.items()]
    return [b.option(f"{fit}{ENDS.get(fit, '')}", str(fit)) for fit in FIT] if name == "icp_fit" else []


def _note(filled: Filled) -> list[b.Block]:
    """The parts of the note, and the button for one more."""
    parts = [_part(number, filled.id, text) for number, text in enumerate(_parts(filled))]
    kept = f"Your note of {filled.held:,} characters is too long for a form. It is kept, and this goes behind it. "
    room = f"Each box holds {LONGEST:,} characters, all together {long_text.LONGEST:,}."
    more = [b.actions(b.button("More room", MORE_ROOM))] if len(parts) < long_text.PARTS else []
    return [*parts, *more, b.context(f"{kept if filled.held else ''}{room}")]


def _parts(filled: Filled) -> list[str]:
    return long_text.parts_of(str(filled.answers.get(NOTE, "")))


def _part(number: int, form_id: str, text: str) -> b.Block:
    label = f"{LABELS[NOTE]} ({number + 1})" if number else LABELS[NOTE]
    hint = "" if number else HINTS[NOTE]
    return b.entry(_id(NOTE, number, form_id), label, b.text_input(initial=text, multiline=True), hint=hint, **_FREE)


def _option(value: str, names: Mapping[str, str]) -> b.Block:
    return b.option(named(value, names), value)


def _id(field: str, part: int, form_id: str) -> str:
    """An input's own id: another form in the same window must not inherit what was typed into this one."""
    return f"{BLOCK}:{field}:{part}:{form_id}"


def _at(block: Mapping[str, Any]) -> re.Match[str] | None:
    return BLOCK_ID.fullmatch(str(block.get("block_id") or ""))


def _has_action(block: Mapping[str, Any], action: str) -> bool:
    return any(one.get("action_id") == action for one in block.get("elements", ()))
