"""Keeps what standing alerts tell in line with the facts: their threads hear news, and what is over is closed."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.messages import alerts as messages
from bot.messages.blocks import Message
from bot.risk import cards, quiet, tuning
from bot.risk.rules import RULES
from bot.risk.settings import RiskSettings
from bot.risk.triggers import TRIGGERS, AtRisk, Ending, ended
from bot.risk.worries import TOLD, Trouble, Worry, together
from storage import alerts, departures, risks
from storage.accounts.briefs import briefs
from storage.alerts import Alert, Part, Plain


def follow(session: Session, found: Mapping[str, Trouble], settings: RiskSettings, now: datetime) -> set[str]:
    """Keep what standing alerts tell true, also of an account that fell below high value; those that changed.

    One is closed when all of its causes have ended. Until then what ends, what joins and what gets worse is told in
    the thread of its card.
    """
    live = alerts.live(session)
    over = _over(session, live, found, now)
    unseen = _out_of_sight(session, live, over)
    gone = _gone(session, live, now)
    changed = set()
    for alert in live:
        trouble = found.get(alert.account_id)
        endings = over.get(alert.id, {})
        left = [] if alert.account_id in gone else _left(alert, trouble, endings)
        if not left:
            outcome = gone[alert.account_id] if alert.account_id in gone else _gravest(endings)
            alerts.close(session, alert.id, outcome, now)
            changed.add(alert.id)
            continue
        risk = trouble.risk if trouble else None
        kept = together(left, risk) if trouble and alert.id not in unseen else _as_it_was(left, alert)
        if alert.id in unseen:
            kept = _with_stale(kept, unseen[alert.id])
        if kept.told != alert.evidence or kept.rule != alert.rule:
            alerts.renew(session, alert.id, kept, _news_since(alert, kept, trouble, now))
            for key, said in _news(alert, kept, trouble, endings, zone=settings.zone, now=now):
                cards.tell(session, alert, key, said, now)
            changed.add(alert.id)
    return changed


def _news_since(alert: Alert, kept: Part, trouble: Trouble | None, now: datetime) -> datetime:
    """Since when there is news of it: what gets worse is that, also of what nobody was called for at first."""
    since = now if quiet.got_worse(alert.evidence, kept.told) else trouble.since if trouble else alert.since
    return max(alert.since, since)


def _over(
    session: Session, live: Sequence[Alert], found: Mapping[str, Trouble], now: datetime
) -> dict[str, dict[str, Plain]]:
    """By alert and rule, how that ended of which the facts tell no more."""
    asked: defaultdict[str, list[Part]] = defaultdict(list)
    endings: defaultdict[str, dict[str, Plain]] = defaultdict(dict)
    chosen = tuning.in_force(session)
    alert_of = {alert.account_id: alert.id for alert in live}
    for alert in live:
        standing = found[alert.account_id].by_rule() if alert.account_id in found else {}
        for part in alert.parts:
            worry = standing.get(part.rule)
            if part.rule not in TRIGGERS or (worry and worry.covers(part)):
                continue
            if TRIGGERS[part.rule].is_off(chosen):
                endings[alert.id][part.rule] = ended(Ending.TURNED_OFF)
            else:
                asked[part.rule].append(part)
    for rule, of_rule in asked.items():
        for account_id, outcome in TRIGGERS[rule].endings(session, of_rule, now).items():
            endings[alert_of[account_id]][rule] = outcome
    return endings


def _out_of_sight(
    session: Session, live: Sequence[Alert], over: Mapping[str, dict[str, Plain]]
) -> dict[str, Sequence[str]]:
    """The alerts whose risk fell only since nothing tells of it any more, and which signals are too old.

    That is no end: what `over` says of their risk is taken out of it.
    """
    fell = [alert for alert in live if over.get(alert.id, {}).get(AtRisk.id, {}).get("ending") == Ending.EASED]
    known = risks.with_ids(session, [alert.account_id for alert in fell])
    found = {}
    for alert in fell:
        risk = known[alert.account_id]
        before, now = (alert.evidence.get("risk") or {}).get("reasons", ()), {one["rule"] for one in risk.reasons}
        lost = [one for one in before if one["rule"] in RULES and one["rule"] not in now]
        signals = {name for one in lost if RULES[one["rule"]].looks_at in TOLD for name in _signals(one, alert)}
        if signals & set(risk.stale):
            found[alert.id] = risk.stale
            del over[alert.id][AtRisk.id]
    return found


def _signals(reason: Plain, alert: Alert) -> set[str]:
    """The names of the signals that a reason is about; earlier versions did not keep them."""
    about = (one.removeprefix(f"{alert.account_id}:") for one in reason.get("objects") or ())
    return {one.partition(":")[0] for one in about}


def _with_stale(kept: Part, stale: Sequence[str]) -> Part:
    return replace(kept, told={**kept.told, "risk": {**kept.told["risk"], "stale": list(stale)}})


def _left(alert: Alert, trouble: Trouble | None, endings: Mapping[str, Plain]) -> list[Part]:
    """What an alert has to tell now, the gravest first: what worries, and what neither stands nor ended."""
    standing: dict[str, Worry] = trouble.by_rule() if trouble else {}
    told = {part.rule: part for part in alert.parts if part.rule not in endings}
    left = told | {rule: worry.part for rule, worry in standing.items()}
    return [left[rule] for rule in sorted(left, key=_gravity)]


def _gravity(rule: str) -> int:
    return list(TRIGGERS).index(rule) if rule in TRIGGERS else len(TRIGGERS)


def _gravest(endings: Mapping[str, Plain]) -> Plain:
    return endings[min(endings, key=_gravity)]


def _as_it_was(left: list[Part], alert: Alert) -> Part:
    """What is left of an alert, with the risk that it told last."""
    kept = together(left, None)
    return replace(kept, told={**kept.told, "risk": alert.evidence.get("risk")})


def _news(
    alert: Alert, kept: Part, trouble: Trouble | None, endings: Mapping[str, Plain], *, zone: ZoneInfo, now: datetime
) -> Iterator[tuple[str, Message]]:
    """What to say in the threads of an alert's cards: what ended, what joined, what got worse."""
    before = {part.rule: part for part in alert.parts}
    for rule, outcome in endings.items():
        yield f"ended:{before[rule].told['cause']}:{now.date()}", messages.part_over(outcome, zone)
    for worry in trouble.worries if trouble else ():
        told = before.get(worry.lead.rule)
        new = worry.beside(told) if told else worry
        if new and worry.lead.rule != AtRisk.id:
            yield f"joined:{new.lead.key}:{now.date()}", messages.joined(new.part, zone)
    if not alert.snoozed and quiet.got_worse(alert.evidence, kept.told):
        yield f"worse:{kept.told['risk']['score']}:{now.date()}", messages.worse(alert.evidence, kept.told, zone)


def _gone(session: Session, found: Sequence[Alert], now: datetime) -> dict[str, Plain]:
    """How the accounts of these alerts ended that left, or that billing no longer has; by account."""
    ids = sorted({alert.account_id for alert in found})
    known = briefs(session, ids, now)
    deleted = [one for one in ids if one not in known or known[one].deleted]
    left = {one: ended(Ending.LEFT, at) for one, at in departures.gone(session, ids, now).items()}
    return left | dict.fromkeys(deleted, ended(Ending.ACCOUNT_GONE))
