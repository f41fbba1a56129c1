import base64
import binascii

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.doors.registry import Call, method
from bot.playground.slack.world.models import Json
from bot.playground.slack.world.state import State


def _check_client(call: Call) -> None:
    """Id and secret of the app, as arguments or as basic authentication."""
    config = call.teams.first.config
    given_id, given_secret = call.args.optional("client_id"), call.args.optional("client_secret")
    if call.basic:
        given_id, given_secret = _decoded(call.basic)
    if given_id != config.client_id:
        raise SlackError("invalid_client_id")
    if given_secret != config.client_secret:
        raise SlackError("bad_client_secret")


def _decoded(basic: str) -> tuple[str, str]:
    try:
        name, _, secret = base64.b64decode(basic, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise SlackError("invalid_client_id") from None
    return name, secret


@method("oauth.v2.access", caller="anyone")
def access(call: Call) -> Json:
    """The bot's token of the workspace that the code was given for."""
    _check_client(call)
    if call.args.optional("grant_type") not in ("", "authorization_code"):
        raise SlackError("invalid_grant_type")
    grant = call.teams.redeem(call.args.text("code"), call.args.optional("redirect_uri"))
    config = grant.state.config
    return {
        "app_id": config.app_id,
        "authed_user": {"id": grant.user},
        "scope": ",".join(grant.scopes),
        "token_type": "bot",
        "access_token": config.bot_token,
        "bot_user_id": config.bot_user_id,
        "team": {"id": config.team_id, "name": config.team_name},
        "enterprise": None,
        "is_enterprise_install": False,
    }


@method("auth.revoke")
def revoke(call: Call) -> Json:
    if call.args.flag("test"):
        return {"revoked": False}
    _forget(call.state)
    return {"revoked": True}


@method("apps.uninstall")
def uninstall(call: Call) -> Json:
    """Take the app out of the workspace of this token; the app is told, as its last event there."""
    _check_client(call)
    call.state.events.emit("app_uninstalled", {"type": "app_uninstalled"})
    _forget(call.state)
    return {}


def _forget(state: State) -> None:
    state.events.emit("tokens_revoked", {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [state.bot]}})
    state.refusal = "account_inactive"
