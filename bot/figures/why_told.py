"""Why a figure is what it is, in words: one sentence, what carries it to the cent, and the accounts behind it."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot.figures.told import NOBODY, days, left_out
from bot.figures.why import Behind, Why
from bot.metrics import filters
from bot.metrics.carriers import Carrier, Way, coarser, compared
from bot.metrics.metric import Metric, Missing, Over, Share, Unit, Value, number
from bot.money import rounded
from bot.telling import reasons
from bot.telling.movers import clause, in_order, rates, who
from bot.telling.rounding import CENT, adding_up_by, nearest
from bot.telling.rounding import step as least
from bot.telling.told import (
    Detail,
    Foreign,
    Link,
    Phrase,
    Piece,
    Row,
    Strong,
    Table,
    Told,
    counted,
    exact,
    money,
    percent,
    worded,
)
from storage.behind import Bill, Step
from storage.flows import Item

NAMED = Decimal(1) / 4  # of what its way carries, from which a group is named
SENTENCE = 3  # groups of each side in the sentence
LISTED = 30  # rows of the table
LABEL = 30


def why_told(found: Why, *, accounts: int) -> Told:
    """The figure, the sentence that says why, and in details the parts to the cent and the accounts behind them."""
    known = not (found.fits_nobody or isinstance(found.value, Missing))
    details = [*_terms(found), *_parts(found), *_accounts(found, accounts), *_policy(found)] if known else []
    return Told(
        lines=tuple(_lines(found)),
        small=(
            (f"{found.metric.definition} Policy: {found.policy}; kahvi policy tells all of it.",),
            *left_out(found.without),
        ),
        details=tuple(details),
    )


def sentence(found: Why) -> Phrase:
    """How the figure went and who carries it, largest first: what goes its way, then what made up for it."""
    shown = in_order(coarser(_shown(found), NAMED))
    total = sum((one.amount for one, _ in shown), Decimal(0))
    along, against = (
        [
            _clause(found, one, other=other, made_up=made_up)
            for one, other in shown
            if (one.amount * total < 0) is made_up
        ][:SENTENCE]
        for made_up in (False, True)
    )
    how = "made up" if total < 0 else "offset"
    made_up = (f"; partly {how} by ", *_joined(against)) if against else ()
    fx = nearest(_fx(found), least(total, found.base))
    exchanged = ("; " if along else "", *rates(fx, found.base)) if fx else ()
    carried = (*_joined(along), *made_up, *exchanged)
    if not carried:
        none = f". It is no sum over accounts but {found.metric.formula}"
        return (_went(found), none if found.carriers is None and not found.moved else "", ".")
    none = f". It is no sum over accounts but {found.metric.formula}; what moved MRR meanwhile"
    return (_went(found), none if found.carriers is None else "", ": ", *carried, ".")


def _lines(found: Why) -> Iterator[Phrase]:
    metric, window = found.metric, found.question.span.window
    value = worded(found.value, metric.unit, found.base)
    kept = (" · ", Foreign(filters.written(found.kept), 200)) if found.kept else ()
    yield (Strong(f"Why {metric.name} {_is(metric)} {value}"), f" · {days(window)}", *kept)
    if found.fits_nobody:
        yield (NOBODY,)
        return
    yield (found.value.why,) if isinstance(found.value, Missing) else sentence(found)


def _went(found: Why) -> str:
    """How the figure went: "MRR fell 1.8% (−$2,140)", "Customer churn is 2.4%, up from 1.2%".

    What follows tells of the change in a level, but of the value in what is of a period.
    """
    metric, base = found.metric, found.base
    value, earlier = (worded(one, metric.unit, base) for one in (found.value, found.before))
    now, before = number(found.value), number(found.before)
    if now is None or before is None:
        return f"{metric.name} {_is(metric)} {value}"
    if value == earlier:
        return f"{metric.name} {_is(metric)} {value}, as before"
    if metric.over is not Over.END or metric.unit not in (Unit.MONEY, Unit.COUNT):
        return f"{metric.name} {_is(metric)} {value}, {'up' if now > before else 'down'} from {earlier}"
    verb = "rose" if now > before else "fell"
    amount = money(now - before, base, sign=True) if metric.unit is Unit.MONEY else f"{_signed(int(now - before))}"
    return (
        f"{metric.name} {verb} {percent(abs(now / before - 1))} ({amount})"
        if before > 0
        else (f"{metric.name} {verb} by {amount.lstrip('+−')}")
    )


def _is(metric: Metric) -> str:
    words = metric.name.split()
    many = any(word.endswith("s") and not word.endswith("ss") for word in (words[0], words[-1]))
    return "are" if metric.unit in (Unit.MONEY, Unit.COUNT) and many else "is"


def _clause(found: Why, one: Carrier, *, other: bool, made_up: bool) -> Phrase:
    """A group and its part; where customers are counted the count says it all."""
    amount = money(one.amount, found.base, sign=_both_ways(found)) if _unit(found) is Unit.MONEY else ""
    if not amount and one.amount != one.count and one.way is Way.PART:
        amount = _worth(found, rounded(one.amount), sign=_both_ways(found))
    return clause(one, amount, other=other, made_up=made_up)


def _shown(found: Why) -> tuple[Carrier, ...]:
    return found.moved if found.carriers is None else found.carriers


def _both_ways(found: Why) -> bool:
    """Whether parts may go both ways, so that each needs its sign."""
    return found.carriers is None or found.metric.over is Over.END or any(one.amount < 0 for one in _shown(found))


def _fx(found: Why) -> Decimal:
    """What exchange rates did to a level that is a sum over accounts."""
    if found.carriers is None or _unit(found) is not Unit.MONEY:
        return Decimal(0)
    return found.fx * (12 if found.metric.id == "arr" else 1)


def _joined(clauses: Sequence[Phrase]) -> Iterator[Piece]:
    for place, said in enumerate(clauses):
        if place:
            yield " and " if place == len(clauses) - 1 else ", "
        yield from said


def _terms(found: Why) -> Iterator[Detail]:
    """The numbers of the formula, beside those of the period before, of what is no sum over accounts."""
    if found.carriers or not (found.terms or found.terms_before):
        return
    now, before = (
        {one.name: worded(one.value, one.unit, found.base) for one in side}
        for side in (found.terms, found.terms_before)
    )
    rows: list[Row] = [((name,), (now.get(name, "–"),), (before.get(name, "–"),)) for name in now | before]
    yield Detail("What it is made of", table=Table(("What", "Now", "Before"), tuple(rows), frozenset({1, 2})))


def _parts(found: Why) -> Iterator[Detail]:
    """The table of parts that add up in front of the reader: to the value beside the one before, or to the change."""
    if found.metric.over is Over.END or found.carriers is None:
        yield from _change(found)
    elif found.carriers or found.earlier:
        yield _beside(found, found.carriers, found.earlier or ())


def _change(found: Why) -> Iterator[Detail]:
    """What carries the change of a level; of what is no sum, what carries that of MRR."""
    shown = _shown(found)
    if not shown:
        return
    named, rest = shown[: LISTED - 2], shown[LISTED - 2 :]
    parts: list[tuple[Phrase, Decimal]] = [(who(one), one.amount) for one in named]
    if rest:
        parts.append((_smaller(len(rest)), sum((one.amount for one in rest), Decimal(0))))
    if rounded(_fx(found)):
        parts.append((("exchange rates",), _fx(found)))
    amounts = _adding_up([amount for _, amount in parts])
    cells = [_worth(found, one, sign=_both_ways(found)) for one in (*amounts, sum(amounts))]
    names: list[Phrase] = [*(name for name, _ in parts), ("together",)]
    rows: list[Row] = [(name, (cell,)) for name, cell in zip(names, cells, strict=True)]
    yield Detail("What carries it", table=Table(("What", "Change"), tuple(rows), frozenset({1})))


def _beside(found: Why, now: Sequence[Carrier], before: Sequence[Carrier]) -> Detail:
    """What carries the value of a period, beside the same of the period before, what changed most first."""
    pairs = compared(now, before)
    named, rest = pairs[: LISTED - 2], pairs[LISTED - 2 :]
    names: list[Phrase] = [who(one.carrier, counts=False) for one in named]
    columns = [[one.now for one in named], [one.before for one in named]]
    if rest:
        names.append(_smaller(len(rest)))
        columns[0].append(sum((one.now for one in rest), Decimal(0)))
        columns[1].append(sum((one.before for one in rest), Decimal(0)))
    still = [_part(found.value) - sum(columns[0], Decimal(0)), _part(found.before) - sum(columns[1], Decimal(0))]
    if any(map(rounded, still)):
        names.append(("what there was at the start" if isinstance(found.value, Share) else "exchange rates",))
        columns = [[*column, one] for column, one in zip(columns, still, strict=True)]
    ours, theirs = map(_adding_up, columns)
    names.append(("together",))
    rows: list[Row] = [
        (name, (_worth(found, one),), (_worth(found, other),), (_worth(found, one - other, sign=True),))
        for name, one, other in zip(names, (*ours, sum(ours)), (*theirs, sum(theirs)), strict=True)
    ]
    head = ("What", found.metric.name, "Before", "Change")
    notes = tuple(_shares(found))
    return Detail("What carries it", table=Table(head, tuple(rows), frozenset({1, 2, 3})), notes=notes)


def _part(value: Value) -> Decimal:
    """What carriers are parts of: the value, or what is divided."""
    return value.part if isinstance(value, Share) else number(value) or Decimal(0)


def _shares(found: Why) -> Iterator[Phrase]:
    """Part and whole of a share or ratio, now and before: what is divided by what."""
    told = [
        f"{_worth(found, rounded(value.part))} ÷ {_worth(found, rounded(value.whole))}{when}"
        for value, when in ((found.value, ""), (found.before, " in the period before"))
        if isinstance(value, Share)
    ]
    if told:
        yield (f"{found.metric.name} is {', '.join(told)}.",)


def _smaller(count: int) -> Phrase:
    return (f"{counted(count, 'smaller group')} together",)


def _unit(found: Why) -> Unit:
    """What the carriers' parts count; those of a share are parts of what is divided, customers or money."""
    if found.carriers is None:
        return Unit.MONEY
    for value in (found.value, found.before):
        if isinstance(value, Share):
            return Unit.MONEY if value.of_money else Unit.COUNT
    return found.metric.unit


def _adding_up(amounts: Sequence[Decimal]) -> list[int]:
    """Amounts in whole minor units that add up to their rounded sum."""
    return adding_up_by(amounts, sum(amounts, Decimal(0)), CENT)


def _worth(found: Why, amount: int, *, sign: bool = False) -> str:
    if _unit(found) is Unit.MONEY:
        return exact(amount, found.base, sign=sign)
    return _signed(amount) if sign else f"{amount:,}".replace("-", "−")


def _signed(count: int) -> str:
    return f"{count:+,}".replace("-", "−") if count else "0"


def _accounts(found: Why, most: int) -> Iterator[Detail]:
    """The accounts that moved most, with their movements and the bills that show them."""
    if found.holders:
        yield _holders(found, most)
    for heading, listed, sign in (
        ("The accounts that moved most", found.accounts, True),
        ("The accounts with most MRR", found.payers, False),
    ):
        lines: list[Phrase] = []
        for one in listed[:most]:
            lines.append((Strong(Foreign(one.name, LABEL)), f"  {money(one.amount, found.base, sign=sign)}"))
            lines += _steps(one)
        if lines:
            yield Detail(heading, lines=tuple(lines))


def _holders(found: Why, most: int) -> Detail:
    """The accounts with the largest parts, with the charges, refunds or invoices that these are made of."""
    lines: list[Phrase] = []
    for one in found.holders[:most]:
        amount = _worth(found, rounded(one.amount), sign=found.metric.over is Over.END)
        lines.append((Strong(Foreign(one.name, LABEL)), f"  {amount}"))
        lines += (_item(item) for item in one.items)
    return Detail("The accounts with the largest parts", lines=tuple(lines))


def _item(item: Item) -> Phrase:
    shown: Phrase = (f"   {item.at.day} {item.at:%b %Y}  {exact(item.amount, item.currency)}",)
    if item.number or item.url:
        shown += (" · ", Link(Foreign(item.number or "invoice", LABEL), item.url))
    if item.note:
        known = reasons.DECLINES.get(item.note)
        shown += (" · ", known or Foreign(item.note.replace("_", " "), LABEL))
    return shown


def _policy(found: Why) -> Iterator[Detail]:
    """What the policy in force says that had a part in it."""
    if found.sentences:
        heading = f"What the policy “{found.policy}” decided here"
        yield Detail(heading, lines=tuple((one,) for one in found.sentences))


def _steps(one: Behind) -> Iterator[Phrase]:
    for step in one.steps:
        yield _step(step)
        yield from (_bill(bill) for bill in one.bills.get(step, ()))


def _step(step: Step) -> Phrase:
    why = reasons.moved_by(step.kind, step.cause)
    amount = exact(step.amount, step.currency, sign=True)
    return (f"   {step.day.day} {step.day:%b %Y}  {amount} · ", Foreign(step.plan, LABEL), f" · {step.kind}: {why}")


def _bill(bill: Bill) -> Phrase:
    quantity = f" for {bill.quantity.normalize():f}" if bill.quantity is not None else ""
    period = f"{bill.start:%d %b %Y} – {bill.end:%d %b %Y}"
    number = Link(Foreign(bill.number or bill.invoice_id, LABEL), bill.url)
    return (f"      billed {exact(bill.amount, bill.currency)}{quantity} on ", number, f", {period}")
