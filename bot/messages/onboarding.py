"""The onboarding watch as a Slack message."""

from bot.messages import blocks as b
from bot.messages.account import SHOW as LOOK_UP
from bot.messages.at_risk import of_whom
from bot.messages.blocks import Message
from bot.money import display
from bot.risk.onboarding import DONE, KEY, TOTAL, Newcomer, Watch
from bot.risk.whose import Whose
from bot.telling.told import counted

MOST = 15
UNTOLD = (
    f"Nothing was told of how they get on: send the signals `{DONE}` and `{TOTAL}`, or `{KEY[0]}` "
    "(docs/csv.md, docs/operate.md)."
)


def told(found: Watch, whose: Whose, base: str) -> Message:
    """Who is behind, and of how many nothing is known."""
    head, small = _head(found, of_whom(whose)), _small(found)
    entries = [_entry(one, base) for one in found.behind[:MOST]]
    shown = [
        b.section(head),
        *(
            b.section(entry, accessory=b.button("Look up", LOOK_UP, one.account_id))
            for entry, one in zip(entries, found.behind, strict=False)
        ),
        *([b.context(small)] if small else []),
    ]
    return Message(b.cut_lines("\n".join([head, *entries, small]).split("\n"), b.MESSAGE_TEXT), b.fitted(shown))


def lacks(one: Newcomer) -> str:
    """What an account lacks on its day: "day 16: 2 of 8 steps done, no use of the key feature yet"."""
    said = [f"{one.done} of {one.total} steps done"] if one.lacks_steps else []
    said += ["no use of the key feature yet"] if one.lacks_use else []
    return f"day {one.age}: {', '.join(said)}"


def _head(found: Watch, whose: str) -> str:
    if not found.newcomers:
        return f"*No account{whose} is in its first 90 days.*"
    if found.silent == found.newcomers:
        young = counted(found.newcomers, f"account{whose} is", f"accounts{whose} are")
        return f"*{young} in the first 90 days.*\n{UNTOLD}"
    if not found.behind:
        return f"*No account{whose} in its first 90 days is behind.*"
    return f"*{counted(len(found.behind), f'account{whose} is', f'accounts{whose} are')} behind in the first 90 days*"


def _small(found: Watch) -> str:
    said = []
    if len(found.behind) > MOST:
        said.append(f"{len(found.behind) - MOST:,} more are behind")
    if found.silent and found.silent < found.newcomers:
        said.append(f"of {found.silent:,} of {counted(found.newcomers, 'newcomer')} nothing was told")
    return " · ".join(said)


def _entry(one: Newcomer, base: str) -> str:
    owner = f" · {b.escape(one.owner_email)}" if one.owner_email else ""
    return f"*{b.escape(one.name)}* · {display(one.worth, base)} MRR{owner}\n{lacks(one)}"
