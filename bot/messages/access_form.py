"""The form that says who may see and do what."""

from collections.abc import Mapping, Sequence

from bot.messages import blocks as b
from bot.messages.windows import open_again
from bot.roles import CHANNELS, EVERYONE, GROUP, MOST, Grant, Reach, Role

FORM, OPEN, REMOVE = "access", "access_open", "access_remove"
TITLE = "Who may see what"
PEOPLE, GROUPS, CHANNEL, ALL, ROLE, REACH = "people", "group", "channel", "everyone", "role", "reach"
AT_ONCE = 20  # people who are given a role together
MAY: Mapping[Role, str] = {
    Role.VIEWER: "sees figures and accounts, but not what people wrote",
    Role.CSM: "also reads and writes notes and exits, and works on alerts",
    Role.LEAD: "also sets up channels, tunes risk, says where cards go",
    Role.ADMIN: "also gives roles",
}
OF: Mapping[Reach, str] = {
    Reach.ALL: "all accounts",
    Reach.TEAM: "the accounts of this group or channel",
    Reach.OWN: "the accounts each looks after",
}
INTRO = "Owners and admins of this Slack workspace may everything. All others may what stands here."
NOBODY = "Nobody else was given a role yet."


def form(present: Sequence[Grant], groups: Mapping[str, str]) -> b.Block:
    """What is in force, each with its menu, and inputs for more; `groups` are the names of user groups by id."""
    rows = [_row(number, one) for number, one in enumerate(present)] or [b.section(NOBODY)]
    options = [b.option(f"@{name}", id_) for id_, name in groups.items()]
    groups_entry = [b.entry(GROUPS, "Or a user group", b.choice(options), optional=True)] if options else []
    everyone = b.option("Everyone", EVERYONE, "each full member of the workspace, guests never")
    return b.modal(
        FORM,
        TITLE,
        [
            b.section(INTRO),
            *rows[:MOST],
            b.divider(),
            b.entry(PEOPLE, "Give a role to", b.people_input(AT_ONCE), optional=True),
            *groups_entry,
            b.entry(CHANNEL, "Or the members of a channel", b.channel_input(), optional=True),
            b.entry(ALL, "Or", b.ticks([everyone]), optional=True),
            b.entry(ROLE, "Role", b.choice([b.option(_named(role), role.word, MAY[role]) for role in Role])),
            b.entry(
                REACH,
                "Of",
                b.choice([b.option(OF[reach].capitalize(), reach) for reach in Reach], initial=Reach.ALL),
                hint="Who has two roles may with each account the most that they were given for it. "
                "What leads and admins set counts for all accounts, so these roles are of all of them.",
            ),
        ],
        submit="Give",
    )


def told(grant: Grant) -> str:
    """A grant in words, with Slack's own names."""
    return f"{whom(grant.to)}: {_named(grant.role)}, {OF[grant.reach]}"


def whom(to: str) -> str:
    if to == EVERYONE:
        return "Everyone"
    if to.startswith(GROUP):
        return f"<!subteam^{to}>"
    return f"members of <#{to}>" if to.startswith(CHANNELS) else f"<@{to}>"


def again(_: b.Block) -> b.Message:
    return open_again(OPEN, "")


def _named(role: Role) -> str:
    return role.word if role is Role.CSM else role.word.capitalize()


def _row(number: int, grant: Grant) -> b.Block:
    return b.section(told(grant), accessory=b.overflow(f"{REMOVE}:{number}", [b.option("Take away", grant.to)]))
