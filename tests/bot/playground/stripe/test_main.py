"""The server runs alone, as `python -m bot.playground.stripe`."""

import signal
import socket
import subprocess
import sys

import httpx
import pytest
from click.testing import CliRunner

from bot.playground.stripe.__main__ import main
from tests.waiting import HANGS


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_tells_its_address_and_key_and_stops_when_interrupted(stop: signal.Signals) -> None:
    """Even when it was started with SIGINT ignored, as a background job of a shell is."""
    started = ["-m", "bot.playground.stripe", "--seed", "2", "--accounts", "4", "--months", "3"]
    command = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, *started]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            words = process.stdout.readline().split()
            url, key = words[2], words[-1]
            found = httpx.get(f"{url}/v1/customers", auth=(key, ""), timeout=HANGS).json()
            process.send_signal(stop)
            _, errors = process.communicate(timeout=HANGS)
        finally:
            process.kill()

    assert len(found["data"]) == 4
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize(
    ("option", "value"), [("--accounts", "0"), ("--months", "0"), ("--months", "61"), ("--port", "-1")]
)
def test_sizes_that_no_company_has_are_refused(option: str, value: str) -> None:
    ran = CliRunner().invoke(main, [option, value])

    assert ran.exit_code == 2
    assert option in ran.output


def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ran = CliRunner().invoke(main, ["--port", str(port), "--accounts", "4", "--months", "3"])

    said = f"Error: Port {port} is taken or not yours to use; name another one, or leave --port out.\n"
    assert (ran.exit_code, ran.output) == (1, said)
