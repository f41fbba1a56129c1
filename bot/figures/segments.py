"""Segments and filters of a question as a slice of the ledger: which labels are meant, at the end of what was asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session

from bot.metrics import filters
from bot.metrics.filter_words import FilterError
from bot.metrics.filters import NAMED, TAG, Among, Compared, Filter, Measure
from bot.metrics.metric import Value, number
from bot.metrics.rates import Rates
from bot.money import exponent
from bot.spelling import nearest_of
from storage import dimensions, ledger, standing
from storage.days import months_before
from storage.dimensions import DIMENSIONS, Dimension
from storage.fact_reader import exchange_rates
from storage.fact_store import folded
from storage.slices import Chosen, Kept, Label, Slice
from storage.worth import Moment, named, since, with_worth

OF_MANY = 45.0  # how alike a value must be to be shown beside others
SHOWN = 5
MOST = 60  # labels that one value may stand for by its first words
LONGEST_TENURE = 1200  # months


def names(session: Session) -> tuple[Mapping[str, str], list[str]]:
    """The ids of dimensions by every name they go by, and the keys of the accounts' own attributes."""
    found = {name: one.id for one in DIMENSIONS.values() for name in (one.id, *one.aliases)}
    return found, dimensions.tags(session)


def dimension(id_: str) -> Dimension:
    """The dimension of an id that `names` gave."""
    return DIMENSIONS[id_] if id_ in DIMENSIONS else dimensions.tag(id_.removeprefix(TAG))


def moment(session: Session, rates: Rates, until: date) -> Moment:
    """The start of a day, by the rates of the day before: what sizes and tenures are told at."""
    yesterday = until - timedelta(days=1)
    factors = {one: rates.factor(one, yesterday) for one in sorted({rates.base, *ledger.currencies(session)})}
    known = {currency: factor for currency, factor in factors.items() if factor is not None}
    return Moment(until, known, 10 ** exponent(rates.base))


def sliced(session: Session, at: Moment, by: str, found: Filter) -> tuple[Slice, Filter]:
    """The slice of a dimension ("" for none) and a filter; and the filter with the labels that its values stand for.

    Raises FilterError for a value that no label resembles. Where many queries ask the slice, it looks up its accounts
    `once`.
    """
    narrow = any(isinstance(one, Among) and one.exact for one in found)
    accounts: list[Chosen] = []
    rows: list[Kept] = []
    meant: list[Among | Compared] = []
    for one in found:
        if isinstance(one, Compared):
            accounts.append(_but(_compared(at, one), but=one.but))
            meant.append(one)
        elif one.dimension == NAMED:
            accounts.append(_but(named([folded(value) for value in one.values]), but=one.but))
            meant.append(one)
        else:
            label = dimension(one.dimension).by(at)
            wanted = one.values if one.exact else _wanted(one, dimensions.labels(session, label), narrow=narrow)
            meant.append(replace(one, values=wanted))
            if isinstance(label, Label) and label.of_account:
                accounts.append(label.among(wanted, but=one.but))
            else:
                rows.append(Kept(label, frozenset(wanted), one.but))
    return Slice(dimension(by).by(at) if by else None, tuple(accounts), tuple(rows)), tuple(meant)


def leave_nobody(session: Session, part: Slice, values: Sequence[Value]) -> bool:
    """Whether values are nothing since the filters of a slice leave nobody; only asked of the database if they are."""
    return not any(map(number, values)) and standing.fits_nobody(session, part)


def canonical(session: Session, where: str, base: str, today: date) -> str:
    """A filter as it is kept: written in one way whatever way it was typed, with the labels that it means now.

    Raises FilterError.
    """
    found = parsed(session, where)
    _, kept = sliced(session, moment(session, Rates(base, exchange_rates(session, base)), today), "", found)
    return filters.written(filters.in_order(kept))


def parsed(session: Session, where: str, within: Filter = ()) -> Filter:
    """A filter as people type it, kept `within` another one. Raises FilterError."""
    return (*within, *(filters.parse(where, *names(session)) if where else ()))


def fitting(
    session: Session, where: str, account_ids: Collection[str], base: str, today: date, *, within: Filter = ()
) -> set[str]:
    """Those of some accounts that a filter, as people type it, names now; all for an empty one. Raises FilterError."""
    if not (where or within):
        return set(account_ids)
    found = parsed(session, where, within)
    part, _ = sliced(session, moment(session, Rates(base, exchange_rates(session, base)), today), "", found)
    return set(standing.labels_of(session, account_ids, part))


def misnamed(session: Session, where: str, base: str, today: date) -> str:
    """What is wrong with a filter, as people type it; empty when nothing is."""
    try:
        fitting(session, where, (), base, today)
    except FilterError as error:
        return str(error)
    return ""


def _but(chosen: Chosen, *, but: bool) -> Chosen:
    return replace(chosen, but=chosen.but is not but)


def _wanted(one: Among, known: list[str], *, narrow: bool) -> tuple[str, ...]:
    """The labels that the values mean: those of the same letters, or else all that begin with these words.

    Who may see only a `narrow` part of the accounts is told no label of the others.
    """
    by_fold: dict[str, list[str]] = {}
    for label in known:
        by_fold.setdefault(folded(label), []).append(label)
    found: list[str] = []
    for value in one.values:
        wanted = folded(value)
        same = by_fold.get(wanted) or [label for label in known if _begins(folded(label), wanted)]
        if not same or len(same) > MOST:
            raise _unknown(one, value, None if narrow else known)
        found.extend(same)
    return tuple(dict.fromkeys(found))


def _begins(label: str, wanted: str) -> bool:
    return label.startswith(wanted) and not label[len(wanted) : len(wanted) + 1].isalnum()


def _unknown(one: Among, value: str, known: list[str] | None) -> FilterError:
    """What to say of a value that means no label; `known` are those that may be told."""
    name = dimension(one.dimension).name.casefold()
    if known is None:
        return FilterError.about(value, one.at, f"is no {name} I know; look how it is spelt on an account of yours")
    told = nearest_of(value, known, SHOWN, OF_MANY) or known[:SHOWN]
    hint = f"the nearest I know: {', '.join(told)}" if told else "there is none yet"
    return FilterError.about(value, one.at, f"is no {name} I know; {hint}")


def _compared(at: Moment, one: Compared) -> Chosen:
    match one.measure, one.value:
        case Measure.MRR, Decimal() as value:
            return with_worth(at, one.operator, int((value * at.unit).to_integral_value()))
        case Measure.TENURE, int() as value:
            return _tenure(at, one.operator, min(value, LONGEST_TENURE))
        case _, (date() as first, date() as after):
            return _since(one.operator, first, after)
    raise AssertionError("a measure has a value of its own kind")


def _tenure(at: Moment, operator: str, value: int) -> Chosen:
    """By full months: whoever came on the same day of a month so many months ago, or before it."""
    one_day = timedelta(days=1)
    latest = months_before(at.until, value) + one_day  # of at least so many months
    longer = months_before(at.until, value + 1) + one_day
    bounds: Mapping[str, tuple[date | None, date | None]] = {
        ">=": (None, latest),
        ">": (None, longer),
        "<": (latest, at.until),
        "<=": (longer, at.until),
        "=": (longer, latest),
    }
    return since(*bounds[operator])


def _since(operator: str, first: date, after: date) -> Chosen:
    bounds: Mapping[str, tuple[date | None, date | None]] = {
        ">=": (first, None),
        ">": (after, None),
        "<": (None, first),
        "<=": (None, after),
        "=": (first, after),
    }
    return since(*bounds[operator])
