"""The coffee stats as Slack messages: one for the channel, replies for its thread, all of it in words too."""

from collections.abc import Iterator, Sequence

from bot.digest.compose import Digest
from bot.digest.told import Chart, Detail, Figure, Row, Table, Told, long_day
from bot.messages import blocks
from bot.messages.blocks import Block, Message
from bot.messages.phrases import in_plain_text, mrkdwn, sparkline, spoken


def outgoing(digest: Digest) -> list[Message]:
    """The message for the channel, then the replies for its thread in order."""
    told = [part.told() for part in digest.parts]
    return [_main(digest, told), *(_reply(detail) for one in told for detail in one.details)]


def plain_text(digest: Digest) -> str:
    """Everything, thread included, for a terminal."""
    told = [part.told() for part in digest.parts]
    paragraphs = [title(digest), *filter(None, ("\n".join(_typed(one)) for one in told)), *_typed_footer(told)]
    details = ["\n".join(_typed_detail(detail)) for one in told for detail in one.details]
    return "\n\n".join([*paragraphs, *details])


def title(digest: Digest) -> str:
    return f"Coffee stats · {long_day(digest.day)}"


# --- blocks ----------------------------------------------------------------------------------------------------


def _main(digest: Digest, told: Sequence[Told]) -> Message:
    body = [block for one in told for block in _blocks(one)]
    small = " ".join(mrkdwn(phrase) for one in told for phrase in one.small)
    footer = [blocks.context(small)] if small else []
    shown = blocks.fitted([blocks.header(title(digest)), *body, *footer])
    return Message(_words(digest, told), shown)


def _blocks(told: Told) -> Iterator[Block]:
    if told.heading:
        yield blocks.divider()
    head = [f"*{told.heading}*"] if told.heading else []
    yield from _sections([*head, *map(mrkdwn, told.lines)])
    if told.figures:
        yield blocks.fields(_field(figure) for figure in told.figures)
    if told.chart:
        yield blocks.line_chart(told.chart.title, [("MRR", told.chart.points)], y_label=told.chart.unit)


def _field(figure: Figure) -> str:
    return "\n".join((figure.label, f"*{figure.value}*", *figure.notes))


def _sections(lines: Sequence[str]) -> Iterator[Block]:
    """Lines in as few sections as Slack's limit on their text allows."""
    held: list[str] = []
    for line in lines:
        if held and sum(map(len, held)) + len(held) + len(line) > blocks.SECTION_TEXT:
            yield blocks.section("\n".join(held))
            held = []
        held.append(line)
    if held:
        yield blocks.section("\n".join(held))


def _reply(detail: Detail) -> Message:
    shown = list(_sections([f"*{detail.heading}*", *map(mrkdwn, detail.lines)]))
    if detail.table:
        shown.append(blocks.table(_rows(detail.table), numeric=detail.table.numeric))
    shown += _sections([mrkdwn(note) for note in detail.notes])
    return Message(blocks.cut_lines(list(_detail_words(detail)), blocks.MESSAGE_TEXT), shown)


# --- words -----------------------------------------------------------------------------------------------------


def _words(digest: Digest, told: Sequence[Told]) -> str:
    """The whole message for notifications and screen readers."""
    lines = [line for one in told for line in _spoken(one)]
    small = [spoken(phrase) for one in told for phrase in one.small]
    return blocks.cut_lines([f"{title(digest)}.", *lines, *small], blocks.MESSAGE_TEXT)


def _spoken(told: Told) -> Iterator[str]:
    if told.heading:
        yield f"{told.heading}:"
    yield from map(spoken, told.lines)
    for figure in told.figures:
        notes = f" ({'; '.join(figure.notes)})" if figure.notes else ""
        yield f"{figure.label}: {figure.value}{notes}."
    if told.chart:
        yield _drawn(told.chart)


def _drawn(chart: Chart) -> str:
    labels = f"{chart.points[0][0]} to {chart.points[-1][0]}"
    return f"{chart.title}, {labels}: {sparkline([value for _, value in chart.points])}"


def _detail_words(detail: Detail) -> Iterator[str]:
    yield f"{detail.heading}."
    yield from map(spoken, detail.lines)
    if detail.table:
        yield from map(_read_out, detail.table.rows)
    yield from map(spoken, detail.notes)


def _read_out(row: Row) -> str:
    first, *others = map(spoken, row)
    return f"{first}: {', '.join(filter(None, others))}"


def _rows(table: Table) -> list[list[str]]:
    return [list(table.head), *([in_plain_text(part) for part in row] for row in table.rows)]


# --- terminal --------------------------------------------------------------------------------------------------


def _typed(told: Told) -> Iterator[str]:
    if told.heading:
        yield told.heading
    indent = "  " if told.heading else ""
    yield from (indent + in_plain_text(phrase) for phrase in told.lines)
    if told.figures:
        width = max(len(figure.label) for figure in told.figures)
        for figure in told.figures:
            yield f"{figure.label:<{width}}  {figure.value:>12}  {' · '.join(figure.notes)}".rstrip()
    if told.chart:
        yield _drawn(told.chart)


def _typed_footer(told: Sequence[Told]) -> list[str]:
    small = "\n".join(in_plain_text(phrase) for one in told for phrase in one.small)
    return [small] if small else []


def _typed_detail(detail: Detail) -> Iterator[str]:
    yield detail.heading
    yield from ("  " + in_plain_text(phrase) for phrase in detail.lines)
    if detail.table:
        rows = _rows(detail.table)
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            aligned = (
                f"{text:>{width}}" if place in detail.table.numeric else f"{text:<{width}}"
                for place, (text, width) in enumerate(zip(row, widths, strict=True))
            )
            yield ("  " + "  ".join(aligned)).rstrip()
    yield from ("  " + in_plain_text(phrase) for phrase in detail.notes)
