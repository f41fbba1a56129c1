from typing import Any


class SlackError(Exception):
    """A refusal in Slack's words: `error` and whatever else stands beside it in the answer."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra

    def body(self) -> dict[str, Any]:
        return {"ok": False, "error": self.code, **self.extra}


class RateLimitedError(SlackError):
    """Answered as HTTP 429 with a Retry-After header, in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after


class NoConnectionError(Exception):
    """No Socket Mode connection is open, or nobody answers at the request URL: nothing can be delivered to the app."""


class RefusedByAppError(Exception):
    """The app's request URL answered with an HTTP status that is no success.

    `code` is what a person is shown; `final` says that the app asked not to be told again.
    """

    def __init__(self, status: int, *, final: bool) -> None:
        super().__init__(status)
        self.code = "http_service_error" if status >= 500 else "http_client_error"
        self.final = final


def invalid_arguments(*messages: str) -> SlackError:
    return SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {m}" for m in messages]})
