from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.doors.registry import Call, method
from bot.playground.slack.world.models import Json


@method("usergroups.list", "usergroups:read", tier=2)
def listing(call: Call) -> Json:
    groups = call.state.workspace.usergroups.values()
    return {"usergroups": [group.to_api(with_users=call.args.flag("include_users")) for group in groups]}


@method("usergroups.users.list", "usergroups:read", tier=2)
def users(call: Call) -> Json:
    group = call.state.workspace.usergroups.get(call.args.text("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}
