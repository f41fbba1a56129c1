"""CSV and JSON as Slack messages, to be copied."""

from collections.abc import Iterator, Mapping, Sequence

from bot.messages import blocks as b
from bot.messages.blocks import Message
from bot.telling.told import counted

CODE = 9_000  # characters of one code block
PARTS = 4  # code blocks of one export: Slack takes five answers to one press


def as_messages(name: str, csv: str, remedy: str, left_out: int = 0) -> list[Message]:
    """The lines in code blocks; what does not fit, or was `left_out` before, is said, with what to do instead."""
    head, *rows = csv.removesuffix("\n").split("\n")
    fitting = [row for row in rows if len(head) + len(row) < CODE]
    left_out += len(rows) - len(fitting)
    parts = list(_portions(head, fitting))
    shown = [_code(part, name, number, min(len(parts), PARTS)) for number, part in enumerate(parts[:PARTS], start=1)]
    left = left_out + sum(len(part) - 1 for part in parts[PARTS:])
    if left:
        shown.append(
            b.said(f"{counted(left, 'more row does', 'more rows do')} not fit into a message. {remedy}".strip())
        )
    return shown


def as_object(name: str, tables: Mapping[str, Sequence[str]], remedy: str) -> list[Message]:
    """Rows of JSON by table as one object in code blocks, a row on each line.

    Where it does not fit the largest tables are left out whole, and named: half an object would be worth nothing.
    """
    kept = {table: rows for table, rows in tables.items() if max(map(len, rows), default=0) < CODE}
    while len(parts := list(_filled(_object(kept)))) > PARTS:
        del kept[max(kept, key=lambda table: (sum(map(len, kept[table])), table))]
    title = f"*{name}*"
    shown = [
        Message(name, [*([b.section(title)] if number == 0 else []), b.code(part)]) for number, part in enumerate(parts)
    ]
    if left := [table for table in tables if table not in kept]:
        shown.append(b.said(f"Left out, as it does not fit into a message: {', '.join(left)}. {remedy}"))
    return shown


def _object(tables: Mapping[str, Sequence[str]]) -> list[str]:
    """The lines of an object of lists."""
    lines = ["{"]
    for number, (table, rows) in enumerate(tables.items(), start=1):
        lines.append(f'"{table}": [')
        lines += [f"{row}," for row in rows[:-1]] + list(rows[-1:])
        lines.append("]" if number == len(tables) else "],")
    return [*lines, "}"]


def _filled(lines: Sequence[str]) -> Iterator[str]:
    """The lines in portions that fit a code block."""
    held, *rest = lines
    for line in rest:
        if len(held) + len(line) + 1 > CODE:
            yield held
            held = line
        else:
            held = f"{held}\n{line}"
    yield held


def _portions(head: str, rows: Sequence[str]) -> Iterator[list[str]]:
    """Rows in portions that fit a code block, each with the head line."""
    held, size = [head], len(head)
    for line in rows:
        if size + len(line) + 1 > CODE:
            yield held
            held, size = [head], len(head)
        held.append(line)
        size += len(line) + 1
    yield held


def _code(lines: Sequence[str], name: str, number: int, count: int) -> Message:
    title = name if count == 1 else f"{name}, part {number} of {count}"
    return Message(f"{title}: {counted(len(lines) - 1, 'row')}.", [b.section(f"*{title}*"), b.code("\n".join(lines))])
