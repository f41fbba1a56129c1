"""`/upload/<team>/<key>` takes the bytes of a file, `/files/<id>` gives them back to who holds the bot's token."""

from aiohttp import web

from bot.playground.slack.doors.arguments import read_form
from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.doors.tokens import bearer
from bot.playground.slack.world.teams import Teams


class FileApi:
    def __init__(self, teams: Teams) -> None:
        self._teams = teams

    async def upload(self, request: web.Request) -> web.Response:
        try:
            state = self._teams.named(request.match_info["team"])
            file = state.files.receive(request.match_info["key"], await _content(request))
        except SlackError as error:
            return web.json_response(error.body(), status=400)
        return web.Response(text=f"OK - {file.length}")

    async def download(self, request: web.Request) -> web.Response:
        state = self._teams.holding(bearer(request))
        if state is None:
            return web.Response(status=403)
        try:
            file = state.files.find(request.match_info["id"])
        except SlackError:
            return web.Response(status=404)
        return web.Response(body=file.content, content_type="application/octet-stream")


async def _content(request: web.Request) -> bytes:
    """The bytes, bare or as the one file of a form."""
    if request.content_type != "multipart/form-data":
        return await request.read()
    sent = [part for part in (await read_form(request)).values() if isinstance(part, web.FileField)]
    if len(sent) != 1:
        raise SlackError("invalid_form_data")
    return sent[0].file.read()
