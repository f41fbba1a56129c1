from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.doors.registry import Call, method
from bot.playground.slack.methods.conversations import asked_channel
from bot.playground.slack.world.models import Json


@method("reactions.add", "reactions:write")
def add(call: Call) -> Json:
    state, name = call.state, call.args.text("name").strip(":")
    message = state.messages.require(asked_channel(call).id, call.args.text("timestamp"))
    reaction = next((item for item in message.reactions if item["name"] == name), None)
    if reaction is not None and state.bot in reaction["users"]:
        raise SlackError("already_reacted")
    before = state.messages.snapshot(message)
    if reaction is None:
        message.reactions.append({"name": name, "users": [state.bot], "count": 1})
    else:
        reaction["users"].append(state.bot)
        reaction["count"] += 1
    state.live.push({"type": "message_changed", "channel": before.channel, "message": message.to_page()})
    return {}
