"""The server runs alone, as `python -m bot.playground.stripe`."""

import signal
import subprocess
import sys

import httpx


def test_it_tells_its_address_and_key_and_stops_when_interrupted() -> None:
    command = [sys.executable, "-m", "bot.playground.stripe", "--seed", "2", "--accounts", "4", "--months", "3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        words = process.stdout.readline().split()
        url, key = words[2], words[-1]
        found = httpx.get(f"{url}/v1/customers", auth=(key, ""), timeout=10).json()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)

    assert len(found["data"]) == 4
    assert (process.returncode, errors) == (0, "")
