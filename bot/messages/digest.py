"""The coffee stats as Slack messages: one for the channel, replies for its thread, all of it in words too."""

from collections.abc import Sequence
from datetime import timedelta

from bot.clock import age_in_words
from bot.digest.compose import Digest
from bot.messages import blocks, telling
from bot.messages.blocks import Block, Message
from bot.telling.told import Detail, Told, long_day


def outgoing(digest: Digest) -> list[Message]:
    """The message for the channel, then the replies for its thread in order."""
    told = [part.told() for part in digest.parts]
    return [_main(digest, told), *(_reply(detail) for one in told for detail in one.details)]


def waited(text: str, shown: Sequence[Block], age: timedelta) -> Message:
    """A digest that could not be posted when it was written: with what it says of that."""
    note = f"This digest waited {age_in_words(age)} for Slack: its figures are those of when it was due."
    room = shown if len(shown) < blocks.BLOCKS_PER_MESSAGE else shown[:-1]
    return Message(blocks.cut_lines([text, note], blocks.MESSAGE_TEXT), [*room, blocks.context(note)])


def plain_text(digest: Digest) -> str:
    """Everything, thread included, for a terminal."""
    told = [part.told() for part in digest.parts]
    paragraphs = filter(None, ("\n".join(telling.typed(one)) for one in told))
    details = ("\n".join(telling.detail_typed(detail)) for one in told for detail in one.details)
    return "\n\n".join([title(digest), *paragraphs, *telling.footer_typed(told), *details])


def title(digest: Digest) -> str:
    return f"Coffee stats · {long_day(digest.day)}"


def _main(digest: Digest, told: Sequence[Told]) -> Message:
    body = [block for one in told for block in telling.shown(one)]
    shown = blocks.fitted([blocks.header(title(digest)), *body, *telling.footer(told)])
    return Message(_words(digest, told), shown)


def _reply(detail: Detail) -> Message:
    words = blocks.cut_lines(list(telling.detail_words(detail)), blocks.MESSAGE_TEXT)
    return Message(words, list(telling.detail_shown(detail)))


def _words(digest: Digest, told: Sequence[Told]) -> str:
    """The whole message for notifications and screen readers."""
    lines = [line for one in told for line in telling.words(one)]
    return blocks.cut_lines([f"{title(digest)}.", *lines, *telling.small_words(told)], blocks.MESSAGE_TEXT)
