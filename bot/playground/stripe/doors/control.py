"""/_ctl: what a person or a test does to the local Stripe from outside, without a key since it listens locally."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field

from bot.playground.loopback import is_own_address
from bot.playground.pages import no_such_door
from bot.playground.strict_json import parse_json
from bot.playground.stripe.doors.faults import Fault
from bot.playground.stripe.doors.served import Served
from bot.playground.stripe.doors.webhooks import Endpoint
from bot.playground.told import in_words, obey

Handler = Callable[[web.Request], Awaitable[web.Response]]

# What may happen to a customer through POST /_ctl/story {"verb": ..., "customer": id or name, ...}.
STORIES = (
    "cancel",
    "change_quantity",
    "discount",
    "dispute",
    "end_discount",
    "expire_card",
    "fail_payment",
    "keep",
    "one_off",
    "pause_collection",
    "recover_payment",
    "refund",
    "renew_card",
    "resume_collection",
    "schedule_cancel",
)
COUNTS = ("amount", "days", "quantity", "seats", "trial_days")  # of the arguments of stories
LARGEST_COUNT = 999_999
LEFT = 0  # as it is
Share = Annotated[float, Field(ge=0, le=1)]


class Control:
    def __init__(self, server: Served) -> None:
        self._server = server

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/_ctl/fault", _told(self._fault))
        app.router.add_post("/_ctl/revoke", _told(self._revoke))
        app.router.add_post("/_ctl/pace", _told(self._pace))
        app.router.add_post("/_ctl/events", _told(self._events))
        app.router.add_post("/_ctl/reset", _told(self._reset))
        app.router.add_post("/_ctl/story", _told(self._story))
        app.router.add_post("/_ctl/webhook", _told(self._webhook))
        app.router.add_post("/_ctl/deliver", self._deliver)
        app.router.add_get("/_ctl/calls", self._calls)
        app.router.add_get("/_ctl/about", _shown(self._about))
        app.router.add_get("/_ctl/customers", _shown(self._customers))
        app.router.add_get("/_ctl/customer", _shown(self._customer))
        app.router.add_get("/_ctl/happened", _shown(self._happened))
        app.router.add_route("*", "/_ctl/{unknown:.*}", no_such_door)

    def _fault(self, /, **fault: Any) -> dict[str, Any]:
        self._server.faults.waiting.append(Fault(**fault))
        return {"waiting": len(self._server.faults.waiting)}

    def _revoke(self, permission: str) -> dict[str, Any]:
        return {"revoked": self._server.keys.revoke(permission)}

    def _pace(
        self,
        per_second: Annotated[int | None, Field(ge=0)] = None,
        rows_of_a_page: Annotated[int | None, Field(ge=1)] = LEFT,
    ) -> dict[str, Any]:
        """So many requests a second to each address, and in each page of a list so many rows, None for as asked."""
        if per_second is not None:
            self._server.pace.per_second = per_second
        if rows_of_a_page != LEFT:
            self._server.rows_of_a_page = rows_of_a_page
        return {"per_second": self._server.pace.per_second, "rows_of_a_page": self._server.rows_of_a_page}

    def _events(
        self, seed: int, withheld: Share = 0, seconds: Annotated[int, Field(ge=0)] = 0, repeated: Share = 0
    ) -> dict[str, Any]:
        self._server.mangle_events(seed, withheld=withheld, seconds=seconds, repeated=repeated)
        return {}

    def _reset(self) -> dict[str, Any]:
        self._server.reset()
        return {}

    def _story(self, /, verb: str, **body: Any) -> dict[str, Any]:
        known = {name: getattr(self._server.billing, name) for name in STORIES} | dict(self._server.stories)
        if verb not in known:
            raise ValueError(f"verb must be one of {', '.join(sorted(known))}")
        _check_counts(body)
        self._server.advance()
        if "customer" in body:
            body["customer"] = self._server.billing.find_customer(str(body["customer"]))
        made = obey(known[verb], body)
        self._server.acted(verb)
        return {"made": made}

    def _about(self, _query: Mapping[str, str]) -> dict[str, Any]:
        return {
            "name": self._server.store.account["settings"]["dashboard"]["display_name"],
            "beside": self._server.beside,
        }

    def _customers(self, query: Mapping[str, str]) -> dict[str, Any]:
        return self._server.desk.customers(query.get("query", ""))

    def _customer(self, query: Mapping[str, str]) -> dict[str, Any]:
        return self._server.desk.customer(query["id"])

    def _happened(self, _query: Mapping[str, str]) -> dict[str, Any]:
        self._server.advance()
        return self._server.desk.happened()

    def _webhook(self, url: str, secret: str) -> dict[str, Any]:
        if not is_own_address(url):
            raise ValueError("url must be an address on loopback: the local Stripe calls no other machine")
        self._server.webhooks.endpoint = Endpoint(url, secret)
        return {"url": url}

    async def _deliver(self, _request: web.Request) -> web.Response:
        return web.json_response({"accepted": await self._server.webhooks.deliver()})

    async def _calls(self, _request: web.Request) -> web.Response:
        calls = self._server.calls
        refused = self._server.pace.refused
        return web.json_response(
            {"endpoints": dict(calls.endpoints), "versions": dict(calls.versions), "paced": refused}
        )


def _check_counts(body: Mapping[str, Any]) -> None:
    """ValueError for a count that billing could not reckon with, before it has changed anything."""
    for name in COUNTS:
        count = body.get(name)
        if count is not None and (type(count) is not int or not 0 <= count <= LARGEST_COUNT):
            raise ValueError(f"{name} must be a whole number from 0 to {LARGEST_COUNT}")


def _shown(read: Callable[[Mapping[str, str]], dict[str, Any]]) -> Handler:
    """The query in, JSON out; 404 for what is not there."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(read(request.query))
        except KeyError as error:
            return web.json_response({"error": _absent(error, request.query)}, status=404)

    return handle


def _absent(error: KeyError, told: Mapping[str, Any]) -> str:
    """What is not there, after the argument that names it."""
    what = str(error.args[0])
    field = next((f"{name}: " for name, value in told.items() if str(value) == what), "")
    return f"{field}There is no {what}."


def _body(sent: bytes) -> dict[str, Any]:
    body = parse_json(sent or b"{}")
    if not isinstance(body, dict):
        raise TypeError("the body must be a JSON object")
    return body


def _told(act: Callable[..., dict[str, Any]]) -> Handler:
    """A JSON body in, JSON out; what the act cannot understand is a 400 that says why."""

    async def handle(request: web.Request) -> web.Response:
        told: dict[str, Any] = {}
        try:
            told = _body(await request.read())
            return web.json_response(obey(act, told))
        except web.HTTPRequestEntityTooLarge as error:
            return web.json_response({"error": error.text}, status=error.status)
        except KeyError as error:
            return web.json_response({"error": _absent(error, told)}, status=400)
        except (ValueError, TypeError, AttributeError) as error:
            return web.json_response({"error": in_words(error)}, status=400)

    return handle
