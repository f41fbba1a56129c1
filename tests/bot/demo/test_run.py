"""What the command says of a port that cannot be had, before it makes anything up."""

import socket

import pytest
from click.testing import CliRunner

from bot.cli import kahvi
from bot.demo import main
from bot.errors import KahviError
from tests.log_watch import put_back


def test_a_port_in_use_is_told_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with put_back(), pytest.raises(KahviError, match=f"Port {port} is taken"):
            main(check=False, keep=False, port=port)


def test_a_number_that_is_no_port_is_refused() -> None:
    ran = CliRunner().invoke(kahvi, ["demo", "--port", "99999"])

    assert ran.exit_code == 2
    assert "0<=x<=65535" in ran.output
