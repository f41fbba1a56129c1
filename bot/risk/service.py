"""The life of alerts: opened when an account begins to worry, kept true while it does, closed when it ends."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import Session

from bot.clock import local_day
from bot.messages import alerts as messages
from bot.messages.blocks import Message
from bot.metrics.filter_words import FilterError
from bot.metrics.rates import Rates
from bot.risk import cards, quiet, routing, tuning
from bot.risk.places import waiting_for
from bot.risk.quiet import Dismissal, Snooze
from bot.risk.readers import readers
from bot.risk.routing import PAUSE_FOR_LEAD
from bot.risk.rules import RULES
from bot.risk.settings import RiskSettings
from bot.risk.triggers import TRIGGERS, AtRisk, Ending, ended
from bot.risk.value import high_value
from bot.risk.worries import TOLD, Trouble, Worry, together, troubles
from storage import alert_cards, alerts, ledger, locks, outbox, owners, risks
from storage.accounts.briefs import briefs
from storage.alerts import Alert, Part, Plain
from storage.fact_reader import exchange_rates
from storage.owners import Owner
from storage.states import AlertState

log = structlog.get_logger()

OF_USE = timedelta(days=2)  # a reminder
MOMENT = timedelta(hours=1)  # what ends for no longer is no news: a charge that was under way, and failed
ALERTS = "alerts"  # two who change alerts at once would each write a card that does not know of the other


def run(session: Session, settings: RiskSettings, now: datetime) -> None:
    """Bring alerts and their cards in line with the facts; in a writing transaction."""
    locks.alone(session, ALERTS)
    found = troubles(session, now)
    worth = _worth(session, found, settings, now)
    valuable = _valuable(session, worth, settings, now)
    high = [one for account_id, one in found.items() if account_id in valuable]
    changed = _one_each(session, now) | _follow(session, found, settings, now) | _open(session, high, settings, now)
    changed |= _wake(session, now) | _lapse(session, settings, now)
    cards.revise(session, changed, settings, now)
    cards.post(session, found, valuable, settings, now)
    _call_lead(session, high, settings, now)


def claim(
    session: Session, alert_id: str, user: str, settings: RiskSettings, now: datetime
) -> tuple[bool, Alert | None]:
    """Put a person on an alert: whether that was the first, and the alert as it stands now."""
    locks.alone(session, ALERTS)
    won = alerts.claim(session, alert_id, user, now)
    if won:
        cards.revise(session, {alert_id}, settings, now)
    return won, alerts.with_id(session, alert_id)


def claim_account(session: Session, account_id: str, user: str, settings: RiskSettings, now: datetime) -> list[Alert]:
    """Put a person on every alert of an account that nobody is on; its alerts as they stand now."""
    locks.alone(session, ALERTS)
    for alert in alerts.live_of_account(session, account_id):
        claim(session, alert.id, user, settings, now)
    return alerts.live_of_account(session, account_id)


def snooze(session: Session, alert_id: str, wish: Snooze, settings: RiskSettings, now: datetime) -> Alert | None:
    """Quieten an alert for a while; the alert as it stands now."""
    locks.alone(session, ALERTS)
    alert = alerts.with_id(session, alert_id)
    about = briefs(session, [alert.account_id], now).get(alert.account_id) if alert else None
    renewal = about.period_end if about else None
    if alert and alerts.snooze(session, alert_id, quiet.snoozed(alert, wish, renewal, now)):
        cards.revise(session, {alert_id}, settings, now)
    return alerts.with_id(session, alert_id)


def assign(session: Session, alert_id: str, owner: Owner, settings: RiskSettings, now: datetime) -> Alert | None:
    """Put a person on the account of an alert, and tell them unless they did it; the alert, None where it is over."""
    locks.alone(session, ALERTS)
    alert = alerts.with_id(session, alert_id)
    if alert is None or alert.state is AlertState.CLOSED:
        return None
    owners.assign(session, [alert.account_id], owner)
    cards.revise(session, {alert_id}, settings, now)
    if owner.user != owner.assigned_by:
        about = briefs(session, [alert.account_id], now).get(alert.account_id)
        said = messages.assigned(alert, about, owner.assigned_by, settings.zone)
        key = f"assigned:{alert.id}:{owner.user}:{now.isoformat()}"
        outbox.put(session, key, owner.user, said.text, said.blocks, now=now, expires_at=now + OF_USE)
    return alert


def owners_changed(session: Session, account_ids: Collection[str], settings: RiskSettings, now: datetime) -> None:
    """Have the cards of these accounts say whose they are."""
    locks.alone(session, ALERTS)
    theirs = {alert.id for alert in alerts.live(session) if alert.account_id in account_ids}
    cards.revise(session, theirs, settings, now)


def wake(session: Session, alert_id: str, settings: RiskSettings, now: datetime) -> Alert | None:
    """End a snooze by hand; the alert as it stands now."""
    locks.alone(session, ALERTS)
    alert = alerts.with_id(session, alert_id)
    if alert and alert.snoozed and alerts.wake(session, alert_id, now):  # a second press must not count as its end
        cards.revise(session, {alert_id}, settings, now)
    return alerts.with_id(session, alert_id)


def dismiss(
    session: Session, alert_id: str, dismissal: Dismissal, settings: RiskSettings, now: datetime
) -> tuple[bool, Alert | None]:
    """Close an alert as no risk: whether that changed it, and the alert as it stands now."""
    locks.alone(session, ALERTS)
    alert = alerts.with_id(session, alert_id)
    won = alert is not None and alert.state is not AlertState.CLOSED
    if alert and won:
        alerts.close(session, alert_id, quiet.dismissed(alert, dismissal), now)
        cards.revise(session, {alert_id}, settings, now)
    return won, alerts.with_id(session, alert_id)


def _worth(session: Session, found: Mapping[str, Trouble], settings: RiskSettings, now: datetime) -> dict[str, Decimal]:
    """What the accounts pay, in minor units of the base; what no rate tells counts nothing."""
    levels = ledger.levels(session, sorted(found))
    rates = Rates(settings.base, exchange_rates(session, settings.base))
    today = local_day(now, settings.zone)
    worth: dict[str, Decimal] = {}
    for account_id, by_currency in levels.items():
        amounts = [rates.convert(amount, currency, today) for currency, amount in by_currency.items()]
        if None in amounts:
            log.warning("an account's MRR has no exchange rate", account=account_id, currencies=sorted(by_currency))
        worth[account_id] = sum((amount for amount in amounts if amount is not None), Decimal(0))
    return worth


def _valuable(session: Session, worth: Mapping[str, Decimal], settings: RiskSettings, now: datetime) -> set[str]:
    """The accounts of high value; where the filter that names some is none any more, those that are so without it."""
    chosen, today = tuning.in_force(session), local_day(now, settings.zone)
    try:
        return high_value(session, worth, chosen, settings, today)
    except FilterError as error:
        log.warning("the filter for accounts of high value fits nothing", error=type(error).__name__)
        return high_value(session, worth, replace(chosen, named=""), settings, today)


def _one_each(session: Session, now: datetime) -> set[str]:
    """Close all alerts of an account but its first: earlier versions kept one for each rule."""
    first: set[str] = set()
    over = set()
    for alert in alerts.live(session):
        if alert.account_id in first:
            alerts.close(session, alert.id, ended(Ending.ELSEWHERE), now)
            over.add(alert.id)
        first.add(alert.account_id)
    return over


def _follow(session: Session, found: Mapping[str, Trouble], settings: RiskSettings, now: datetime) -> set[str]:
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
            outcome = ended(Ending.ACCOUNT_GONE) if alert.account_id in gone else _gravest(endings)
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


def _wake(session: Session, now: datetime) -> set[str]:
    """End the snoozes whose time has come, or of what got worse; their threads say so."""
    woken = set()
    for alert in alerts.live(session):  # as it is kept since `_follow`
        if alert.snoozed and quiet.is_over(alert.snoozed, alert.evidence, now):
            alerts.wake(session, alert.id, now)
            said = messages.woken(alert, alert.evidence)
            cards.tell(session, alert, f"woke:{alert.snoozed['until']}", said, now)
            woken.add(alert.id)
    return woken


def _lapse(session: Session, settings: RiskSettings, now: datetime) -> set[str]:
    """Let go of what a person took on a week ago and did not end; the person is asked once, in a direct message."""
    lapsed: set[str] = set()
    live = [alert for alert in alerts.live(session) if not alert.snoozed]
    people = readers(session, sorted({alert.claimed_by for alert in live if alert.claimed_by}), settings)
    for alert in live:
        user, since = alert.claimed_by, alert.claimed_at
        if not user or not since or people[user].is_quiet(now):
            continue
        if not quiet.has_lapsed(since, now, people[user].zone, people[user].calm.days):
            continue
        alerts.lapse(session, alert.id, now)
        about = briefs(session, [alert.account_id], now).get(alert.account_id)
        said = messages.still_on_it(alert, about, settings.zone)
        key = f"lapsed:{alert.id}:{since.isoformat()}"
        outbox.put(session, key, user, said.text, said.blocks, now=now, expires_at=now + OF_USE)
        lapsed.add(alert.id)
    return lapsed


def _call_lead(session: Session, high: Sequence[Trouble], settings: RiskSettings, now: datetime) -> None:
    """Tell the lead, once, of each high-value account whose card nobody took on for days."""
    lead = routing.in_force(session).lead
    if lead is None or readers(session, [lead], settings)[lead].is_quiet(now):
        return
    valuable = {one.lead.account_id for one in high}
    found = [alert for alert in alerts.live(session) if alert.account_id in valuable]
    written = alert_cards.written(session, found)
    about = briefs(session, sorted({alert.account_id for alert in found if alert.id in written}), now)
    for alert in found:
        since = min((card.created_at for card in written.get(alert.id, ())), default=now)
        days = waiting_for(alert, since, now, settings.zone, settings.calm.days)
        if days >= PAUSE_FOR_LEAD:
            said = messages.left_alone(alert, about.get(alert.account_id), days, settings.zone)
            free = alert.free_since.isoformat() if alert.free_since else ""
            key = f"lead:{alert.id}:{lead}:{free}"
            outbox.put(session, key, lead, said.text, said.blocks, now=now, expires_at=now + OF_USE)


def _open(session: Session, high: Sequence[Trouble], settings: RiskSettings, now: datetime) -> set[str]:
    """Open an alert for each account in trouble without one, or again the one that it had lately; the latter's ids."""
    standing = {alert.account_id for alert in alerts.live(session)}
    fresh = {one.lead.account_id: one for one in high if one.lead.account_id not in standing}
    before = alerts.latest(session, sorted(fresh))
    known = alerts.with_causes(session, [one.lead.key for one in fresh.values()])
    eased = tuning.in_force(session).close_below
    returned = set()
    for account_id, trouble in fresh.items():
        last, part = before.get(account_id), together([worry.part for worry in trouble.worries], trouble.risk)
        if last and quiet.stays_dismissed(last, part.told, eased, now):
            continue
        if last and _comes_back(last, now):
            anew = quiet.is_dismissed(last)
            alerts.reopen(session, last.id, part, trouble.since, now, anew=anew)
            if anew or (last.closed_at and now - last.closed_at >= MOMENT):
                cards.tell(session, last, f"again:{now.isoformat()}", messages.again(part, settings.zone), now)
            returned.add(last.id)
        else:
            key = trouble.lead.key
            alerts.add(session, _alert(f"{key}:{now:%Y%m%dT%H%M%S}" if key in known else key, part, trouble.since, now))
    return returned


def _comes_back(last: Alert, now: datetime) -> bool:
    """Whether it ended so lately that its card is taken up again."""
    trigger = TRIGGERS.get(last.rule)
    return bool(trigger and last.closed_at and now - last.closed_at < trigger.cooldown)


def _alert(key: str, part: Part, since: datetime, now: datetime) -> Alert:
    return Alert(
        id=uuid4().hex,
        cause_key=key,
        account_id=part.account_id,
        rule=part.rule,
        object_id=part.object_id,
        evidence=part.told,
        since=since,
        opened_at=now,
    )


def _gone(session: Session, found: Sequence[Alert], now: datetime) -> set[str]:
    """The accounts of these alerts that billing no longer has."""
    known = briefs(session, sorted({alert.account_id for alert in found}), now)
    return {one.account_id for one in found if one.account_id not in known or known[one.account_id].deleted}
