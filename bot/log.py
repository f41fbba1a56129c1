"""The log: one line per thing that happened, on stderr; no secret, no message text, no customer."""

import logging
import re
import sys
from collections.abc import Sequence
from typing import Any, Literal

import structlog
from structlog.typing import EventDict, Processor

MASK = "[masked]"
SECRET_KEYS = frozenset(
    ("api_key", "authorization", "blocks", "body", "cookie", "email", "password", "secret", "text", "token", "url")
)
# Tokens of Slack, keys and webhook secrets of Stripe, whatever follows Bearer, passwords in URLs, e-mail addresses.
SECRETS = re.compile(
    r"\bxox[a-z]-[\w-]+|\bxapp-[\w-]+|\b[rs]k_(?:live|test)_\w+|\bwhsec_\w+|(?<=Bearer )\S+|(?<=://)[^\s/@:]+:[^\s/@]+(?=@)"
    r"|[\w.+-]+@[\w-]+\.[\w.-]+",
    re.IGNORECASE,
)
LIBRARIES = ("slack_bolt", "slack_sdk", "httpx", "httpcore", "aiohttp", "apscheduler", "asyncio", "alembic")


Form = Literal["console", "json"]


def configure(form: Form, level: int = logging.INFO) -> None:
    """Send structlog's lines from `level` on and the libraries' from WARNING on to stderr, in one form."""
    shared: Sequence[Processor] = (
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask,
    )
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0)
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_quietly)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)


def form_in_use() -> Form:
    """In which form this process logs, for those that it starts."""
    *_, last = structlog.get_config()["processors"]
    return "json" if isinstance(last, structlog.processors.JSONRenderer) else "console"


def mask(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Hide what must not be logged, by the name of its key and by its look."""
    return {key: MASK if key.lower() in SECRET_KEYS else _masked(value) for key, value in event.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return SECRETS.sub(MASK, value)
    if isinstance(value, dict):
        return mask(None, "", value)
    if isinstance(value, list | tuple):
        return [_masked(one) for one in value]
    return value if isinstance(value, int | float | None) else SECRETS.sub(MASK, str(value))


def _quietly(record: logging.LogRecord) -> bool:
    """Slack's client tries again by itself: its tracebacks tell nothing that its message does not."""
    if record.name.startswith("slack_"):
        record.exc_info = record.exc_text = None
    return True
