"""The coffee stats as messages: whatever the data, Slack takes them and nothing in them comes alive."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.digest import Digest
from bot.digest.account_moves import LISTED, Move, Moves, Tally
from bot.digest.compose import StillReading
from bot.digest.sections.ahead import Ahead, Cards, Coming
from bot.digest.sections.calls import Call, Calls, Leaving, Owed
from bot.digest.sections.freshness import Freshness, Stale
from bot.digest.sections.headline import Change, Headline
from bot.digest.sections.moved import Moved
from bot.digest.sections.roll_forward import RollForward
from bot.digest.sections.summary import Summary
from bot.digest.sections.trend import Trend
from bot.messages.blocks import BLOCK_TEXT_SUM, MESSAGE_TEXT, text_of
from bot.messages.digest import outgoing, plain_text
from bot.messages.phrases import sparkline
from bot.metrics.carriers import Carrier, Way, joined
from bot.metrics.metric import Share
from bot.metrics.rolls import Roll
from bot.metrics.windows import month_start
from bot.playground.slack.validate import check_message_blocks
from bot.telling.told import Told
from storage.states import Cause, Fault, MovementKind
from tests.examples import tried

MONDAY = date(2026, 11, 23)
HOSTILE = (
    "<!channel>",
    "<@U00000001> & <https://evil.example|click>",
    "*bold* _it_ ~no~ `code` :tada:",
    "two\nlines\r\u2028three",
    "\u202egnihtemos\u2066",
    "משרד בע״מ",
    "www.example.com",
    "x" * 300,
    "  ",
    "",
)
LIVE = re.compile(r"<(?!/)[!@#h]|(?<!\S)[:][a-z_]+:")

names = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))
amounts = st.decimals(-(10**14), 10**14, places=2)
positive = st.decimals(0, 10**14, places=2)
counts = st.integers(0, 10**6)
days = st.dates(date(2000, 1, 1), date(2030, 1, 1))
currencies = st.sampled_from(("usd", "jpy", "kwd", "eur", "xyz"))
bases = currencies
ages = st.timedeltas(timedelta(0), timedelta(days=900))
shares = st.builds(Share, amounts, amounts)
minor = st.integers(-(10**14), 10**14)
codes = st.none() | st.sampled_from(("too_expensive", "insufficient_funds", "other")) | names

moves = st.builds(
    Move,
    account_id=names,
    name=names,
    kind=st.sampled_from(MovementKind),
    cause=st.sampled_from(Cause),
    amount=amounts,
    own=st.lists(st.tuples(currencies, minor), max_size=3).map(tuple),
    product=st.none() | names,
    reason=codes,
)
tallies = st.builds(Tally, counts, amounts)
carriers = st.lists(
    st.builds(
        Carrier, st.sampled_from(Way), amounts, counts, counts, names, names, codes.map(lambda code: code or ""), names
    ),
    max_size=20,
).map(lambda found: tuple(joined(found)))
rolls = st.builds(Roll, *[amounts] * 11, *[counts] * 8)


def tuples(inner: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[Any]:
    """A few drawn values, repeated up to `most` times: long lists without long draws."""
    repeated = st.tuples(st.lists(inner, min_size=1, max_size=3), st.sampled_from((1, 5, 7, most)))
    return st.just(()) | repeated.map(lambda pair: tuple((pair[0] * pair[1])[: pair[1]]))


owed = st.builds(Owed, minor, currencies, days, st.integers(0, 9), st.none() | days, codes)
calls = st.builds(
    Call, names, names, amounts, st.none() | owed, st.none() | st.builds(Leaving, days, codes, positive, st.booleans())
)
coming = st.builds(Coming, names, names, days, positive)
parts = st.tuples(
    st.builds(
        Stale, st.just("Stripe"), st.timedeltas(timedelta(0), timedelta(days=900)), st.booleans(), st.none() | names
    ),
    st.builds(Summary, st.just(MONDAY), days, days, bases, amounts, amounts, amounts, carriers),
    st.builds(
        Headline,
        bases,
        amounts,
        st.tuples(*[st.builds(Change, st.just(span), amounts, amounts) for span in (1, 7, 30)]),
        rolls,
        st.none() | positive,
        st.none() | positive,
        st.just("30 days"),
        *[shares] * 4,
    ),
    st.builds(
        Trend,
        bases,
        st.lists(amounts, min_size=13, max_size=13).map(
            lambda levels: tuple(
                zip([*(month_start(MONDAY, back) for back in range(-11, 1)), MONDAY], levels, strict=True)
            )
        ),
        st.booleans(),
    ),
    st.builds(
        Moved,
        st.just(MONDAY),
        days,
        bases,
        st.builds(Moves, positive, carriers, tuples(moves, LISTED), tuples(moves, LISTED), tallies, tallies, tallies),
    ),
    st.builds(Calls, st.just(MONDAY), bases, tuples(calls, 99), st.integers(100, 10**6), amounts),
    st.builds(
        Ahead,
        st.just(MONDAY),
        bases,
        tuples(coming, 120),
        tuples(coming, 99),
        st.integers(100, 10**6),
        st.none() | st.builds(Cards, days, counts, positive),
        st.booleans(),
    ),
    st.builds(
        Freshness,
        st.just(MONDAY),
        st.just("Stripe"),
        ages,
        st.booleans(),
        bases,
        st.just("Europe/Helsinki"),
        st.just("kahvi"),
        st.dictionaries(st.sampled_from(("sek", "nok", "dkk")), minor),
        st.dictionaries(st.sampled_from(("sek", "isk")), counts),
        st.dictionaries(st.sampled_from(Fault), counts),
        st.none() | days,
        st.none() | st.just("Late by 40 min."),
    ),
    st.builds(RollForward, st.just(MONDAY), bases, rolls),
)
digests = st.builds(Digest, st.just(MONDAY), days, days, parts)


@tried(0.4)
@given(digests)
def test_slack_takes_every_message_and_nothing_in_it_comes_alive(digest: Digest) -> None:
    messages = outgoing(digest)
    for message in messages:
        said = [message.text, *mrkdwn_in(message.blocks)]
        assert check_message_blocks(message.blocks) == []
        assert text_of(message.blocks) <= BLOCK_TEXT_SUM
        assert 0 < len(message.text) <= MESSAGE_TEXT
        assert [text for text in said if LIVE.search(text)] == []

    footer = messages[0].blocks[-1]
    assert footer["type"] == "context", "the footer was cut away"


@tried(0.4)
@given(digests)
def test_the_terminal_gets_no_control_characters(digest: Digest) -> None:
    shown = plain_text(digest)

    assert not re.search("[\u0000-\u0009\u000b-\u001f\u202a-\u202e\u2066-\u2069\u2028]", shown)


def mrkdwn_in(value: Any) -> list[str]:
    """Every mrkdwn text inside a block."""
    if isinstance(value, list):
        return [text for inner in value for text in mrkdwn_in(inner)]
    if not isinstance(value, dict):
        return []
    own = [value["text"]] if value.get("type") == "mrkdwn" else []
    return own + [text for inner in value.values() for text in mrkdwn_in(inner)]


def test_the_notification_begins_with_what_happened() -> None:
    friday = date(2026, 11, 20)
    summary = Summary(MONDAY, friday, MONDAY, "usd", Decimal(18_240_000), Decimal(0), Decimal(0))
    (message,) = outgoing(Digest(MONDAY, friday, MONDAY, (summary,)))
    expected = (
        "Coffee stats · Monday 23 November.\nMRR is $182,400, unchanged since Friday. Nothing moved: enjoy your coffee."
    )

    assert expected == message.text


def test_a_first_read_is_one_short_message() -> None:
    (message,) = outgoing(
        Digest(MONDAY, MONDAY, MONDAY, (StillReading("Stripe", 0, "The key is wrong; make a new one."),))
    )
    types = [block["type"] for block in message.blocks]

    assert types == ["header", "section"]
    assert "The latest attempt failed: The key is wrong; make a new one." in message.text


def test_a_sparkline_rises_from_the_lowest_to_the_highest() -> None:
    assert sparkline([Decimal(1), Decimal(2), Decimal(3)]) == "▁▄█"
    assert sparkline([Decimal(7), Decimal(7)]) == "▄▄"


@dataclass(frozen=True)
class Talkative:
    """A section with more to say than one block may hold."""

    def told(self) -> Told:
        return Told(heading="Much", lines=tuple((f"{number} " + "a" * 150,) for number in range(30)))


def test_long_sections_go_on_in_another_block() -> None:
    (message,) = outgoing(Digest(MONDAY, MONDAY, MONDAY, (Talkative(),)))
    types = [block["type"] for block in message.blocks]

    assert types == ["header", "divider", "section", "section"]
    assert check_message_blocks(message.blocks) == []
    assert message.blocks[-1]["text"]["text"].endswith("29 " + "a" * 150)
