"""One message to Slack, and what became of it: it stands there, surely not, or nobody knows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.messages.trouble import REMEDIES, SHARED
from storage.outbox_claims import Claimed

log = structlog.get_logger()

EVENT_TYPE = "kahvi_message"
SLACK_CLOCK_APART = timedelta(days=1)  # Slack's clock and ours: a wrong zone must not hide a post
PAGE = 200
CHANNELS, DIRECT = ("C", "G"), "D"  # what ids begin with; most direct messages are named by the person
UNNAMED_PAUSE = 30.0  # seconds, when Slack asks for a pause without saying how long

REDUCIBLE = frozenset(("data_visualization", "data_table", "table"))
REFUSED_BLOCKS = frozenset(("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"))
TOO_MANY = frozenset(("ratelimited", "rate_limited", "message_limit_exceeded"))
DOUBTFUL = frozenset(("internal_error", "fatal_error", "request_timeout", "service_unavailable"))
HOPELESS = frozenset(
    (
        "cant_update_message",
        "edit_window_closed",
        "invalid_arguments",
        "message_not_found",
        "msg_too_long",
        "no_text",
        "thread_not_found",
    )
)

# What keeps us from looking into a channel until a person has mended it; a scope that is missing is meant to be.
MENDED_LATER = REMEDIES.keys() - {"missing_scope"}


@dataclass(frozen=True, slots=True)
class Sent:
    """It stands in Slack at `ts`."""

    ts: str


@dataclass(frozen=True, slots=True)
class Later:
    """It surely does not stand in Slack; worth another try.

    Slack wants its channel left alone for `seconds`, or is away (`outage`); with neither, it is about this message.
    """

    error: str
    seconds: float | None = None
    outage: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Slack will go on refusing it, until a person mends what is wrong where anybody can."""

    error: str

    @property
    def can_be_mended(self) -> bool:
        return self.error in REMEDIES


@dataclass(frozen=True, slots=True)
class Uncertain:
    """It may or may not stand in Slack."""

    error: str


Outcome = Sent | Later | Refused | Uncertain
SHARED_ELSEWHERE = Refused(SHARED)


class Unreadable(Exception):
    """The history of this channel may not be read, now or later."""


async def send(client: AsyncWebClient, message: Claimed) -> Outcome:
    """Post or update once; when Slack refuses its blocks, at once without charts and tables, then without any."""
    outcome: Outcome = Refused("no_text")
    for blocks in variants(message.blocks):
        outcome = await _attempt(client, message, blocks)
        if not (isinstance(outcome, Refused) and outcome.error in REFUSED_BLOCKS):
            break
        log.warning("blocks refused", key=message.key, error=outcome.error, kept=len(blocks))
    return outcome


async def find(client: AsyncWebClient, message: Claimed) -> str | None:
    """The ts of an earlier post of this message; Unreadable when Slack does not let us look.

    Raises the transport's own errors when Slack cannot be asked now, TimeoutError too while we are not let in.
    """
    if not message.channel_id.startswith((*CHANNELS, DIRECT)):
        raise Unreadable("a direct message that is known by its person cannot be looked into")
    cursor = ""
    oldest = (message.created_at - SLACK_CLOCK_APART).timestamp()
    where = {"channel": message.channel_id, "oldest": f"{oldest:.6f}", "limit": PAGE, "include_all_metadata": True}
    method = "conversations.replies" if message.thread_ts else "conversations.history"
    thread = {"ts": message.thread_ts} if message.thread_ts else {}
    while True:
        try:
            page = await client.api_call(method, params={**where, **thread, **({"cursor": cursor} if cursor else {})})
        except SlackApiError as error:
            raise _unreadable(error) from None
        messages: list[dict[str, Any]] = page.get("messages") or []
        for found in messages:
            if _receipt(found) == message.receipt:
                return str(found["ts"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return None


def payload(message: Claimed, blocks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The arguments of chat.postMessage or chat.update: nothing unfurls, nobody is called by name."""
    shown: dict[str, Any] = {
        "channel": message.channel_id,
        "text": message.text,
        "blocks": list(blocks),
        "parse": "none",
        "link_names": False,
    }
    if message.ts:
        return shown | {"ts": message.ts}
    shown |= {"unfurl_links": False, "unfurl_media": False}
    # Metadata can be read by every app in the channel: it carries a random word and nothing else.
    shown["metadata"] = {"event_type": EVENT_TYPE, "event_payload": {"key": message.receipt}}
    return shown | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


async def _attempt(client: AsyncWebClient, message: Claimed, blocks: Sequence[dict[str, Any]]) -> Outcome:
    method = "chat.update" if message.ts else "chat.postMessage"
    try:
        answer = await client.api_call(method, json=payload(message, blocks))
    except SlackApiError as error:
        return refused(error)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        return Later(type(error).__name__, outage=True)  # nothing was sent
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return Uncertain(type(error).__name__)
    ts = answer.get("ts")
    return Sent(str(ts)) if ts else Uncertain("no ts")


def refused(error: SlackApiError) -> Later | Refused | Uncertain:
    """What an answer that is not ok tells; a Later without a pause stands for a word that nobody here knows."""
    status = getattr(error.response, "status_code", 0)
    data = getattr(error.response, "data", None)
    word = str(data.get("error") or "") if isinstance(data, dict) else ""
    if status == 429 or word in TOO_MANY:
        return Later(word or "ratelimited", _retry_after(error))
    if not word or word in DOUBTFUL or status >= 500:
        return Uncertain(word or f"HTTP {status}")
    return Refused(word) if word in HOPELESS | REFUSED_BLOCKS | REMEDIES.keys() else Later(word)


def _retry_after(error: SlackApiError) -> float:
    headers = getattr(error.response, "headers", {})
    value = str(headers.get("Retry-After", ""))
    return float(value) if value.isascii() and value.isdigit() else UNNAMED_PAUSE


def variants(blocks: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    """Blocks to try one after another: as they are, without charts and tables, none; nothing is tried twice."""
    yield blocks
    plainer = [block for block in blocks if block.get("type") not in REDUCIBLE]
    if 0 < len(plainer) < len(blocks):
        yield plainer
    if blocks:
        yield ()


def _unreadable(error: SlackApiError) -> Exception:
    outcome = refused(error)
    for_good = isinstance(outcome, Refused) and outcome.error not in MENDED_LATER
    return Unreadable(outcome.error) if for_good else TimeoutError(outcome.error)


def _receipt(found: dict[str, Any]) -> str | None:
    metadata = found.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    key: str | None = (metadata.get("event_payload") or {}).get("key")
    return key
