"""What is at stake at an account: by this lists are ranked."""

from bot.risk.evidence import Evidence

URGENCY = ((14, 4), (45, 3))  # how much it weighs that something is lost within so many days; else 2


def stake(account: Evidence, worth: int, weight: int) -> int:
    """MRR x points, or the likelihood in thousandths where it is known, and more the sooner something is lost."""
    if not weight or not worth:
        return 0
    dates = [one.ends_at for one in account.leaving] + [one.next_attempt_at for one in account.receivables]
    days = [(at - account.now).days for at in dates if at is not None]
    return worth * weight * next((more for within, more in URGENCY if days and min(days) <= within), 2)
