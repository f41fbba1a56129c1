"""What the servers of the playground share: the files of their pages, who may ask, and what is not there."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from bot.playground.loopback import host_of, is_loopback

LOOK = Path(__file__).parent / "look"
HEAD = "<!-- head.html -->"  # where a page wants what begins every page's head
HEADERS = {"Content-Security-Policy": "default-src 'self'", "Cache-Control": "no-store"}
# Small files, and many of them before anything shows: read at once they are sent in a tenth of a file server's time.
KINDS = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".svg": "image/svg+xml"}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def page_routes(folder: Path) -> list[web.RouteDef]:
    """A page's own files at `/page/…`, or those that all pages share; its `index.html` at the root."""

    async def index(_: web.Request) -> web.StreamResponse:
        text = (folder / "index.html").read_text(encoding="utf-8")
        head = (LOOK / "head.html").read_text(encoding="utf-8").strip()
        return web.Response(text=text.replace(HEAD, head), content_type="text/html", headers=HEADERS)

    async def file(request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        files = {file.name: file for home in (LOOK, folder) for file in home.iterdir() if file.suffix in KINDS}
        found = files.get(name)
        if found is None:
            raise web.HTTPNotFound(text="There is no such page.")
        kind = KINDS[found.suffix]
        return web.Response(body=found.read_bytes(), content_type=kind, charset="utf-8", headers=HEADERS)

    return [web.get("/", index), web.get("/page/{name}", file)]


async def no_such_door(request: web.Request) -> web.Response:
    """For the addresses of a control door that are left."""
    return web.json_response({"ok": False, "error": f"There is no {request.method} {request.path}."}, status=404)


@web.middleware
async def only_local(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse other hosts' names and other sites' pages, so that no web site a person visits can act here."""
    if not is_loopback(host_of(f"//{request.host}")):
        return web.Response(status=403, text="This server answers to its loopback address only.")
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        return web.Response(status=403, text="This server takes no requests from other sites.")
    return await handler(request)
