"""Keys, permissions, wrong requests, and trouble on demand."""

import httpx
import pytest

from bot.playground.stripe.doors.errors import StripeError
from bot.playground.stripe.doors.faults import Pace
from bot.playground.stripe.doors.server import StripeServer
from bot.playground.stripe.store import Object
from tests.bot.playground.stripe.world import World


def error(response: httpx.Response) -> Object:
    found: Object = response.json()["error"]
    return found


async def test_basic_and_bearer_are_let_in(served: StripeServer) -> None:
    async with httpx.AsyncClient(base_url=served.url) as client:
        basic = await client.get("/v1/account", auth=(served.api_key, ""))
        bearer = await client.get("/v1/account", headers={"Authorization": f"Bearer {served.api_key}"})

    assert basic.json() == bearer.json()
    assert basic.json()["default_currency"] == "usd"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("Bearer rk_test_wrong_key_of_someone", "Invalid API Key provided: rk_test_*"),
        ("Basic a", "You did not provide an API key."),
        ("Basic \u00ff", "You did not provide an API key."),
        ("Digest x", "You did not provide an API key."),
        ("", "You did not provide an API key."),
    ],
)
async def test_wrong_keys_are_401(served: StripeServer, header: str, message: str) -> None:
    async with httpx.AsyncClient(base_url=served.url) as client:
        response = await client.get("/v1/customers", headers={b"Authorization": header.encode("latin-1")})

    assert response.status_code == 401
    assert error(response)["message"].startswith(message)


async def test_a_revoked_permission_is_named(client: httpx.AsyncClient) -> None:
    await client.post("/_ctl/revoke", json={"permission": "customers"})

    refused = await client.get("/v1/customers")
    allowed = await client.get("/v1/charges")

    assert (refused.status_code, allowed.status_code) == (403, 200)
    assert "Having the 'rak_customer_read' permission would allow" in error(refused)["message"]
    assert "rk_test_***" in error(refused)["message"]
    await client.post("/_ctl/reset")
    assert (await client.get("/v1/customers")).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "code", "param"),
    [
        ("/v1/customers/cus_none", 404, "resource_missing", "id"),
        ("/v1/invoices/in_none/lines", 404, "resource_missing", "id"),
        ("/v1/customers?limit=101", 400, "parameter_invalid_integer", "limit"),
        ("/v1/customers?limit=0", 400, "parameter_invalid_integer", "limit"),
        ("/v1/customers?limit=ten", 400, "parameter_invalid_integer", "limit"),
        ("/v1/customers?limit=--1", 400, "parameter_invalid_integer", "limit"),
        (f"/v1/customers?created={'9' * 5000}", 400, "parameter_invalid_integer", "created"),
        ("/v1/customers?starting_after=", 400, "parameter_invalid_empty", "starting_after"),
        ("/v1/customers?created[gt]=now", 400, "parameter_invalid_integer", "created[gt]"),
        ("/v1/customers?created[near]=1", 400, "parameter_unknown", "created[near]"),
        ("/v1/customers?colour=red", 400, "parameter_unknown", "colour"),
        ("/v1/customers/cus_none?colour=red", 400, "parameter_unknown", "colour"),
        ("/v1/subscriptions?customer=cus_none", 400, "resource_missing", "customer"),
        ("/v1/subscriptions?starting_after=sub_none", 400, "resource_missing", "starting_after"),
        ("/v1/subscriptions?starting_after=a&ending_before=b", 400, None, "ending_before"),
        ("/v1/subscription_items", 400, None, "subscription"),
        ("/v1/customers/", 404, None, None),
        ("/v1/parrots", 404, None, None),
        ("/v1/charges/ch_1/lines", 404, None, None),
        ("/v1/account/acct_1", 404, None, None),
        ("/v2/core/events", 404, None, None),
    ],
)
async def test_wrong_requests(
    client: httpx.AsyncClient, path: str, status: int, code: str | None, param: str | None
) -> None:
    response = await client.get(path)

    assert response.status_code == status
    assert error(response)["type"] == "invalid_request_error"
    assert (error(response).get("code"), error(response).get("param")) == (code, param)


async def test_more_than_twenty_types_are_too_many(client: httpx.AsyncClient) -> None:
    types = httpx.QueryParams([("types[]", f"invoice.{number}") for number in range(21)])

    assert (await client.get("/v1/events", params=types)).status_code == 400


async def test_nothing_can_be_written(client: httpx.AsyncClient) -> None:
    assert (await client.post("/v1/customers")).status_code == 404


async def test_answers_carry_an_id_and_the_version_that_was_asked_for(client: httpx.AsyncClient) -> None:
    first = await client.get("/v1/account", headers={"Stripe-Version": "2025-03-31.basil"})
    second = await client.get("/v1/account")

    assert first.headers["Stripe-Version"] == "2025-03-31.basil"
    assert second.headers["Stripe-Version"] == "2026-10-28.endive"
    assert first.headers["Request-Id"] != second.headers["Request-Id"]
    calls = (await client.get("/_ctl/calls")).json()
    assert calls["endpoints"] == {"GET /v1/account": 2}
    assert calls["versions"] == {"2025-03-31.basil": 1, "2026-10-28.endive": 1}


async def test_a_limit_says_why_and_when_to_come_back(client: httpx.AsyncClient) -> None:
    fault = {"path": "/v1/invoices", "kind": "429", "times": 2, "after": 1, "retry_after": 2, "should_retry": True}
    await client.post("/_ctl/fault", json=fault)

    answers = [await client.get("/v1/invoices") for _ in range(4)]
    elsewhere = await client.get("/v1/customers")

    assert [answer.status_code for answer in answers] == [200, 429, 429, 200]
    assert elsewhere.status_code == 200
    limited = answers[1]
    assert error(limited)["code"] == "rate_limit"
    assert limited.headers["Stripe-Rate-Limited-Reason"] == "global-rate"
    assert limited.headers["Retry-After"] == "2"
    assert limited.headers["Stripe-Should-Retry"] == "true"


async def test_an_error_of_stripes_own(client: httpx.AsyncClient) -> None:
    await client.post("/_ctl/fault", json={"path": "/v1", "kind": "500", "should_retry": False})

    response = await client.get("/v1/invoices")

    assert (response.status_code, error(response)["type"]) == (500, "api_error")
    assert response.headers["Stripe-Should-Retry"] == "false"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("drop", httpx.RemoteProtocolError),
        ("cut_body", httpx.RemoteProtocolError),
        ("timeout", httpx.ReadTimeout),
    ],
)
async def test_broken_connections(
    served: StripeServer, world: World, kind: str, expected: type[httpx.TransportError]
) -> None:
    world.customer()
    async with httpx.AsyncClient(base_url=served.url, auth=(served.api_key, ""), timeout=60) as client:
        await client.post("/_ctl/fault", json={"path": "/v1/customers", "kind": kind})
        with pytest.raises(expected):
            await client.get("/v1/customers", timeout=0.2 if kind == "timeout" else 60)
        assert len((await client.get("/v1/customers")).json()["data"]) == 1


async def test_a_pace_for_each_endpoint(client: httpx.AsyncClient) -> None:
    assert (await client.post("/_ctl/pace", json={"per_second": 3})).json() == {"per_second": 3, "rows_of_a_page": None}

    invoices = [(await client.get("/v1/invoices")).status_code for _ in range(4)]
    customers = await client.get("/v1/customers")

    assert invoices == [200, 200, 200, 429]
    assert customers.status_code == 200
    assert (await client.get("/_ctl/calls")).json()["paced"] == 1
    await client.post("/_ctl/reset")
    assert (await client.get("/v1/invoices")).status_code == 200


def test_the_pace_counts_the_last_second_only() -> None:
    now = [10.0]
    pace = Pace(2, lambda: now[0])
    pace.check("/v1/invoices")
    now[0] = 10.6
    pace.check("/v1/invoices")
    with pytest.raises(StripeError):
        pace.check("/v1/invoices")

    now[0] = 11.1
    pace.check("/v1/invoices")

    assert pace.refused == 1


async def test_a_server_may_be_stopped_twice(world: World) -> None:
    server = StripeServer(world.billing, world.clock)
    await server.start()
    await server.stop()
    await server.stop()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("fault", {"path": "/v1", "kind": "meteor"}),
        ("fault", {"path": "/v1", "kind": "500", "colour": "red"}),
        ("revoke", {"permission": "parrots"}),
        ("story", {"verb": "explode"}),
        ("story", {"verb": "cancel", "customer": "Nobody"}),
        ("webhook", {}),
    ],
)
async def test_control_says_what_it_did_not_understand(client: httpx.AsyncClient, path: str, body: Object) -> None:
    response = await client.post(f"/_ctl/{path}", json=body)

    assert response.status_code == 400
    assert response.json()["error"]


@pytest.mark.parametrize(("method", "path"), [("POST", "/_ctl/none"), ("GET", "/_ctl/story"), ("GET", "/_ctl/a/b")])
async def test_a_control_door_that_is_not_there_is_said_to_be_so(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    response = await client.request(method, path)

    assert response.status_code == 404
    assert response.json() == {"ok": False, "error": f"There is no {method} {path}."}
