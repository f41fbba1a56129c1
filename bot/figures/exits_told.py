"""What a report of exits says: how much left, for which reasons, whether it could be kept, and who knew in time."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from bot.exits.reasons import Avoidable, Nature, label_of
from bot.figures.exits import Exits, Tally, Told
from bot.figures.told import days
from bot.metrics.filters import written
from bot.telling.told import Detail, Foreign, Phrase, Strong, counted, money, percent
from bot.telling.told import Told as Section
from storage.states import IcpFit

Tell = Callable[[Exits], Detail]

FEW = 10  # below which shares say nothing, and counts are told
UNKNOWN_SHARE = Decimal("0.2")
SMALL = "MRR lost is counted as churned MRR in /coffee, against the start of the period; percentages are of it."
AVOIDABLE = {
    Avoidable.YES: "Avoidable",
    Avoidable.PARTLY: "Partly avoidable",
    Avoidable.NO: "Not avoidable",
    Avoidable.UNSET: "Not judged",
}


NATURES = {
    Nature.CHANGED: "Circumstances changed",
    Nature.MISJUDGED: "Misjudged their need",
    Nature.UNWILLING: "Unwilling to adopt",
    Nature.OUT_OF_BUSINESS: "Out of business",
    Nature.NONE: "No: it could have gone otherwise",
}


def exits_told(found: Exits, view: Tell) -> Section:
    """The report: lines for the message, and the chart and table of one way to look at it."""
    heading = f"Exits, {found.span.said} · {days(found.span.window)}"
    kept = written(found.kept)
    small: tuple[Phrase, ...] = (("Kept to ", Foreign(kept, 200), "."),) if kept else ()
    if found.exits:
        small += ((SMALL,),)
    if found.unrated:
        currencies = ", ".join(sorted(one.upper() for one in found.unrated))
        small += ((f"Customers in {currencies} are left out: no exchange rate.",),)
    if not found.exits:
        return Section(heading, (("Nobody left.",),), small=small)
    return Section(heading, tuple(_lines(found)), small=small, details=(view(found),))


def _lines(found: Exits) -> Sequence[Phrase]:
    whole = found.tally()
    lines: list[Phrase] = [(Strong(f"{counted(whole.count, 'customer')} left with {money_of(whole, found)} MRR."),)]
    by = {kind: found.tally(one for one in found.exits if found.avoidable(one) is kind) for kind in AVOIDABLE}
    for kinds in ((Avoidable.YES, Avoidable.PARTLY), (Avoidable.NO, Avoidable.UNSET)):
        judged = [f"{AVOIDABLE[kind]}: {share(by[kind], whole, found)}." for kind in kinds if by[kind].count]
        lines += [(" ".join(judged),)] if judged else []
    natural = found.tally(one for one in found.exits if found.nature(one) is not Nature.NONE)
    lines.append((f"Natural churn, whatever one does: {share(natural, whole, found)}.",))
    if found.icp_set:
        inside = found.tally(one for one in found.exits if one.icp is IcpFit.IN)
        lines.append((f"Ideal customers: {share(inside, whole, found)}.",))
    early = found.tally(one for one in found.exits if one.early)
    lines.append((f"Flagged by an alert two weeks before or earlier: {share(early, whole, found)}.",))
    silent = found.tally(one for one in found.exits if one.told is not Told.INTERVIEW)
    if silent.count:
        lines.append((f"Without an interview: {share(silent, whole, found)}.",))
    unknown = found.tally(one for one in found.exits if one.told is Told.NOBODY)
    if whole.lost and unknown.lost / whole.lost > UNKNOWN_SHARE:
        lines.append((Strong(f"Nobody knows why {share(unknown, whole, found)} left: ask them, while they remember."),))
    return lines


def label(reason: str | None, found: Exits) -> str | Foreign:
    """A reason in the team's words, which are as foreign as those of billing."""
    return "Nobody knows" if reason is None else Foreign(label_of(reason, found.reasons))


def share(tally: Tally, whole: Tally, found: Exits) -> str:
    """A part of the exits: a count and its MRR, and below ten customers no percentage."""
    if not tally.count:
        return "none"
    told = f"{tally.count:,} with {money_of(tally, found)}"
    if whole.count < FEW or not whole.lost:
        return told
    return f"{told} ({percent(tally.lost / whole.lost)})"


def money_of(tally: Tally, found: Exits) -> str:
    """The MRR of some exits, as people read it."""
    return money(tally.lost, found.base)
