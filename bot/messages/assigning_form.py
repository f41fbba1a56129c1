"""The form that shares accounts without an owner out among people, and what it would do."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from bot.accounts.assigning import How, Share
from bot.messages import blocks as b
from bot.messages.windows import open_again, told
from bot.messages.words import person
from bot.money import display
from bot.telling.told import counted

FORM, CONFIRM, OPEN = "assigning", "assigning_confirm", "assigning_open"
TITLE = "Accounts without owner"
PEOPLE, HOW, WHERE = "people", "how", "where"
MOST = 20  # people
WAYS = {
    How.FEWEST: "Who has the fewest accounts",
    How.LEAST_MRR: "Who looks after the least MRR",
    How.IN_TURN: "Each in turn",
}


def form(without: int) -> b.Block | b.Message:
    """The form, or a sentence where every account has an owner."""
    if not without:
        return b.said("Every account that pays has an owner.")
    options = [b.option(words, how.value) for how, words in WAYS.items()]
    return b.modal(
        FORM,
        TITLE,
        [
            b.section(
                f"*{counted(without, 'account')} without an owner.* Nothing changes before you have seen who gets what."
            ),
            b.entry(PEOPLE, "Share them out among", b.people_input(MOST)),
            b.entry(HOW, "Who gets the next one?", b.choice(options, initial=How.FEWEST.value, kind="radio_buttons")),
            b.entry(
                WHERE, "Only these accounts", b.text_input(placeholder="region:EU mrr>500", longest=500), optional=True
            ),
        ],
        submit="Show",
    )


def confirm(shares: Mapping[str, Share], base: str, wish: Mapping[str, object]) -> b.Block:
    """Who would get what; `wish` is carried to the next press."""
    lines = [f"• {person(user)}: {_share(share, base)}" for user, share in shares.items()]
    total = sum(len(share.accounts) for share in shares.values())
    return b.modal(
        CONFIRM,
        TITLE,
        [b.section("\n".join(lines)), b.context("What billing says of owners stays as it is; here these count.")],
        submit=f"Assign {total:,}",
        private_metadata=b.carried(wish),
    )


def _share(share: Share, base: str) -> str:
    more, whole = (display(Decimal(worth), base) for worth in (share.worth, share.then.worth))
    gets = f"{counted(len(share.accounts), 'account')}, {more} MRR"
    return f"{gets}; {counted(share.then.accounts, 'account')} with {whole} MRR then"


def done(count: int) -> b.Block:
    return told(TITLE, f"Done: {counted(count, 'account has', 'accounts have')} an owner now.")


def again(_: b.Block) -> b.Message:
    return open_again(OPEN, "")


def nameless(people: Sequence[str]) -> str:
    """Why some people cannot get accounts."""
    return f"Slack does not tell me the e-mail address of {' and '.join(map(person, people))}; leave them out."
