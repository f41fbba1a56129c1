"""What of the demo's story can be told without Kahvi: who may hear it, and what counts as done."""

from collections.abc import AsyncIterator

import pytest

from bot.demo.servers import PEOPLE
from bot.demo.story import LEAVER, DemoStory, give_notice
from bot.playground.company import Company
from bot.playground.slack import ChannelSeed, SlackConfig, SlackServer
from bot.playground.slack.client import Control, Refused
from bot.playground.slack.world.models import Message
from bot.playground.slack.world.story import StepFailed, Story
from tests.bot.playground.stripe.world import NOW

DIGESTS, ALERTS = "C00000001", "C00000002"
CARD = [{"type": "section", "block_id": "b", "text": {"type": "mrkdwn", "text": "Acme"}}]


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    channels = (ChannelSeed(name="digests"), ChannelSeed(name="alerts"))
    server = SlackServer(SlackConfig(users=PEOPLE, channels=channels))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def story(slack: SlackServer) -> Story:
    async def cancel() -> None:
        raise Refused("billing_is_closed")

    slack.state.frame.story = DemoStory(slack.state, DIGESTS, ALERTS, PEOPLE[0].id, cancel).story()
    return slack.state.frame.story


def post(slack: SlackServer, channel: str, text: str) -> str:
    messages = slack.state.messages
    return messages.post(Message(ts=messages.next_ts(), channel=channel, user="U0KAHVI01", text=text, blocks=CARD)).ts


async def test_one_who_does_not_lead_is_shown_the_alert_alone(slack: SlackServer) -> None:
    async def cancel() -> None:
        post(slack, ALERTS, f"{LEAVER}: Cancellation scheduled")

    story = DemoStory(slack.state, DIGESTS, ALERTS, PEOPLE[0].id, cancel).story()

    assert [place.label for place in await story.take("cancel", "U00000002")] == ["The alert"]


async def test_guests_are_told_to_act_as_somebody_else(story: Story) -> None:
    with pytest.raises(StepFailed, match="Guests may not see what customers pay"):
        await story.take("digest", "U00000004")


async def test_what_slack_refuses_is_told_in_a_sentence(story: Story) -> None:
    with pytest.raises(StepFailed, match=r"^The local Slack refused it \(billing_is_closed\); try this step again\.$"):
        await story.take("cancel", "U00000001")


async def test_what_does_not_show_is_told_in_a_sentence(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.demo.person.PATIENCE", 0.1)

    with pytest.raises(StepFailed, match=r"^The coffee stats did not show within 0 s; try this step again\.$"):
        await story.take("digest", "U00000001")


async def test_a_step_that_the_end_of_the_demo_cuts_off_says_so(slack: SlackServer, story: Story) -> None:
    await slack.stop()

    with pytest.raises(StepFailed, match="The demo is ending"):
        await story.take("digest", "U00000001")


async def test_an_alert_that_somebody_took_on_is_shown_as_it_is(slack: SlackServer, story: Story) -> None:
    ts = post(slack, ALERTS, "Acme Corp: Payment failed")

    places = await story.take("claim", "U00000001")

    assert [(place.channel, place.ts) for place in places] == [(ALERTS, ts)]


async def test_what_a_visitor_does_alone_is_done_too(slack: SlackServer, story: Story) -> None:
    digest = post(slack, DIGESTS, "Coffee stats · Friday")
    chat = post(slack, DIGESTS, "hello")
    async with Control(slack.url) as control:
        visitor = control.person("aino", DIGESTS)
        await visitor.sees()
        await visitor.sees(chat)
        assert list(story.done) == []
        await visitor.sees(digest)
        await control.person("aino", ALERTS).sees()

    story.heard("action", {"action": {"action_id": "alert_claim"}})
    story.heard("action", {"action": "odd"})
    story.heard("send", {"text": "/account acme"})
    story.heard("send", {"text": None})
    assert list(story.done) == ["digest", "alert", "claim", "account"]
    story.heard("send", {"text": "/exit-interview report 12m"})
    assert list(story.done)[4:] == ["report"]


def test_notice_is_given_once() -> None:
    company = Company(1, NOW, accounts=12, months=14)

    give_notice(company.billing)
    give_notice(company.billing)

    asked = company.billing.subscription(company.billing.find_customer(LEAVER))
    assert asked["cancel_at_period_end"] is True
    assert asked["cancellation_details"]["feedback"] == "switched_service"
