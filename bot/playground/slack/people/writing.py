"""How what a person types becomes Slack's message text."""

import re

from bot.playground.slack.world.workspace import Workspace

MENTION = re.compile(r"(?<![\w<])([@#])([\w.-]*\w)")
LINK = re.compile(r"\bhttps?://[^\s<>]+")


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def with_mentions(text: str, workspace: Workspace, *, named: bool = False) -> str:
    """Names behind @ and # as ids; `named` adds the name, as slash commands with should_escape do."""

    def replaced(match: re.Match[str]) -> str:
        sign, name = match.groups()
        found = workspace.user_named(name) if sign == "@" else workspace.channel_named(name)
        if found is None:
            return match.group()
        return f"<{sign}{found.id}|{name}>" if named or sign == "#" else f"<{sign}{found.id}>"

    return MENTION.sub(replaced, text)


def as_message(text: str, workspace: Workspace) -> str:
    return LINK.sub(r"<\g<0>>", with_mentions(escaped(text), workspace))
