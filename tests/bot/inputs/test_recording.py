"""`kahvi record`: what is typed is checked and kept whole, or nothing is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session

from bot.errors import NotRecorded
from bot.inputs import recording
from bot.inputs.recording import Observation
from bot.inputs.rules import Terms
from storage import fact_store, signals, targets
from storage import spend as spending
from storage.engine import Database
from storage.inputs import SpendKind
from storage.states import MovementKind
from tests import factories
from tests.bot.digest.company import hold, movement

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
TERMS = Terms(ZoneInfo("America/New_York"), "usd", NOW)
START = datetime(2026, 1, 1, tzinfo=UTC)


class Desk:
    """A person at the terminal, whose company has the accounts Acme Corp, Acme Ltd and Beta."""

    def __init__(self, database: Database) -> None:
        self.database = database
        accounts = [factories.account(id_, name=name) for id_, name in NAMES.items()]
        self.do(lambda session: fact_store.store(session, accounts, NOW))

    def do(self, work: Callable[[Session], Any]) -> Any:
        with self.database.writing() as session:
            return work(session)

    def spend(self, amount: str, period: str = "2026-10", **given: Any) -> str:
        given = {"kind": SpendKind.RETENTION, "currency": None, "note": None, **given}
        said: str = self.do(lambda one: recording.spend(one, TERMS, amount=amount, period=period, **given))
        return said

    def target(self, metric: str, value: str, month: str = "2026-12", **given: Any) -> str:
        given = {"metric": metric, "value": value, "month": month, "currency": None, **given}
        said: str = self.do(lambda session: recording.target(session, TERMS, **given))
        return said

    def pays(self, account_id: str, region: str) -> None:
        """Let an account of a region pay."""
        paying = [movement(account_id, date(2026, 1, 5), MovementKind.NEW, 100_00)]
        self.do(lambda session: hold(session, paying, [factories.account(account_id, region=region)]))

    def observe(self, name: str, value: str, account: str | None = "c1", **given: Any) -> str:
        typed = Observation(name, value, account, given.get("on", "2026-11-02"), given.get("respondent"))
        said: str = self.do(lambda session: recording.signal(session, TERMS, typed))
        return said

    def kept(self) -> list[Any]:
        """All that is kept of what was typed."""
        return [
            *self.do(spending.every),
            *self.do(targets.every),
            *self.do(signals.kept),
        ]


NAMES = {"c1": "Acme Corp", "c2": "Acme Ltd", "b": "Beta\n=cmd()"}


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_spend_is_recorded_replaced_repeated_and_taken_back(desk: Desk) -> None:
    assert [desk.spend("12000"), desk.spend("12500.50"), desk.spend("12500.5"), desk.spend("none")] == [
        "Recorded: retention spend in October 2026, $12,000.00.",
        "Recorded: retention spend in October 2026, $12,500.50 instead of $12,000.00.",
        "Kept already: retention spend in October 2026, $12,500.50.",
        "Taken back: retention spend in October 2026, $12,500.50.",
    ]
    assert desk.spend("none") == "Nothing to take back: no retention spend in October 2026 is kept."
    assert desk.kept() == []


def test_spend_of_other_notes_periods_and_kinds_stands_beside(desk: Desk) -> None:
    said = [
        desk.spend("1", "2026-Q3"),
        desk.spend("2", "2026-09", note="gifts", currency="EUR"),
        desk.spend("3", "2025", kind=SpendKind.ACQUISITION),
    ]

    assert said == [
        "Recorded: retention spend in Q3 2026, $1.00.",
        'Recorded: retention spend in September 2026 for "gifts", €2.00.',
        "Recorded: acquisition spend in 2025, $3.00.",
    ]
    assert len(desk.kept()) == 3


def test_a_target_of_a_segment_stands_beside_that_of_the_company(desk: Desk) -> None:
    desk.pays("c1", "EU")
    desk.pays("b", "US")
    said = [
        desk.target("mrr", "200000"),
        desk.target("mrr", "80000", segment="Region:eu"),
        desk.target("mrr", "90000", segment="region:EU"),
        desk.target("mrr", "none", segment="region:EU"),
    ]

    assert said == [
        "Recorded: target for MRR in December 2026, $200,000.00.",
        "Recorded: target for MRR of region:EU in December 2026, $80,000.00.",
        "Recorded: target for MRR of region:EU in December 2026, $90,000.00 instead of $80,000.00.",
        "Taken back: target for MRR of region:EU in December 2026, $90,000.00.",
    ]
    with pytest.raises(NotRecorded, match=r"^--segment: “Eurp” .* is no region I know; the nearest I know: EU"):
        desk.target("mrr", "1", segment="region:Eurp")


def test_targets_are_told_in_the_words_of_their_metric(desk: Desk) -> None:
    said = [
        desk.target("mrr", "200000"),
        desk.target("mrr", "210000", currency="eur"),
        desk.target("customer_churn", "2.5%"),
        desk.target("customers", "1200"),
        desk.target("net_new_mrr", "-500"),
        desk.target("customers", "none"),
    ]

    assert said == [
        "Recorded: target for MRR in December 2026, $200,000.00.",
        "Recorded: target for MRR in December 2026, €210,000.00 instead of $200,000.00.",
        "Recorded: target for Customer churn in December 2026, 2.5 %.",
        "Recorded: target for Customers in December 2026, 1,200.",
        "Recorded: target for Net new MRR in December 2026, −$500.00.",
        "Taken back: target for Customers in December 2026, 1,200.",
    ]
    assert len(desk.kept()) == 3


def test_an_answer_is_recorded_once_for_each_person(desk: Desk) -> None:
    said = [
        desk.observe("nps", "9", respondent="jane@acme.com"),
        desk.observe("nps", "3", "acme corp", respondent="tom@acme.com"),
        desk.observe("nps", "9", respondent="jane@acme.com"),
        desk.observe("nps", "8", respondent="jane@acme.com"),
        desk.observe("csat", "4", None),
        desk.observe("nps", "none", respondent="tom@acme.com"),
    ]

    assert said == [
        'Recorded: nps of "Acme Corp" from "jane@acme.com" on 2 November 2026, 9.',
        'Recorded: nps of "Acme Corp" from "tom@acme.com" on 2 November 2026, 3.',
        'Kept already: nps of "Acme Corp" from "jane@acme.com" on 2 November 2026, 9.',
        'Recorded: nps of "Acme Corp" from "jane@acme.com" on 2 November 2026, 8 instead of 9.',
        "Recorded: csat of the company on 2 November 2026, 4.",
        'Taken back: nps of "Acme Corp" from "tom@acme.com" on 2 November 2026, 3.',
    ]


def test_without_a_day_it_is_the_local_today(desk: Desk) -> None:
    said = desk.observe("active_users", "41", "b", on=None)

    assert said == 'Recorded: active_users of "Beta\\n=cmd()" on 23 November 2026, 41.'
    (found,) = desk.do(lambda session: signals.course(session, "b", "active_users", START, NOW))
    assert found.at == datetime(2026, 11, 23, 5, tzinfo=UTC)


def test_an_unknown_name_is_kept_and_said_to_count_nowhere(desk: Desk) -> None:
    assert desk.observe("activ_users", "41") == (
        'Recorded: activ_users of "Acme Corp" on 2 November 2026, 41. activ_users is not a name Kahvi knows: it is kept'
        " and shown, never counted. Did you mean active_users?"
    )
    assert desk.observe("value_hours_saved", "12") == (
        'Recorded: value_hours_saved of "Acme Corp" on 2 November 2026, 12.'  # it stands on the card as value delivered
    )
    assert [desk.observe("mau", "96"), desk.observe("champion_left", "true")] == [
        'Recorded: monthly_active_users of "Acme Corp" on 2 November 2026, 96.',
        'Recorded: champion_left of "Acme Corp" on 2 November 2026, true.',
    ]


@pytest.mark.parametrize(
    ("act", "wrong"),
    [
        (lambda desk: desk.spend("12,000"), 'AMOUNT: "12,000" is not a number; write plain digits, like 1234.50.'),
        (lambda desk: desk.spend("-1"), 'AMOUNT: "-1" is too small; the least is 0.'),
        (
            lambda desk: desk.spend("1.005"),
            'AMOUNT: "1.005" has more than the 2 decimal places that USD has; round it.',
        ),
        (
            lambda desk: desk.spend("1", "10/2026"),
            '--period: "10/2026" is not a period; write a month, quarter or year',
        ),
        (lambda desk: desk.spend("1", "2026-12"), "--period: begins on 2026-12-01, in the future; tell it once it has"),
        (
            lambda desk: desk.spend("1", currency="usx"),
            '--currency: "usx" is not a currency in use; write its ISO code',
        ),
        (lambda desk: desk.spend("1", note="x" * 256), f'--note: "{"x" * 60}…" is longer than 255 characters; shorten'),
        (lambda desk: desk.target("mmr", "1"), 'METRIC: "mmr" is not a metric; did you mean mrr?'),
        (lambda desk: desk.target("mrr", "5%"), 'VALUE: "5%" is not a number; write '),
        (lambda desk: desk.target("mrr", "1", "2026"), '--month: "2026" is not a month; write it like 2026-01.'),
        (lambda desk: desk.target("customers", "1.5"), 'VALUE: "1.5" is no number of customers; write a whole number.'),
        (lambda desk: desk.observe("nps", "11"), 'VALUE: "11" is too large; the most is 10.'),
        (lambda desk: desk.observe("csat", "good"), 'VALUE: "good" is not a number; '),
        (lambda desk: desk.observe("a b", "1"), 'NAME: "a b" is not a name of a signal; write small letters, '),
        (lambda desk: desk.observe("nps", "9", on="2026-11-24"), "--on: 2026-11-24 05:00 UTC is in the future; write "),
        (lambda desk: desk.observe("nps", "9", on="yesterday"), '--on: "yesterday" is not a day; write it like '),
        (lambda desk: desk.observe("nps", "9", respondent="x" * 256), f'--from: "{"x" * 60}…" is longer than 255 '),
        (lambda desk: desk.observe("nps", "9", "zzz"), '--account: "zzz" is not an account that billing knows; write '),
        (
            lambda desk: desk.observe("nps", "9", "acme"),
            '--account: "acme" may be c1 ("Acme Corp"), c2 ("Acme Ltd"); write the id of the one you mean.',
        ),
    ],
)
def test_what_is_wrong_is_told_by_its_word_and_nothing_is_kept(
    desk: Desk, act: Callable[[Desk], str], wrong: str
) -> None:
    with pytest.raises(NotRecorded) as refused:
        act(desk)

    assert str(refused.value).startswith(wrong)
    assert str(refused.value)[-1] in ".?"
    assert not str(refused.value).endswith("?.")
    assert desk.kept() == []


def test_an_overlapping_period_of_the_same_note_is_refused(desk: Desk) -> None:
    desk.spend("1", "2026-Q3")
    with pytest.raises(NotRecorded, match=r"^--period: retention spend is kept for Q3 2026, which overlaps; take that"):
        desk.spend("1", "2026-09")

    assert len(desk.kept()) == 1


def _of_a_file(put: Callable[..., object], one: Any, session: Session) -> None:
    put(session, "csv", [replace(one, origin="csv")], NOW)


def test_what_a_file_says_is_changed_in_the_file(desk: Desk) -> None:
    desk.spend("1")
    desk.target("mrr", "1")
    for spent in desk.do(spending.every):
        desk.do(partial(_of_a_file, spending.replace, spent))
    for aim in desk.do(targets.every):
        desk.do(partial(_of_a_file, targets.replace, aim))

    with pytest.raises(
        NotRecorded, match=r"^The retention spend in October 2026 stands in spend\.csv; change it there"
    ):
        desk.spend("2")
    with pytest.raises(NotRecorded, match=r"^The target for MRR in December 2026 stands in targets\.csv; change it "):
        desk.target("mrr", "none")
