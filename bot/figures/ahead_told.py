"""A forecast in words: where MRR goes, how wide the band is, and how such forecasts fared before."""

from datetime import timedelta
from decimal import Decimal

from bot.figures.ahead import Outlook
from bot.metrics.forecast import Checked, Forecast
from bot.metrics.metric import Missing
from bot.money import rounded, to_major
from bot.telling.told import Chart, Detail, Phrase, Row, Strong, Table, Told, money, percent

CHECKED = (1, 3, 6, 12)  # months ahead that are told
MADE = (
    "The base is carried on by the rates of past months, drawn many times, young customers apart from settled ones;"
    " new business as in the last half year. Whole months only."
)


def ahead_told(found: Outlook, base: str) -> Told:
    """The forecast with its band as a chart and a table, or why there is none."""
    if isinstance(found.forecast, Missing):
        return Told(lines=((Strong("No forecast yet"),), (found.forecast.why,)))
    last = found.forecast.months[-1]
    begun = f"from {money(found.mrr, base)} at the end of {found.since - timedelta(days=1):%B %Y}"
    band = f"between {money(last.downside, base)} and {money(last.upside, base)} in eight cases of ten"
    reaches: Phrase = (
        Strong(f"MRR may be {money(last.base, base)} at the end of {last.month:%B %Y}"),
        f", {begun}: {band}.",
    )
    return Told(
        lines=(reaches, (_trust(found.checked),)),
        chart=_chart(found.forecast, base),
        small=((MADE,),),
        details=(Detail("", table=_months(found.forecast, base)),),
    )


def checked_table(found: list[Checked]) -> Table:
    """How forecasts of the past fared, by months ahead."""
    rows: list[Row] = [
        (
            (f"{one.ahead}",),
            (f"{one.inside} of {one.tried}",),
            (percent(Decimal(one.inside) / one.tried),),
            (percent(one.error),),
            (percent(one.naive_error),),
        )
        for one in found
        if one.tried
    ]
    head = ("Months ahead", "Inside the band", "Coverage", "Error", "Same growth again")
    return Table(head, tuple(rows), frozenset(range(5)))


def _trust(checked: list[Checked] | Missing) -> str:
    if isinstance(checked, Missing):
        return checked.why
    tried, inside = sum(one.tried for one in checked), sum(one.inside for one in checked)
    far = [one for one in checked if one.tried and one.ahead in CHECKED]
    errors = ", ".join(f"{percent(one.error)} at {one.ahead} months" for one in far[1:] or far)
    return (
        f"Made in the past by what was known then, {inside:,} of {tried:,} such forecasts held"
        f" ({percent(Decimal(inside) / tried)}; the band promises 80.0%), and erred by {errors} on the average."
    )


def _chart(found: Forecast, base: str) -> Chart:
    def points(name: str) -> tuple[tuple[str, Decimal], ...]:
        values = [getattr(one, name) for one in found.months]
        return tuple(
            (f"{one.month:%b %Y}", to_major(rounded(v), base)) for one, v in zip(found.months, values, strict=True)
        )

    series = tuple((name.capitalize(), points(name)) for name in ("upside", "base", "downside"))
    return Chart("MRR at the end of each month to come", base.upper(), series)


def _months(found: Forecast, base: str) -> Table:
    rows: list[Row] = [
        ((f"{one.month:%b %Y}",), *((money(value, base),) for value in (one.downside, one.base, one.upside)))
        for one in found.months
    ]
    return Table(("Month", "Downside", "Base", "Upside"), tuple(rows), frozenset({1, 2, 3}))
