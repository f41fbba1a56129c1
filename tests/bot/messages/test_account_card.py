"""An account's card holds for any content, and says the same in blocks and in words."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.accounts.search import Found, Match
from bot.exits.reasons import REASONS, Avoidable, Reason
from bot.messages import account as messages
from bot.messages import exit_form, look_up
from bot.messages.account import Setting
from bot.messages.blocks import MESSAGE_TEXT
from bot.messages.exit_form import Filled
from bot.messages.exits import in_words
from bot.playground.slack.validate import check_message_blocks, check_view
from storage import facts as f
from storage.accounts.peers import Peers
from storage.accounts.plans import Plan
from storage.accounts.story import AccountStory, OpenInvoices, Subscriptions
from storage.alerts import Alert
from storage.exit_interviews import Entry, Interview, Note, Said
from storage.inputs import Signal
from storage.journal import Entry as Noted
from storage.movements import Movement
from storage.states import Cause, MovementKind, NoteKind
from tests.bot.messages.hostile import WORST, alive, texts
from tests.factories import account, at, invoice, payment, subscription

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
SETTING = Setting(NOW, ZoneInfo("UTC"), "https://pay.example/customers/x")


def bare(**values: Any) -> AccountStory:
    empty = {
        "account": account("x", name="Acme"),
        "read_at": NOW,
        "subscriptions": Subscriptions((), 0, None),
        "plans": (),
        "discounts": (),
        "invoices": OpenInvoices((), 0, {}),
        "payments": (),
        "paid": {},
        "methods": (),
        "movements": (),
        "alerts": (),
        "interviews": (),
    }
    return AccountStory(**{**empty, **values})  # a story in short


def movement(day: date, amount: int, **values: Any) -> Movement:
    given = {
        "account_id": "x",
        "day": day,
        "subscription_id": "s",
        "price_id": "p",
        "product_id": "p",
        "currency": "usd",
        "kind": MovementKind.NEW,
        "amount": amount,
        "accounts": 1,
        "cause": Cause.STARTED,
    }
    return Movement(**{**given, **values})  # a movement in short


def full(text: str, count: int) -> AccountStory:
    """A story whose every foreign text is the given one, and whose lists are full."""
    leaving = subscription(
        status=f.Status.UNKNOWN,
        status_word=text,
        cancel_at=at(1, 12),
        cancel_reason=text,
        cancel_comment=text * 10,
        default_method_id="m",
    )
    said = Said(reason=text, bring_back=text * 10)
    entry = Entry("V", "x", None, "U1", NOW, said, text * 10)
    interview = Interview("x", NOW.date(), None, said, (Note("U1", NOW, text * 10),), (entry,))
    alert = Alert(id="a", cause_key="k", account_id="x", rule="r", object_id="o", evidence={}, since=NOW, opened_at=NOW)
    tried = payment(
        "p", 10**15, account_id="x", source="s", at=NOW, status=f.PaymentStatus.FAILED, failure_message=text
    )
    method = f.PaymentMethod(
        id="m", account_id="x", source="s", kind=text, brand=text, last4=text, exp_month=1, exp_year=2030
    )
    noted = Noted("n", "x", NoteKind.INCENTIVE, text * 10, "U1", NOW, cost=5, currency="usd")
    promised = Noted("p", "x", NoteKind.PROMISE, text * 10, "U1", NOW, due=date(2026, 11, 1))
    measured = [
        Signal("x", name, NOW - timedelta(days=ago), Decimal(ago))
        for name in ("active_users", "champion_left", "a" * 60, "contract_end")
        for ago in range(1, 9)
    ]
    worth = [Signal("x", f"value_{'b' * number}", NOW, Decimal("12.5")) for number in range(1, 30)]
    open_one = invoice("i", number=text, hosted_url="https://pay.example/" + text, status=f.InvoiceStatus.OPEN)
    return bare(
        account=account("x", name=text),
        subscriptions=Subscriptions([leaving] * count, 100, at(1)),
        plans=[Plan(text, text, f.Interval.MONTH, 3, 7)] * count,
        discounts=[f.Discount(id="d", duration=f.Duration.UNKNOWN, percent_off=Decimal("12.50"))] * count,
        invoices=OpenInvoices([open_one] * count, 100, {}),
        payments=[tried] * count,
        paid={"usd": 10**15, "jpy": 5, "kwd": -5},
        methods=[method],
        movements=[movement(date(2026, 1, day), day, currency="eur") for day in range(1, 28)],
        alerts=[alert] * count,
        interviews=[interview] * count,
        journal=[noted] * count,
        promises=[promised] * count,
        readings=[*measured, *worth][: 40 * count],
        peers=Peers(text, 7, 3, 4, money=True),
    )


@given(texts, st.integers(0, 5))
def test_any_content_fits_slack_and_stays_inert(text: str, count: int) -> None:
    card = messages.card(full(text, count), SETTING, note="Closest to something.")

    assert check_message_blocks(card.blocks) == []
    assert alive(card) == ""
    assert [block["type"] for block in card.blocks[-2:]] == ["actions", "context"]
    assert 0 < len(card.text) <= MESSAGE_TEXT
    deep = messages.more(full(text, count), SETTING)
    assert check_message_blocks(deep.blocks) == []
    assert alive(deep) == ""
    assert 0 < len(deep.text) <= MESSAGE_TEXT


@given(texts)
def test_any_content_fits_the_form_too(text: str) -> None:
    answers = {"reason": "price", "competitor": f"+{text[:75]}", "tags": ["=api", f"+{text[:75]}"], "note": text * 99}
    told = full(text, 5)
    reasons = REASONS | {"own": Reason("own", text[:75] or "Own", "", Avoidable.NO)}
    flagged = list(told.alerts)
    filled = Filled(
        id="f00",
        came=None,
        left=NOW.date(),
        author="U2",
        answers=answers,
        reasons=reasons,
        names={"api": text},
        interview=told.interviews[0],
        flagged=flagged,
        draft_at=NOW,
        held=40_000,
    )
    view = exit_form.form(told, filled, SETTING)

    assert check_view(view) == []
    assert check_view(exit_form.with_more_room(view)) == []
    subject = exit_form.subject_of(view)
    assert (subject.form, subject.account_id, subject.came) == ("f00", "x", None)
    meanwhile = {"bring_back": in_words("bring_back", text, reasons, {})}
    for window in (exit_form.saved(subject, meanwhile), exit_form.unchanged(subject)):
        assert check_view(window) == []
    assert check_message_blocks(exit_form.again(view).blocks) == []
    for option in exit_form.suggestions([("api", text[:75] or "API")], text):
        assert 0 < len(option["text"]["text"]) <= 75
        assert len(option["value"]) <= 150


@given(st.lists(texts, min_size=1, max_size=8), texts, st.booleans())
def test_any_choice_fits_slack_and_stays_inert(names: list[str], typed: str, near: bool) -> None:
    matches = [Match(f"id{number}", name, f"a@{name}", False, {"usd": 5}) for number, name in enumerate(names)]

    for answer in (look_up.choice(Found(typed, None, matches, 40, near)), look_up.nothing(Found(typed, None, (), 0))):
        assert check_message_blocks(answer.blocks) == []
        assert alive(answer) == ""


def test_a_shared_card_has_no_buttons_and_names_who_shared_it() -> None:
    card = messages.card(full("Acme", 2), SETTING, shared_by="U1")

    assert "actions" not in {block["type"] for block in card.blocks}
    assert "Shared by <@U1>" in card.text


def test_an_id_that_is_too_long_for_a_menu_hides_no_card() -> None:
    card = messages.card(bare(account=account("x" * 255, name="Acme")), SETTING)

    assert check_message_blocks(card.blocks) == []
    assert "account_export" not in str(card.blocks)
    assert "account_export" in str(messages.card(bare(), SETTING).blocks)


def test_an_empty_account_reads_well() -> None:
    assert messages.card(bare(read_at=None), SETTING).text.split("\n") == [
        "Acme",
        "MRR: None",
        "Plan: None",
        "Customer since: Not a customer yet; nothing paid yet",
        "Standing: No subscription yet",
        "Billing data: not read whole yet.",
    ]


@pytest.mark.parametrize(
    ("product", "own", "shown"),
    [
        ("Team", None, "Team × 7 (every 3 months)"),
        ("Team", "Team, annual", "Team, annual × 7 (every 3 months)"),
        ("Team", "Old price", "Team (Old price) × 7 (every 3 months)"),
        (None, None, "Unnamed plan × 7 (every 3 months)"),
    ],
)
def test_a_plan_is_named_once(product: str | None, own: str | None, shown: str) -> None:
    story = bare(plans=[Plan(product, own, f.Interval.MONTH, 3, 7)])

    assert f"Plan: {shown}" in messages.card(story, SETTING).text.split("\n")


def test_who_never_paid_is_no_customer_yet() -> None:
    story = bare(subscriptions=Subscriptions((), 1, at(3, 11)))

    said = "Customer since: Not a customer yet, signed up 3 Nov 2026; nothing paid yet"
    assert said in messages.card(story, SETTING).text.split("\n")


@pytest.mark.parametrize(
    ("moved", "shown"),
    [
        ([(date(2025, 5, 24), 100, MovementKind.NEW)], "24 May 2025 (17 months)"),
        ([(date(2025, 5, 23), 100, MovementKind.NEW)], "23 May 2025 (18 months)"),
        ([(date(2026, 11, 22), 100, MovementKind.NEW)], "22 Nov 2026 (1 day)"),
        (
            [(date(2026, 1, 10), 100, MovementKind.NEW), (date(2026, 3, 10), -100, MovementKind.CHURN)],
            "10 Jan 2026 (2 months)",
        ),
        (
            [
                (date(2026, 1, 10), 100, MovementKind.NEW),
                (date(2026, 3, 10), -100, MovementKind.CHURN),
                (date(2026, 5, 10), 100, MovementKind.REACTIVATION),
            ],
            "10 Jan 2026",
        ),
    ],
)
def test_how_long_a_customer_has_stayed_is_said(moved: list[tuple[date, int, MovementKind]], shown: str) -> None:
    story = bare(movements=[movement(day, amount, kind=kind) for day, amount, kind in moved])

    assert f"Customer since: {shown}; nothing paid yet" in messages.card(story, SETTING).text.split("\n")


def test_changes_of_one_day_and_cause_are_one_line() -> None:
    seats = {"kind": MovementKind.EXPANSION, "cause": Cause.SEATS}
    story = bare(
        movements=[
            movement(date(2026, 3, 1), 5_000),
            movement(date(2026, 4, 1), 1_000, price_id="a", **seats),
            movement(date(2026, 4, 1), 500, price_id="b", **seats),
            movement(date(2026, 5, 1), -6_500, kind=MovementKind.CHURN, cause=Cause.CANCELLED),
        ]
    )

    said = messages.card(story, SETTING).text
    assert "MRR: None (was $65.00)" in said
    said = messages.more(story, SETTING).text
    assert (
        "MRR history: 1 May 2026: left −$65.00 (cancelled); 1 Apr 2026: grew by $15.00 (more seats);"
        " 1 Mar 2026: new +$50.00 (subscription started)"
    ) in said


def test_the_number_of_matches_left_out_is_said() -> None:
    matches = [Match(str(number), f"Acme {number}", None, False, {}) for number in range(50)]

    said = look_up.choice(Found("acme", None, matches, 1234)).text
    assert said.startswith("1,234 accounts match “acme”:")
    assert said.endswith("1,229 more: type more of the name, or an e-mail or id.")
    assert said.count("Acme ") == look_up.CHOICES


def test_the_worst_names_are_shown_as_they_are() -> None:
    card = messages.card(bare(account=account("x", name=WORST[0])), SETTING)

    assert card.blocks[0]["text"] == {"type": "plain_text", "text": "<!channel>", "emoji": True}
    assert card.text.startswith("&lt;!channel&gt;\n")
