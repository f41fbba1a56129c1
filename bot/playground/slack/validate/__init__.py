"""What Slack refuses about blocks, messages and views, and where in the payload."""

from bot.playground.slack.validate.problem import Problem
from bot.playground.slack.validate.surface import check_blocks, check_message_blocks, check_view

__all__ = ["Problem", "check_blocks", "check_message_blocks", "check_view"]
