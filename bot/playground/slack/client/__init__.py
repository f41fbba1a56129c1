"""A typed client of the local Slack's own doors: its controls, and people who type, press and read."""

from bot.playground.slack.client.control import Control
from bot.playground.slack.client.door import Refused
from bot.playground.slack.client.elements import Unseen
from bot.playground.slack.client.person import Person

__all__ = ["Control", "Person", "Refused", "Unseen"]
