"""Where a read of Stripe stands, as the small text that is stored beside the facts."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from bot.sources.stripe.identity import Landmarks
from bot.sources.stripe.rates import Told

VERSION = 1
EVENTS = "events"
FINGERPRINT = 12
# Stripe keeps events for 30 days; a day is left for clocks and slow reads.
OLDEST = timedelta(days=29)


@dataclass(frozen=True, slots=True)
class Position:
    """`after` is the last object read in `stage`, `before` the one the page before it began at.

    `event` is the event to list on from, and everything up to `at` has been read. In the stage "events", `seen`
    holds fingerprints of events newer than `event` that were handled already. `landmarks` tell the account, `told`
    the days of this stage whose exchange rate is known.
    """

    stage: str
    at: datetime
    event: str | None = None
    after: str | None = None
    before: str | None = None
    seen: frozenset[str] = frozenset()
    landmarks: Landmarks = field(default_factory=dict)
    told: Told = field(default_factory=dict)

    def dumps(self) -> str:
        fields: dict[str, Any] = {
            "v": VERSION,
            "stage": self.stage,
            "after": self.after,
            "before": self.before,
            "event": self.event,
            "at": int(self.at.timestamp()),
            "seen": "".join(sorted(self.seen)),
            "marks": dict(self.landmarks),
            "told": dict(self.told),
        }
        return json.dumps({name: value for name, value in fields.items() if value not in (None, "", {})})

    def too_old(self, now: datetime) -> bool:
        return now - self.at > OLDEST

    def started(self, stage: str) -> "Position":
        return replace(self, stage=stage, after=None, before=None, told={})


def loads(text: str | None, stages: Sequence[str]) -> Position | None:
    """The position a cursor names; None when there is none or it is none of ours."""
    try:
        fields = json.loads(text or "")
        if fields["v"] != VERSION or fields["stage"] not in (*stages, EVENTS):
            return None
        return Position(
            stage=fields["stage"],
            at=datetime.fromtimestamp(fields["at"], UTC),
            event=_id(fields, "event"),
            after=_id(fields, "after"),
            before=_id(fields, "before"),
            seen=_fingerprints(fields.get("seen", "")),
            landmarks={str(kind): str(own) for kind, own in fields.get("marks", {}).items()},
            told={str(pair): tuple(map(int, days)) for pair, days in fields.get("told", {}).items()},
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError):
        return None


def _id(fields: dict[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) else None


def _fingerprints(text: str) -> frozenset[str]:
    return frozenset(text[start : start + FINGERPRINT] for start in range(0, len(text), FINGERPRINT))


def fingerprint(event_id: str) -> str:
    return blake2b(event_id.encode("utf-8", "replace"), digest_size=FINGERPRINT // 2).hexdigest()
