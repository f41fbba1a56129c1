"""What is told (`bot.telling.told`) as blocks, as words to be read out, and as text for a terminal."""

from collections.abc import Iterator, Sequence

from bot.messages import blocks
from bot.messages.blocks import Block, Message
from bot.messages.phrases import in_plain_text, mrkdwn, sparkline, spoken
from bot.telling.told import Chart, Detail, Figure, Foreign, Phrase, Row, Table, Told

# --- blocks ----------------------------------------------------------------------------------------------------


def shown(told: Told) -> Iterator[Block]:
    """The blocks of what is said in a message itself."""
    if told.heading:
        yield blocks.divider()
    head = [f"*{told.heading}*"] if told.heading else []
    yield from sections([*head, *map(mrkdwn, told.lines)])
    if told.figures:
        yield blocks.fields(_field(figure) for figure in told.figures)
    if told.chart:
        yield _chart(told.chart)


def detail_shown(detail: Detail) -> Iterator[Block]:
    """The blocks of a detail; Slack takes one table in a message."""
    head = [f"*{detail.heading}*"] if detail.heading else []
    yield from sections([*head, *map(mrkdwn, detail.lines)])
    if detail.chart:
        yield _chart(detail.chart)
    if detail.table:
        yield blocks.table(_rows(detail.table), numeric=detail.table.numeric)
    yield from sections([mrkdwn(note) for note in detail.notes])


def _chart(chart: Chart) -> Block:
    draw = blocks.bar_chart if chart.bars else blocks.line_chart
    return draw(chart.title, chart.series, y_label=chart.unit)


def footer(told: Sequence[Told]) -> list[Block]:
    """What is small in all of them, as one block; none when nothing is."""
    small = " ".join(mrkdwn(phrase) for one in told for phrase in one.small)
    return [blocks.context(small)] if small else []


def sections(lines: Sequence[str]) -> Iterator[Block]:
    """Lines in as few sections as Slack's limit on their text allows."""
    held: list[str] = []
    for line in lines:
        if held and sum(map(len, held)) + len(held) + len(line) > blocks.SECTION_TEXT:
            yield blocks.section("\n".join(held))
            held = []
        held.append(line)
    if held:
        yield blocks.section("\n".join(held))


def _field(figure: Figure) -> str:
    return "\n".join((figure.label, f"*{figure.value}*", *figure.notes))


def _rows(table: Table) -> list[list[str]]:
    return [list(table.head), *([in_plain_text(part) for part in row] for row in table.rows)]


def message(found: Told, buttons: Block | None) -> Message:
    """A message of its own: all that is said, its details among them, and buttons if there are any."""
    shown_here = [
        *list(shown(found))[bool(found.heading) :],  # nothing stands above the line of a heading
        *(block for detail in found.details for block in detail_shown(detail)),
        *footer([found]),
        *([buttons] if buttons else []),
    ]
    said = [*words(found), *(line for one in found.details for line in detail_words(one)), *small_words([found])]
    return Message(blocks.cut_lines(said, blocks.MESSAGE_TEXT), blocks.fitted(shown_here))


def reply(detail: Detail) -> Message:
    """A detail in a message of its own: Slack takes one table in each."""
    said = blocks.cut_lines(list(detail_words(detail)), blocks.MESSAGE_TEXT)
    return Message(said, blocks.fitted(list(detail_shown(detail))))


# --- words -----------------------------------------------------------------------------------------------------


def words(told: Told) -> Iterator[str]:
    """The lines of what is said in a message itself, to be read out."""
    if told.heading:
        yield f"{told.heading}:"
    yield from map(spoken, told.lines)
    for figure in told.figures:
        notes = f" ({'; '.join(figure.notes)})" if figure.notes else ""
        yield f"{figure.label}: {figure.value}{notes}."
    if told.chart and not told.chart.bars:
        yield from (spoken(line) for line in _drawn(told.chart))


def detail_words(detail: Detail) -> Iterator[str]:
    if detail.heading:
        yield f"{detail.heading}."
    yield from map(spoken, detail.lines)
    if detail.table:
        yield from map(_read_out, detail.table.rows)
    yield from map(spoken, detail.notes)


def small_words(told: Sequence[Told]) -> list[str]:
    return [spoken(phrase) for one in told for phrase in one.small]


def _drawn(chart: Chart) -> Iterator[Phrase]:
    """Each line of a chart as a sparkline; one that is alone needs no name."""
    for name, points in chart.series:
        named = (", ", Foreign(name)) if len(chart.series) > 1 else ()
        labels = f", {points[0][0]} to {points[-1][0]}: "
        yield (chart.title, *named, labels, sparkline([value for _, value in points]))


def _read_out(row: Row) -> str:
    first, *others = map(spoken, row)
    return f"{first}: {', '.join(filter(None, others))}"


# --- terminal --------------------------------------------------------------------------------------------------


def typed(told: Told) -> Iterator[str]:
    """The lines of what is said in a message itself, for a terminal."""
    if told.heading:
        yield told.heading
    indent = "  " if told.heading else ""
    yield from (indent + in_plain_text(phrase) for phrase in told.lines)
    if told.figures:
        width = max(len(figure.label) for figure in told.figures)
        for figure in told.figures:
            yield f"{figure.label:<{width}}  {figure.value:>12}  {' · '.join(figure.notes)}".rstrip()
    if told.chart:
        yield from (in_plain_text(line) for line in _drawn(told.chart))


def footer_typed(told: Sequence[Told]) -> list[str]:
    small = "\n".join(in_plain_text(phrase) for one in told for phrase in one.small)
    return [small] if small else []


def detail_typed(detail: Detail) -> Iterator[str]:
    if detail.heading:
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
