"""How often Python looks for circles while a command runs."""

import gc

from click.testing import CliRunner

from bot.cli import kahvi
from bot.collector import MADE


def test_every_command_looks_seldom() -> None:
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    try:
        ran = CliRunner().invoke(kahvi, ["digest", "--help"])
        told = gc.get_threshold()[0]
    finally:
        gc.set_threshold(*before)

    assert ran.exit_code == 0
    assert told == MADE
