"""What is held in quarantine: by whom, since when, and until when."""

from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from storage import quarantine
from storage.engine import Database
from storage.fact_store import store
from storage.faults import Held
from storage.states import Fault
from tests.factories import JANUARY, subscription

NOW = datetime(2026, 4, 20, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def priceless(id_: str, account_id: str = "acme") -> Held:
    return Held("subscription", id_, Fault.NO_PRICE, "names the price gone, which is not known", account_id)


def odd(id_: str) -> Held:
    return Held("charge", id_, Fault.UNREADABLE, "is odd")


def told(session: Session) -> list[tuple[str, int, list[str], datetime]]:
    return [
        (one.fault.value, one.count, [example.id for example in one.examples], one.since)
        for one in quarantine.counts(session)
    ]


def test_what_is_held_is_counted_with_its_first_examples(database: Database) -> None:
    with database.writing() as session:
        quarantine.replace(session, ["acme"], [priceless(f"sub-{number}") for number in range(5)], NOW)
        quarantine.told(session, "stripe", [odd("ch_2"), odd("ch_1")], LATER)

    with database.reading() as session:
        assert told(session) == [
            ("no_price", 5, ["sub-0", "sub-1", "sub-2"], NOW),
            ("unreadable", 2, ["ch_1", "ch_2"], LATER),
        ]
        assert quarantine.counts(session)[0].examples[0] == priceless("sub-0")


def test_an_accounts_ledger_holds_exactly_what_was_found_with_it_since_it_was_found_first(database: Database) -> None:
    with database.writing() as session:
        quarantine.replace(session, ["acme", "other"], [priceless("a"), priceless("b"), priceless("c", "other")], NOW)
        quarantine.replace(session, ["acme"], [priceless("a"), priceless("d")], LATER)

    with database.reading() as session:
        assert told(session) == [("no_price", 3, ["a", "c", "d"], NOW)]
        assert quarantine.accounts_with(session, Fault.NO_PRICE) == {"acme", "other"}
    with database.writing() as session:
        quarantine.replace(session, ["acme", "other"], [priceless("d")], LATER)
    with database.reading() as session:
        assert told(session) == [("no_price", 1, ["d"], LATER)]


def test_what_a_source_could_not_read_is_held_until_it_could(database: Database) -> None:
    with database.writing() as session:
        quarantine.replace(session, ["acme"], [priceless("sub")], NOW)
        quarantine.told(session, "stripe", [odd("a"), odd("b")], NOW)
        quarantine.told(session, "stripe", [odd("b"), odd("c")], LATER)
        quarantine.mended(session, "stripe", {"a", "never held", "sub"})

    with database.reading() as session:
        assert quarantine.unread(session) == {"b", "c"}
        assert [since for _, _, _, since in told(session)] == [NOW, NOW]
    with database.writing() as session:
        quarantine.told_all(session, "stripe", [odd("c")], LATER)
        quarantine.told_all(session, "csv", [], LATER)
        quarantine.replace(session, ["acme"], [], LATER)
    with database.reading() as session:
        assert told(session) == [("unreadable", 1, ["c"], LATER)]


def test_accounts_are_found_by_their_subscriptions_and_by_the_rate_they_wait_for(database: Database) -> None:
    with database.writing() as session:
        store(session, [subscription("a", account_id="x", currency="sek"), subscription("b", account_id="y")], JANUARY)
        held = Held("subscription", "a", Fault.NO_RATE, "is billed in SEK, which has no exchange rate", "x")
        quarantine.replace(session, ["x"], [held], NOW)

    with database.reading() as session:
        assert quarantine.accounts_of(session, ["a", "b", "none"]) == {"x", "y"}
        assert quarantine.accounts_without_rate(session, {"sek", "nok"}) == {"x"}
        assert quarantine.accounts_without_rate(session, {"usd"}) == set()
