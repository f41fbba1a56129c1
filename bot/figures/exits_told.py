"""What a report of exits says: how much left, for which reasons, whether it could be kept, and who knew in time."""

from collections.abc import Sequence
from decimal import Decimal

from bot.exits.reasons import Avoidable, label_of
from bot.figures.exits import Exits, Tally, Told
from bot.metrics.filters import written
from bot.telling.told import Detail, Foreign, Phrase, Strong, Table, counted, money, percent
from bot.telling.told import Told as Section

FEW = 10  # below which shares say nothing, and counts are told
UNKNOWN_SHARE = Decimal("0.2")
NAMED = 20
BY = {Told.INTERVIEW: "interview", Told.BILLING: "billing", Told.NOBODY: "–"}
AVOIDABLE = {
    Avoidable.YES: "Avoidable",
    Avoidable.PARTLY: "Partly avoidable",
    Avoidable.NO: "Not avoidable",
    Avoidable.UNSET: "Not judged",
}


def exits_told(found: Exits) -> Section:
    """The report whole: lines for the message, a table of reasons and one of customers."""
    heading = f"Exits, {found.span.said}"
    kept = written(found.kept)
    small: tuple[Phrase, ...] = (("Kept to ", Foreign(kept, 200), "."),) if kept else ()
    if found.unrated:
        currencies = ", ".join(sorted(one.upper() for one in found.unrated))
        small += ((f"Customers in {currencies} are left out: no exchange rate.",),)
    if not found.exits:
        return Section(heading, (("Nobody left.",),), small=small)
    return Section(heading, tuple(_lines(found)), small=small, details=(_reasons(found), _customers(found)))


def _lines(found: Exits) -> Sequence[Phrase]:
    whole = found.tally()
    lines: list[Phrase] = [(Strong(f"{counted(whole.count, 'customer')} left with {_money(whole, found)} MRR."),)]
    by = {kind: found.tally(one for one in found.exits if found.avoidable(one.reason) is kind) for kind in AVOIDABLE}
    judged = [f"{AVOIDABLE[kind]}: {_share(tally, whole, found)}" for kind, tally in by.items() if tally.count]
    lines.append((". ".join(judged) + ".",))
    early = found.tally(one for one in found.exits if one.early)
    lines.append((f"An alert stood two weeks before or longer: {_share(early, whole, found)}.",))
    silent = found.tally(one for one in found.exits if one.told is not Told.INTERVIEW)
    if silent.count:
        lines.append((f"Without an interview: {_share(silent, whole, found)}.",))
    unknown = found.tally(one for one in found.exits if one.told is Told.NOBODY)
    if whole.lost and unknown.lost / whole.lost > UNKNOWN_SHARE:
        lines.append(
            (Strong(f"Nobody knows why {_share(unknown, whole, found)} left: ask them, while they remember."),)
        )
    return lines


def _reasons(found: Exits) -> Detail:
    rows = tuple(
        (
            (_label(reason, found),),
            (f"{tally.count:,}",),
            (_money(tally, found),),
            (AVOIDABLE[found.avoidable(reason)],),
        )
        for reason, tally in found.by_reason
    )
    return Detail("Why", table=Table(("Reason", "Customers", "MRR lost", "Could be kept"), rows, frozenset((1, 2))))


def _customers(found: Exits) -> Detail:
    shown = found.exits[:NAMED]
    rows = tuple(
        ((Foreign(one.name),), (money(one.lost, found.base),), (_label(one.reason, found),), (BY[one.told],))
        for one in shown
    )
    more = len(found.exits) - len(shown)
    notes: tuple[Phrase, ...] = ((f"{counted(more, 'more customer')}, in the CSV.",),) if more else ()
    table = Table(("Customer", "MRR lost", "Reason", "By"), rows, frozenset((1,)))
    return Detail("Who", table=table, notes=notes)


def _label(reason: str | None, found: Exits) -> str | Foreign:
    """A reason in the team's words, which are as foreign as those of billing."""
    return "Nobody knows" if reason is None else Foreign(label_of(reason, found.reasons))


def _share(tally: Tally, whole: Tally, found: Exits) -> str:
    """A part of the exits: a count and its MRR, and below ten customers no percentage."""
    if not tally.count:
        return "none"
    told = f"{tally.count:,} with {_money(tally, found)}"
    if whole.count < FEW or not whole.lost:
        return told
    return f"{told} ({percent(tally.lost / whole.lost)} of the MRR lost)"


def _money(tally: Tally, found: Exits) -> str:
    return money(tally.lost, found.base)
