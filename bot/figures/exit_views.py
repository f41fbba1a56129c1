"""The ways to look at the exits of a period: a chart and a table each.

To add one, write an entry here; the menu, the command and the docs find it by themselves. Each shows every exit of the
period once, or says in a note which it leaves out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from bot.exits.reasons import Nature, label_of
from bot.figures.exits import Exit, Exits, Tally, Told
from bot.figures.exits_told import AVOIDABLE, FEW, NATURES, Tell, label, money_of, share
from bot.metrics.question import folded
from bot.money import to_major
from bot.telling.told import Chart, Detail, Foreign, Phrase, Table, counted, money, percent
from storage.days import months_before
from storage.dimensions import TENURE_LABELS, TENURES
from storage.states import Answer, IcpFit

NAMED, NAMES = 20, 4  # customers in the table of them, and beside a tag
BARS = 12
BY = {Told.INTERVIEW: "interview", Told.BILLING: "billing", Told.NOBODY: "–"}
FITS = {IcpFit.IN: "Fits", IcpFit.OUT: "Does not fit", IcpFit.UNKNOWN: "Not known"}
NOT_SAID = "Not said"
Cell = str | Foreign


@dataclass(frozen=True, slots=True)
class View:
    """One way to look: its word behind the command, its name in the menu, what it tells, and what else it is called."""

    id: str
    name: str
    tell: Tell
    aliases: Sequence[str] = ()


VIEWS: dict[str, View] = {}


def view(id_: str, name: str, *aliases: str) -> Callable[[Tell], Tell]:
    """Register what tells of exits as a way to look at them."""

    def register(tell: Tell) -> Tell:
        VIEWS[id_] = View(id_, name, tell, aliases)
        return tell

    return register


def named(words: Sequence[str]) -> tuple[str, list[str]]:
    """The way to look that words name, empty where none does, and the words beside it; a longer name comes first."""
    said = [folded(word) for word in words]
    names = [(folded(name).split(), one.id) for one in VIEWS.values() for name in (one.id, one.name, *one.aliases)]
    for name, id_ in sorted(names, key=lambda each: -len(each[0])):
        for start in range(len(said) - len(name) + 1):
            if said[start : start + len(name)] == name:
                return id_, [*words[:start], *words[start + len(name) :]]
    return "", list(words)


@view("reasons", "Reasons", "reason", "why")
def reasons(found: Exits) -> Detail:
    """Reasons by MRR lost and by count; what nobody knows is one of them."""
    rows = tuple(
        ((label(reason, found),), (f"{tally.count:,}",), (money_of(tally, found),), (_could_keep(reason, found),))
        for reason, tally in found.by_reason
    )
    table = Table(("Reason", "Customers", "MRR lost", "Could be kept"), rows, frozenset((1, 2)))
    bars = [(_plainly(label(reason, found)), tally) for reason, tally in found.by_reason]
    return Detail("Why", table=table, chart=_bars("MRR lost by reason", bars, found))


@view("avoidable", "Could be kept", "kept")
def avoidable(found: Exits) -> Detail:
    """Avoidable against not: as the interview says, else by the reason."""
    return _listed(
        found,
        ("Could they be kept", "Could be kept", "MRR lost, could be kept"),
        lambda one: AVOIDABLE[found.avoidable(one)],
    )


@view("natural", "Natural churn", "baseline")
def natural(found: Exits) -> Detail:
    """The natural baseline of churn by its kinds, against the rest; and who would have left anyway."""

    def kind(one: Exit) -> str:
        nature = found.nature(one)
        if nature is Nature.NONE:
            return "The rest" if one.reason else "Nobody knows"
        return NATURES[nature]

    whole = found.tally()
    anyway = found.tally(one for one in found.exits if one.said.left_anyway is Answer.YES)
    told = f"Would have left anyway, interviews say: {share(anyway, whole, found)}."
    return _listed(found, ("How much is natural", "Kind", "MRR lost, natural and not"), kind, (told,))


@view("icp", "Ideal customers", "ideal", "fit")
def icp(found: Exits) -> Detail:
    """ICP fit by reason; the share of churn inside is the message's own."""
    fits = tuple(FITS)
    rows = []
    for reason, _ in found.by_reason:
        same = [one for one in found.exits if one.reason == reason]
        cells = [found.tally(one for one in same if one.icp is fit) for fit in fits]
        rows.append(((label(reason, found),), *((_cell(tally, found),) for tally in cells)))
    totals = [(FITS[fit], found.tally(one for one in found.exits if one.icp is fit)) for fit in fits]
    notes: list[Phrase] = []
    if not found.icp_set:
        notes.append(("Nobody has said yet what a good customer is: `/exit-interview icp`.",))
    if given := [one.said.icp_fit for one in found.exits if one.said.icp_fit is not None]:
        average = (Decimal(sum(given)) / len(given)).quantize(Decimal("0.1"))
        notes.append((f"In {counted(len(given), 'interview')} the team gave a fit of {average} out of 10 on average.",))
    table = Table(("Reason", *FITS.values()), tuple(rows), frozenset((1, 2, 3)))
    return Detail("Whom it was for", table=table, notes=tuple(notes), chart=_bars("MRR lost by fit", totals, found))


@view("tags", "Features", "feature", "tag")
def tags(found: Exits) -> Detail:
    """Feature tags with the MRR of those that named them, and who they are; one exit may stand under several."""
    rows = tuple(
        (
            (Foreign(found.name_of(tag)),),
            (f"{len(same):,}",),
            (money_of(found.tally(same), found),),
            (Foreign(_named(same), 200),),
        )
        for tag, same in found.features
    )
    if not rows:
        return Detail("Which features", (("No interview names a feature.",),))
    bars = [(found.name_of(tag), found.tally(same)) for tag, same in found.features]
    table = Table(("Feature", "Customers", "MRR lost", "Who"), rows, frozenset((1, 2)))
    notes: tuple[Phrase, ...] = (("A customer that named several stands under each.",),)
    return Detail("Which features", table=table, notes=notes, chart=_bars("MRR lost by feature", bars, found))


@view("root", "Root causes", "root cause", "causes", "cause")
def root(found: Exits) -> Detail:
    """What customers stated beside what the team found out."""
    both = [one for one in found.exits if one.said.reason and one.said.root_cause]
    if not both:
        return Detail("Stated and found out", (("No interview has both a stated reason and a root cause.",),))
    apart = [one for one in both if one.said.reason != one.said.root_cause]
    pairs = sorted(
        {(one.said.reason, one.said.root_cause) for one in both},
        key=lambda pair: (-_pair(found, both, pair).lost, pair),
    )
    rows = tuple(
        (
            (label(stated, found),),
            (label(cause, found),),
            (f"{_pair(found, both, (stated, cause)).count:,}",),
            (money_of(_pair(found, both, (stated, cause)), found),),
        )
        for stated, cause in pairs
    )
    told = f"In {len(apart):,} of {counted(len(both), 'interview')} with both, the team found another cause."
    causes = list(dict.fromkeys(name for pair in pairs for name in pair))[:BARS]
    chart = Chart(
        "MRR lost, stated and found out",
        found.base.upper(),
        (
            ("Stated", _points(found, causes, lambda name: [one for one in both if one.said.reason == name])),
            ("Root cause", _points(found, causes, lambda name: [one for one in both if one.said.root_cause == name])),
        ),
        bars=True,
    )
    table = Table(("Stated", "Root cause", "Customers", "MRR lost"), rows, frozenset((2, 3)))
    notes = _left_out(len(found.exits) - len(both), "both")
    return Detail("Stated and found out", ((told,),), table, notes, chart)


@view("competitors", "Competitors", "competitor")
def competitors(found: Exits) -> Detail:
    """Where they went, as interviews say."""
    went = [one for one in found.exits if one.said.competitor]
    if not went:
        return Detail("Where they went", (("No interview names a competitor.",),))

    def name(one: Exit) -> str:
        return found.name_of(one.said.competitor)

    listed = _listed(found, ("Where they went", "Competitor", "MRR lost to competitors"), name, among=went)
    return replace(listed, notes=_left_out(len(found.exits) - len(went), "one"))


@view("plan", "Plans")
def plan(found: Exits) -> Detail:
    """By the plan that was left."""
    return _listed(found, ("The plan they left", "Plan", "MRR lost by plan"), lambda one: one.plan or NOT_SAID)


@view("tenure", "Tenure")
def tenure(found: Exits) -> Detail:
    """By how long they stayed, in the order of time."""
    return _listed(
        found, ("How long they stayed", "Tenure", "MRR lost by tenure"), _tenure, order=(*TENURE_LABELS, NOT_SAID)
    )


@view("region", "Regions", "country", "countries")
def region(found: Exits) -> Detail:
    """By region, or by country where these say more."""
    return _listed(found, ("Where they are", "Region", "MRR lost by region"), lambda one: one.place or NOT_SAID)


@view("who", "Customers", "customer", "accounts", "names")
def who(found: Exits) -> Detail:
    """The customers one by one, the largest loss first."""
    shown = found.exits[:NAMED]
    rows = tuple(
        ((Foreign(one.name),), (money(one.lost, found.base),), (label(one.reason, found),), (BY[one.told],))
        for one in shown
    )
    more = len(found.exits) - len(shown)
    notes: tuple[Phrase, ...] = ((f"{counted(more, 'more customer')}, in the CSV.",),) if more else ()
    table = Table(("Customer", "MRR lost", "Reason", "By"), rows, frozenset((1,)))
    bars = [(one.name, Tally(1, one.lost)) for one in shown]
    return Detail("Who", table=table, notes=notes, chart=_bars("MRR lost by customer", bars, found))


def _listed(
    found: Exits,
    heads: tuple[str, str, str],
    label_of_exit: Callable[[Exit], str],
    lines: Sequence[str] = (),
    *,
    order: Sequence[str] = (),
    among: Sequence[Exit] | None = None,
) -> Detail:
    """Each label with its customers, its MRR and its part of all, the most lost first or in an order of their own.

    `among` are the exits that have a label, where not all have.
    """
    heading, column, title = heads
    groups = (found if among is None else replace(found, exits=tuple(among))).by(label_of_exit)
    if order:
        groups.sort(key=lambda group: order.index(group[0]))
    whole = found.tally()
    rows = tuple(
        ((Foreign(name),), (f"{tally.count:,}",), (money_of(tally, found),), (_part(tally, whole),))
        for name, tally in groups
    )
    table = Table((column, "Customers", "MRR lost", "Of all"), rows, frozenset((1, 2, 3)))
    return Detail(heading, tuple((line,) for line in lines), table, chart=_bars(title, groups, found))


def _left_out(count: int, without: str) -> tuple[Phrase, ...]:
    said = (f"customer without {without} is left out.", f"customers without {without} are left out.")
    return ((counted(count, *said),),) if count else ()


def _bars(title: str, groups: Sequence[tuple[str, Tally]], found: Exits) -> Chart:
    """The largest groups as bars; the table has them all."""
    points = tuple((name or "–", to_major(tally.lost, found.base)) for name, tally in groups[:BARS])
    return Chart(title, found.base.upper(), (("MRR lost", points),), bars=True)


def _points(
    found: Exits, names: Sequence[str], which: Callable[[str], Sequence[Exit]]
) -> tuple[tuple[str, Decimal], ...]:
    return tuple((label_of(name, found.reasons), to_major(found.tally(which(name)).lost, found.base)) for name in names)


def _pair(found: Exits, both: Sequence[Exit], pair: tuple[str, str]) -> Tally:
    return found.tally(one for one in both if (one.said.reason, one.said.root_cause) == pair)


def _named(same: Sequence[Exit]) -> str:
    shown = ", ".join(one.name.strip() for one in same[:NAMES])
    return f"{shown} and {len(same) - NAMES:,} more" if len(same) > NAMES else shown


def _tenure(one: Exit) -> str:
    if one.began is None:
        return NOT_SAID
    return _band(one.began, one.day)


def _band(began: date, left: date) -> str:
    for least, name in zip(TENURES, TENURE_LABELS, strict=False):
        if began > months_before(left, least):
            return name
    return TENURE_LABELS[-1]


def _cell(tally: Tally, found: Exits) -> str:
    return f"{tally.count:,} · {money_of(tally, found)}" if tally.count else "–"


def _could_keep(reason: str | None, found: Exits) -> str:
    return AVOIDABLE[found.could_keep(reason)]


def _part(tally: Tally, whole: Tally) -> str:
    """A percentage of the MRR lost, and below ten customers only how many of them."""
    if whole.count < FEW or not whole.lost:
        return f"{tally.count:,} of {whole.count:,}"
    return percent(tally.lost / whole.lost)


def _plainly(said: Cell) -> str:
    return said.text if isinstance(said, Foreign) else said
