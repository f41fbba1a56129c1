"""The log says what happened, and never a secret, a message or a customer's address."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot import log
from tests.log_watch import put_back

CANARIES = (
    "xoxb-12-34-abcDEF",
    "xapp-1-A0-12-ff00",
    "sk_live_51abc",
    "rk_test_51abc",
    "whsec_abc",
    "ann.lee+cs@customer.example.com",
    "postgresql://kahvi:hunter2@db/kahvi",
    "Authorization: Bearer eyJhbGciOi.abc",
)
HIDDEN = ("34-abc", "1-A0", "51abc", "whsec_abc", "ann.lee", "hunter2", "eyJhbG")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    with put_back():
        yield


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


@pytest.mark.parametrize("form", ["console", "json"])
def test_secrets_are_masked_wherever_they_stand(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("json" if form == "json" else "console")
    for canary in CANARIES:
        structlog.get_logger().info(
            f"said {canary}", value=canary, nested={"inner": [canary]}, error=ValueError(canary)
        )
        try:
            int(canary)  # its error repeats what it was given
        except ValueError:
            structlog.get_logger().exception("failed")
            logging.getLogger("slack_sdk.web").exception("failed with %s", canary)
            logging.getLogger("apscheduler").exception("failed with %s", canary)

    said = printed(capsys)
    assert said.count(log.MASK) >= 5 * len(CANARIES)
    assert [word for word in HIDDEN if word in said] == []


def test_some_keys_never_show_their_value(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("json")
    structlog.get_logger().info("posted", key="digest:C1", text="MRR is $3", blocks=[1], token="plain", Body={"a": 1})

    (line,) = printed(capsys).splitlines()
    said = json.loads(line)
    assert {name: said[name] for name in ("event", "key", "text", "blocks", "token", "Body")} == {
        "event": "posted",
        "key": "digest:C1",
        "text": log.MASK,
        "blocks": log.MASK,
        "token": log.MASK,
        "Body": log.MASK,
    }


def test_libraries_are_heard_from_warnings_on(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("json")
    for name in log.LIBRARIES:
        logging.getLogger(f"{name}.part").info("a request body")
        logging.getLogger(f"{name}.part").warning("it is slow")

    events = [json.loads(line)["event"] for line in printed(capsys).splitlines()]
    assert events == ["it is slow"] * len(log.LIBRARIES)


def test_plain_values_stay_what_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("json")
    structlog.get_logger().warning("counted", count=3, ratio=0.5, ok=True, nothing=None)

    said = json.loads(printed(capsys))
    assert (said["count"], said["ratio"], said["ok"], said["nothing"], said["level"]) == (3, 0.5, True, None, "warning")
