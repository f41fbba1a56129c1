"""Signatures: good ones pass, everything else is refused without an error."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.signatures import slack_signed, stripe_signed

NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
SECRET, BODY = "shh", b'{"a": 1}'


def signed(text: bytes) -> str:
    return hmac.new(SECRET.encode(), text, hashlib.sha256).hexdigest()


OF_SLACK = f"v0={signed(f'v0:{STAMP}:'.encode() + BODY)}"
V1 = signed(f"{STAMP}.".encode() + BODY)


def test_what_was_signed_passes() -> None:
    assert slack_signed(SECRET, STAMP, OF_SLACK, BODY, NOW)
    assert stripe_signed(SECRET, f"t={STAMP},v1={V1}", BODY, NOW)


def test_while_a_secret_is_rolled_one_good_signature_of_several_is_enough() -> None:
    assert stripe_signed(SECRET, f"t={STAMP},v1={'0' * 64},v1={V1},v0=old", BODY, NOW)


@pytest.mark.parametrize(("apart", "fresh"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_clocks_may_differ_a_little_both_ways(apart: int, fresh: bool) -> None:
    now = NOW + timedelta(seconds=apart)

    assert slack_signed(SECRET, STAMP, OF_SLACK, BODY, now) is fresh
    assert stripe_signed(SECRET, f"t={STAMP},v1={V1}", BODY, now) is fresh


@pytest.mark.parametrize("stamp", ["", "abc", "-1", "1.5", "٣" * 10, "9" * 400, f" {STAMP}", "1e9"])
def test_an_odd_stamp_is_refused(stamp: str) -> None:
    assert not slack_signed(SECRET, stamp, OF_SLACK, BODY, NOW)
    assert not stripe_signed(SECRET, f"t={stamp},v1={V1}", BODY, NOW)


@pytest.mark.parametrize(
    "signature", ["", "v0=", "v0=ü", "v0=\udcff", OF_SLACK[:-1], OF_SLACK + "0", "v1" + OF_SLACK[2:]]
)
def test_an_odd_signature_of_slack_is_refused(signature: str) -> None:
    assert not slack_signed(SECRET, STAMP, signature, BODY, NOW)


@pytest.mark.parametrize(
    "header",
    [
        *("", ",", "=", f"t={STAMP}", f"v1={V1}", f"t={STAMP},t={STAMP},v1={V1}", f"t={STAMP},v0={V1}"),
        f"t={STAMP}," + "v1=0," * 20 + f"v1={V1}",
        f"t={STAMP},v1={V1}," + "x" * 2000,
    ],
)
def test_an_odd_header_of_stripe_is_refused(header: str) -> None:
    assert not stripe_signed(SECRET, header, BODY, NOW)


def test_a_body_that_is_no_text_is_refused_however_it_is_signed() -> None:
    body = b"\xff\xfe"

    assert not slack_signed(SECRET, STAMP, f"v0={signed(f'v0:{STAMP}:'.encode() + body)}", body, NOW)


@given(st.text(), st.text(), st.binary())
def test_nothing_raises(stamp: str, signature: str, body: bytes) -> None:
    assert not slack_signed(SECRET, stamp, signature, body, NOW)
    assert not stripe_signed(SECRET, signature, body, NOW)
