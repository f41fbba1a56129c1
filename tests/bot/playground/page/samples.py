"""Blocks as Kahvi sends them."""

from typing import Any

Json = dict[str, Any]

MONTHS = ["Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]
MRR = [402_100, 409_800, 415_300, 421_900, 418_200, 429_700, 441_000, 452_600, 449_100, 463_800, 477_200, 486_450]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text)} | more


def button(text: str, action_id: str, **more: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": action_id, "value": f"{action_id}-value"} | more


def actions(*elements: Json) -> Json:
    return {"type": "actions", "block_id": "acts", "elements": list(elements)}


def field(block_id: str, element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain(block_id.title()), "element": element} | more


def options(*values: str) -> list[Json]:
    return [{"text": plain(value.title()), "value": value} for value in values]


def modal(*blocks: Json, view_id: str = "V1", title: str = "Exit interview", **more: Any) -> Json:
    return {
        "id": view_id,
        "type": "modal",
        "title": plain(title),
        "submit": plain("Save"),
        "blocks": list(blocks),
    } | more


def xy_chart(kind: str, names: list[str], **series: list[float]) -> Json:
    points = [
        {"name": name, "data": [{"label": label, "value": value} for label, value in zip(names, values, strict=True)]}
        for name, values in series.items()
    ]
    chart = {"type": kind, "series": points, "axis_config": {"categories": names, "x_label": "Month", "y_label": "USD"}}
    return {"type": "data_visualization", "title": f"A {kind} chart", "chart": chart}


def pie_chart(**segments: float) -> Json:
    labelled = [{"label": label, "value": value} for label, value in segments.items()]
    return {"type": "data_visualization", "title": "A pie chart", "chart": {"type": "pie", "segments": labelled}}


def table(*rows: list[str], settings: list[Json] | None = None) -> Json:
    cells = [[{"type": "raw_text", "text": cell} for cell in row] for row in rows]
    return {"type": "table", "rows": cells, "column_settings": settings or []}


def data_table(count: int, page_size: int = 5) -> Json:
    head = [{"type": "raw_text", "text": name} for name in ("Account", "MRR")]
    rows = [
        [
            {"type": "raw_text", "text": f"Account {n}"},
            {"type": "raw_number", "value": n * 37 % 101, "text": f"${n * 37 % 101}"},
        ]
        for n in range(1, count + 1)
    ]
    return {"type": "data_table", "caption": "Accounts", "page_size": page_size, "rows": [head, *rows]}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def digest() -> list[Json]:
    """The morning message: headline, figures, chart, movements, who needs a call, buttons, where it comes from."""
    return [
        {"type": "header", "text": plain(":coffee: Coffee stats")},
        section("*MRR $486,450*, up *$3,240* since yesterday.", expand=True),
        xy_chart("line", MONTHS, MRR=[float(value) for value in MRR]),
        {"type": "section", "fields": [mrkdwn("*New*\n+$2,100"), mrkdwn("*Churn*\n−$1,300")]},
        {"type": "divider"},
        table(
            ["Account", "MRR", "Why"],
            ["Acme Robotics", "$12,400", "Payment failed twice, logins down by two thirds"],
            settings=[{}, {"align": "right"}, {"is_wrapped": True}],
        ),
        actions(button("See all at risk", "all", style="primary"), button("Why?", "why")),
        {"type": "context", "elements": [mrkdwn("As of 08:00 · policy *standard*")]},
    ]
