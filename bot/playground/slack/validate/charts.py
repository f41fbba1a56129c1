"""The data_visualization block. Where documents disagree on a limit, the lower one holds."""

from typing import Any

from bot.playground.slack.validate.objects import ID
from bot.playground.slack.validate.problem import Path, Problem
from bot.playground.slack.validate.spec import ByType, ListOf, Num, Obj, Problems, Spec, Str, unique

MOST_SERIES = 6
MOST_POINTS = 20
LABEL = Str(20)

_POINT = Obj({"label": LABEL, "value": Num()})
_SERIES = Obj({"name": LABEL, "data": ListOf(_POINT, MOST_POINTS)})
_AXES = Obj({"categories": ListOf(LABEL, MOST_POINTS)}, {"x_label": Str(50), "y_label": Str(50)})


def _series_fit_categories(chart: dict[str, Any], path: Path) -> Problems:
    """Series names differ, and each series has exactly one point for each category."""
    categories = chart["axis_config"]["categories"]
    yield from unique("category", categories, (*path, "axis_config", "categories"))
    yield from unique("series name", [series["name"] for series in chart["series"]], (*path, "series"))
    for number, series in enumerate(chart["series"]):
        if sorted(point["label"] for point in series["data"]) != sorted(categories):
            place = (*path, "series", number, "data")
            yield Problem(place, "must have exactly one data point for each category")


def _labels_differ(chart: dict[str, Any], path: Path) -> Problems:
    labels = [segment["label"] for segment in chart["segments"]]
    yield from unique("segment label", labels, (*path, "segments"))


_PIE = Obj({"segments": ListOf(Obj({"label": LABEL, "value": Num(above=0)}), MOST_SERIES)}, rules=(_labels_differ,))
_PLOT = Obj({"series": ListOf(_SERIES, MOST_SERIES), "axis_config": _AXES}, rules=(_series_fit_categories,))
CHARTS: dict[str, Spec] = {"pie": _PIE, "bar": _PLOT, "area": _PLOT, "line": _PLOT}
DATA_VISUALIZATION = Obj({"title": Str(50), "chart": ByType(CHARTS)}, {"block_id": ID})
