"""`/account` at the page of the local Slack."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from bot.access import Asker
from bot.messages.account import FIND, GONE
from bot.playground.slack.client.elements import find_button
from bot.roles import EVERYONE, Grant, Role
from handlers import account, suggesting
from storage import audit, signals, syncs
from storage import facts as f
from storage.inputs import Signal
from tests import factories
from tests.company import DECLINED, READ_AS, fill
from tests.handlers.conftest import ELSEWHERE, PRIVATE, Stage, words
from tests.handlers.test_access import give
from tests.handlers.test_at_risk import assess


async def test_a_name_gives_the_whole_card_to_the_person_alone(stage: Stage) -> None:
    await stage.types("/account acme robotics")

    card = await stage.last()
    assert card["ephemeral"]
    said = words(card)
    for line in (
        "Acme Robotics",
        "MRR: $2,000.00",
        "Plan: Pro × 40 (monthly)",
        "Customer since: 1 Mar 2026 (8 months); paid $1,950.00 so far",
        "Standing: Past due, renews 1 Dec 2026 (in 8 days)",
        "AC-7>: $2,000.00, failed twice: card declined, next try 25 Nov 2026 (in 2 days)",
        "People: Owner ann@we.com; Contact jane@acme.com",
        "Billing data: just now",
    ):
        assert line in said
    assert find_button(card["blocks"], "Open in billing")[1]["url"] == "https://billing.example/customers/acme"
    assert [one["title"] for one in card["blocks"] if one["type"] == "data_visualization"] == [
        "MRR at the end of each month"
    ]

    await stage.presses(card, "More")
    deep = words(await stage.last())
    for line in (
        "Pays with Visa •••• 4242, *expired* 10/2026",
        "20 Nov 2026: $2,000.00 failed: Your card was declined.",
        "1 Mar 2026: new +$2,000.00 (subscription started)",
    ):
        assert line in deep


@pytest.mark.parametrize(
    ("typed", "heading"),
    [
        ("jane@acme.com", "Acme Robotics"),
        ("acme.com", "Acme Robotics"),
        ("<https://billing.example/customers/globex>", "Globex Corporation"),
        ("“Acmee Robotcs”", "Acme Robotics"),
        ("o'neill & sons", "O’Neill & Søns GmbH"),
        ("gone", "Gone Fishing Ltd"),
        ("AC-7", "Acme Robotics"),
        ("sub-globex", "Globex Corporation"),
    ],
)
async def test_what_people_type_finds_the_account(stage: Stage, typed: str, heading: str) -> None:
    await stage.types(f"/account {typed}")

    headers = [block["text"]["text"] for block in (await stage.last())["blocks"] if block["type"] == "header"]
    assert headers == [heading]


async def test_several_accounts_are_offered_and_one_is_chosen(stage: Stage) -> None:
    await stage.types("/account acm")
    offer = await stage.last()
    assert words(offer).startswith("2 accounts match “acm”:")

    await stage.presses(offer, "Show")

    assert "Acme Robotics" in words(await stage.last())


async def test_an_unknown_address_shows_nobody_s_card(stage: Stage) -> None:
    await stage.types("/account someone@acme.com")

    offer = await stage.last()
    assert words(offer).startswith("No account matches “someone@")
    assert "header" not in {block["type"] for block in offer["blocks"]}
    assert find_button(offer["blocks"], "Show")[1]["value"] == "acme"


async def test_nothing_alike_gets_a_friendly_sentence(stage: Stage) -> None:
    await stage.types("/account zzzzqqqq <!channel>")

    said = words(await stage.last())
    assert said.startswith("I know no account like “zzzzqqqq")
    assert "<!channel>" not in said


async def test_states_without_money_read_well(stage: Stage) -> None:
    expected = {
        "trial balloon": "Standing: On trial until 29 Nov 2026 (in 6 days)",
        "empty shell": "Standing: No subscription yet",
        "gone fishing": "Standing: Left on 4 Oct 2026 (Too expensive: “Budget”)",
        "deleted soda": "Standing: Deleted in billing on 5 Nov 2026",
    }
    for name, standing in expected.items():
        await stage.types(f"/account {name}")
        assert standing in words(await stage.last())
    await stage.types("/account gone fishing")
    assert "MRR: None (was $150.00)" in words(await stage.last())


async def test_a_debit_in_progress_is_not_called_failed(stage: Stage) -> None:
    trying = replace(DECLINED, status=f.PaymentStatus.PENDING, failure_code=None, failure_message=None)
    await stage.services.database.write(fill, [trying], stage.now)

    await stage.types("/account acme robotics")

    said = words(await stage.last())
    assert "AC-7>: $2,000.00, payment under way" in said
    assert "failed" not in said


async def test_a_scheduled_cancellation_is_quoted_harmlessly(stage: Stage) -> None:
    await stage.types("/account globex")

    said = words(await stage.last())
    assert "*cancels 1 Dec 2026 (in 8 days)* (Moved to a competitor: “Moving to &lt;!channel&gt;" in said
    await stage.presses(await stage.last(), "More")
    assert "10% off, no end date" in words(await stage.last())


async def test_share_posts_the_card_once_and_names_the_person(stage: Stage) -> None:
    await stage.types("/account labs")
    card = await stage.last()

    await stage.presses(card, "Share here")
    await stage.presses(card, "Share here")
    await stage.deliver()

    seen = await stage.sees()
    shared = [message for message in seen if not message.get("ephemeral") and "Shared by" in words(message)]
    assert len(shared) == 1
    assert f"Shared by <@{stage.server.state.me}>" in words(shared[0])
    assert "MRR: $100.00" in words(shared[0])
    assert "You have shared this card here already." in [words(message) for message in seen]


@pytest.mark.parametrize("channel", [ELSEWHERE, PRIVATE])
async def test_share_where_kahvi_is_not_says_how_to_invite_it(stage: Stage, channel: str) -> None:
    stage.channel = channel
    await stage.types("/account labs")

    await stage.presses(await stage.last(), "Share here")

    assert "/invite @Kahvi" in words(await stage.last())


async def test_without_a_name_there_is_help(stage: Stage) -> None:
    await stage.types("/account")

    assert words(await stage.last()).startswith("Which account?")


async def test_during_the_first_read_no_figure_is_shown(stage: Stage) -> None:
    await stage.services.database.write(syncs.note, READ_AS, completed_at=None, succeeded_at=None, objects=12_400)

    for typed in ("/account acme robotics", "/account acm", "/coffee"):
        await stage.types(typed)
        assert words(await stage.last()).startswith("Reading your billing history: 12,400 objects so far.")


async def test_every_look_is_on_record(stage: Stage) -> None:
    await stage.types("/account acme robotics")
    await stage.types("/account acm")

    entries = await stage.services.database.read(audit.found)
    assert [(entry.action, entry.subject, entry.granted) for entry in entries] == [
        ("search accounts", "", True),
        ("look at account", "acme", True),
        ("search accounts", "", True),
    ]
    assert {entry.user for entry in entries} == {stage.server.state.me}


async def test_a_press_on_the_billing_link_is_answered(stage: Stage) -> None:
    await stage.types("/account labs")
    before = await stage.sees()

    await stage.presses(await stage.last(), "Open in billing")  # raises where the app answers nothing

    assert await stage.sees() == before


@pytest.mark.parametrize("typed", ["acme\ud800 robotics", "acme\x00 robotics", "\udfff\x01", "zz\x00zz"])
async def test_characters_that_nothing_can_store_do_no_harm(stage: Stage, typed: str) -> None:
    await stage.types(f"/account {typed}")

    said = words(await stage.last())
    assert "Something went wrong" not in said
    assert said.startswith(("Acme Robotics", "Closest to", "I know no account", "No account matches"))


async def test_accounts_are_suggested_while_a_person_types_and_one_is_shown(stage: Stage) -> None:
    await stage.types("/account acm")
    offer = await stage.last()

    found = await stage.person.suggested(offer, FIND, "globx")
    suggested = [option["text"]["text"] for option in found["options"]]
    await stage.person.chooses(offer, FIND, *suggested, typed="globx")
    await stage.services.tasks.drain(20)

    assert suggested == ["Globex Corporation · globex.example · $1,350.00 MRR"]
    assert "Globex Corporation" in words(await stage.last())


async def test_nothing_is_suggested_to_whoever_may_not_look(stage: Stage) -> None:
    await stage.types("/account acm")
    offer = await stage.last()
    await stage.slack.user("aino", is_restricted=True)

    assert await stage.person.suggested(offer, FIND, "globex") == {"options": []}


async def test_suggestions_that_would_come_too_late_are_none(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    who = Asker("U00000001")
    monkeypatch.setattr(suggesting, "PATIENCE", 0)

    assert await suggesting.in_time(account.suggestions(stage.services, who, "acme")) == []


async def test_nothing_is_suggested_during_the_first_read(stage: Stage) -> None:
    with stage.services.database.writing() as session:
        session.connection().execute(text("update syncs set completed_at = null, succeeded_at = null"))

    assert await account.suggestions(stage.services, Asker("U00000001"), "acme") == []


async def test_a_mentioned_person_stands_for_their_company_or_their_accounts(stage: Stage) -> None:
    await stage.slack.user("ben", email="jane@acme.com")
    await stage.types("/account @ben")
    assert "Acme Robotics" in words(await stage.last())

    await stage.slack.user("ben", email="Ann@we.com")
    await stage.types("/account @ben")
    assert "Acme Robotics" in words(await stage.last())

    await stage.slack.user("ben", email="new.colleague@globex.example")
    await stage.types("/account @ben")
    assert "Globex Corporation" in words(await stage.last())
    assert words(await stage.last()).startswith("No account matches")

    await stage.slack.user("ben", email="nobody@elsewhere.example")
    await stage.types("/account @ben")
    assert "I know no account like" in words(await stage.last())


async def test_signals_stand_beside_what_is_usual_and_more_tells_value_and_peers(stage: Stage) -> None:
    def seen(name: str, ago: int, value: int) -> Signal:
        return Signal("acme", name, stage.now - timedelta(days=ago), Decimal(value))

    found = [seen("active_users", ago, 20 if ago > 2 else 5) for ago in range(2, 9)]
    found += [seen("value_hours_saved", 40, 12), seen("champion_left", 3, 1)]
    found += [seen("nps", 4, 9), seen("tickets_30d", 4, 7)]
    await stage.services.database.write(signals.store, found, stage.now)
    await assess(stage)

    await stage.types("/account acme robotics")
    card = await stage.last()
    said = words(card)
    assert "Active users: 5, usually 20 (−75.0%) · 21 Nov 2026, 2 days ago" in said
    assert "Champion left: true · 20 Nov 2026, 3 days ago" in said
    assert "NPS: 9" in said
    assert "Tickets in 30 days: 7" in said
    assert "saved" not in said

    await stage.presses(card, "More")
    deep = words(await stage.last())
    assert "Value delivered: Hours saved: 12 since 14 Oct 2026" in deep
    assert "Among its peers: MRR higher than" in deep


async def test_behind_a_card_there_may_be_nothing(stage: Stage) -> None:
    await stage.types("/account empty shell")
    await stage.presses(await stage.last(), "More")
    assert "Nothing more is known." in words(await stage.last())
    assert (await account.in_depth(stage.services, Asker(stage.server.state.me), "nobody")).text == GONE


@pytest.mark.parametrize(
    ("typed", "note"),
    [
        ("acme robotics share", "Press *Share here* below for that."),
        ("acme robotics CSV", "The menu behind the three dots below exports it."),
        ("acme robotics contacts", "Press *More* below, and then *Contacts*."),
        ("acme robotics risk", ""),
        ("show acme robotics", ""),
    ],
)
async def test_words_that_buttons_have_are_understood_beside_a_name(stage: Stage, typed: str, note: str) -> None:
    await stage.types(f"/account {typed}")

    said = words(await stage.last())
    assert "MRR: $2,000.00" in said
    assert said.startswith(note or "Acme Robotics")


async def test_a_note_before_its_account_is_told_apart(stage: Stage) -> None:
    await stage.types("/account note acme robotics they call back")

    assert words(await stage.last()).startswith("Nothing was noted: write the account first")


async def test_a_word_that_is_part_of_a_name_is_one(stage: Stage) -> None:
    await stage.services.database.write(fill, [factories.account("s", name="Market Share")], stage.now)

    await stage.types("/account market share")

    assert words(await stage.last()).startswith("Market Share")


async def test_others_that_match_are_named(stage: Stage) -> None:
    called = ("Lumen Corp", "Lumen Foods", "Lumen Media", "Lumen Paper", "Lumen Shoes")
    made = [factories.account(f"lumen{number}", name=name) for number, name in enumerate(called)]
    await stage.services.database.write(fill, made, stage.now)

    await stage.types("/account lumen")

    assert words(await stage.last()).startswith(
        "“lumen” also matches Lumen Foods, Lumen Media, Lumen Paper and 1 more.\nLumen Corp"
    )


async def test_who_only_reads_has_only_buttons_that_show_something(stage: Stage) -> None:
    await give(stage, Grant(EVERYONE, Role.VIEWER))
    await stage.is_now("ben")

    await stage.types("/account acme robotics share")
    card = await stage.last()

    assert words(card).startswith("Acme Robotics")
    buttons = [
        one["text"]["text"] for block in card["blocks"] if block["type"] == "actions" for one in block["elements"]
    ]
    assert buttons == ["More", "Timeline", "Open in billing"]
    await stage.presses(card, "More")
    assert "Contacts" not in str((await stage.last())["blocks"])
