"""Block elements: their limits, and which may stand in which block."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from bot.playground.slack.validate.objects import (
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH_CONFIG,
    ID,
    IMAGE_ELEMENT,
    URL,
    initial_options_offered,
    option,
    option_groups,
    options,
    plain,
    text,
)
from bot.playground.slack.validate.problem import Path, Problem
from bot.playground.slack.validate.rich_text import RICH_TEXT
from bot.playground.slack.validate.spec import (
    Bool,
    ByType,
    ListOf,
    Num,
    Obj,
    OneOf,
    Problems,
    Rule,
    Spec,
    Str,
    exactly_one,
)

Fields = Mapping[str, Spec]
DATE = Str(10, pattern=r"\d{4}-\d{2}-\d{2}", form="a date like 2026-01-31")
TIME = Str(5, pattern=r"([01]\d|2[0-3]):[0-5]\d", form="a time like 09:30")
NUMBER_TEXT = Str(255, pattern=r"-?\d+(\.\d+)?", form="a number written as text")

_PLACEHOLDER: Fields = {"placeholder": plain(150)}
_FOCUS: Fields = {"focus_on_load": Bool()}
_ASKED: Fields = {"action_id": ID, "confirm": CONFIRM, **_FOCUS}
_MANY: Fields = {"max_selected_items": Num(1, whole=True)}
_CHOICE_TEXT = text(75)


def _control(optional: Fields, required: Fields | None = None, rules: tuple[Rule, ...] = ()) -> Spec:
    return Obj(required or {}, {**_ASKED, **optional}, rules)


def _menu(optional: Fields, rules: tuple[Rule, ...] = ()) -> Spec:
    return _control({**_PLACEHOLDER, **optional}, rules=rules)


def _typed(optional: Fields, rules: tuple[Rule, ...] = ()) -> Spec:
    shared: Fields = {"action_id": ID, "dispatch_action_config": DISPATCH_CONFIG, **_PLACEHOLDER, **_FOCUS}
    return Obj({}, {**shared, **optional}, rules)


def _length_in_order(value: dict[str, Any], path: Path) -> Problems:
    if value.get("min_length", 0) > value.get("max_length", 3000):
        yield Problem(path, "min_length must not be greater than max_length")


def _numbers_in_order(value: dict[str, Any], path: Path) -> Problems:
    given = [key for key in ("min_value", "initial_value", "max_value") if key in value]
    for lower, upper in pairwise(given):
        if Decimal(value[lower]) > Decimal(value[upper]):
            yield Problem(path, f"{lower} must not be greater than {upper}")


def _initial_within(value: dict[str, Any], path: Path) -> Problems:
    chosen = [key for key in value if key.startswith("initial_") and isinstance(value[key], list)]
    for key in chosen:
        if len(value[key]) > value.get("max_selected_items", 100):
            yield Problem((*path, key), f"no more than {value['max_selected_items']} items allowed")


_OFFER: Fields = {"options": options(100), "option_groups": option_groups()}
_OFFER_RULES = (exactly_one("options", "option_groups"), initial_options_offered)
_IDS = ListOf(ID, 100)

SINGLE_MENUS: dict[str, Spec] = {
    "static_select": _menu({**_OFFER, "initial_option": option(plain(75))}, _OFFER_RULES),
    "external_select": _menu({"initial_option": option(plain(75)), "min_query_length": Num(0, 255, whole=True)}),
    "users_select": _menu({"initial_user": ID}),
    "channels_select": _menu({"initial_channel": ID, "response_url_enabled": Bool()}),
    "conversations_select": _menu(
        {
            "initial_conversation": ID,
            "default_to_current_conversation": Bool(),
            "filter": CONVERSATION_FILTER,
            "response_url_enabled": Bool(),
        }
    ),
}
MULTI_MENUS: dict[str, Spec] = {
    "multi_static_select": _menu(
        {**_OFFER, **_MANY, "initial_options": options(100)}, (*_OFFER_RULES, _initial_within)
    ),
    "multi_external_select": _menu(
        {**_MANY, "initial_options": options(100), "min_query_length": Num(0, 255, whole=True)}, (_initial_within,)
    ),
    "multi_users_select": _menu({**_MANY, "initial_users": _IDS}, (_initial_within,)),
    "multi_channels_select": _menu({**_MANY, "initial_channels": _IDS}, (_initial_within,)),
    "multi_conversations_select": _menu(
        {
            **_MANY,
            "initial_conversations": _IDS,
            "default_to_current_conversation": Bool(),
            "filter": CONVERSATION_FILTER,
        },
        (_initial_within,),
    ),
}
CHOICES: dict[str, Spec] = {
    "checkboxes": _control(
        {"initial_options": options(10, _CHOICE_TEXT)},
        {"options": options(10, _CHOICE_TEXT)},
        (initial_options_offered,),
    ),
    "radio_buttons": _control(
        {"initial_option": option(_CHOICE_TEXT)},
        {"options": options(10, _CHOICE_TEXT)},
        (initial_options_offered,),
    ),
}
PICKERS: dict[str, Spec] = {
    "datepicker": _menu({"initial_date": DATE}),
    "timepicker": _menu({"initial_time": TIME, "timezone": Str(255)}),
}
DATETIME_PICKER: dict[str, Spec] = {
    "datetimepicker": _control({"initial_date_time": Num(1_000_000_000, 9_999_999_999, whole=True)})
}
BUTTON: dict[str, Spec] = {
    "button": Obj(
        {"text": plain(75)},
        {
            "action_id": ID,
            "url": URL,
            "value": Str(2000),
            "style": OneOf(("primary", "danger")),
            "confirm": CONFIRM,
            "accessibility_label": Str(75),
            "agent_prompt": Str(4000),
            "visible_to_user_ids": ListOf(ID, 10),
        },
    )
}
OVERFLOW: dict[str, Spec] = {
    "overflow": Obj({"options": ListOf(option(plain(75), with_url=True), 5)}, {"action_id": ID, "confirm": CONFIRM})
}
TYPED: dict[str, Spec] = {
    "plain_text_input": _typed(
        {
            "initial_value": Str(3000, 0),
            "multiline": Bool(),
            "min_length": Num(0, 3000, whole=True),
            "max_length": Num(1, 3000, whole=True),
        },
        (_length_in_order,),
    ),
    "email_text_input": _typed({"initial_value": Str(3000)}),
    "url_text_input": _typed({"initial_value": Str(3000)}),
    "rich_text_input": _typed({"initial_value": ByType({"rich_text": RICH_TEXT})}),
    "number_input": Obj(
        {"is_decimal_allowed": Bool()},
        {
            "action_id": ID,
            "initial_value": NUMBER_TEXT,
            "min_value": NUMBER_TEXT,
            "max_value": NUMBER_TEXT,
            "dispatch_action_config": DISPATCH_CONFIG,
            **_PLACEHOLDER,
            **_FOCUS,
        },
        (_numbers_in_order,),
    ),
}
FILE_INPUT: dict[str, Spec] = {
    "file_input": Obj({}, {"action_id": ID, "filetypes": ListOf(Str(20), 100), "max_files": Num(1, 10, whole=True)})
}
_FEEDBACK_BUTTON = Obj({"text": plain(75), "value": Str(2000)}, {"accessibility_label": Str(75)})

IN_ACTIONS = ByType(BUTTON | OVERFLOW | SINGLE_MENUS | MULTI_MENUS | CHOICES | PICKERS | DATETIME_PICKER)
IN_SECTION = ByType(BUTTON | OVERFLOW | SINGLE_MENUS | MULTI_MENUS | CHOICES | PICKERS | {"image": IMAGE_ELEMENT})
IN_INPUT = ByType(SINGLE_MENUS | MULTI_MENUS | CHOICES | PICKERS | DATETIME_PICKER | TYPED | FILE_INPUT)
IN_CARD = ByType(BUTTON)
IN_CONTEXT_ACTIONS = ByType(
    {
        "feedback_buttons": Obj(
            {"positive_button": _FEEDBACK_BUTTON, "negative_button": _FEEDBACK_BUTTON}, {"action_id": ID}
        ),
        "icon_button": Obj(
            {"icon": OneOf(("trash",)), "text": plain(75)},
            {
                "action_id": ID,
                "value": Str(2000),
                "confirm": CONFIRM,
                "accessibility_label": Str(75),
                "visible_to_user_ids": ListOf(ID, 10),
            },
        ),
    }
)
