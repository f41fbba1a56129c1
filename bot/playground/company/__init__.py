from bot.playground.company.company import Company
from bot.playground.company.truth import Level, Truth

__all__ = ["Company", "Level", "Truth"]
