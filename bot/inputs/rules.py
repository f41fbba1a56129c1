"""What may be told beside billing, whichever way it comes: each rule gives the value kept, or says what to write."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.clock import local_day
from bot.currencies import CURRENCIES
from bot.figures import segments
from bot.metrics import filters
from bot.metrics.catalogue import METRICS
from bot.metrics.filter_words import FilterError
from bot.metrics.metric import Metric, Unit
from bot.money import exponent, to_minor
from bot.sources.csv import cells
from bot.sources.csv.problems import quoted
from bot.spelling import nearest
from storage.inputs import COMPANY, Spend

HUNDRED = Decimal(100)
TENFOLD = 10  # of shares that may be above 100 %, the most that may be aimed at
LONGEST_SEGMENT = 255
WHOLE_COMPANY = "*"  # in place of an account's id


@dataclass(frozen=True, slots=True)
class Terms:
    """By what values are read: the zone of bare days, the currency of figures, and the time."""

    zone: ZoneInfo
    currency: str
    now: datetime

    @property
    def today(self) -> date:
        return local_day(self.now, self.zone)


def account_of(text: str, known: Collection[str]) -> str:
    """The id of an account, one of those `known` to billing, or the company as a whole."""
    if text == WHOLE_COMPANY:
        return COMPANY
    if text not in known:
        raise ValueError(f"{quoted(text)} is not an account that billing knows; mend the id")
    return text


def known_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError(f"{quoted(code)} is not a currency in use; write its ISO code, like usd")
    return code


def minor_units(amount: Decimal, currency: str) -> int:
    try:
        return to_minor(f"{amount:f}", currency)
    except ValueError:
        places = f"the {exponent(currency)} decimal places that {currency.upper()} has"
        raise ValueError(f'"{amount}" has more than {places}; round it') from None


def spent(text: str, currency: str) -> int:
    """Minor units of an amount that was spent, as people write it."""
    amount = cells.decimal(text)
    if amount < 0:
        raise ValueError(f"{quoted(text)} is too small; the least is 0")
    return minor_units(amount, currency)


def observed(at: datetime, now: datetime) -> datetime:
    """An instant at which something was seen: nothing is seen ahead of its time."""
    if at > now:
        raise ValueError(f"{at:%Y-%m-%d %H:%M} UTC is in the future; write when it was so")
    return at


def begun(start: date, today: date) -> date:
    """The first day of a period of spending."""
    if start > today:
        raise ValueError(f"begins on {start}, in the future; tell it once it has begun")
    return start


def overlapping(one: Spend, others: Iterable[Spend]) -> Spend | None:
    """What was spent on the same in some of the same days, under another period."""
    for other in others:
        same = (other.kind, other.note) == (one.kind, one.note)
        if same and (other.start, other.end) != (one.start, one.end) and other.start < one.end > one.start < other.end:
            return other
    return None


def metric_of(text: str) -> Metric:
    if metric := METRICS.get(text):
        return metric
    near = nearest(text, METRICS)
    advice = f"did you mean {near}?" if near else f"write one of {', '.join(sorted(METRICS))}"
    raise ValueError(f"{quoted(text)} is not a metric; {advice}")


def segment_in(text: str, known: tuple[Mapping[str, str], Sequence[str]]) -> str:
    """A segment as the filter that names it; `known` are the names of dimensions and the keys of tags in use.

    What its values stand for is told when it is shown: a plan may aim at customers who are still to come.
    """
    return _filter(lambda: filters.written(filters.in_order(filters.parse(text, *known))))


def segment_of(session: Session, text: str, terms: Terms) -> str:
    """The same with the labels that its values stand for now, which must be known."""
    return _filter(lambda: segments.canonical(session, text, terms.currency, terms.today))


def _filter(read: Callable[[], str]) -> str:
    try:
        found = read()
    except FilterError as error:
        raise ValueError(str(error).removesuffix(".")) from None
    if len(found) > LONGEST_SEGMENT:
        raise ValueError(f"is a filter of more than {LONGEST_SEGMENT} characters; please shorten it")
    return found


def target_of(metric: Metric, value: Decimal, currency: str) -> tuple[Decimal, str | None]:
    """A target as it is kept, and its currency where it is money; `value` is as people write it."""
    percent = metric.unit is Unit.SHARE
    _within(metric, value, HUNDRED if percent else Decimal(1))
    if metric.unit is Unit.MONEY:
        return Decimal(minor_units(value, known_currency(currency))), currency
    if metric.unit is Unit.COUNT and value != int(value):
        raise ValueError(f'"{value}" is no number of {metric.name.lower()}; write a whole number')
    return (value / HUNDRED if percent else value), None


def _within(metric: Metric, value: Decimal, one: Decimal) -> None:
    """A mistaken place of the point would be an aim that nobody can reach, or miss."""
    highest = TENFOLD if metric.unit is Unit.SHARE and metric.highest is None else metric.highest
    hint = "; 2.5 is 2.5 %" if metric.unit is Unit.SHARE else ""
    if highest is not None and value > highest * one:
        raise ValueError(f'"{value}" is too large for {metric.name}; the most is {highest * one}{hint}')
    if metric.lowest is not None and value < metric.lowest * one:
        raise ValueError(f'"{value}" is too small for {metric.name}; the least is {metric.lowest * one}{hint}')
