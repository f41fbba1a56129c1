from typing import Any

from bot.playground.slack.doors.errors import SlackError, invalid_arguments
from bot.playground.slack.doors.posting import content_of
from bot.playground.slack.doors.registry import Call, method
from bot.playground.slack.methods.chat import compose, may_post, target_channel
from bot.playground.slack.world.files import File
from bot.playground.slack.world.models import Json


def _shape(call: Call, file: File) -> Json:
    return file.to_api(call.state.base_url)


@method("files.getUploadURLExternal", "files:write", tier=4)
def upload_url(call: Call) -> Json:
    length = call.args.number("length", 0, 10**12)
    file, key = call.state.files.announce(
        call.args.text("filename"), length, call.state.bot, call.args.optional("alt_txt")
    )
    return {"upload_url": f"{call.state.base_url}/upload/{call.state.config.team_id}/{key}", "file_id": file.id}


@method("files.completeUploadExternal", "files:write", tier=4)
def complete(call: Call) -> Json:
    """Share files whose bytes have come, in one message where a channel is named; else they stay the bot's own."""
    files = [_titled(call, one) for one in _listed(call)]
    channels = call.args.optional("channels").split(",") if call.args.optional("channels") else []
    for reference in [*channels, call.args.optional("channel_id")]:
        if reference:
            _share(call, reference, files)
    return {"files": [_shape(call, file) for file in files]}


def _listed(call: Call) -> list[Any]:
    given = call.args.decoded("files")
    if not isinstance(given, list) or not given:
        raise invalid_arguments("missing required field: files")
    return given


def _titled(call: Call, given: Any) -> File:
    if not isinstance(given, dict):
        raise invalid_arguments("must be an object [json-pointer:/files/0]")
    file = call.state.files.find(str(given.get("id", "")))
    file.title = str(given.get("title") or file.title)
    return file


def _share(call: Call, reference: str, files: list[File]) -> None:
    channel = target_channel(call, reference)
    may_post(call, channel)
    comment, blocks = call.args.optional("initial_comment"), call.args.raw.get("blocks")
    if comment and blocks:
        raise invalid_arguments("initial_comment and blocks exclude each other")
    content = content_of({"text": comment, "blocks": blocks}, nothing_to_say=True)
    for file in files:
        file.channels.append(channel.id)
    call.state.messages.post(compose(call, channel, content, files=[_shape(call, file) for file in files]))
    for file in files:
        event = {"type": "file_shared", "file_id": file.id, "user_id": file.user, "channel_id": channel.id}
        call.state.events.emit("file_shared", event | {"event_ts": call.state.messages.next_ts()})


@method("files.info", "files:read", tier=4)
def info(call: Call) -> Json:
    return {"file": _shape(call, call.state.files.find(call.args.text("file"))), "comments": []}


@method("files.delete", "files:write")
def delete(call: Call) -> Json:
    file = call.state.files.find(call.args.text("file"))
    if file.user != call.state.bot:
        raise SlackError("cant_delete_file")
    call.state.files.delete(file.id)
    return {}
