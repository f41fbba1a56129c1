"""What a local Stripe consists of beside its sockets, and what may be done to it."""

from collections.abc import Callable, Mapping

from bot.clock import Clock
from bot.playground.stripe.billing.billing import Billing
from bot.playground.stripe.billing.dates import EVENTS_KEPT, seconds
from bot.playground.stripe.doors.desk import Desk
from bot.playground.stripe.doors.faults import Calls, Faults, Pace
from bot.playground.stripe.doors.keys import Keys
from bot.playground.stripe.doors.unruly import UnrulyEvents
from bot.playground.stripe.doors.webhooks import Webhooks

Story = Callable[..., object]


class Served:
    """The objects of `billing`, with keys, faults and pace; the calendar goes on to the clock's time.

    `stories` are acts that `POST /_ctl/story` knows beside those of `billing`, `acted` hears of every act done through
    it, and `beside` is the address of the page that the one at the root leads back to. With `rows_of_a_page` set lists
    come in smaller pages than asked for, so that a small company takes as many requests as a large one.
    """

    def __init__(
        self,
        billing: Billing,
        clock: Clock,
        *,
        api_key: str,
        per_second: int = 0,
        stories: Mapping[str, Story] | None = None,
    ) -> None:
        self.billing, self.store, self.clock = billing, billing.store, clock
        self.keys, self.faults, self.pace, self.calls = Keys(api_key), Faults(), Pace(per_second), Calls()
        self._per_second = per_second
        self.stories = stories or {}
        self.desk = Desk(billing)
        self.acted: Callable[[str], None] = lambda _verb: None
        self.beside = ""
        self.url = ""
        self.rows_of_a_page: int | None = None
        self.webhooks = Webhooks(self.store)
        self.billing.books.on_event = self.webhooks.note

    @property
    def api_key(self) -> str:
        return self.keys.key

    def advance(self) -> None:
        """Let the calendar catch up with the clock."""
        now, books = seconds(self.clock()), self.billing.books
        books.events_since = max(books.events_since, now - EVENTS_KEPT)
        if now > books.now:
            self.billing.advance(now)

    def mangle_events(self, seed: int, *, withheld: float = 0, seconds: int = 0, repeated: float = 0) -> None:
        """From now on events of one minute are listed in any order, some only after `seconds`, some twice."""
        held, books = self.store["events"], self.billing.books
        listed = UnrulyEvents(held, lambda: books.now, seed, withheld=withheld, seconds=seconds, repeated=repeated)
        self.store.replace("events", listed)

    def reset(self) -> None:
        """Forget faults, revocations, counts and a changed pace; the objects stay as they are."""
        self.faults, self.calls, self.pace = Faults(), Calls(), Pace(self._per_second)
        self.keys.revoked.clear()
