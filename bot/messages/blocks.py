"""The words of Block Kit that Kahvi uses: each builder escapes nothing, cuts to Slack's limits and never raises.

Foreign text (names, comments, notes) enters mrkdwn only through `escape`, or goes into plain_text. Limits are those
of Slack's block reference and of what Slack was seen to refuse.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any

Block = dict[str, Any]

BLOCKS_PER_MESSAGE = 50
BLOCKS_PER_VIEW = 100
SECTION_TEXT = 3000
FIELD_TEXT = 2000
FIELDS = 10
HEADER_TEXT = 150
CONTEXT_ELEMENTS = 10
BUTTON_TEXT = 75
BUTTON_VALUE = 2000
OPTION_TEXT = 75
OPTION_VALUE = 150
OPTIONS = 100
VIEW_TITLE = 24
LABEL_TEXT = 2000
PLACEHOLDER_TEXT = 150
MESSAGE_TEXT = 4000
BLOCK_TEXT_SUM = 12_000  # msg_blocks_too_long was seen near 13,200
CHART_TITLE = 50
CHART_LABEL = 20
CHART_POINTS = 20
CHART_SERIES = 6
TABLE_ROWS = 100
TABLE_TEXT = 9500  # a table of more than 10,000 characters is refused

# Bidirectional controls can make text read as something else; line breaks can make one name look like two lines.
_CONTROLS = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]+"
)

# Nothing escapes emphasis in Slack, and nothing invisible keeps marks from pairing: those that may pair are replaced by
# their likes. Between two letters or digits none does.
_LIKES = str.maketrans("*_~`", "∗ˍ∼ˋ")
_PAIRING = re.compile(r"`|(?<![^\W_])[*_~]|[*_~](?![^\W_])")
# A zero-width joiner after one of these keeps names and emoji from coming alive ...
_CALLING = re.compile("([:@#])")
# ... but for what people copy, e-mail and web addresses, where none can.
_PART = r"[^\W_]+"
_ADDRESS = re.compile(
    rf"{_PART}(?:[._+%-]{_PART})*@{_PART}(?:[.-]{_PART})+"
    rf"|https?://{_PART}(?:[.-]{_PART})*(?::\d{{1,5}})?(?:[/?&=%.+#,;_-]+{_PART})*/?"
)
_AROUND = "()[]<>\"'“”‘’„.,;!?…"


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to Slack: blocks for the eye, and the same said whole in `text` for notifications and readers."""

    text: str
    blocks: list[Block] = field(default_factory=list)


def plain(text: str, limit: int = SECTION_TEXT) -> str:
    """Foreign text on one line, without control characters, cut to a length."""
    return cut(" ".join(_CONTROLS.sub(" ", unicodedata.normalize("NFC", text)).split()), limit)


def escape(text: str, limit: int = 80) -> str:
    """Foreign text that is inert in mrkdwn: no mention, link, emphasis, code or emoji comes alive in it.

    Addresses and ids can be copied from it: they stay as they are.
    """
    return isolated(" ".join(_inert(word) for word in plain(text, limit).split(" ")))


def _inert(word: str) -> str:
    told = word if _ADDRESS.fullmatch(word.strip(_AROUND)) else _CALLING.sub("\\1\u2060", word)
    told = _PAIRING.sub(lambda mark: mark.group().translate(_LIKES), told)
    return told.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def isolated(text: str) -> str:
    """Text in a script written from right to left, kept from turning round the amounts beside it."""
    turns = any(unicodedata.bidirectional(char) in ("R", "AL") for char in text)
    return f"\u2068{text}\u2069" if turns else text


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, an ellipsis in the last place when something is missing."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def cut_lines(lines: Sequence[str], limit: int) -> str:
    """As many whole lines from the start as fit, an ellipsis in place of the others."""
    whole = "\n".join(lines)
    if len(whole) <= limit:
        return whole
    kept = whole[: limit - 2].rpartition("\n")[0] or whole[: limit - 2]
    return f"{kept}\n…"


def link(url: str, label: str) -> str:
    """A mrkdwn link; the label is escaped, the URL encoded."""
    safe = url.replace("<", "%3C").replace(">", "%3E").replace("|", "%7C").replace(" ", "%20")
    return f"<{safe}|{escape(label)}>"


def local_time(epoch: int, fallback: str, form: str = "{date_short_pretty} at {time}") -> str:
    """An instant in each reader's own time."""
    return f"<!date^{epoch}^{form}|{fallback}>"


def header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": plain(text, HEADER_TEXT) or "–", "emoji": True}}


def section(text: str, *, accessory: Block | None = None, block_id: str | None = None) -> Block:
    block: Block = {
        "type": "section",
        "text": _mrkdwn(text, SECTION_TEXT),
        "expand": True,
    }
    if accessory:
        block["accessory"] = accessory
    return _named(block, block_id)


def fields(texts: Iterable[str]) -> Block:
    return {"type": "section", "fields": [_mrkdwn(text, FIELD_TEXT) for text in texts][:FIELDS]}


def context(*texts: str) -> Block:
    shown = [_mrkdwn(text, SECTION_TEXT) for text in texts if text]
    return {"type": "context", "elements": shown[:CONTEXT_ELEMENTS] or [_mrkdwn("", SECTION_TEXT)]}


def code(text: str) -> Block:
    """Text as it is, in type of one width: nothing in it comes alive, and it can be copied."""
    inside = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text or " "}]}
    return {"type": "rich_text", "elements": [inside]}


def as_typed(text: str) -> list[Block]:
    """Text whole, with its line breaks, in as many sections as it needs: nothing in it comes alive."""
    parts = [text[start : start + SECTION_TEXT] for start in range(0, len(text), SECTION_TEXT)]
    return [{"type": "section", "text": {"type": "plain_text", "text": part, "emoji": False}} for part in parts]


def divider() -> Block:
    return {"type": "divider"}


def actions(*elements: Block, block_id: str | None = None) -> Block:
    return _named({"type": "actions", "elements": list(elements)[:25]}, block_id)


def button(text: str, action_id: str, value: str = "", *, style: str | None = None, url: str | None = None) -> Block:
    block: Block = {
        "type": "button",
        "action_id": action_id,
        "text": {"type": "plain_text", "text": plain(text, BUTTON_TEXT), "emoji": True},
    }
    if value:
        block["value"] = value[:BUTTON_VALUE]
    if style:
        block["style"] = style
    if url:
        block["url"] = url
    return block


def menu(text: str, action_id: str, options: Sequence[Block]) -> Block:
    """A menu beside buttons, named by its placeholder."""
    shown = list(options)[:OPTIONS]
    placeholder = {"type": "plain_text", "text": plain(text, PLACEHOLDER_TEXT)}
    return {"type": "static_select", "action_id": action_id, "placeholder": placeholder, "options": shown}


def search_menu(text: str, action_id: str, *, from_letters: int) -> Block:
    """A menu whose options are asked for while somebody types, named by its placeholder."""
    placeholder = {"type": "plain_text", "text": plain(text, PLACEHOLDER_TEXT)}
    return {
        "type": "external_select",
        "action_id": action_id,
        "placeholder": placeholder,
        "min_query_length": from_letters,
    }


def people_menu(text: str, action_id: str) -> Block:
    """A menu of all people of the workspace, named by its placeholder."""
    placeholder = {"type": "plain_text", "text": plain(text, PLACEHOLDER_TEXT)}
    return {"type": "users_select", "action_id": action_id, "placeholder": placeholder}


def overflow(action_id: str, options: Sequence[Block]) -> Block:
    """A small menu behind three dots."""
    return {"type": "overflow", "action_id": action_id, "options": list(options)[:5]}


def option(text: str, value: str, description: str = "") -> Block:
    block: Block = {"text": {"type": "plain_text", "text": plain(text, OPTION_TEXT) or "–"}, "value": value}
    if description:
        block["description"] = {"type": "plain_text", "text": plain(description, OPTION_TEXT)}
    return block


def table(rows: Sequence[Sequence[str]], *, numeric: Iterable[int] = (), block_id: str | None = None) -> Block:
    """A table of text cells, the first row its head; columns named in `numeric` are set to the right.

    Rows from the start, as many as Slack takes.
    """
    right = set(numeric)
    settings = [{"align": "right" if column in right else "left"} for column in range(len(rows[0]))]
    cells = [[{"type": "raw_text", "text": plain(cell, 200) or "–"} for cell in row] for row in _fitting(rows)]
    return _named({"type": "table", "rows": cells, "column_settings": settings}, block_id)


Series = Sequence[tuple[str, Sequence[tuple[str, Decimal]]]]


def line_chart(title: str, series: Series, *, y_label: str) -> Block:
    """A line chart; every series has a point for each label of the first, the last 20 of them."""
    labels = [plain(label, CHART_LABEL) for label, _ in series[0][1]][-CHART_POINTS:]
    return _chart("line", title, labels, [(name, points[-CHART_POINTS:]) for name, points in series], y_label)


def bar_chart(title: str, series: Series, *, y_label: str) -> Block:
    """A bar chart; every series has a bar for each label of the first, the first 20 of them."""
    labels = _distinct([label for label, _ in series[0][1]][:CHART_POINTS])
    return _chart("bar", title, labels, [(name, points[:CHART_POINTS]) for name, points in series], y_label)


def _chart(kind: str, title: str, labels: Sequence[str], series: Series, y_label: str) -> Block:
    """`labels` as they are shown, in the order of each series' points."""
    names = _distinct([name for name, _ in series])[:CHART_SERIES]
    drawn = [
        {
            "name": name,
            "data": [{"label": label, "value": float(value)} for label, (_, value) in zip(labels, points, strict=True)],
        }
        for name, (_, points) in zip(names, series, strict=False)
    ]
    return {
        "type": "data_visualization",
        "title": plain(title, CHART_TITLE),
        "chart": {
            "type": kind,
            "series": drawn,
            "axis_config": {"categories": list(labels), "y_label": plain(y_label, 50)},
        },
    }


def text_of(blocks: Sequence[Block]) -> int:
    """How many characters of text the blocks hold, as Slack seems to count them for a whole message."""
    return sum(len(value) for block in blocks for value in _texts(block))


def fitted(blocks: Sequence[Block], limit: int = BLOCKS_PER_MESSAGE) -> list[Block]:
    """As many blocks from the start as one message may hold."""
    kept: list[Block] = []
    total = 0
    for block in blocks[:limit]:
        total += text_of([block])
        if total > BLOCK_TEXT_SUM:
            break
        kept.append(block)
    return kept


# --- forms -----------------------------------------------------------------------------------------------------


def modal(callback_id: str, title: str, blocks: Sequence[Block], *, submit: str, private_metadata: str = "") -> Block:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": {"type": "plain_text", "text": plain(title, VIEW_TITLE)},
        "submit": {"type": "plain_text", "text": plain(submit, VIEW_TITLE)},
        "close": {"type": "plain_text", "text": "Cancel"},
        "private_metadata": private_metadata[:3000],
        "blocks": list(blocks)[:BLOCKS_PER_VIEW],
    }


def carried(values: object) -> str:
    """What a form carries along, for its `private_metadata`; letters as they are, since Slack counts characters."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def carried_by(view: Mapping[str, Any]) -> dict[str, Any]:
    """What an open form carries along by name; nothing where it carries something else."""
    return read_carried(view.get("private_metadata"))


def read_carried(written: object) -> dict[str, Any]:
    """What `carried` wrote of values by name; nothing for what it did not write."""
    try:
        found = json.loads(str(written or "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def entry(
    block_id: str, label: str, element: Block, *, hint: str = "", optional: bool = False, tells: bool = False
) -> Block:
    """One labelled input of a form; its element's action_id is always "value".

    `tells`: each change of it is sent at once, with all that stands in the form.
    """
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": {"type": "plain_text", "text": plain(label, LABEL_TEXT)},
        "element": {**element, "action_id": "value"},
        "optional": optional,
    }
    if hint:
        block["hint"] = {"type": "plain_text", "text": plain(hint, LABEL_TEXT)}
    if tells:
        block["dispatch_action"] = True
        if element["type"] == "plain_text_input":
            block["element"]["dispatch_action_config"] = {"trigger_actions_on": ["on_character_entered"]}
    return block


def text_input(*, initial: str = "", placeholder: str = "", multiline: bool = False, longest: int = 3000) -> Block:
    block: Block = {"type": "plain_text_input", "multiline": multiline, "max_length": min(longest, 3000)}
    if initial:
        block["initial_value"] = initial[: min(longest, 3000)]
    if placeholder:
        block["placeholder"] = {"type": "plain_text", "text": plain(placeholder, PLACEHOLDER_TEXT)}
    return block


def choice(options: Sequence[Block], *, initial: str | None = None, kind: str = "static_select") -> Block:
    """A choice of one: a static_select or radio_buttons."""
    shown = list(options)[: OPTIONS if kind == "static_select" else 10]
    block: Block = {"type": kind, "options": shown}
    chosen = [one for one in shown if one["value"] == initial]
    if chosen:
        block["initial_option"] = chosen[0]
    return block


def ticks(options: Sequence[Block], *, initial: Iterable[str] = ()) -> Block:
    """Checkboxes."""
    wanted = set(initial)
    shown = list(options)[:10]
    block: Block = {"type": "checkboxes", "options": shown}
    chosen = [one for one in shown if one["value"] in wanted]
    if chosen:
        block["initial_options"] = chosen
    return block


def channel_input() -> Block:
    """A choice of one of the workspace's channels, private ones too."""
    return {"type": "conversations_select", "filter": {"include": ["public", "private"], "exclude_bot_users": True}}


def person_input(initial: str | None = None) -> Block:
    """A choice of one person of the workspace."""
    return {"type": "users_select", **({"initial_user": initial} if initial else {})}


def people_input(most: int) -> Block:
    """A choice of people of the workspace."""
    return {"type": "multi_users_select", "max_selected_items": most}


def time_input(initial: str) -> Block:
    """A time of day, "HH:MM"."""
    return {"type": "timepicker", "initial_time": initial}


def time_of(value: object) -> time | None:
    """The time of day that a `time_input` holds; None for none."""
    try:
        return time.fromisoformat(str(value)).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        return None


def date_input(initial: str | None = None) -> Block:
    """A day, "2026-01-31"."""
    return {"type": "datepicker", **({"initial_date": initial} if initial else {})}


def date_of(value: object) -> date | None:
    """The day that a `date_input` holds; None for none."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def search_input(placeholder: str, chosen: Sequence[Block] = (), *, most: int = 1) -> Block:
    """A choice among options that are asked for while somebody types: of one, or of several."""
    block: Block = {
        "type": "external_select" if most == 1 else "multi_external_select",
        "placeholder": {"type": "plain_text", "text": plain(placeholder, PLACEHOLDER_TEXT)},
        "min_query_length": 0,
    }
    if most > 1:
        block["max_selected_items"] = most
    if chosen:
        block |= {"initial_option": chosen[0]} if most == 1 else {"initial_options": list(chosen)[:most]}
    return block


def _mrkdwn(text: str, limit: int) -> Block:
    """Text whose only links and mentions are those written as such: a name like "acme.com" stays a name."""
    return {"type": "mrkdwn", "text": cut(text, limit) or "–", "verbatim": True}


def _distinct(names: Sequence[str]) -> list[str]:
    """Names as a chart shows them, cut and each of its own: Slack refuses two that are the same."""
    found: list[str] = []
    for name in names:
        shown = plain(name, CHART_LABEL) or "–"
        number = 2
        while shown in found:
            mark = f" ({number})"
            shown = plain(name, CHART_LABEL - len(mark)) + mark
            number += 1
        found.append(shown)
    return found


def _fitting(rows: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    room = TABLE_TEXT
    for row in rows[:TABLE_ROWS]:
        room -= sum(min(len(cell), 200) or 1 for cell in row)
        if room < 0:
            return
        yield row


def _named(block: Block, block_id: str | None) -> Block:
    return {**block, "block_id": block_id} if block_id else block


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for inner in value.values():
            if isinstance(inner, dict | list):
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
