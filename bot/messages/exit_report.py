"""The report of exits as Slack messages, and its customers as CSV."""

from dataclasses import replace

from bot import spreadsheet
from bot.exits.reasons import label_of
from bot.figures.exits import Exits
from bot.figures.exits_told import exits_told
from bot.messages import blocks as b
from bot.messages import exports, telling
from bot.messages.blocks import Message
from bot.money import rounded, to_major

SHOW, EXPORT = "exit_report_show", "exit_report_export"
PERIODS = ("30d", "90d", "12m")
NAMES = (
    *("account_id", "account", "owner", "day", "currency", "mrr_lost"),
    *("reason", "told_by", "avoidable", "flagged_early"),
)


def report(found: Exits, where: str) -> list[Message]:
    """The report with its table of reasons, and in an answer of its own the customers: Slack takes one table each."""
    told = exits_told(found)
    reasons, *customers = told.details or (None,)
    first = replace(told, details=(reasons,) if reasons else ())
    return [telling.message(first, _buttons(found, where)), *(telling.reply(one) for one in customers if one)]


def export(found: Exits) -> list[Message]:
    rows = [
        (
            *(one.account_id, one.name, one.owner_email or "", one.day.isoformat(), found.base.upper()),
            f"{to_major(rounded(one.lost), found.base)}",
            *(
                label_of(one.reason, found.reasons) if one.reason else "",
                one.told.value,
                found.avoidable(one.reason).value,
            ),
            "yes" if one.early else "no",
        )
        for one in found.exits
    ]
    remedy = "Ask for a shorter period, or keep to fewer by a filter."
    return exports.as_messages("Exits as CSV", spreadsheet.as_csv(NAMES, rows), remedy)


def _buttons(found: Exits, where: str) -> b.Block:
    others = [b.button(one, f"{SHOW}:{one}", f"{one}|{where}") for one in PERIODS if one != found.span.said]
    return b.actions(*others, b.button("CSV", EXPORT, f"{found.span.said}|{where}"))
