from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.doors.paging import page
from bot.playground.slack.doors.registry import Call, method
from bot.playground.slack.world.models import Json, User


def _shape(call: Call, user: User) -> Json:
    with_email = "users:read.email" in call.state.scopes
    with_locale = call.args.flag("include_locale")
    return user.to_api(call.state.config.team_id, with_email=with_email, with_locale=with_locale)


@method("users.info", "users:read", tier=4)
def info(call: Call) -> Json:
    return {"user": _shape(call, call.state.workspace.user(call.args.text("user")))}


@method("users.list", "users:read", tier=2)
def listing(call: Call) -> Json:
    users = list(call.state.workspace.users.values())
    some, cursor = page(users, call.args.optional("cursor"), call.args.number("limit", 200, 1000))
    members = [_shape(call, user) for user in some]
    return {"members": members, "cache_ts": int(call.state.clock.now())} | {
        "response_metadata": {"next_cursor": cursor}
    }


@method("users.lookupByEmail", "users:read.email")
def lookup_by_email(call: Call) -> Json:
    wanted = call.args.text("email").lower()
    for user in call.state.workspace.people():
        if user.email.lower() == wanted:
            return {"user": _shape(call, user)}
    raise SlackError("users_not_found")
