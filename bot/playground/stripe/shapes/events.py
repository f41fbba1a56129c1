import json

from bot.playground.stripe.store import Object, dump


def event(key: str, created: int, kind: str, held: Object, previous: Object | None = None) -> Object:
    """What happened to an object, with the object as it was at that moment."""
    data: Object = {"object": json.loads(dump(held))}
    if previous is not None:
        data["previous_attributes"] = previous
    return {
        "id": key,
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": created,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
