"""All that was ever added to an account's exit interviews: by whom, when, and what it changed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from bot.exits import interview as interviews
from bot.exits.reasons import Reasons
from bot.messages import blocks as b
from bot.messages.account import EXIT_HISTORY
from bot.messages.exits import LABELS, OPEN_OF, in_words, of_departure
from bot.messages.windows import open_again, told
from bot.messages.words import day, moment, person
from storage.exit_interviews import NOTE, Entry, Interview, without

TITLE = "Exit interviews"
ROOM = 180_000  # bytes of a window as it is sent; Slack refuses more than 250,000
LAST = "More was written before, and is kept: a window holds no more."


def history(
    account: tuple[str, str], found: Sequence[Interview], reasons: Reasons, names: Mapping[str, str], zone: ZoneInfo
) -> b.Block:
    """The interviews of an account, given by id and name, the last first, in each the newest entry first."""
    account_id, name = account
    window = told(TITLE, f"*{b.escape(name)}*" if found else f"Nobody has noted why *{b.escape(name)}* leaves.")
    blocks: list[b.Block] = list(window["blocks"])
    room = ROOM
    for part in _parts(found, reasons, names, zone):
        room -= len(json.dumps(part))
        if room < 0 or len(blocks) + len(part) >= b.BLOCKS_PER_VIEW:
            blocks.append(b.context(LAST))
            break
        blocks += part
    return {**window, "private_metadata": account_id, "blocks": blocks}


def again(view: b.Block) -> b.Message:
    return open_again(EXIT_HISTORY, str(view.get("private_metadata") or ""))


def _parts(
    found: Sequence[Interview], reasons: Reasons, names: Mapping[str, str], zone: ZoneInfo
) -> Iterator[list[b.Block]]:
    """What stands together, as blocks: the head of an interview, or an entry."""
    for one in reversed(found):
        until = f" to {day(one.left, zone)}" if one.left else " on"
        open_form = b.button("Change or add", OPEN_OF, of_departure(one.account_id, one.stay))
        yield [b.divider(), b.section(f"*From {day(one.stay, zone)}{until}*", accessory=open_form)]
        for entry in reversed(one.entries):
            yield [b.section("\n".join(_lines(entry, reasons, names, zone))), *b.as_typed(entry.note)]


def _lines(entry: Entry, reasons: Reasons, names: Mapping[str, str], zone: ZoneInfo) -> Iterator[str]:
    yield f"{person(entry.author)} on {moment(entry.written_at, zone)}"
    for field, value in interviews.plain(entry.said).items():
        yield f"• {LABELS[field]} {in_words(field, value, reasons, names)}"
    taken_back = [LABELS[name] for name in entry.cleared if name in LABELS]
    taken_back += [b.escape(name) for tag, name in names.items() if without(tag) in entry.cleared]
    if taken_back:
        yield f"• Taken back: {', '.join(taken_back)}"
    if entry.note:
        yield f"• {LABELS[NOTE]}"
