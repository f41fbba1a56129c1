"""What is told beside billing: how it is used, and how they stand to you."""

from collections.abc import Sequence

from bot.risk.evidence import ACTIVITY, DEPTH, TICKETS, Evidence
from bot.risk.rules.rule import Family, Finding, observed, raised, rule, step, told_day, whole

DETRACTOR, UNHAPPY, URGENT = 6, 2, 2


@rule("urgent_tickets", "told", Family.TROUBLE, (8,), "two or more urgent tickets are open")
def _urgent_tickets(account: Evidence, points: Sequence[int]) -> Finding | None:
    told = account.told.get("urgent_tickets")
    return observed(account, "urgent_tickets", points[0]) if told and told.value >= URGENT else None


@rule("tickets_rise", "courses", Family.TROUBLE, (6, 12), "two or three times as many tickets as was their own")
def _tickets_rise(account: Evidence, points: Sequence[int]) -> Finding | None:
    course = account.courses.get(TICKETS[0])
    found = step(course.recent / course.before, (2, 3), points) if course else 0
    if course is None or not found:
        return None
    told = {"recent": str(course.recent), "before": str(course.before)}
    return Finding(found, told, (f"{account.account_id}:{course.name}",))


@rule("no_contact", "told", Family.RELATION, (5, 8), "nobody of yours spoke with them for {0} or {1} days")
def _no_contact(account: Evidence, points: Sequence[int]) -> Finding | None:
    last = told_day(account, "last_contact_at")
    found = step((account.today - last).days, account.windows["no_contact"], points) if last else 0
    if last is None or not found:
        return None
    return Finding(found, {"day": last.isoformat()}, (f"{account.account_id}:last_contact_at",))


@rule(
    "depth_falls",
    "courses",
    Family.USE,
    (8, 16, 24),
    "use in depth fell by 20, 40 or 60 % of their own",
)
def _depth_falls(account: Evidence, points: Sequence[int]) -> Finding | None:
    return _fall(account, DEPTH, points)


@rule(
    "activity_falls",
    "courses",
    Family.USE,
    (4, 8, 12),
    "log-ins fell by 20, 40 or 60 % of their own",
)
def _activity_falls(account: Evidence, points: Sequence[int]) -> Finding | None:
    return _fall(account, ACTIVITY, points)


def _fall(account: Evidence, names: Sequence[str], points: Sequence[int]) -> Finding | None:
    known = [account.courses[name] for name in names if name in account.courses]
    if not known:
        return None
    worst = min(known, key=lambda one: one.recent / one.before)
    fall = 100 * (1 - worst.recent / worst.before)
    found = step(fall, (20, 40, 60), points)
    told = {"name": worst.name, "percent": whole(fall), "recent": str(worst.recent), "before": str(worst.before)}
    return Finding(found, told, (f"{account.account_id}:{worst.name}",)) if found else None


@rule("champion_left", "told", Family.RELATION, (25,), "the person who stood up for you left, in {0} days")
def _champion_left(account: Evidence, points: Sequence[int]) -> Finding | None:
    return raised(account, "champion_left", points)


@rule("sentiment_low", "told", Family.RELATION, (15,), "their CSM feels 1 or 2 of 5 about them")
def _sentiment_low(account: Evidence, points: Sequence[int]) -> Finding | None:
    told = account.told.get("sentiment_csm")
    return observed(account, "sentiment_csm", points[0]) if told and told.value <= UNHAPPY else None


@rule("detractor", "told", Family.RELATION, (10,), "their last answer to NPS was 6 or less")
def _detractor(account: Evidence, points: Sequence[int]) -> Finding | None:
    told = account.told.get("nps")
    return observed(account, "nps", points[0]) if told and told.value <= DETRACTOR else None


@rule("dissatisfied", "told", Family.RELATION, (8,), "their last answer to CSAT was 1 or 2 of 5")
def _dissatisfied(account: Evidence, points: Sequence[int]) -> Finding | None:
    told = account.told.get("csat")
    return observed(account, "csat", points[0]) if told and told.value <= UNHAPPY else None
