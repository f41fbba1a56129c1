"""What people ask for in one line: `nrr 12m by plan where region:EU`, in any order that makes sense."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from rapidfuzz import fuzz, process

from bot.errors import KahviError
from bot.metrics import filters, periods
from bot.metrics.filter_words import FilterError
from bot.metrics.filters import Among, Filter
from bot.metrics.metric import Metric
from bot.metrics.periods import Span, span
from bot.spelling import nearest

ALIKE = 70.0
MOST_HINTS = 3
LONGEST = 1500
_CONDITION = re.compile(r'-?[^\s:<>="“”]+[:<>=].*|-?tag\.["“].*')
FILLER = frozenset(("in", "for", "over", "during", "of", "the", "split", "divided"))
_PLAN = re.compile(r"\b(?:vs\.?|versus|against) (?:the )?(?:plan|targets?|budget)\b", re.IGNORECASE)


class QuestionError(KahviError):
    """A question cannot be understood; `hints` are ids of metrics that may be meant, nearest first."""

    def __init__(self, sentence: str, hints: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.hints = tuple(hints)


@dataclass(frozen=True, slots=True)
class Question:
    """A metric over a period, divided by a dimension ("" for none), of what a filter keeps, as it was typed.

    `plan` when it was asked for beside its target; `within` keeps to what may be seen, empty for everything.
    """

    metric: str
    span: Span
    by: str = ""
    where: str = ""
    plan: bool = False
    within: Filter = ()

    def __str__(self) -> str:
        """The question as it can be typed."""
        by = f" by {self.by}" if self.by else ""
        where = f" where {self.where}" if self.where else ""
        plan = " vs plan" if self.plan else ""
        return f"{self.metric} {self.span.said}{plan}{by}{where}"

    def divided(self, by: str) -> "Question":
        return replace(self, by=by)


@dataclass(frozen=True, slots=True)
class Names:
    """What can be named: ids by all folded names of metrics and of dimensions, and the keys of tags.

    `usual` are the periods that are meant where none is said, by metric, `annual` those of yearly subscriptions alone.
    """

    metrics: Mapping[str, str]
    dimensions: Mapping[str, str]
    tags: Sequence[str] = ()
    usual: Mapping[str, str] = field(default_factory=dict)
    annual: Mapping[str, str] = field(default_factory=dict)

    def period(self, metric: str, where: str) -> str:
        """The period that is meant where none is said."""
        usual = self.usual.get(metric, periods.DEFAULT)
        return self.annual.get(metric, usual) if self._keeps_to_yearly(where) else usual

    def _keeps_to_yearly(self, where: str) -> bool:
        try:
            found = filters.parse(where, self.dimensions, self.tags)
        except FilterError:
            return False  # which is told when the question is answered
        return any(
            isinstance(one, Among) and (one.dimension, one.values, one.but) == ("billing", ("yearly",), False)
            for one in found
        )


def names_of(metrics: Iterable[Metric]) -> dict[str, str]:
    """The ids of metrics by every name they go by; those of the catalogue come before aliases."""
    found: dict[str, str] = {}
    listed = list(metrics)
    for one in listed:
        found |= {folded(one.id): one.id, folded(one.name): one.id}
    for one in listed:
        for alias in one.aliases:
            found.setdefault(folded(alias), one.id)
    return found


def folded(name: str) -> str:
    """A name as it is compared: lower case, words with single spaces, no punctuation."""
    return " ".join(re.sub(r"[^\w]+|_", " ", name.casefold()).split())


def read(text: str, names: Names, today: date) -> Question:
    """The question of a line; QuestionError or PeriodError with one sentence for one that makes no sense."""
    if len(text) > LONGEST:
        raise QuestionError(f"That is longer than {LONGEST} characters; please ask for less at once.")
    head, where = halves(text, names.metrics)
    said, plan = _PLAN.subn(" ", " ".join(head))
    head = said.split()
    words, by = _before_by(head)
    by_words, found = _with_period(by, today) if by else ((), None)
    named = folded(" ".join(words)) in names.metrics  # a name may end like a period does
    metric_words, own = (words, None) if named else _with_period(words, today)
    if found and own:
        raise QuestionError(f"There are two periods, {own.said} and {found.said}; please name one.")
    metric = _metric(" ".join(metric_words), names.metrics)
    period = own or found or span(names.period(metric, where), today)
    assert period is not None  # noqa: S101 - the default is a period
    return Question(metric, period, _dimension(" ".join(by_words), names) if by else "", where, plan > 0)


def halves(text: str, metrics: Collection[str] = ()) -> tuple[list[str], str]:
    """The words before the filter, and the filter, which begins after `where` or with its first condition.

    A word like ltv:cac is no condition: it names a metric.
    """
    for found in re.finditer(r"\S+", text):
        word = found.group()
        if word.casefold() == "where":
            return text[: found.start()].split(), text[found.end() :].strip()
        if _CONDITION.fullmatch(word) and folded(word) not in metrics:
            return text[: found.start()].split(), text[found.start() :].strip()
    return text.split(), ""


def _before_by(words: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    for place, word in enumerate(words):
        if word.casefold() == "by":
            rest = words[place + 1 :]
            if not rest:
                raise QuestionError("By what? Write a dimension behind “by”, such as by plan or by region.")
            return words[:place], rest
    return words, ()


def _with_period(words: Sequence[str], today: date) -> tuple[Sequence[str], Span | None]:
    """Words without the period that stands at their end, or else at their beginning."""
    for length in (3, 2, 1):
        if len(words) > length and (found := span(" ".join(words[-length:]), today)):
            rest = list(words[:-length])
            while len(rest) > 1 and rest[-1].casefold() in FILLER:
                rest.pop()
            return rest, found
    for length in (3, 2, 1):
        if len(words) > length and (found := span(" ".join(words[:length]), today)):
            return words[length:], found
    return words, None


def _metric(said: str, known: Mapping[str, str]) -> str:
    wanted = folded(said)
    if wanted in known:
        return known[wanted]
    if not wanted:
        raise QuestionError("No metric is named; write one first, such as mrr or nrr.")
    alike = process.extract(wanted, list(known), scorer=fuzz.WRatio, score_cutoff=ALIKE, limit=None)
    near = sorted(alike, key=lambda found: -found[1] - fuzz.ratio(wanted, found[0]))  # whole names before parts
    hints = tuple(dict.fromkeys(known[name] for name, _, _ in near))[:MOST_HINTS]
    shown = said if len(said) <= 40 else f"{said[:39]}…"
    raise QuestionError(f"I know no metric called “{shown}”.", hints)


def _dimension(said: str, names: Names) -> str:
    wanted = folded(said).replace(" ", "_")
    if wanted in names.dimensions:
        return names.dimensions[wanted]
    key = said.casefold().removeprefix("tag.").strip('"“” ')
    for tag in names.tags:
        if tag.casefold() == key:
            return f"tag.{tag}"
    known = {**names.dimensions, **{tag.casefold(): f"tag.{tag}" for tag in names.tags}}
    meant = nearest(wanted, known)
    shown = said if len(said) <= 40 else f"{said[:39]}…"
    hint = (
        f"did you mean by {known[meant]}?"
        if meant
        else f"I can divide by {', '.join(dict.fromkeys(names.dimensions.values()))}."
    )
    raise QuestionError(f"I cannot divide by “{shown}”; {hint}")
