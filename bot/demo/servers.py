"""The servers, the company and the bot of a demo, started in order and stopped in the other."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from bot import app, owed, parts, roles, sources
from bot.app import Bot
from bot.clock import Clock, utc_now
from bot.demo.interviews import learn
from bot.demo.passing import Passing, reading
from bot.demo.story import CANCEL, CANCELLATIONS, DemoStory, give_notice
from bot.manifest import manifest
from bot.playground.company.company import Company
from bot.playground.slack import ChannelSeed, SlackConfig, SlackServer, UserSeed
from bot.playground.slack.world.frame import Link
from bot.playground.stripe.doors.server import StripeServer
from bot.roles import EVERYONE, Grant, Role
from bot.settings import Settings, load
from bot.sync import Watch
from storage import tunings
from storage.tunings import ACCESS

SEED, ACCOUNTS, MONTHS = 1, 400, 24
ZONE = ZoneInfo("Europe/Helsinki")
USUAL_TIME = time(8, 30)
DIGEST_CHANNEL = "customer-success"
ALERT_CHANNEL = "at-risk"
PACE = timedelta(milliseconds=100)  # between two messages to a channel; the local Slack takes any
HISTORY = ("channels:history", "groups:history")

# Two of them look after accounts in billing, by their e-mail addresses.
PEOPLE = (
    UserSeed(
        id="U00000001",
        name="aino",
        real_name="Aino Virtanen",
        email="aino@kettle.example",
        title="Customer success lead",
        is_admin=True,
    ),
    UserSeed(
        name="maya",
        real_name="Maya Lindqvist",
        email="maya.lindqvist@kettle.example",
        title="Customer success manager",
        tz="Europe/Stockholm",
    ),
    UserSeed(
        name="priya",
        real_name="Priya Nair",
        email="priya.nair@kettle.example",
        title="Customer success manager",
        tz="America/New_York",
    ),
    UserSeed(
        name="gus",
        real_name="Gus Adler",
        email="gus@agency.example",
        title="Guest from an agency",
        tz="Europe/Berlin",
        is_restricted=True,
    ),
)
MEMBERS = tuple(person.name for person in PEOPLE if not person.is_restricted)
CHANNELS = (
    ChannelSeed(name=DIGEST_CHANNEL, topic="Coffee stats every morning at 08:30", members=MEMBERS, bot_is_member=True),
    ChannelSeed(name=ALERT_CHANNEL, topic="Valuable accounts that need somebody", members=MEMBERS, bot_is_member=True),
    ChannelSeed(name="general", topic="For everyone"),
    ChannelSeed(name="cs-leads", topic="Leads only", is_private=True, members=("aino",)),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """What runs during a demo; `channels` are ids by name."""

    slack: SlackServer
    stripe: StripeServer
    bot: Bot
    channels: Mapping[str, str]


@asynccontextmanager
async def staged(
    port: int, told: Callable[[str], None], watch: Watch, clock: Clock = utc_now, *, readable: bool = False
) -> AsyncIterator[Stage]:
    """Everything up, the company's history read, this morning's digest and the first alerts posted.

    `readable`: the bot token may also read the history of channels, for whoever looks in with a client of Slack.
    """
    with TemporaryDirectory(prefix="kahvi-demo-") as folder:
        told("Making up a company: Kettle, 400 customers over two years")
        company = await asyncio.to_thread(Company, SEED, clock(), ACCOUNTS, MONTHS)
        stories: dict[str, Callable[..., object]] = {
            "new_customer": company.new_customer,
            "change_plan": company.change_plan,
        }
        slack = SlackServer(_workspace(readable=readable))
        slack.state.clock.set(clock())
        clock = reading(slack.state.clock)
        stripe = StripeServer(company.billing, clock, stories=stories)
        await stripe.start()
        await slack.start(port)
        try:
            settings = _settings(slack, stripe, Path(folder))
            told("Reading its billing history from the local Stripe")
            await _read(settings, watch, clock)
            told("Starting Kahvi in the local Slack")
            bot = app.build(settings, clock=clock, child=False, pace=PACE)
            await bot.start()
            try:
                ids = await _ids(bot)
                await _set_up(bot, ids, clock)
                _frame(slack, stripe, bot, ids)
                yield Stage(slack, stripe, bot, ids)
            finally:
                await slack.state.background.stop()  # nothing more is asked of a bot that stops
                await bot.stop()
        finally:
            await slack.stop()
            await stripe.stop()


def _frame(slack: SlackServer, stripe: StripeServer, bot: Bot, ids: Mapping[str, str]) -> None:
    """What stands around the workspace on its page, and the billing page that leads back to it."""
    state = slack.state

    async def cancel() -> None:
        stripe.advance()
        give_notice(stripe.billing)
        await bot.read()

    digests, alerts = ids[DIGEST_CHANNEL], ids[ALERT_CHANNEL]
    story = DemoStory(state, digests, alerts, PEOPLE[0].id, cancel).story()
    story.tell = state.tell_frame

    acts = asyncio.Event()

    def acted(verb: str) -> None:
        if verb in CANCELLATIONS:
            story.mark(CANCEL)
        acts.set()

    async def read_on_acts() -> None:
        while True:
            await acts.wait()
            acts.clear()
            await bot.read()

    state.background.run(read_on_acts())

    stripe.acted = acted
    stripe.beside = slack.url
    state.frame.story = story
    state.frame.links = (Link("Billing", stripe.url),)
    state.frame.pass_time = Passing(state.clock, bot, USUAL_TIME, ZONE).until


def _workspace(*, readable: bool) -> SlackConfig:
    asked = manifest()
    scopes = (*asked["oauth_config"]["scopes"]["bot"], *(HISTORY if readable else ()))
    return SlackConfig.from_manifest(asked, team_name="Kettle", users=PEOPLE, channels=CHANNELS, scopes=scopes)


def _settings(slack: SlackServer, stripe: StripeServer, folder: Path) -> Settings:
    return load(
        slack_bot_token=slack.bot_token,
        slack_app_token=slack.app_token,
        slack_base_url=slack.api_url,
        stripe_api_key=stripe.api_key,
        stripe_base_url=stripe.url,
        stripe_pace=0,
        database_url=f"sqlite:///{folder / 'kahvi.db'}",
        timezone=ZONE,
        sync_seconds=5,
        alert_settle_minutes=0,  # whoever looks at it by night or on a Sunday wants to see alerts, and at once
        quiet_hours="none",
        free_days="none",
        http_port=0,
        source="stripe",
    )


async def _read(settings: Settings, watch: Watch, clock: Clock) -> None:
    database = parts.open_database(settings)
    source = sources.build(settings, clock)
    try:
        await parts.build_sync(settings, database, source, clock).run(watch)
    finally:
        await source.aclose()
        database.close()


async def _ids(bot: Bot) -> dict[str, str]:
    answer = await bot.services.client.conversations_list(types="public_channel,private_channel")
    return {str(one["name"]): str(one["id"]) for one in answer["channels"]}


async def _set_up(bot: Bot, ids: Mapping[str, str], clock: Clock) -> None:
    """The team and its channels as if set up before this morning: the digest is due now, then daily."""
    team = roles.plain([Grant(EVERYONE, Role.CSM)])  # Aino runs the workspace, and may everything
    await bot.services.database.write(tunings.choose, team, PEOPLE[0].id, clock(), ACCESS)
    minute = clock().replace(second=0, microsecond=0)
    this_minute = minute.astimezone(ZONE).time()
    everyday: frozenset[int] = frozenset(range(1, 8))

    async def channel(name: str, at: time, weekdays: frozenset[int], *, alerts: bool) -> None:
        await bot.services.database.write(
            owed.set_up,
            ids[name],
            at=at,
            zone=ZONE,
            weekdays=weekdays,
            alerts=alerts,
            user=PEOPLE[0].id,
            now=minute,
        )

    members = (await bot.services.client.users_list())["members"]
    authors = [str(one["id"]) for one in members if one["name"] in {person.name for person in PEOPLE[:3]}]
    await bot.services.database.write(learn, parts.ledger_rules(bot.services.settings), authors, clock())
    await channel(DIGEST_CHANNEL, this_minute, everyday, alerts=False)
    await bot.beat()
    await channel(DIGEST_CHANNEL, USUAL_TIME, everyday, alerts=False)
    await channel(ALERT_CHANNEL, USUAL_TIME, frozenset(), alerts=True)
    await bot.read()
