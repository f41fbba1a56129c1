from typing import Any

from bot.playground.slack.doors.errors import SlackError, invalid_arguments
from bot.playground.slack.doors.registry import Call, method
from bot.playground.slack.validate import Problem, check_blocks, check_message_blocks, check_view
from bot.playground.slack.world.models import Json


@method("blocks.validate", tier=4)
def validate(call: Call) -> Json:
    """Exactly one of blocks, message or view; a refusal lists every error with its JSON pointer."""
    given = [name for name in ("blocks", "message", "view") if call.args.raw.get(name)]
    if len(given) != 1:
        raise invalid_arguments("provide exactly one of blocks, message or view")
    name = given[0]
    problems = _problems(name, call.args.decoded(name))
    if problems:
        raise SlackError(f"invalid_{name}", errors=[_error(problem) for problem in problems])
    return {}


def _problems(name: str, value: Any) -> list[Problem]:
    if name == "view":
        return check_view(value, ())
    if name == "blocks":
        return check_blocks(value, "message", ())
    blocks = value.get("blocks", []) if isinstance(value, dict) else None
    return check_message_blocks(blocks) if isinstance(blocks, list) else [Problem((), "must be an object")]


def _error(problem: Problem) -> Json:
    return {"pointer": problem.pointer, "code": "failed_constraint", "message": problem.message}
