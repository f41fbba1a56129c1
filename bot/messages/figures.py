"""Answers about metrics as Slack messages: at a glance, in depth, as CSV; and the list of all metrics."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.figures.ahead import Outlook
from bot.figures.ahead_told import ahead_told
from bot.figures.answer import Answer
from bot.figures.rows import as_csv, rows
from bot.figures.told import in_depth, told
from bot.figures.why import Why
from bot.figures.why_told import why_told
from bot.messages import blocks as b
from bot.messages import exports, telling
from bot.messages.blocks import Block, Message
from bot.metrics.catalogue import FAMILIES, METRICS
from bot.metrics.metric import Metric
from bot.metrics.question import Question
from storage.dimensions import DIMENSIONS

SHOW, MORE, EXPORT, WHY = "figure_show", "figure_more", "figure_export", "figure_why"
OFFERED = ("plan", "region", "segment", "owner")  # dimensions with a button of their own
FEW, MANY, ALL = 6, 40, 1000  # segments at a glance (a chart takes six lines), in depth, in an export
ASKING = (
    "`/coffee nrr 12m by plan` shows one figure over a period, divided",
    "`/coffee churn this quarter where region:EU mrr>500` keeps to what fits; `-country:US` leaves out",
    "`/coffee why mrr` says what moved it, to the cent, and who",
    "`/coffee forecast` says where MRR goes in the next twelve months, and how sure that is",
    "`/coffee metrics` lists all figures",
)


def glance(answer: Answer) -> Message:
    """The figure, its change, its course and segments, and what to press for more."""
    return telling.message(told(answer), _buttons(answer.question, deep=False))


def depth(answer: Answer) -> Message:
    return telling.message(in_depth(answer), _buttons(answer.question, deep=True))


def because(found: Why) -> list[Message]:
    """Why a figure is what it is, and in an answer of their own the accounts behind it."""
    told = why_told(found, accounts=FEW)
    parts, *accounts = told.details or (None,)
    first = telling.message(replace(told, details=(parts,) if parts else ()), _because_buttons(found.question))
    return [first, *(telling.reply(one) for one in accounts if one)]


def ahead(found: Outlook, base: str) -> Message:
    """The forecast, its band, and how far it can be trusted."""
    return telling.message(ahead_told(found, base), b.actions(b.button("MRR", SHOW, "mrr 12m")))


def export(answer: Answer) -> list[Message]:
    """All values of an answer as CSV in code blocks, to be copied; what does not fit is said."""
    remedy = f"Ask for fewer segments, or run `kahvi metrics {answer.question.metric} --csv --series` where Kahvi runs."
    return exports.as_messages(f"{answer.metric.name} as CSV", as_csv(rows(answer, steps=True)), remedy)


def meant(sentence: str, hints: Sequence[str]) -> Message:
    """A question that is not understood, with buttons for the metrics that may be meant."""
    ask = "Did you mean one of these?" if hints else "`/coffee metrics` lists what I know."
    said = f"{b.escape(sentence, 300)} {ask}"
    pressed = [b.button(METRICS[one].name, f"{SHOW}:{one}", one) for one in hints]
    names = ", ".join(METRICS[one].name for one in hints)
    text = f"{said} {names}".strip()
    return Message(text, [b.section(said), *([b.actions(*pressed)] if pressed else [])])


def refused(sentence: str) -> Message:
    """Why there is no answer; the sentence holds what was typed and what customers are called."""
    return b.said(b.escape(sentence, 600))


def catalogue() -> Message:
    """All metrics by family, each with the word to type."""
    lines = [line for family, metrics in _by_family() for line in (f"*{family}*", *map(_entry, metrics))]
    end = f"Divide each by {', '.join(f'`{one}`' for one in DIMENSIONS)}, or by `tag.` and a tag of your accounts."
    words = b.cut_lines([*(line.replace("*", "").replace("`", "") for line in lines), end], b.MESSAGE_TEXT)
    return Message(words, b.fitted([*telling.sections(lines), b.context(end)]))


def families() -> list[str]:
    """The words to type for the metrics of each family, a line for each."""
    return [f"{family}: {', '.join(f'`{one.id}`' for one in metrics)}" for family, metrics in _by_family()]


def _by_family() -> Iterator[tuple[str, list[Metric]]]:
    for family in FAMILIES:
        name = family.__name__.rpartition(".")[2].replace("_", " ").capitalize()
        yield name, [one for one in METRICS.values() if one.function.__module__ == family.__name__]


def _entry(metric: Metric) -> str:
    return f"`{metric.id}` {metric.name}: {metric.definition}"


def _because_buttons(question: Question) -> Block:
    return b.actions(b.button("The figure", SHOW, str(question)), b.button("More", MORE, str(question)))


def _buttons(question: Question, *, deep: bool) -> Block:
    offered = [one for one in OFFERED if one in DIMENSIONS and one != question.by]
    glance_or_more = b.button("Less", SHOW, str(question)) if deep else b.button("More", MORE, str(question))
    return b.actions(
        glance_or_more,
        b.button("Why?", WHY, str(question.divided(""))),
        *(b.button(f"By {one}", f"{SHOW}:{one}", str(question.divided(one))) for one in offered),
        *([b.button("Undivided", f"{SHOW}:all", str(question.divided("")))] if question.by else []),
        b.button("CSV", EXPORT, str(question)),
    )
