import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.slack.validate import check_blocks, check_message_blocks, check_view
from bot.playground.slack.validate.blocks import BLOCKS, Surface
from tests.bot.playground.slack.validate import samples as s
from tests.bot.playground.slack.validate.samples import Json, mrkdwn, option, plain, raw, rich


def told(blocks: list[Any], surface: Surface = "message") -> list[str]:
    return [str(problem) for problem in check_blocks(blocks, surface)]


def changed(sample: Json, path: str, value: Any) -> Json:
    """A copy of the sample with one value replaced; an ellipsis takes the value away."""
    copied = copy.deepcopy(sample)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    inner: Any = copied
    for step in steps:
        inner = inner[step]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return copied


@pytest.mark.parametrize("name", s.MESSAGE_BLOCKS)
def test_good_blocks_pass(name: str) -> None:
    assert told([s.MESSAGE_BLOCKS[name]]) == []


@pytest.mark.parametrize("name", s.ELEMENTS)
def test_good_inputs_pass(name: str) -> None:
    assert told([s.asked(s.ELEMENTS[name], hint=plain("hint"), optional=True)], "modal") == []


def test_a_whole_message_and_a_whole_modal_pass() -> None:
    message = [s.HEADER, s.SECTION, s.LINE, s.PIE, s.DIVIDER, s.TABLE, s.CONTEXT, s.ACTIONS]

    assert told(message) == []
    assert check_view(s.MODAL) == []
    assert check_view({"type": "home", "blocks": [s.HEADER, s.SECTION, s.ACTIONS]}) == []


def test_every_block_has_a_sample() -> None:
    assert {
        block["type"] for block in [*s.MESSAGE_BLOCKS.values(), s.asked(s.SELECT), s.ALERT, s.AUTH_PROVIDER]
    } == set(BLOCKS)


LONG = "must be less than {} characters"
MANY = "no more than {} items allowed"
FEW = "no fewer than {} items allowed"
EMPTY = "must be more than 0 characters"
LIMITS: list[tuple[Json, str, Any, str, str]] = [
    (s.SECTION, "text/text", "x" * 3001, "text/text", LONG.format(3001)),
    (s.SECTION, "text/text", "", "text/text", EMPTY),
    (s.SECTION, "text/text", 7, "text/text", "must be a string"),
    (s.SECTION, "text", "words", "text", "must be an object"),
    (s.SECTION, "text/type", "markdown", "text/type", "unsupported type: markdown"),
    (s.SECTION, "text/emoji", True, "text", "invalid additional property: emoji"),
    (s.SECTION, "colour", "red", "", "invalid additional property: colour"),
    (s.SECTION, "block_id", "x" * 256, "block_id", LONG.format(256)),
    (s.SECTION, "fields", [plain("x")] * 11, "fields", MANY.format(10)),
    (s.SECTION, "fields", [], "fields", FEW.format(1)),
    (s.SECTION, "fields/0/text", "x" * 2001, "fields/0/text", LONG.format(2001)),
    (s.SECTION, "accessory", s.ELEMENTS["text"], "accessory/type", "unsupported type: plain_text_input"),
    (s.SECTION, "expand", "yes", "expand", "must be a boolean"),
    (s.HEADER, "text/text", "x" * 151, "text/text", LONG.format(151)),
    (s.HEADER, "text", mrkdwn("x"), "text/type", "unsupported type: mrkdwn"),
    (s.HEADER, "text", ..., "", "missing required field: text"),
    (s.CONTEXT, "elements", [mrkdwn("x")] * 11, "elements", MANY.format(10)),
    (s.CONTEXT, "elements/0", s.BUTTON, "elements/0/type", "unsupported type: button"),
    (s.ACTIONS, "elements", [s.BUTTON] * 26, "elements", MANY.format(25)),
    (s.ACTIONS, "elements/0/text/text", "x" * 76, "elements/0/text/text", LONG.format(76)),
    (s.ACTIONS, "elements/0/text", mrkdwn("x"), "elements/0/text/type", "unsupported type: mrkdwn"),
    (s.ACTIONS, "elements/0/value", "x" * 2001, "elements/0/value", LONG.format(2001)),
    (s.ACTIONS, "elements/0/action_id", "x" * 256, "elements/0/action_id", LONG.format(256)),
    (s.ACTIONS, "elements/0/url", "https://" + "x" * 3000, "elements/0/url", LONG.format(3001)),
    (s.ACTIONS, "elements/0/url", "not a url", "elements/0/url", "must be a valid URL"),
    (s.ACTIONS, "elements/0/style", "green", "elements/0/style", "must be one of: primary, danger"),
    (s.ACTIONS, "elements/0/accessibility_label", "x" * 76, "elements/0/accessibility_label", LONG.format(76)),
    (s.ACTIONS, "elements/0/agent_prompt", "x" * 4001, "elements/0/agent_prompt", LONG.format(4001)),
    (s.ACTIONS, "elements/0/confirm/title/text", "x" * 101, "elements/0/confirm/title/text", LONG.format(101)),
    (s.ACTIONS, "elements/0/confirm/text/text", "x" * 301, "elements/0/confirm/text/text", LONG.format(301)),
    (s.ACTIONS, "elements/0/confirm/deny/text", "x" * 31, "elements/0/confirm/deny/text", LONG.format(31)),
    (s.ACTIONS, "elements/1/placeholder/text", "x" * 151, "elements/1/placeholder/text", LONG.format(151)),
    (s.ACTIONS, "elements/1/options", [option(str(n)) for n in range(101)], "elements/1/options", MANY.format(100)),
    (s.ACTIONS, "elements/1/options/0/text/text", "x" * 76, "elements/1/options/0/text/text", LONG.format(76)),
    (s.ACTIONS, "elements/1/options/0/value", "x" * 151, "elements/1/options/0/value", LONG.format(151)),
    (s.ACTIONS, "elements/1/options/1/value", "1d", "elements/1", "option value must be unique: 1d"),
    (
        s.ACTIONS,
        "elements/1/initial_option",
        option("9d"),
        "elements/1",
        "initial option is not among the options: 9d",
    ),
    (
        s.ACTIONS,
        "elements/1/options",
        ...,
        "elements/1",
        "exactly one of these fields is required: options, option_groups",
    ),
    (s.SECTION, "accessory/options", [option(str(n)) for n in range(6)], "accessory/options", MANY.format(5)),
    (s.IMAGE_BLOCK, "alt_text", "x" * 2001, "alt_text", LONG.format(2001)),
    (s.IMAGE_BLOCK, "alt_text", ..., "", "missing required field: alt_text"),
    (s.IMAGE_BLOCK, "image_url", "http://127.0.0.1/a.png", "image_url", "downloading image failed"),
    (s.IMAGE_BLOCK, "image_url", "http://chart.internal/a.png", "image_url", "downloading image failed"),
    (
        s.IMAGE_BLOCK,
        "slack_file",
        {"id": "F1"},
        "",
        "exactly one of these fields is required: image_url, slack_file",
    ),
    (s.TABLE, "rows", [[raw("x")]] * 101, "rows", MANY.format(100)),
    (s.TABLE, "rows/0", [raw("x")] * 21, "rows/0", MANY.format(20)),
    (s.TABLE, "rows/2/1/text", "", "rows/2/1/text", EMPTY),
    (s.TABLE, "rows/1/0", rich(" ")["elements"][0], "rows/1/0/type", "unsupported type: rich_text_section"),
    (s.TABLE, "rows/1/0/elements/0/elements", [], "rows/1/0", "must not be empty"),
    (s.TABLE, "rows/1/1", None, "rows/1/1", "must be an object"),
    (s.TABLE, "rows/1/1", {"type": "raw_number", "value": 1}, "rows/1/1/type", "unsupported type: raw_number"),
    (s.TABLE, "column_settings", [{}] * 21, "column_settings", MANY.format(20)),
    (s.TABLE, "column_settings/1/align", "up", "column_settings/1/align", "must be one of: left, center, right"),
    (s.DATA_TABLE, "caption", ..., "", "missing required field: caption"),
    (s.DATA_TABLE, "page_size", 101, "page_size", "must be at most 100"),
    (s.DATA_TABLE, "rows", [[raw("x")]], "rows", FEW.format(2)),
    (s.DATA_TABLE, "rows", [[raw("x")]] * 102, "rows", MANY.format(101)),
    (s.DATA_TABLE, "rows/1", [raw("x")], "rows/1", "must have as many cells as the first row"),
    (s.DATA_TABLE, "rows/0/0", rich("x"), "rows/0/0/type", "rich_text is not allowed in the header"),
    (s.LINE, "title", "x" * 51, "title", LONG.format(51)),
    (s.LINE, "chart/type", "radar", "chart/type", "unsupported type: radar"),
    (s.LINE, "chart/series/0/name", "x" * 21, "chart/series/0/name", LONG.format(21)),
    (s.LINE, "chart/series", [s.LINE["chart"]["series"][0]] * 7, "chart/series", MANY.format(6)),
    (s.LINE, "chart/series/0/data/0/value", "10", "chart/series/0/data/0/value", "must be a number"),
    (
        s.LINE,
        "chart/series/0/data",
        s.LINE["chart"]["series"][0]["data"][:2],
        "chart/series/0/data",
        "must have exactly one data point for each category",
    ),
    (
        s.LINE,
        "chart/series",
        [s.LINE["chart"]["series"][0]] * 2,
        "chart/series",
        "series name must be unique: EU",
    ),
    (s.LINE, "chart/axis_config/categories", ["x"] * 21, "chart/axis_config/categories", MANY.format(20)),
    (s.LINE, "chart/axis_config/x_label", "x" * 51, "chart/axis_config/x_label", LONG.format(51)),
    (s.PIE, "chart/segments/0/value", 0, "chart/segments/0/value", "must be greater than 0"),
    (s.PIE, "chart/segments/0/label", "x" * 21, "chart/segments/0/label", LONG.format(21)),
    (s.PIE, "chart/segments", [], "chart/segments", FEW.format(1)),
    (s.PIE, "chart/segments", [{"label": str(n), "value": 1} for n in range(7)], "chart/segments", MANY.format(6)),
    (s.MARKDOWN, "text", "x" * 12_001, "text", LONG.format(12_001)),
    (s.RICH_TEXT, "elements/0/indent", 9, "elements/0/indent", "must be at most 8"),
    (s.RICH_TEXT, "elements/1/elements/0/text", "", "elements/1/elements/0/text", EMPTY),
    (s.CARD, "title/text", "x" * 151, "title/text", LONG.format(151)),
    (s.CARD, "body/text", "x" * 201, "body/text", LONG.format(201)),
    (s.CARD, "actions", [s.BUTTON] * 4, "actions", MANY.format(3)),
    (s.CAROUSEL, "elements", [s.CARD] * 11, "elements", MANY.format(10)),
    (s.CONTAINER, "child_blocks", [s.DIVIDER] * 11, "child_blocks", MANY.format(10)),
    (
        s.CONTAINER,
        "child_blocks/0",
        s.PIE,
        "child_blocks/0/type",
        "unsupported type: data_visualization",
    ),
    (s.CONTAINER, "default_collapsed", True, "default_collapsed", "requires is_collapsible"),
    (
        s.CONTAINER | {"has_header_divider": True},
        "is_collapsible",
        True,
        "has_header_divider",
        "is not allowed with is_collapsible",
    ),
    (
        s.CARD | {"icon": s.IMAGE},
        "slack_icon",
        {"name": "star"},
        "",
        "only one of these fields is allowed: icon, slack_icon",
    ),
    (s.ACTIONS, "elements", {}, "elements", "must be an array"),
    (s.IMAGE_BLOCK, "image_url", "ftp://example.com/a.png", "image_url", "downloading image failed"),
    (s.IMAGE_BLOCK, "image_url", "http://[x", "image_url", "downloading image failed"),
    (s.CONTEXT_ACTIONS, "elements", s.CONTEXT_ACTIONS["elements"] * 3, "elements", MANY.format(5)),
    (s.PLAN, "tasks", [s.TASK] * 51, "tasks", MANY.format(50)),
    (s.TASK, "status", "pending", "status", "a task card outside a plan must not be pending"),
]


@pytest.mark.parametrize(("sample", "path", "value", "place", "message"), LIMITS)
def test_each_limit_is_held(sample: Json, path: str, value: Any, place: str, message: str) -> None:
    assert f"[blocks/0{'/' if place else ''}{place}] {message}" in told([changed(sample, path, value)])


@pytest.mark.parametrize(
    ("element", "change", "message"),
    [
        ("text", {"max_length": 3001}, "must be at most 3000"),
        ("text", {"min_length": 600}, "min_length must not be greater than max_length"),
        ("text", {"initial_value": "x" * 3001}, LONG.format(3001)),
        ("number", {"min_value": 1}, "must be a string"),
        ("number", {"min_value": "one"}, "must be a number written as text"),
        ("date", {"initial_date": "20.11.2026"}, "must be a date like 2026-01-31"),
        ("time", {"initial_time": "24:00"}, "must be a time like 09:30"),
        ("moment", {"initial_date_time": 12}, "must be at least 1e+09"),
        ("boxes", {"options": [option(str(n)) for n in range(11)]}, MANY.format(10)),
        ("one of", {"options": []}, FEW.format(1)),
        ("files", {"max_files": 11}, "must be at most 10"),
        ("place", {"filter": {}}, "one of these fields is required: include, exclude_external_shared_channels, "),
        ("several", {"max_selected_items": 0}, "must be at least 1"),
        ("groups", {"option_groups": [{"label": plain("x" * 76), "options": [option("1")]}]}, LONG.format(76)),
    ],
)
def test_each_limit_of_inputs_is_held(element: str, change: Json, message: str) -> None:
    problems = told([s.asked(s.ELEMENTS[element] | change)], "modal")

    assert any(message in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("block", "refused_on"),
    [
        (s.ALERT, {"message", "home"}),
        (s.PIE, {"modal", "home"}),
        (s.TABLE, {"home"}),
        (s.DATA_TABLE, {"modal"}),
        (s.CARD, {"modal"}),
        (s.CONTAINER, {"modal", "home"}),
        (s.MARKDOWN, {"modal", "home"}),
        (s.asked(s.ELEMENTS["files"]), {"message", "home"}),
        (s.SECTION, set()),
    ],
)
def test_blocks_stand_only_where_slack_lets_them(block: Json, refused_on: set[str]) -> None:
    surfaces: tuple[Surface, ...] = ("message", "modal", "home")

    assert {surface for surface in surfaces if told([block], surface)} == refused_on


@pytest.mark.parametrize(
    ("blocks", "problem"),
    [
        ([s.DIVIDER] * 51, "[blocks] no more than 50 items allowed"),
        ([s.SECTION, s.SECTION], "[blocks/1/block_id] block_id already exists: state"),
        ([s.SECTION, s.CONTAINER], "[blocks/1/child_blocks/0/block_id] block_id already exists: state"),
        ([s.TABLE, s.TABLE], "[blocks/1] no more than 1 table blocks allowed"),
        ([s.PIE, s.LINE, s.PIE], "[blocks/2] no more than 2 data_visualization blocks allowed"),
        (
            [changed(s.ACTIONS, "elements", [s.BUTTON, s.BUTTON])],
            "[blocks/0/elements/1/action_id] action_id already exists: risk.acknowledge",
        ),
        (
            [
                changed(s.TABLE, "rows/1/1/text", "x" * 5000),
                changed(s.DATA_TABLE, "caption", "c"),
                changed(s.DATA_TABLE, "rows/1/0", raw("y" * 5000)),
            ],
            "[blocks] table cells must be less than 10001 characters in total",
        ),
        (
            [changed(s.MARKDOWN, "text", "x" * 7000)] * 2,
            "[blocks] markdown blocks must be less than 12001 characters in total",
        ),
        (["section"], "[blocks/0] must be an object"),
        ([{"text": "x"}], "[blocks/0] missing required field: type"),
        ([{"type": "file", "external_id": "x", "source": "remote"}], "[blocks/0/type] unsupported type: file"),
    ],
)
def test_rules_over_the_whole_message(blocks: list[Any], problem: str) -> None:
    assert told(blocks) == [problem]


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("title/text", "x" * 25, "[view/title/text] must be less than 25 characters"),
        ("submit/text", "x" * 25, "[view/submit/text] must be less than 25 characters"),
        ("close/text", "x" * 25, "[view/close/text] must be less than 25 characters"),
        ("title", ..., "[view] missing required field: title"),
        ("private_metadata", "x" * 3001, "[view/private_metadata] must be less than 3001 characters"),
        ("callback_id", "x" * 256, "[view/callback_id] must be less than 256 characters"),
        ("external_id", "x" * 256, "[view/external_id] must be less than 256 characters"),
        ("submit", ..., "[view] submit is required when there is an input block"),
        ("blocks", [s.DIVIDER] * 101, "[view/blocks] no more than 100 items allowed"),
        ("blocks", ..., "[view] missing required field: blocks"),
        ("blocks", None, "[view/blocks] must be an array"),
        ("type", "window", "[view/type] unsupported type: window"),
        ("colour", "red", "[view] invalid additional property: colour"),
    ],
)
def test_rules_of_modals(path: str, value: Any, problem: str) -> None:
    assert [str(p) for p in check_view(changed(s.MODAL, path, value))] == [problem]


def test_a_home_tab_takes_no_title() -> None:
    home = {"type": "home", "title": plain("Home"), "blocks": []}

    assert [str(p) for p in check_view(home)] == ["[view] invalid additional property: title"]


def test_a_view_is_an_object() -> None:
    assert [str(p) for p in check_view([])] == ["[view] must be an object"]


def test_columns_without_settings_are_null() -> None:
    assert told([changed(s.TABLE, "column_settings/0", None)]) == []


def test_problems_point_into_the_payload() -> None:
    problem = check_message_blocks([changed(s.HEADER, "text/text", "")])[0]

    assert problem.pointer == "/blocks/0/text/text"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from([*BLOCKS, "plain_text", "mrkdwn"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "text", "elements", "rows", "chart", "options"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(sample=st.sampled_from([*s.MESSAGE_BLOCKS.values(), *s.MODAL["blocks"]]), value=anything, data=st.data())
def test_nothing_breaks_the_validator(sample: Json, value: Any, data: st.DataObject) -> None:
    """Any part of a good block may be replaced by anything, and the answer is still a list of problems."""
    paths = list(_paths(sample))
    broken = changed(sample, data.draw(st.sampled_from(paths)), value)

    for surface in ("message", "modal", "home"):
        assert all(problem.message for problem in check_blocks([broken], surface))


def _paths(value: Any, prefix: str = "") -> list[str]:
    steps: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        steps = list(value.items())
    elif isinstance(value, list):
        steps = [(str(number), item) for number, item in enumerate(value)]
    here = [f"{prefix}{step}" for step, _ in steps]
    return here + [path for step, item in steps for path in _paths(item, f"{prefix}{step}/")]


def test_only_one_field_takes_the_focus() -> None:
    first, second = s.ELEMENTS["url"], s.ELEMENTS["text"] | {"focus_on_load": True}

    assert told([s.asked(first), s.asked(second)], "modal") == [
        "[blocks/1/element/focus_on_load] only one element may have focus_on_load"
    ]


def test_an_input_answers_by_response_url_in_a_modal_only() -> None:
    assert told([s.asked(s.ELEMENTS["channel"])], "modal") == []
    assert told([s.asked(s.ELEMENTS["channel"])], "home") == [
        "[blocks/0/element/response_url_enabled] is not allowed in a home"
    ]


def test_account_connections_stand_in_the_home_tab_only() -> None:
    assert told([s.AUTH_PROVIDER], "home") == []
    assert told([s.AUTH_PROVIDER]) == ["[blocks/0/type] unsupported type: auth_provider is not allowed in a message"]


def test_ids_are_unique_in_carousels_and_plans_too() -> None:
    card = s.CARD | {"block_id": "c"}

    assert told([s.CAROUSEL | {"elements": [card, card]}]) == [
        "[blocks/0/elements/1/block_id] block_id already exists: c"
    ]
    task = s.TASK | {"block_id": "t"}
    assert told([s.PLAN | {"tasks": [task, task]}]) == ["[blocks/0/tasks/1/block_id] block_id already exists: t"]


@pytest.mark.parametrize(
    ("element", "problem"),
    [
        (s.ELEMENTS["number"] | {"initial_value": "10"}, "] initial_value must not be greater than max_value"),
        (s.ELEMENTS["number"] | {"min_value": "9.5"}, "] min_value must not be greater than max_value"),
        (
            s.ELEMENTS["people"] | {"max_selected_items": 1, "initial_users": ["U1", "U2"]},
            "/initial_users] no more than 1 items allowed",
        ),
    ],
)
def test_what_stands_in_a_field_at_first_fits_it(element: Json, problem: str) -> None:
    assert told([s.asked(element)], "modal") == [f"[blocks/0/element{problem}"]
