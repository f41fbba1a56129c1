from aiohttp import web


def bearer(request: web.Request) -> str:
    """The token of the Authorization header, empty without one."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""
