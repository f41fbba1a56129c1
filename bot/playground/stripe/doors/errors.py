"""Stripe's error answers, word for word where clients are known to read them."""

from typing import NoReturn

from bot.playground.stripe.store import Object


class StripeError(Exception):
    """An answer with a status and an `error` body."""

    def __init__(self, status: int, error: Object, headers: dict[str, str] | None = None) -> None:
        super().__init__(error["message"])
        self.status = status
        self.body: Object = {"error": error}
        self.headers = headers or {}


def _error(
    message: str, code: str | None = None, param: str | None = None, kind: str = "invalid_request_error"
) -> Object:
    error: Object = {"message": message, "type": kind}
    if code:
        error |= {"code": code, "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"}
    if param:
        error["param"] = param
    return error


def no_key() -> NoReturn:
    raise StripeError(
        401,
        _error(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
        ),
    )


def wrong_key(key: str) -> NoReturn:
    shown = f"{key[:8]}{'*' * max(0, len(key) - 12)}{key[-4:]}"
    raise StripeError(401, _error(f"Invalid API Key provided: {shown}"))


def not_permitted(key: str, account: str, permission: str) -> NoReturn:
    shown = f"{key[:8]}{'*' * max(0, len(key) - 14)}{key[-6:]}"
    raise StripeError(
        403,
        _error(
            f"The provided key '{shown}' does not have the required permissions for this endpoint on account "
            f"'{account}'. Having the '{permission}' permission would allow this request to continue."
        ),
    )


def missing(noun: str, key: str, *, status: int = 404, param: str = "id") -> NoReturn:
    raise StripeError(status, _error(f"No such {noun}: '{key}'", "resource_missing", param))


def unknown_address(method: str, path: str) -> NoReturn:
    hint = (
        "If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, "
        "make sure you passed a valid (non-empty) identifier in your code. "
        if path.endswith("/")
        else ""
    )
    raise StripeError(
        404, _error(f"Unrecognized request URL ({method}: {path}). {hint}Please see https://stripe.com/docs.")
    )


def unknown_parameter(name: str) -> NoReturn:
    raise StripeError(400, _error(f"Received unknown parameter: {name}", "parameter_unknown", name))


def invalid_integer(name: str, value: str) -> NoReturn:
    raise StripeError(400, _error(f"Invalid integer: {value}", "parameter_invalid_integer", name))


def empty(name: str) -> NoReturn:
    message = f"You passed an empty string for '{name}'. Remove it from your request or supply a non-empty value."
    raise StripeError(400, _error(message, "parameter_invalid_empty", name))


def out_of_range(name: str, value: int, bound: str) -> NoReturn:
    message = f"This value must be {bound} (it currently is '{value}')."
    raise StripeError(400, _error(message, "parameter_invalid_integer", name))


def invalid(message: str, name: str) -> NoReturn:
    raise StripeError(400, _error(message, None, name))


def too_deep() -> NoReturn:
    raise StripeError(400, _error("You cannot expand more than 4 levels of a property.", None, "expand"))


def not_expandable(name: str, instead: str | None) -> NoReturn:
    hint = f" You may want to try expanding '{instead}' instead." if instead else ""
    raise StripeError(400, _error(f"This property cannot be expanded ({name}).{hint}", None, "expand"))


def limited(reason: str, headers: dict[str, str] | None = None) -> StripeError:
    message = (
        "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits."
    )
    return StripeError(429, _error(message, "rate_limit"), {"Stripe-Rate-Limited-Reason": reason, **(headers or {})})


def broken(headers: dict[str, str] | None = None) -> StripeError:
    return StripeError(500, _error("An unknown error occurred", kind="api_error"), headers)
