"""The answers to a look-up that found several accounts or none, and what is suggested while a person types."""

from collections.abc import Callable, Sequence

from bot.accounts.search import Found, Match
from bot.messages import blocks as b
from bot.messages.account import FIND, SHOW
from bot.messages.words import amounts, quoted
from bot.telling.told import counted, listed

CHOICES = 5
OTHERS = 3  # accounts that match as well, named above a card
SUGGESTED = 20


def choice(
    found: Found, action: str = SHOW, label: str = "Show", value: Callable[[str], str] = lambda id_: id_
) -> b.Message:
    """The best few of several accounts, a button each; `value` makes of an account's id what its button carries."""
    shown = found.matches[:CHOICES]
    if found.near:
        title = f"No account matches {quoted(found.typed)} as written. Did you mean:"
    else:
        title = f"{counted(found.total, 'account matches', 'accounts match')} {quoted(found.typed)}:"
    more = 0 if found.near else found.total - len(shown)
    hint = f"{more:,} more: type more of the name, or an e-mail or id." if more > 0 else ""
    sections = [
        b.section(_described(match), accessory=b.button(label, action, value(match.id)), block_id=f"match_{number}")
        for number, match in enumerate(shown)
    ]
    words = [title, *(f"• {_described(match).replace(chr(10), ', ')}" for match in shown), hint]
    return b.Message(
        "\n".join(line for line in words if line),
        [b.section(title), *sections, *([b.context(hint)] if hint else []), *([finder()] if action == SHOW else [])],
    )


def named(found: Sequence[Match]) -> b.Message:
    """The accounts that a message names, or that it names none, with a menu to find another."""
    title = "This message names several accounts:" if found else "This message names no account that you may see."
    sections = [
        b.section(_described(match), accessory=b.button("Show", SHOW, match.id), block_id=f"match_{number}")
        for number, match in enumerate(found)
    ]
    words = [title, *(f"• {_described(match).replace(chr(10), ', ')}" for match in found)]
    return b.Message("\n".join(words), [b.section(title), *sections, finder()])


def finder() -> b.Block:
    """A menu that suggests accounts while a person types."""
    return b.actions(b.search_menu("Find another account", FIND, from_letters=2))


def suggestions(found: Found) -> list[b.Block]:
    """The accounts for the menu of `finder`, best first; one whose id Slack would not take is left out."""
    shown = [match for match in found.matches if len(match.id) <= b.OPTION_VALUE][:SUGGESTED]
    return [b.option(b.isolated(b.plain(_suggested(match), b.OPTION_TEXT)), match.id) for match in shown]


def nothing(found: Found) -> b.Message:
    """A friendly sentence when no account is even alike."""
    return b.said(
        f"I know no account like {quoted(found.typed)}. "
        "Try a part of its name, its domain, an e-mail address, or an id or invoice number of the billing system."
    )


def near_note(found: Found) -> str:
    """A line for the card of an account whose name was not typed so."""
    if found.near:
        return f"Closest to {quoted(found.typed)}."
    others = [b.escape(one.name or one.id) for one in found.matches if one != found.one][:OTHERS]
    if not others:
        return ""
    more = found.total - 1 - len(others)
    names = listed([*others, *([f"{more:,} more"] if more > 0 else [])])
    return f"{quoted(found.typed)} also matches {names.removesuffix('.')}."


def _described(match: Match) -> str:
    domain = (match.email or "").rpartition("@")[2]
    state = "deleted in billing" if match.deleted else f"{amounts(match.mrr, nothing='no')} MRR"
    details = [b.escape(one, 60) for one in (domain,) if one] + [state]
    return f"*{b.escape(match.name or match.id)}*\n{' · '.join(details)}"


def _suggested(match: Match) -> str:
    """On one line of plain text, the name cut so that what tells accounts of one name apart is seen."""
    state = "deleted in billing" if match.deleted else f"{amounts(match.mrr, nothing='no')} MRR"
    domain = (match.email or "").rpartition("@")[2]
    rest = " · ".join(part for part in (b.cut(domain, SUGGESTED), state) if part)
    return f"{b.cut(b.plain(match.name or match.id), b.OPTION_TEXT - len(rest) - 3)} · {rest}"
