"""Figures from what is stored: the parts that metrics need, for windows of days and segments of the ledger."""

from bot.figures import beside, cash, cohorts, standing, trials  # noqa: F401 - they register what they load
from bot.figures.asked import Asked, Grounds
from bot.figures.loaders import load

__all__ = ["Asked", "Grounds", "load"]
