"""What they said or did about leaving."""

from collections.abc import Sequence

from bot.risk.evidence import Evidence
from bot.risk.rules.rule import Family, Finding, iso, raised, rule


@rule("cancel_scheduled", "leaving", Family.INTENT, (80,), "a subscription is to end on a known day", hard=True)
def _cancel_scheduled(account: Evidence, points: Sequence[int]) -> Finding | None:
    if not account.leaving:
        return None
    first = min(account.leaving, key=lambda one: one.ends_at)
    ids = tuple(one.subscription_id for one in account.leaving)
    return Finding(points[0], {"ends_at": iso(first.ends_at), "count": len(ids), "reason": first.reason}, ids)


@rule("cancel_feedback", "leaving", Family.INTENT, (5,), "whoever cancelled said why")
def _cancel_feedback(account: Evidence, points: Sequence[int]) -> Finding | None:
    said = [one for one in account.leaving if one.reason or one.comment]
    if not said:
        return None
    return Finding(points[0], {"reason": said[0].reason}, tuple(one.subscription_id for one in said))


@rule("export_requested", "told", Family.INTENT, (25,), "they asked for an export of their data, in {0} days")
def _export_requested(account: Evidence, points: Sequence[int]) -> Finding | None:
    return raised(account, "export_requested", points)


@rule("competitor_mentioned", "told", Family.INTENT, (10,), "they spoke of a competitor, in {0} days")
def _competitor_mentioned(account: Evidence, points: Sequence[int]) -> Finding | None:
    return raised(account, "competitor_mentioned", points)
