"""One door for all that people do in Slack: handled once, whatever is delivered again, and lost by no crash."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from bot.playground.slack import CommandSeed, SlackConfig, SlackServer
from bot.playground.slack.doors.outbound import Outbound
from bot.settings import Settings
from bot.slack import connection, incoming
from bot.slack.incoming import App, Kind, kind_of
from bot.tasks import Tasks
from storage import inbox
from storage.engine import Database
from storage.inbox import LEASE
from tests.clock import Clock
from tests.waiting import HANGS

Json = dict[str, Any]
USER = {"id": "U1", "team_id": "T1"}
PRESS: Json = {
    "type": "block_actions",
    "trigger_id": "1.2.a",
    "user": USER,
    "team": {"id": "T1"},
    "container": {"type": "message", "message_ts": "1.0", "channel_id": "C1"},
    "actions": [{"type": "button", "action_id": "press", "block_id": "row", "value": "A secret customer"}],
}
EVENT: Json = {"type": "event_callback", "event_id": "Ev1", "team_id": "T1", "event": {"type": "app_home_opened"}}
COMMAND: Json = {"command": "/look", "trigger_id": "1.2.b", "user_id": "U1", "team_id": "T1", "text": "x"}
FORM: Json = {
    "type": "view_submission",
    "trigger_id": "1.2.c",
    "user": USER,
    "team": {"id": "T1"},
    "view": {"id": "V1", "hash": "1.h", "type": "modal", "callback_id": "note", "state": {"values": {}}},
}
BY_KIND = {Kind.COMMAND: COMMAND, Kind.PRESS: PRESS, Kind.FORM: FORM, Kind.EVENT: EVENT}
ALL = [("interactive", PRESS), ("events_api", EVENT), ("slash_commands", COMMAND), ("interactive", FORM)]
Work = Callable[[], Awaitable[object]]


async def nothing() -> None:
    pass


@dataclass
class Machine:
    """One process's app, as far as the database and Slack can tell; `seen` is what its listeners were called for."""

    app: App
    tasks: Tasks
    seen: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    work: Work = nothing

    def listen(self) -> None:
        def listener(name: str, **answer: Any) -> Callable[[AsyncAck], Awaitable[None]]:
            async def listen(ack: AsyncAck) -> None:
                self.seen.append(name)
                if name != "form":
                    self.tasks.start(name, self._work(name))
                else:
                    await self._work(name)
                await ack(**answer)

            return listen

        self.app.command("/look")(listener("command"))
        self.app.action("press")(listener("press"))
        self.app.event("app_home_opened")(listener("event"))
        self.app.view("note")(listener("form", response_action="errors", errors={"note": "Too short"}))

    async def _work(self, name: str) -> None:
        await self.work()
        self.done.append(name)

    async def dies(self) -> None:
        """All its work ends where it is."""
        await self.tasks.drain(0)


Start = Callable[[], Awaitable[Machine]]


@dataclass
class World:
    server: SlackServer
    clock: Clock
    start: Start

    @property
    def slack(self) -> Outbound:
        return self.server.state.outbound


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with other tests takes its time."""
    for name in ("SHORT_SECONDS", "LONG_SECONDS", "FORM_SECONDS"):
        monkeypatch.setattr(incoming, name, 30)


@pytest.fixture
async def world(database: Database) -> AsyncIterator[World]:
    server, clock = SlackServer(SlackConfig(commands=(CommandSeed(command="/look"),))), Clock()
    async with AsyncExitStack() as stack:
        await server.start()
        stack.push_async_callback(server.stop)
        settings = Settings(
            slack_bot_token=server.bot_token,
            slack_app_token=server.app_token,
            slack_base_url=server.api_url,
            _env_file=None,
        )

        async def start() -> Machine:
            client: AsyncWebClient = connection.open_client(settings, 5)
            stack.push_async_callback(connection.close_client, client)
            tasks = Tasks()
            app = connection.bolt_app(await connection.identify(client), client, tasks, database, clock)
            machine = Machine(app, tasks)
            machine.listen()
            stack.push_async_callback(tasks.drain, 1)
            socket = await connection.connect(app, settings, client)
            stack.push_async_callback(socket.close_async)
            return machine

        yield World(server, clock, start)


@pytest.mark.parametrize(("kind", "payload"), ALL)
async def test_what_is_delivered_again_is_answered_as_before_and_does_nothing(
    world: World, kind: str, payload: Json
) -> None:
    """Socket Mode gives each delivery an envelope of its own; the other connection is another machine's."""
    one, other = await world.start(), await world.start()
    answers = [await world.slack.deliver(kind, payload) for _ in range(4)]
    await asyncio.gather(one.tasks.drain(5), other.tasks.drain(5))

    assert len(one.done + other.done) == 1
    assert answers == [answers[0]] * 4


@pytest.mark.parametrize(("kind", "payload"), ALL)
async def test_deliveries_at_the_same_instant_are_one(world: World, kind: str, payload: Json) -> None:
    one, other = await world.start(), await world.start()
    answers = await asyncio.gather(*(world.slack.deliver(kind, payload) for _ in range(6)))
    await asyncio.gather(one.tasks.drain(5), other.tasks.drain(5))

    assert len(one.done + other.done) == 1
    assert answers == [answers[0]] * 6


async def test_a_person_who_does_it_again_is_heard_again(world: World) -> None:
    """A form with errors keeps its id and its hash: only the trigger tells a second try from a second delivery."""
    machine = await world.start()
    for kind, payload in ALL:
        again = {**payload, **({"event_id": "Ev2"} if "event_id" in payload else {"trigger_id": "9.9.z"})}
        for each in (payload, again):
            await world.slack.deliver(kind, each)
    await machine.tasks.drain(5)

    assert sorted(machine.done) == ["command"] * 2 + ["event"] * 2 + ["form"] * 2 + ["press"] * 2


@pytest.mark.parametrize(("kind", "payload"), ALL[:3])
async def test_work_that_a_crash_interrupts_is_done_by_another(
    world: World, database: Database, kind: str, payload: Json
) -> None:
    first = await world.start()
    first.work = asyncio.Event().wait  # it never ends
    await world.slack.deliver(kind, payload)  # Slack has its answer
    await first.dies()
    second = await world.start()

    assert await second.app.take_up() == 0  # the other may live
    world.clock.forward(LEASE)
    assert await second.app.take_up() == 1
    await second.tasks.drain(5)
    assert (first.done, len(second.done)) == ([], 1)
    assert await database.read(inbox.waiting, "slack") == []
    assert await second.app.take_up() == 0


async def test_work_that_takes_longer_than_a_lease_is_not_done_by_another_beside_it(world: World) -> None:
    first, second = await world.start(), await world.start()
    ended = asyncio.Event()
    for machine in (first, second):
        machine.work = ended.wait  # as long as we like
    await world.slack.deliver("interactive", PRESS)
    busy, idle = (first, second) if first.seen else (second, first)
    for _ in range(3):
        world.clock.forward(LEASE / 2)
        await busy.app._renew()
        assert await idle.app.take_up() == 0
    world.clock.forward(LEASE * 2)  # as a clock that was set forward
    assert await busy.app.take_up() == 0
    ended.set()
    await asyncio.gather(busy.tasks.drain(5), idle.tasks.drain(5))

    assert (len(busy.done), idle.done) == (1, [])
    world.clock.forward(LEASE * 2)
    assert await busy.app.take_up() == 0


async def test_after_a_restart_alone_nothing_waits_for_a_lease(world: World) -> None:
    first = await world.start()
    first.work = asyncio.Event().wait  # it never ends
    await world.slack.deliver("interactive", PRESS)
    await first.dies()
    second = await world.start()

    assert await second.app.take_up(alone=True) == 1
    await second.tasks.drain(5)
    assert second.done == ["press"]


async def test_what_ends_each_process_that_tries_is_given_up(world: World, database: Database) -> None:
    for _ in range(5):
        machine = await world.start()
        machine.work = asyncio.Event().wait  # it never ends
        if await database.read(inbox.waiting, "slack"):
            await machine.app.take_up(alone=True)
        else:
            await world.slack.deliver("interactive", PRESS)
        await machine.dies()
        if not await database.read(inbox.waiting, "slack"):
            break

    assert await database.read(inbox.waiting, "slack") == []
    assert machine.seen == []  # the last one did not try


async def test_a_form_that_leaves_work_to_do_is_kept_too(world: World) -> None:
    first = await world.start()
    never = asyncio.Event()

    @first.app.view("later")
    async def later(ack: AsyncAck) -> None:
        first.tasks.start("later", never.wait())
        await ack()

    await world.slack.deliver("interactive", {**FORM, "view": {**FORM["view"], "callback_id": "later"}})
    await first.dies()
    second = await world.start()
    done: list[str] = []

    @second.app.view("later")
    async def again(ack: AsyncAck, view: Json) -> None:
        done.append(view["id"])
        await ack()

    assert await second.app.take_up(alone=True) == 1
    assert done == ["V1"]


async def test_a_form_whose_machine_died_is_handled_when_it_comes_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "FORM_SECONDS", 0.1)
    machine = await world.start()
    await machine.app._database.write(
        inbox.take, inbox.Entry("slack", f"{Kind.FORM}:1.2.c", "form"), world.clock()
    )  # as by one that died before it answered
    waiting = asyncio.create_task(world.slack.deliver("interactive", FORM))
    async with asyncio.timeout(HANGS):
        while not world.server.state.sockets._waiting:  # noqa: ASYNC110 - the local Slack tells nobody
            await asyncio.sleep(0)
    await asyncio.sleep(0.2)
    world.server.state.clock.advance(3)
    with pytest.raises(TimeoutError):
        await waiting
    world.clock.forward(LEASE)

    assert (await world.slack.deliver("interactive", FORM))["response_action"] == "errors"
    assert machine.done == ["form"]


async def test_what_cannot_be_noted_is_not_acked_unless_asking_again_is_harmless(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another has the only writing connection, as a long write would."""
    monkeypatch.setattr(incoming, "SHORT_SECONDS", 0.05)
    monkeypatch.setattr(incoming, "LONG_SECONDS", 0.05)
    machine = await world.start()
    with database.engine.begin() as connection:
        connection.execute(text("delete from inbox" if database.is_sqlite else "lock table inbox"))
        requests = {kind: AsyncBoltRequest(mode="socket_mode", body=payload) for kind, payload in BY_KIND.items()}
        statuses = {kind: (await machine.app.async_dispatch(request)).status for kind, request in requests.items()}
    await machine.tasks.drain(5)

    assert statuses == {Kind.COMMAND: 200, Kind.PRESS: 503, Kind.FORM: 200, Kind.EVENT: 503}
    assert sorted(machine.done) == ["command", "form"]
    for _ in range(2):  # what waited for the writing connection has had its turn
        await database.write(lambda session: session.connection().execute(text("select 1")))
    assert await database.read(inbox.waiting, "slack") == []
    assert await machine.app.take_up(alone=True) == 0
    assert sorted(machine.done) == ["command", "form"]


async def test_options_are_asked_for_without_a_note(world: World, database: Database) -> None:
    machine = await world.start()

    @machine.app.options("choose")
    async def choose(ack: AsyncAck) -> None:
        await ack(options=[])

    asked = {**PRESS, "type": "block_suggestion", "action_id": "choose", "block_id": "row", "value": "ac"}
    assert await world.slack.deliver("interactive", asked) == {"options": []}
    assert await database.read(inbox.waiting, "slack") == []


async def test_each_letter_that_is_typed_into_a_form_is_handled_without_a_note(world: World) -> None:
    """It would be a row for each, and the next letter tells all that stands in the form."""
    machine = await world.start()
    typed = {"type": "plain_text_input", "action_id": "press", "block_id": "row", "value": "Dear d"}
    for _ in range(2):
        await world.slack.deliver("interactive", {**PRESS, "actions": [typed]})
    await machine.tasks.drain(5)

    assert machine.done == ["press", "press"]
    assert kind_of({**PRESS, "actions": [typed, *PRESS["actions"]]}) is Kind.PRESS
    assert kind_of({**PRESS, "actions": []}) is Kind.PRESS


@pytest.mark.parametrize("hostile", ["", "x" * 5000, "\x00", "\ud800", 7, None, {"a": 1}])
async def test_an_odd_id_is_an_id_too(world: World, hostile: Any) -> None:
    machine = await world.start()
    for _ in range(2):
        body = {**PRESS, "trigger_id": hostile}
        assert (await machine.app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=body))).status == 200
    await machine.tasks.drain(5)

    assert machine.done == ["press"]


def away(*_: object, **__: object) -> None:
    """What a database does that cannot be reached."""
    raise OperationalError("update inbox", {}, Exception("database is locked"))


async def test_what_was_done_and_could_not_be_noted_is_done_again_rather_than_lost(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = await world.start()
    with monkeypatch.context() as patch:
        patch.setattr(inbox, "finish", away)
        await world.slack.deliver("interactive", PRESS)
        await machine.tasks.drain(5)
    assert machine.done == ["press"]
    assert len(await database.read(inbox.waiting, "slack")) == 1

    world.clock.forward(LEASE)  # nobody renews it any more
    assert await machine.app.take_up() == 1
    await machine.tasks.drain(5)
    assert machine.done == ["press", "press"]
    assert await database.read(inbox.waiting, "slack") == []


async def test_what_a_form_leaves_to_do_begins_once_its_answer_is_on_the_way(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a window that waits for the work is drawn over what the work has shown."""
    order: list[str] = []
    machine = await world.start()
    promise = inbox.promise

    def noted(*given: Any) -> None:
        promise(*given)
        order.append("kept")

    async def work() -> None:
        order.append("work")

    async def later(ack: AsyncAck) -> None:
        machine.tasks.start("later", work())
        await ack()

    monkeypatch.setattr(inbox, "promise", noted)
    machine.app.view("later")(later)
    await world.slack.deliver("interactive", {**FORM, "view": {**FORM["view"], "callback_id": "later"}})
    await machine.tasks.drain(5)

    assert order == ["kept", "work"]


async def test_a_form_whose_work_could_not_be_promised_is_not_answered(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = await world.start()

    @machine.app.view("later")
    async def later(ack: AsyncAck) -> None:
        machine.tasks.start("later", nothing())
        await ack()

    monkeypatch.setattr(inbox, "promise", away)
    form = {**FORM, "view": {**FORM["view"], "callback_id": "later"}}
    request = AsyncBoltRequest(mode="socket_mode", body=form)

    assert (await machine.app.async_dispatch(request)).status == 503


async def test_leases_that_cannot_be_renewed_now_are_renewed_at_the_next_turn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "RENEW_SECONDS", 0)
    machine = await world.start()
    working, over, renewed = asyncio.Event(), asyncio.Event(), asyncio.Event()
    machine.work = over.wait
    turns = 0

    def renew(*_: object) -> None:
        nonlocal turns
        turns += 1
        if turns == 1:
            working.set()
            away()
        renewed.set()

    await world.slack.deliver("interactive", PRESS)
    monkeypatch.setattr(inbox, "renew", renew)
    keeping = asyncio.create_task(machine.app.keep_leases())
    async with asyncio.timeout(HANGS):
        await working.wait()
        await renewed.wait()
    keeping.cancel()
    over.set()
