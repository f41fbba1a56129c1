"""Why a figure is what it is, in words: one sentence, what carries it to the cent, and the accounts behind it."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot.digest import reasons
from bot.digest.told import Detail, Foreign, Phrase, Row, Strong, Table, Told, counted, exact, money, worded
from bot.figures.answer import Course
from bot.figures.told import change as change_in_words
from bot.figures.told import days
from bot.figures.why import Behind, Why
from bot.metrics import filters
from bot.metrics.carriers import Carrier, Way, coarser
from bot.metrics.metric import Missing, Over, Unit
from bot.money import rounded
from storage.behind import Bill, Step
from storage.dimensions import UNKNOWN

NAMED = Decimal(1) / 4  # of what its way carries, from which a group is named
SENTENCE = 3  # groups of each side in the sentence
LISTED = 30  # rows of the table
LABEL = 30


def why_told(found: Why, *, accounts: int, bills: bool = False) -> Told:
    """The figure, the sentence that says why, and in details the parts to the cent and the accounts behind them."""
    details = [*_parts(found), *_accounts(found, accounts, bills=bills), *_policy(found)]
    return Told(
        lines=tuple(_lines(found)),
        small=((f"{found.metric.definition} Policy: {found.policy}.",),),
        details=tuple(details),
    )


def sentence(found: Why) -> Phrase:
    """What carries the figure, largest first: what goes its way, then what made up for it."""
    shown = coarser(found.carriers if found.carriers is not None else found.moved, NAMED)
    total = sum((one.amount for one in shown), Decimal(0))
    along = [one for one in shown if one.amount * total >= 0][:SENTENCE]
    against = [one for one in shown if one.amount * total < 0][:SENTENCE]
    several = {one.way for one in shown if one.plan}
    said = [
        [_clause(one, found, other=not one.plan and one.way in several) for one in side] for side in (along, against)
    ]
    first, second = (list(_joined(clauses)) for clauses in said)
    made_up = ("; partly made up by ", *second) if second else ()
    return (*first, *made_up, ".") if first else ()


def _lines(found: Why) -> Iterator[Phrase]:
    metric, window = found.metric, found.question.span.window
    value = worded(found.value, metric.unit, found.base)
    kept = (" · ", Foreign(filters.written(found.kept), 200)) if found.kept else ()
    yield (Strong(f"Why {metric.name} is {value}"), f" · {days(window)}", *kept)
    if isinstance(found.value, Missing):
        yield (found.value.why,)
        return
    changed = change_in_words(Course(found.value, found.before, ()), metric.unit, found.base)
    if changed and metric.over is Over.END:
        yield (f"{changed[:1].upper()}{changed[1:]} over the period.",)
    elif changed:
        yield (f"It was {worded(found.before, metric.unit, found.base)} in the period before.",)
    said = sentence(found)
    if said and found.carriers is None:
        yield ("It is no sum over accounts; what moved MRR meanwhile: ", *said)
    elif said:
        yield said
    elif found.carriers is not None:
        yield ("Nothing moved it.",)


def _clause(one: Carrier, found: Why, *, other: bool) -> Phrase:
    """A group and its part: "3 Pro customers in EU left (−$2,140, 2 by failed payment)"."""
    amount = money(one.amount, found.base, sign=_signed(found)) if _unit(found) is Unit.MONEY else ""
    dunned = f"{one.involuntary} by failed payment" if one.involuntary else ""
    reason = reasons.stated(one.reason) if one.reason and not one.involuntary else None
    notes: list[str | Foreign] = []
    for note in (amount, dunned, reason):
        if note:
            notes += [", ", note] if notes else [note]
    shown: Phrase = (" (", *notes, ")") if notes else ()
    return (*_who(one, other=other), *shown)


def _signed(found: Why) -> bool:
    """Whether parts go both ways, so that each needs its sign."""
    return any(one.amount < 0 for one in (found.moved if found.carriers is None else found.carriers))


def _who(one: Carrier, *, other: bool = False) -> Phrase:
    plan: Phrase = (Foreign(one.plan, LABEL), " ") if one.plan and one.plan != UNKNOWN else ()
    place: Phrase = (" in ", Foreign(one.place, LABEL)) if one.place and one.place != UNKNOWN else ()
    many = f"{'other ' if other else ''}{'customer' if one.count == 1 else 'customers'}"
    count = f"{one.count:,} " if one.count else ""
    match one.way:
        case Way.NEW:
            return (
                f"{count}{'other ' if other else ''}new ",
                *plan,
                "customer" if one.count == 1 else "customers",
                *place,
            )
        case Way.REACTIVATION:
            return (count, *plan, many, *place, " came back")
        case Way.EXPANSION:
            return (*plan, many, *place, " grew")
        case Way.CONTRACTION:
            return (*plan, many, *place, " shrank")
        case Way.CHURN:
            return (count, *plan, many, *place, " left")
        case Way.TRANSFER:
            return ("moves between segments",)


def _joined(clauses: Sequence[Phrase]) -> Iterator[str | Foreign | Strong]:
    for place, clause in enumerate(clauses):
        if place:
            yield " and " if place == len(clauses) - 1 else ", "
        yield from clause


def _parts(found: Why) -> Iterator[Detail]:
    """The table of parts that add up in front of the reader: to the value, or to the change of a level."""
    shown = found.carriers if found.carriers is not None else found.moved
    if not shown:
        return
    unit = _unit(found)
    named, rest = list(shown[: LISTED - 2]), list(shown[LISTED - 2 :])
    amounts = [one.amount for one in named]
    names: list[Phrase] = [_who(one) for one in named]
    if rest:
        names.append((f"{counted(len(rest), 'smaller group')} together",))
        amounts.append(sum((one.amount for one in rest), Decimal(0)))
    if rounded(found.fx) and found.carriers is not None:
        names.append(("exchange rates",))
        amounts.append(found.fx * (12 if found.metric.id == "arr" else 1))
    total = sum(amounts, Decimal(0))
    words = _amounts(amounts, total, unit, found.base, sign=_signed(found))
    rows: list[Row] = [(name, (word,)) for name, word in zip(names, words, strict=False)]
    rows.append((("together",), (words[-1],)))
    head = "Change" if found.metric.over is Over.END or found.carriers is None else found.metric.name
    yield Detail("What carries it", table=Table(("What", head), tuple(rows), frozenset({1})))


def _unit(found: Why) -> Unit:
    """What the carriers' parts count; those of a share are parts of what is divided, customers or money."""
    if found.carriers is None:
        return Unit.MONEY
    if found.metric.unit is not Unit.SHARE:
        return found.metric.unit
    return Unit.COUNT if all(abs(one.amount) == one.count for one in found.carriers) else Unit.MONEY


def _amounts(amounts: Sequence[Decimal], total: Decimal, unit: Unit, base: str, *, sign: bool) -> list[str]:
    """The parts and the total to the cent, rounded so that they add up."""
    if unit is Unit.MONEY:
        shown = [rounded(one) for one in amounts]
        shown[0] += rounded(total) - sum(shown)  # the largest takes what rounding leaves
        return [exact(one, base, sign=sign) for one in (*shown, rounded(total))]
    return [f"{int(one):+,}".replace("-", "−") for one in (*amounts, total)]


def _accounts(found: Why, most: int, *, bills: bool) -> Iterator[Detail]:
    """The accounts that moved most, with their movements; with `bills` each with the lines that show it."""
    listed = found.accounts[:most]
    if not listed:
        return
    lines: list[Phrase] = []
    for one in listed:
        lines.append((Strong(Foreign(one.name, LABEL)), f"  {money(one.amount, found.base, sign=True)}"))
        lines += _steps(one, bills=bills)
    yield Detail("The accounts that moved most", lines=tuple(lines))


def _policy(found: Why) -> Iterator[Detail]:
    """What the policy in force says of it."""
    if found.sentences:
        yield Detail(f"What the policy “{found.policy}” decides", lines=tuple((one,) for one in found.sentences))


def _steps(one: Behind, *, bills: bool) -> Iterator[Phrase]:
    for step in one.steps:
        yield _step(step)
        if bills:
            yield from (_bill(bill) for bill in one.bills.get(step.day, ()))


def _step(step: Step) -> Phrase:
    why = reasons.moved_by(step.kind, step.cause)
    amount = exact(step.amount, step.currency, sign=True)
    return (f"   {step.day.day} {step.day:%b %Y}  {amount} · ", Foreign(step.plan, LABEL), f" · {step.kind}: {why}")


def _bill(bill: Bill) -> Phrase:
    quantity = f"{bill.quantity.normalize():f} × " if bill.quantity is not None else ""
    period = f"{bill.start:%d %b %Y} – {bill.end:%d %b %Y}"
    number = Foreign(bill.number or bill.invoice_id, LABEL)
    return ("      billed on ", number, f": {quantity}{exact(bill.amount, bill.currency)}, {period}")
