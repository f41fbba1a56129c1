"""The ideal customer profile: its form, what came of it, and what is said of an account."""

from collections.abc import Mapping
from typing import Any

from bot import icp
from bot.icp import COST, TICKETS, VALUE, WORDS, Profile
from bot.messages import blocks as b
from bot.messages.windows import open_again, told
from bot.telling.told import counted
from storage.icp_fits import Judged
from storage.states import IcpFit

FORM, OPEN = "icp", "icp_open"
TITLE = "Ideal customer"
SINCE = "since"
AGAINST = {
    WORDS: "outside the filter",
    VALUE: "brought too little",
    TICKETS: "too many tickets",
    COST: "costs too much to keep",
}
MISSING = {
    WORDS: "the filter means nothing now",
    VALUE: "what it brings",
    TICKETS: "its tickets",
    COST: "what keeping it costs",
}


def form(present: Profile, base: str, since: str) -> b.Block:
    """The form, filled with what is in force `since` then."""
    code = base.upper()
    return b.modal(
        FORM,
        TITLE,
        [
            b.section("What a good customer looks like. An account fits when it meets all that is said here."),
            b.entry(
                WORDS,
                "Which accounts, by a filter",
                b.text_input(
                    initial=present.words, placeholder="segment:enterprise region:EU mrr>500", longest=icp.LONGEST
                ),
                hint="Segments, plans, regions, tags and MRR, as in /coffee. For one that left, the MRR it last had.",
                optional=True,
            ),
            _amount(VALUE, f"Paid in all, at least ({code})", present, "Less what it got back."),
            _amount(TICKETS, "Tickets in 30 days, at most", present, "By the signal tickets_30d."),
            _amount(
                COST, f"Cost of keeping it in a year, at most ({code})", present, "By the incentives in its notes."
            ),
        ],
        submit="Save",
        private_metadata=b.carried({SINCE: since}),
    )


def since_of(view: Mapping[str, Any]) -> str | None:
    """Since when that was in force which an open form was filled with, None where it does not say."""
    since = b.carried_by(view).get(SINCE)
    return since if isinstance(since, str) else None


def saved(profile: Profile, found: Mapping[IcpFit, int]) -> b.Block:
    """What a profile makes of all accounts."""
    if not profile:
        return told(TITLE, "Nothing is said of a good customer any more, and no account is judged.")
    counts = [
        f"*{counted(found.get(IcpFit.IN, 0), 'account fits', 'accounts fit')}*",
        f"{found.get(IcpFit.OUT, 0):,} do not",
        f"{found.get(IcpFit.UNKNOWN, 0):,} cannot be judged yet",
    ]
    hint = "`/coffee mrr by icp` and `/exit-interview report where icp:in` go by it. All are judged anew each day."
    return told(TITLE, f"Saved. {', '.join(counts)}.\n{hint}")


def not_judged() -> b.Block:
    """The profile is in force, and what it makes of the accounts is not known yet."""
    return told(TITLE, "Saved. The accounts could not be judged by it just now; that is done within a day.")


def line(judged: Judged) -> str:
    """Whether an account fits, and what speaks against it or is not known."""
    if judged.fit is IcpFit.IN:
        return "Fits"
    if judged.fit is IcpFit.OUT:
        return f"Does not fit: {', '.join(AGAINST[part] for part in judged.against if part in AGAINST)}"
    return f"Not known yet: {', '.join(MISSING[part] for part in judged.unknown if part in MISSING)}"


def again(_: b.Block) -> b.Message:
    return open_again(OPEN, "")


def _amount(name: str, label: str, present: Profile, hint: str) -> b.Block:
    value = getattr(present, name)
    shown = "" if value is None else f"{value:f}"
    return b.entry(name, label, b.text_input(initial=shown, longest=13), hint=hint, optional=True)
