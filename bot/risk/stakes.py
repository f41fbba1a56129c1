"""What is at stake at an account: by this lists are ranked."""

URGENCY = ((14, 4), (45, 3))  # how much it weighs that something is lost within so many days; else 2


def stake(worth: int, weight: int, days: int | None = None) -> int:
    """MRR x points, or the likelihood in thousandths where it is known, and more the sooner something is lost."""
    return worth * weight * next((more for within, more in URGENCY if days is not None and days <= within), 2)
