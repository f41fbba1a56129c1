"""What people change in forms they fill in at once stands together, and what they leave alone stays."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.exits import interview
from bot.exits.interview import KNOWN, NAMES, YES_OR_NO
from bot.exits.reasons import REASONS
from bot.sweep import DRAFTS, sweep
from storage import exit_forms
from storage.engine import Database
from storage.exit_forms import Form, Typed
from storage.exit_interviews import ANSWERS, FIELDS, NOTE, TAGS, Entry, Interview, notes_of, together

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
ONE = {
    **{name: st.sampled_from(["", *REASONS][:5]) for name in interview.BY_REASON},
    **{name: st.sampled_from(["", "yes", "no", "unknown"]) for name in YES_OR_NO},
    **{name: st.sampled_from(["", "a", "b"]) for name in (*interview.TEXTS, NOTE)},
    "competitor": st.sampled_from(["", "=initech", "=hooli"]),
    TAGS: st.lists(st.sampled_from(["=api", "=sso", "=audit"]), unique=True),
    "ask_again_on": st.sampled_from(["", "2027-01-01", "2028-01-01"]),
    "icp_fit": st.sampled_from(["", "1", "10"]),
    "link": st.sampled_from(["", "https://a.example", "https://b.example"]),
}
forms = st.fixed_dictionaries(ONE).map(lambda found: {name: value for name, value in found.items() if value})


def added(id_: str, author: str, hours: int, shown: dict[str, Any], typed: dict[str, Any]) -> Entry:
    form = Form(id_, "x", None, author, NOW, shown)
    return interview.entry(form, typed, NOW + timedelta(hours=hours), lambda _, name: name)


def as_told(*entries: Entry) -> Interview:
    return Interview("x", NOW.date(), None, together(entries), notes_of(entries), entries)


def test_every_field_is_filled_in_by_the_property() -> None:
    assert ONE.keys() == set(FIELDS)


@given(forms, forms, forms)
def test_what_two_people_change_at_once_stands_together(
    first: dict[str, Any], one: dict[str, Any], two: dict[str, Any]
) -> None:
    begun = added("a", "U0", 0, {}, first)
    opened = interview.shown(as_told(begun), "U1")
    entries = (begun, added("b", "U1", 1, opened, one), added("c", "U2", 2, opened, two))

    told = interview.plain(together(entries))

    for name in ANSWERS:
        versions = [form.get(name, "") for form in (opened, one, two)]
        before, mine, theirs = versions
        if name == TAGS:
            gone = {tag for tag in before for form in (mine, theirs) if tag not in form}
            came = {tag for form in (mine, theirs) for tag in form if tag not in before}
            expected: Any = (set(before) - gone) | came
            assert set(told.get(name, ())) == expected
        else:
            assert told.get(name, "") == (theirs if theirs != before else mine)
    notes = {note.author: note.text for note in notes_of(entries)}
    assert notes == {user: form[NOTE] for user, form in (("U0", first), ("U1", one), ("U2", two)) if NOTE in form}


@given(forms)
def test_a_form_that_is_opened_again_shows_what_was_said_and_changes_nothing(typed: dict[str, Any]) -> None:
    shown = interview.shown(as_told(added("a", "U1", 0, {}, typed)), "U1")

    assert interview.changed(shown, typed) == {}
    assert interview.changed(typed, shown) == {}
    assert set(NAMES) <= set(FIELDS)
    assert all(tag.startswith(KNOWN) for tag in shown.get(TAGS, ()))


def test_what_stood_in_a_form_when_it_was_opened_stays_right() -> None:
    """A day that has come since, a reason that was retired: nobody has to mend what they did not touch."""
    before = {"ask_again_on": "2026-01-01", "reason": "price", "link": "crm"}

    assert interview.problems(before, before, {}, date(2026, 11, 23)) == {}
    assert set(interview.problems({}, before, {}, date(2026, 11, 23))) == set(before)


async def test_a_draft_is_kept_for_ninety_days(database: Database) -> None:
    await database.write(exit_forms.opened, Form("F1", "x", None, "U1", NOW, {}))
    await database.write(exit_forms.keep, "F1", "U1", Typed({NOTE: "x"}, "1", NOW))

    await sweep(database, NOW + DRAFTS)
    assert await database.read(exit_forms.draft, "x", None, "U1") is not None
    await sweep(database, NOW + DRAFTS + timedelta(seconds=1))
    assert await database.read(exit_forms.draft, "x", None, "U1") is None


def test_texts_are_held_to_their_lengths_whoever_sends_them() -> None:
    typed = {
        "bring_back": "x" * 3001,
        "missed": "x" * 3000,
        "link": "https://a.example/" + "x" * 3000,
        NOTE: "🙂" * 40_001,
    }

    assert interview.problems({}, typed, REASONS, date(2026, 11, 23)) == {
        "bring_back": "This holds up to 3,000 characters; yours has 3,001.",
        "link": "This holds up to 3,000 characters; yours has 3,018.",
        NOTE: "This holds up to 40,000 characters; yours has 40,001.",
    }
