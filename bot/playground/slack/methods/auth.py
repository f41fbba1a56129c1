from bot.playground.slack.doors.registry import Call, method
from bot.playground.slack.world.models import Json


@method("api.test", caller="anyone", tier=4)
def api_test(call: Call) -> Json:
    return {"args": {key: value for key, value in call.args.raw.items() if key != "token"}}


@method("auth.test", tier=0)
def auth_test(call: Call) -> Json:
    config = call.state.config
    return {
        "url": f"https://{config.team_domain}.slack.com/",
        "team": config.team_name,
        "user": call.state.workspace.user(call.state.bot).name,
        "team_id": config.team_id,
        "user_id": config.bot_user_id,
        "bot_id": config.bot_id,
        "is_enterprise_install": False,
    }


@method("apps.connections.open", caller="app")
def connections_open(call: Call) -> Json:
    address = call.state.base_url.replace("http://", "ws://", 1)
    return {"url": f"{address}/link/?ticket={call.state.sockets.ticket()}&app_id={call.state.config.app_id}"}
