"""Signed HTTP: Bolt behind a request URL, unmodified, and the redelivery of what it does not take."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.async_app import AsyncAck
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground.slack import SlackServer
from bot.playground.slack.client import Control, Person, Refused
from bot.playground.slack.faults.faults import Fault, Kind
from tests.bot.playground.slack.helpers import Json, until
from tests.bot.playground.slack.test_modals import modal


@pytest.fixture
async def slack(server: SlackServer) -> AsyncIterator[Control]:
    async with Control(server.url) as control:
        yield control


@pytest.fixture
def aino(slack: Control) -> Person:
    return slack.person("aino", "#cs")


class Receiver:
    """A request URL that answers with the next of `answers`, its last one for good, and keeps what came."""

    def __init__(self, *answers: web.Response) -> None:
        self.answers = list(answers)
        self.came: list[tuple[web.BaseRequest, bytes]] = []
        self.url = ""
        self._runner = web.ServerRunner(web.Server(self._handle))

    def has(self, count: int) -> bool:
        return len(self.came) == count

    async def start(self) -> str:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/slack/events"
        return self.url

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        if b"url_verification" in body:
            return web.json_response({"challenge": (await request.json())["challenge"]})
        self.came.append((request, body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)


@pytest.fixture
async def receiver(slack: Control) -> AsyncIterator[Receiver]:
    receiver = Receiver(web.Response())
    await slack.http_mode(await receiver.start())
    yield receiver
    await receiver.stop()


@pytest.fixture
async def bolt(server: SlackServer, slack: Control, client: AsyncWebClient) -> AsyncIterator[AsyncApp]:
    """Bolt's own server, which checks every signature, behind the request URL."""
    app = AsyncApp(client=client, signing_secret=server.config.signing_secret, process_before_response=True)
    runner = web.AppRunner(app.web_app(path="/slack/events"), handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await slack.http_mode(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    yield app
    await runner.cleanup()


async def test_bolt_takes_commands_clicks_forms_and_events(
    bolt: AsyncApp, server: SlackServer, client: AsyncWebClient, aino: Person
) -> None:
    heard: list[str] = []

    @bolt.command("/coffee")
    async def coffee(ack: AsyncAck, body: Json) -> None:
        heard.append(body["text"])
        await client.views_open(trigger_id=body["trigger_id"], view=modal())
        await ack("Brewing")

    @bolt.view("exit")
    async def on_submit(ack: AsyncAck) -> None:
        await ack(response_action="errors", errors={"note": "Say more"})

    @bolt.event("message")
    async def on_message(event: Json) -> None:
        heard.append(event["text"])

    await aino.types("/coffee mrr & more")
    answer = await aino.submits(await aino.view(), {"Why?": "Price"})
    await aino.types("hello")
    await until(lambda: len(heard) == 2)

    assert heard == ["mrr &amp; more", "hello"]
    assert answer == {"ok": False, "errors": {"note": "Say more"}}
    assert (await aino.sees())[0]["text"] == "Brewing"


async def test_requests_are_signed_with_the_secret(
    receiver: Receiver, server: SlackServer, aino: Person, slack: Control
) -> None:
    await aino.types("/coffee")
    request, body = receiver.came[0]

    assert SignatureVerifier(server.config.signing_secret).is_valid_request(body, dict(request.headers))
    assert not SignatureVerifier("another secret").is_valid_request(body, dict(request.headers))


async def test_half_a_character_comes_in_a_form_as_a_mark(receiver: Receiver, aino: Person) -> None:
    await aino.types("/coffee \ud800")

    assert b"text=%3F&" in receiver.came[0][1]


async def test_plain_words_answer_a_command_privately(receiver: Receiver, aino: Person) -> None:
    receiver.answers = [web.Response(text="Brewing")]

    await aino.types("/coffee")

    seen = await aino.last()
    assert (seen["text"], seen["ephemeral"]) == ("Brewing", True)


async def test_events_come_again_at_once_after_a_minute_and_after_five(
    receiver: Receiver, aino: Person, slack: Control
) -> None:
    receiver.answers = [web.Response(status=500)]
    await aino.types("hello")
    await until(lambda: len(receiver.came) == 2)
    for seconds, count in ((59, 2), (2, 3), (299, 3), (2, 4), (9999, 4)):
        await slack.advance(seconds)
        await until(partial(receiver.has, count))

    heads = [request.headers for request, _ in receiver.came]
    assert [head.get("X-Slack-Retry-Num") for head in heads] == [None, "1", "2", "3"]
    assert [head.get("X-Slack-Retry-Reason") for head in heads] == [None, *["http_error"] * 3]
    assert len({body for _, body in receiver.came}) == 1


async def test_an_app_may_ask_not_to_be_told_again(receiver: Receiver, aino: Person, server: SlackServer) -> None:
    receiver.answers = [web.Response(status=503, headers={"X-Slack-No-Retry": "1"})]
    await aino.types("hello")
    await until(lambda: receiver.came and not server.state.background._tasks)

    assert len(receiver.came) == 1


@pytest.mark.parametrize(("status", "error"), [(404, "http_client_error"), (503, "http_service_error")])
async def test_a_status_that_is_no_success_is_told_to_the_person(
    receiver: Receiver, aino: Person, status: int, error: str
) -> None:
    receiver.answers = [web.Response(status=status)]

    with pytest.raises(Refused, match=error):
        await aino.types("/coffee")


async def test_an_app_that_is_gone_is_dispatch_failed(receiver: Receiver, aino: Person, slack: Control) -> None:
    await receiver.stop()

    with pytest.raises(Refused, match="dispatch_failed"):
        await aino.types("/coffee")
    with pytest.raises(Refused, match="url_verification_failed"):
        await slack.http_mode(receiver.url)
    await slack.socket_mode()
    with pytest.raises(Refused, match="dispatch_failed"):
        await aino.types("/coffee")


async def test_no_answer_in_three_seconds_is_operation_timeout(bolt: AsyncApp, slack: Control, aino: Person) -> None:
    asked, release = asyncio.Event(), asyncio.Event()

    @bolt.command("/coffee")
    async def coffee(ack: AsyncAck) -> None:
        asked.set()
        await release.wait()
        await ack()

    typing = asyncio.create_task(aino.types("/coffee"))
    await asked.wait()
    await slack.advance(3)

    with pytest.raises(Refused, match="operation_timeout"):
        await typing
    release.set()


async def test_addresses_of_other_machines_are_refused(slack: Control) -> None:
    with pytest.raises(Refused, match="on loopback"):
        await slack.http_mode("http://example.com/slack/events")


async def test_a_delivery_may_come_twice_or_late_or_never(receiver: Receiver, aino: Person, slack: Control) -> None:
    await slack.fault(Fault("events_api", "duplicate", channel="C00000002"))
    await aino.types("twice")
    await until(lambda: len(receiver.came) == 2)

    await slack.fault(Fault("events_api", "delay", seconds=10))
    await aino.types("late")
    await slack.advance(9)
    assert len(receiver.came) == 2
    await slack.advance(1)
    await until(lambda: len(receiver.came) == 3)


async def test_a_delivery_may_be_lost_or_its_ack(
    receiver: Receiver, aino: Person, slack: Control, server: SlackServer
) -> None:
    await slack.set_clock(await slack.now(), still=True)
    lost: tuple[tuple[Kind, int], ...] = (("drop", 0), ("drop_after_accept", 1))
    for kind, came in lost:
        await slack.fault(Fault("slash_commands", kind))
        typing = asyncio.create_task(aino.types("/coffee"))
        await until(lambda: not server.state.faults._ordered)
        await until(partial(receiver.has, came))
        await slack.advance(3)
        with pytest.raises(Refused, match="operation_timeout"):
            await typing
