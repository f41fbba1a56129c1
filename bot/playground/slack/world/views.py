"""Open modals, at most three deep for each person, and everybody's Home tab."""

import secrets
from collections.abc import Callable
from typing import Literal

from bot.playground.slack.doors.errors import SlackError
from bot.playground.slack.world.clock import Clock
from bot.playground.slack.world.models import Json, View

DEEPEST = 3
Change = Literal["view_opened", "view_updated", "view_closed", "home"]
Listener = Callable[[Change, View], None]


class Views:
    def __init__(self, clock: Clock, on_change: Listener) -> None:
        self._clock = clock
        self._on_change = on_change
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}

    def _made(self, user: str, content: Json, below: View | None = None) -> View:
        view_id = f"V{secrets.token_hex(5).upper()}"
        root_id, previous_id = (below.root_id, below.id) if below else (view_id, None)
        return View(view_id, user, content, self._hash(), root_id, previous_id)

    def _hash(self) -> str:
        return f"{int(self._clock.now())}.{secrets.token_hex(4)}"

    def home(self, user: str) -> View | None:
        return self._homes.get(user)

    def stack(self, user: str) -> list[View]:
        """The modals a person has open, the one on top last."""
        return list(self._stacks.get(user, ()))

    def find(self, view_id: str) -> View:
        everything = [*self._homes.values(), *(view for stack in self._stacks.values() for view in stack)]
        for view in everything:
            if view_id and view_id in (view.id, view.external_id):
                return view
        raise SlackError("not_found")

    def _check_external_id(self, content: Json, instead_of: View | None = None) -> None:
        external_id = content.get("external_id")
        if not external_id:
            return
        try:
            taken = self.find(str(external_id))
        except SlackError:
            return
        if taken is not instead_of:
            raise SlackError("duplicate_external_id")

    def open(self, user: str, content: Json) -> View:
        self._check_external_id(content)
        self.clear(user)
        view = self._made(user, content)
        self._stacks[user] = [view]
        self._on_change("view_opened", view)
        return view

    def push(self, user: str, content: Json) -> View:
        stack = self._stacks.get(user)
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= DEEPEST:
            raise SlackError("push_limit_reached")
        self._check_external_id(content)
        view = self._made(user, content, below=stack[-1])
        stack.append(view)
        self._on_change("view_opened", view)
        return view

    def update(self, view: View, content: Json, known_hash: str | None) -> View:
        """What a person has typed into fields that stay is kept."""
        if known_hash and known_hash != view.hash:
            raise SlackError("hash_conflict")
        self._check_external_id(content, instead_of=view)
        view.content = content
        view.hash = self._hash()
        kept = {block.get("block_id") for block in content["blocks"]}
        view.values = {block_id: state for block_id, state in view.values.items() if block_id in kept}
        self._on_change("home" if view is self._homes.get(view.user) else "view_updated", view)
        return view

    def publish(self, user: str, content: Json, known_hash: str | None) -> View:
        view = self._homes.get(user)
        if view is not None:
            return self.update(view, content, known_hash)
        view = self._homes[user] = self._made(user, content)
        self._on_change("home", view)
        return view

    def close(self, view: View) -> None:
        stack = self._stacks.get(view.user, [])
        if view in stack:
            stack.remove(view)
            self._on_change("view_closed", view)

    def clear(self, user: str) -> list[View]:
        """Close everything a person has open, the topmost first."""
        closed = self._stacks.pop(user, [])[::-1]
        for view in closed:
            self._on_change("view_closed", view)
        return closed
