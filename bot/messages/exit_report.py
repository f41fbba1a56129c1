"""The report of exits as Slack messages, its customers as CSV, and the form that posts it to a channel."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from bot import spreadsheet
from bot.exits.reasons import label_of
from bot.figures.exit_views import VIEWS
from bot.figures.exits import Exit, Exits
from bot.figures.exits_told import exits_told
from bot.messages import blocks as b
from bot.messages import exports, telling
from bot.messages.blocks import Message
from bot.messages.windows import open_again
from bot.metrics.filters import NAMED, Among, Condition
from bot.money import rounded, to_major

SHOW, LOOK, EXPORT = "exit_report_show", "exit_report_view", "exit_report_export"
POST, POST_FORM, WORTH = "exit_report_post", "exit_report_post_form", "fix_worth_open"
POST_TITLE = "Post to a channel"
CHANNEL, WITH_NAMES = "channel", "names"
YES = "yes"
USUAL_VIEW = "reasons"
PERIODS = ("30d", "90d", "12m")
ACTION_LONGEST = 255  # characters of an action's id
NAMES = (
    *("account_id", "account", "owner", "day", "currency", "mrr_lost", "plan", "place", "customer_since"),
    *("reason", "told_by", "root_cause", "secondary_reason", "avoidable", "left_anyway", "natural", "competitor"),
    *("features", "icp", "icp_fit", "ask_again_on", "flagged_early"),
)


@dataclass(frozen=True, slots=True)
class Look:
    """Which report: the way to look, the period and the filter as they were typed."""

    view: str
    period: str
    where: str

    @property
    def written(self) -> str:
        """As buttons and menus carry it."""
        return f"{self.view}|{self.period}|{self.where}"

    @classmethod
    def read(cls, written: str) -> "Look":
        view, period, where = (*written.split("|", 2), "", "", "")[:3]
        return cls(view if view in VIEWS else USUAL_VIEW, period, where)


def report(found: Exits, look: Look) -> Message:
    """One way to look at the exits, with a menu of the others, other periods, and what can be done with it."""
    return telling.message(exits_told(found, VIEWS[look.view].tell), _buttons(found, look))


def posted(found: Exits, look: Look, by: str, *, with_names: bool) -> Message:
    """The report for a channel: without buttons, and without the names of customers unless they are wanted."""
    shown = found if with_names else nameless(found)
    told = exits_told(shown, VIEWS[look.view].tell)
    return telling.message(replace(told, small=(*told.small, (f"Shared by {by}.",))), None)


def nameless(found: Exits) -> Exits:
    """The same exits of customers that are only numbered; a filter by their names tells none either."""
    hidden = (replace(one, name=f"Customer {number}") for number, one in enumerate(found.exits, start=1))
    kept = tuple(replace(one, values=("…",)) if _names(one) else one for one in found.kept)
    return replace(found, exits=tuple(hidden), kept=kept)


def _names(condition: Condition) -> TypeGuard[Among]:
    return isinstance(condition, Among) and condition.dimension == NAMED


def export(found: Exits) -> list[Message]:
    rows = [tuple(_cells(one, found)) for one in found.exits]
    remedy = "Ask for a shorter period, or keep to fewer by a filter."
    return exports.as_messages("Exits as CSV", spreadsheet.as_csv(NAMES, rows), remedy)


def post_form(look: Look) -> b.Block:
    """The form that asks where to post the report, and whether with the names of customers."""
    names = b.ticks([b.option("With the names of customers", YES)])
    return b.modal(
        POST_FORM,
        POST_TITLE,
        [
            b.section(f"Posts *{VIEWS[look.view].name}*, {b.escape(look.period)}, as you see it, without the buttons."),
            b.entry(CHANNEL, "Where", b.channel_input(), hint="I must be in that channel: /invite me there first."),
            b.entry(WITH_NAMES, "Customers", names, hint="Else they are only numbered.", optional=True),
        ],
        submit="Post",
        private_metadata=b.carried(look.written),
    )


def look_of(view: Mapping[str, Any]) -> Look:
    """Which report an open form is about."""
    carried = json.loads(str(view.get("private_metadata") or '""'))
    return Look.read(carried if isinstance(carried, str) else "")


def post_again(view: b.Block) -> b.Message:
    return open_again(POST, look_of(view).written)


def _buttons(found: Exits, look: Look) -> b.Block:
    asked = replace(look, period=found.span.said)
    others = [
        b.button(one, f"{SHOW}:{one}", replace(asked, period=one).written) for one in PERIODS if one != found.span.said
    ]
    rest = f"|{asked.period}|{asked.where}"
    options = [b.option(one.name, one.id) for one in VIEWS.values()]
    fits = len(LOOK) + 1 + len(rest) <= ACTION_LONGEST  # a menu has no value of its own to carry what was asked
    menu = [b.menu("Look at …", f"{LOOK}:{rest}", options)] if fits else []
    worth = [b.button("Is a fix worth it?", WORTH, asked.written)] if look.view == "tags" and found.features else []
    post = [b.button("Post to product channel", POST, asked.written)] if found.exits else []
    return b.actions(*menu, *others, *worth, *post, b.button("CSV", EXPORT, asked.written))


def _cells(one: Exit, found: Exits) -> Iterator[str]:
    said = one.said
    yield from (one.account_id, one.name, one.owner_email or "", one.day.isoformat(), found.base.upper())
    yield f"{to_major(rounded(one.lost), found.base)}"
    yield from (one.plan, one.place, one.began.isoformat() if one.began else "")
    yield from (_label(one.reason, found), one.told.value, _label(said.root_cause, found))
    yield _label(said.secondary_reason, found)
    yield from (found.avoidable(one).value, said.left_anyway.value if said.left_anyway else "", found.nature(one).value)
    yield found.name_of(said.competitor)
    yield "; ".join(found.name_of(tag) for tag in said.tags)
    yield one.icp.value
    yield "" if said.icp_fit is None else str(said.icp_fit)
    yield said.ask_again_on.isoformat() if said.ask_again_on else ""
    yield "yes" if one.early else "no"


def _label(reason: str | None, found: Exits) -> str:
    return label_of(reason, found.reasons) if reason else ""
