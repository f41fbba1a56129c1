"""What an app may put into a message, wherever it comes from: a method, an answer to a click, a response URL."""

import json
import secrets
from typing import Any

from bot.playground.slack.doors.errors import SlackError, invalid_arguments
from bot.playground.slack.validate import check_blocks, check_message_blocks
from bot.playground.slack.validate.problem import Problem
from bot.playground.slack.world.models import Json
from bot.playground.strict_json import parse_json

POST_TEXT = 40_000
UPDATE_TEXT = 4_000
MARKDOWN_TEXT = 12_000
ATTACHMENTS = 100
METADATA = 16_000
BLOCK_TEXT_BUDGET = 13_200


def content_of(args: Json, *, nothing_to_say: bool = False) -> Json:
    """The checked content of a message: text, blocks, attachments and metadata; raises SlackError.

    `nothing_to_say` lets all of them be empty.
    """
    text, blocks = _words(args)
    attachments = _decoded(args.get("attachments"), "invalid_attachments")
    if len(attachments) > ATTACHMENTS:
        raise SlackError("too_many_attachments")
    if not (nothing_to_say or text.strip() or blocks or attachments):
        raise SlackError("no_text")
    refuse([*check_message_blocks(blocks), *_in_attachments(attachments)], "invalid_blocks")
    if text_size(blocks) > BLOCK_TEXT_BUDGET:
        raise SlackError("msg_blocks_too_long")
    with_ids(blocks)
    metadata = _metadata(args.get("metadata"))
    return {"text": text, "blocks": blocks, "attachments": attachments, "metadata": metadata}


def _words(args: Json) -> tuple[str, list[Json]]:
    """Text and blocks, or the markdown_text that stands for both."""
    text, markdown = args.get("text") or "", args.get("markdown_text") or ""
    for name, value in (("text", text), ("markdown_text", markdown)):
        if not isinstance(value, str):
            raise invalid_arguments(f"must be a string [json-pointer:/{name}]")
    blocks = _decoded(args.get("blocks"), "invalid_blocks_format")
    if not markdown:
        return text, blocks
    if text or blocks:
        raise SlackError("markdown_text_conflict")
    if len(markdown) > MARKDOWN_TEXT:
        raise SlackError("msg_too_long")
    return markdown, [{"type": "markdown", "text": markdown}]


def _in_attachments(attachments: list[Any]) -> list[Problem]:
    problems: list[Problem] = []
    for number, attachment in enumerate(attachments):
        if isinstance(attachment, dict) and attachment.get("blocks"):
            problems += check_blocks(attachment["blocks"], "message", ("attachments", number, "blocks"))
    return problems


def refuse(problems: list[Problem], code: str) -> None:
    """Raise the refusal that lists every problem, if there is one."""
    if not problems:
        return
    messages = [f"{problem.message} [json-pointer:{problem.pointer}]" for problem in problems]
    listed = [f"[ERROR] {message}" for message in messages]
    raise SlackError(code, errors=messages, response_metadata={"messages": listed})


def _decoded(value: Any, otherwise: str) -> list[Json]:
    """A list given as JSON or as text of JSON; nothing counts as an empty one."""
    if isinstance(value, str) and value:
        try:
            value = parse_json(value)
        except ValueError:
            raise SlackError(otherwise) from None
    if value in (None, ""):
        return []
    if not isinstance(value, list):
        raise SlackError(otherwise)
    return value


def _metadata(value: Any) -> Json | None:
    if isinstance(value, str) and value:
        try:
            value = parse_json(value)
        except ValueError:
            raise SlackError("invalid_metadata_format") from None
    if not value:
        return None
    if not isinstance(value, dict):
        raise SlackError("invalid_metadata_format")
    if not isinstance(value.get("event_type"), str) or not isinstance(value.get("event_payload"), dict):
        raise SlackError("invalid_metadata_schema")
    if len(json.dumps(value)) > METADATA:
        raise SlackError("metadata_too_large")
    return value


def text_size(value: Any) -> int:
    """Characters a reader would see in blocks: every `text` that is a string."""
    if isinstance(value, dict):
        own = len(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + sum(text_size(part) for part in value.values())
    if isinstance(value, list):
        return sum(text_size(part) for part in value)
    return 0


def with_ids(blocks: list[Json]) -> None:
    """Give every block a block_id and every interactive element an action_id, as Slack does."""
    for block in blocks:
        block.setdefault("block_id", secrets.token_urlsafe(4))
        for element in interactive_elements(block):
            element.setdefault("action_id", secrets.token_urlsafe(4))
        with_ids(block.get("child_blocks", []))
        with_ids(block["elements"] if block["type"] == "carousel" else [])


NOT_INTERACTIVE = frozenset({"image", "mrkdwn", "plain_text"})


def interactive_elements(block: Json) -> list[Json]:
    """The elements of one block that a person can use."""
    if block.get("type") in ("rich_text", "carousel"):
        return []
    held = [*block.get("elements", ()), *block.get("actions", ()), block.get("accessory"), block.get("element")]
    return [item for item in held if isinstance(item, dict) and item.get("type") not in NOT_INTERACTIVE]
