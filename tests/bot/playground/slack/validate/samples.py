"""Blocks as a bot for customer success would send them, written by hand; every one is right."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(value: str, text: str = "Choice") -> Json:
    return {"text": plain(text), "value": value}


def raw(text: str) -> Json:
    return {"type": "raw_text", "text": text}


def rich(text: str) -> Json:
    words = {"type": "text", "text": text, "style": {"bold": True}}
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [words]}]}


BUTTON: Json = {
    "type": "button",
    "text": plain("I'm on it"),
    "action_id": "risk.acknowledge",
    "value": "acme",
    "style": "primary",
    "confirm": {
        "title": plain("Take it?"),
        "text": mrkdwn("*Acme* becomes yours."),
        "confirm": plain("Yes"),
        "deny": plain("No"),
    },
}
OVERFLOW: Json = {"type": "overflow", "action_id": "more", "options": [option("a"), option("b")]}
SELECT: Json = {
    "type": "static_select",
    "action_id": "snooze",
    "placeholder": plain("Snooze"),
    "options": [option("1d", "A day"), option("1w", "A week")],
    "initial_option": option("1d", "A day"),
}
IMAGE: Json = {"type": "image", "image_url": "https://img.example.com/a.png", "alt_text": "Acme's logo"}
SECTION: Json = {
    "type": "section",
    "block_id": "state",
    "text": mrkdwn("*MRR* 124 500 € (+2.1 %)"),
    "fields": [mrkdwn("*New* +3 200 €"), plain("Churn -600 €")],
    "accessory": OVERFLOW,
    "expand": True,
}
HEADER: Json = {"type": "header", "text": plain("Coffee stats, Friday")}
CONTEXT: Json = {"type": "context", "elements": [mrkdwn("As of 07:55"), IMAGE]}
ACTIONS: Json = {"type": "actions", "block_id": "act", "elements": [BUTTON, SELECT]}
DIVIDER: Json = {"type": "divider"}
IMAGE_BLOCK: Json = IMAGE | {"title": plain("Logo")}
TABLE: Json = {
    "type": "table",
    "column_settings": [{"is_wrapped": True}, {"align": "right"}],
    "rows": [[raw("Account"), raw("MRR")], [rich("Acme"), raw("4 200 €")], [raw("Beta"), raw("–")]],
}
DATA_TABLE: Json = {
    "type": "data_table",
    "caption": "Accounts at risk",
    "page_size": 10,
    "rows": [[raw("Account"), raw("MRR")], [rich("Acme"), {"type": "raw_number", "value": 4200, "text": "4 200"}]],
}
LINE: Json = {
    "type": "data_visualization",
    "title": "MRR, 3 months",
    "chart": {
        "type": "line",
        "series": [
            {
                "name": "EU",
                "data": [
                    {"label": "Sep", "value": 10.5},
                    {"label": "Oct", "value": -3},
                    {"label": "Nov", "value": 0},
                ],
            }
        ],
        "axis_config": {"categories": ["Sep", "Oct", "Nov"], "x_label": "Month", "y_label": "k€"},
    },
}
PIE: Json = {
    "type": "data_visualization",
    "title": "MRR by plan",
    "chart": {"type": "pie", "segments": [{"label": "Pro", "value": 70}, {"label": "Team", "value": 30}]},
}
MARKDOWN: Json = {"type": "markdown", "text": "**MRR** went up"}
RICH_TEXT: Json = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_list",
            "style": "bullet",
            "indent": 1,
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "user", "user_id": "U00000001"},
                        {"type": "link", "url": "https://example.com", "text": "Acme"},
                        {"type": "emoji", "name": "coffee"},
                    ],
                }
            ],
        },
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "▁▂▃"}]},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "too expensive"}]},
    ],
}
CARD: Json = {"type": "card", "title": mrkdwn("Acme"), "body": mrkdwn("At risk"), "actions": [BUTTON]}
CAROUSEL: Json = {"type": "carousel", "elements": [CARD]}
CONTAINER: Json = {"type": "container", "title": plain("Details"), "child_blocks": [SECTION, DIVIDER], "width": "wide"}
CONTEXT_ACTIONS: Json = {
    "type": "context_actions",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "useful",
            "positive_button": {"text": plain("Useful"), "value": "1"},
            "negative_button": {"text": plain("Not useful"), "value": "0"},
        },
        {"type": "icon_button", "icon": "trash", "text": plain("Dismiss")},
    ],
}
VIDEO: Json = {
    "type": "video",
    "title": plain("Tour"),
    "alt_text": "A tour",
    "video_url": "https://video.example.com/1",
    "thumbnail_url": "https://video.example.com/1.png",
}
TASK: Json = {"type": "task_card", "task_id": "1", "title": "Sync", "status": "complete"}
PLAN: Json = {"type": "plan", "title": "Backfill", "tasks": [TASK]}
AUTH_PROVIDER: Json = {
    "type": "auth_provider",
    "value": "stripe",
    "name": plain("Stripe"),
    "is_connected": True,
    "connected_identity": plain("Kettle"),
    "accessory": OVERFLOW,
}
ALERT: Json = {"type": "alert", "text": mrkdwn("Data is stale"), "level": "warning"}


def asked(element: Json, **more: Any) -> Json:
    return {"type": "input", "label": plain("Question"), "element": element, **more}


ELEMENTS: dict[str, Json] = {
    "text": {"type": "plain_text_input", "action_id": "t", "multiline": True, "min_length": 2, "max_length": 500},
    "email": {"type": "email_text_input", "placeholder": plain("name@example.com")},
    "url": {"type": "url_text_input", "focus_on_load": True},
    "number": {"type": "number_input", "is_decimal_allowed": True, "min_value": "0.5", "max_value": "9"},
    "rich": {"type": "rich_text_input", "initial_value": rich("hello")},
    "date": {"type": "datepicker", "initial_date": "2026-11-20"},
    "time": {"type": "timepicker", "initial_time": "08:00", "timezone": "Europe/Helsinki"},
    "moment": {"type": "datetimepicker", "initial_date_time": 1_800_000_000},
    "static": SELECT,
    "groups": {
        "type": "static_select",
        "option_groups": [{"label": plain("Product"), "options": [option("price")]}],
    },
    "external": {"type": "external_select", "min_query_length": 2, "initial_option": option("acme", "Acme")},
    "person": {"type": "users_select", "initial_user": "U00000001"},
    "channel": {"type": "channels_select", "response_url_enabled": True},
    "place": {"type": "conversations_select", "default_to_current_conversation": True, "filter": {"include": ["im"]}},
    "several": {"type": "multi_static_select", "options": [option("a"), option("b")], "max_selected_items": 2},
    "several external": {"type": "multi_external_select"},
    "people": {"type": "multi_users_select", "initial_users": ["U00000001"]},
    "channels": {"type": "multi_channels_select"},
    "places": {"type": "multi_conversations_select"},
    "boxes": {"type": "checkboxes", "options": [option("a") | {"description": plain("why")}]},
    "one of": {"type": "radio_buttons", "options": [{"text": mrkdwn("*Yes*"), "value": "y"}]},
    "files": {"type": "file_input", "filetypes": ["csv"], "max_files": 2},
}
MODAL: Json = {
    "type": "modal",
    "callback_id": "exit",
    "title": plain("Exit interview"),
    "submit": plain("Save"),
    "close": plain("Cancel"),
    "private_metadata": "acme",
    "notify_on_close": True,
    "blocks": [ALERT, SECTION, *(asked(element, block_id=name) for name, element in ELEMENTS.items())],
}
MESSAGE_BLOCKS: dict[str, Json] = {
    "section": SECTION,
    "header": HEADER,
    "context": CONTEXT,
    "actions": ACTIONS,
    "divider": DIVIDER,
    "image": IMAGE_BLOCK,
    "table": TABLE,
    "data_table": DATA_TABLE,
    "line": LINE,
    "pie": PIE,
    "markdown": MARKDOWN,
    "rich_text": RICH_TEXT,
    "card": CARD,
    "carousel": CAROUSEL,
    "container": CONTAINER,
    "context_actions": CONTEXT_ACTIONS,
    "video": VIDEO,
    "task_card": TASK,
    "plan": PLAN,
}
