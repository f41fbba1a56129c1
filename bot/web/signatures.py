"""Whether a request was signed with the secret that only its sender and we know. Nothing here raises."""

import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import datetime

TOLERANCE = 300  # seconds that a clock may differ, both ways
STAMP = re.compile("[0-9]{1,12}", re.ASCII)
LONGEST_HEADER = 2000
MOST_SIGNATURES = 16  # while a secret is rolled there are several


def slack_signed(secret: str, stamp: str, signature: str, body: bytes, now: datetime) -> bool:
    """Slack's v0: `v0:{stamp}:{body}` signed, the stamp not far from now, the body UTF-8."""
    if not _is_recent(stamp, now) or not _is_utf8(body):
        return False
    return _is_among(_digest(secret, f"v0:{stamp}:".encode() + body), [signature.removeprefix("v0=")])


def stripe_signed(secret: str, header: str, body: bytes, now: datetime) -> bool:
    """Stripe's v1: `{t}.{body}` signed, by any of the signatures that the header holds."""
    if len(header) > LONGEST_HEADER:
        return False
    stamp, given = stripe_stamp(header), _parts(header, "v1")[:MOST_SIGNATURES]
    return _is_recent(stamp, now) and _is_among(_digest(secret, f"{stamp}.".encode() + body), given)


def stripe_stamp(header: str) -> str:
    """When a Stripe header says that it was signed, which is a part of what was signed; empty where it is not one."""
    stamps = _parts(header, "t")
    return stamps[0] if len(stamps) == 1 else ""


def _parts(header: str, name: str) -> list[str]:
    pairs = (part.strip().partition("=") for part in header.split(","))
    return [value for found, _, value in pairs if found == name]


def _is_recent(stamp: str, now: datetime) -> bool:
    return STAMP.fullmatch(stamp) is not None and abs(now.timestamp() - int(stamp)) <= TOLERANCE


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _digest(secret: str, signed: bytes) -> bytes:
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()


def _is_among(expected: bytes, given: Iterable[str]) -> bool:
    """Compared as bytes and in constant time: text that is not ASCII would raise."""
    return any(hmac.compare_digest(expected, one.encode("utf-8", "surrogatepass")) for one in given)
