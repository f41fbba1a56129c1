"""`/response/<team>/<key>`: where an app answers a command or a click later on."""

from aiohttp import web

from bot.playground.slack.doors.arguments import read_arguments
from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.faults.failing import Attempt
from bot.playground.slack.people.answers import give_answer
from bot.playground.slack.world.models import Json
from bot.playground.slack.world.teams import Teams

NAME = "response_url"  # what faults and the record of calls call it


class ResponseApi:
    def __init__(self, teams: Teams) -> None:
        self._teams = teams

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """`ok`, or what Slack says when the address is spent or late, or the content is refused."""
        try:
            state = self._teams.named(request.match_info["team"])
            body = await read_arguments(request)
        except SlackError as error:
            return web.json_response(error.body(), status=400)
        attempt = Attempt(state, request, NAME, body)

        async def serve() -> web.Response:
            return self._answered(attempt, body)

        return await attempt.served(serve)

    def _answered(self, attempt: Attempt, body: Json) -> web.Response:
        try:
            target = attempt.state.response_urls.find(attempt.request.match_info["key"])
        except SlackError as error:
            return self._refused(attempt, error, 404)
        try:
            give_answer(attempt.state, target, body)
        except SlackError as error:
            return self._refused(attempt, error, 400)
        target.uses_left -= 1
        attempt.record("ok")
        return web.Response(text="ok")

    def _refused(self, attempt: Attempt, error: SlackError, status: int) -> web.Response:
        attempt.record(error.code)
        return web.json_response(error.body(), status=status)
