"""What `kahvi doctor` asks of Stripe: the key, the version, and a read of every kind that is needed."""

from collections.abc import Sequence

from bot.errors import SourceDown, SourceRefused
from bot.sources.base import Check
from bot.sources.stripe.client import API_VERSION, FULL_KEY, Forbidden, KeyRefused, StripeClient
from bot.sources.stripe.kinds import BALANCE, EVENTS, METHODS, PRICES, WALK, Kind
from bot.sources.stripe.reader import Reader, together

QUICK = 5.0  # seconds that a person waits for a server that does not answer
ELSEWHERE = "Point Kahvi at Stripe itself, or do without."


async def check_source(client: StripeClient) -> Sequence[Check]:
    """One line for the key, one per permission, one for the API version."""
    key = _key(client)
    if not client.key_allowed:
        return [key]
    reader = Reader(client, QUICK)
    try:
        await reader.rows(PRICES, limit=1)  # first: whether there are any tells a server of old from a new one
    except KeyRefused as error:
        return [Check(key.name, ok=False, detail=key.detail, remedy=str(error))]
    except SourceDown as error:
        return [Check("Stripe", ok=False, detail="no answer", remedy=str(error))]
    except SourceRefused:
        pass  # told in the line of its own
    reads = await together([_read(reader, kind) for kind in (EVENTS, *WALK, METHODS, BALANCE)])
    lacks = [Check("Stripe server", ok=False, detail=one, remedy=ELSEWHERE) for one in reader.notices]
    return [key, *reads, _version(client), *lacks]


def _key(client: StripeClient) -> Check:
    kind = client.key_kind
    words = f"{'full' if kind.full else 'restricted'} key for {'test' if kind.test else 'live'} data"
    return Check("Stripe key", client.key_allowed, words, "" if client.key_allowed else FULL_KEY)


async def _read(reader: Reader, kind: Kind) -> Check:
    name = f"Stripe {kind.name.replace('_', ' ')}"
    try:
        await reader.rows(kind, limit=1)
    except Forbidden as error:
        return Check(name, ok=False, detail="the key may not read this", remedy=str(error))
    except SourceRefused as error:
        # Not every account may list payment methods without a customer; only a missing permission counts there.
        listed = kind is not METHODS
        detail = "refused" if listed else "permitted, but listed by customer only"
        return Check(name, ok=not listed, detail=detail, remedy=str(error))
    except SourceDown as error:
        return Check(name, ok=False, detail="no answer", remedy=str(error))
    return Check(name, ok=True, detail="readable")


def _version(client: StripeClient) -> Check:
    seen = client.version_seen
    if seen == API_VERSION:
        return Check("Stripe API version", ok=True, detail=seen)
    detail = f"asked for {API_VERSION}, " + (f"answered in {seen}" if seen else "the server names none")
    return Check("Stripe API version", ok=seen is None, detail=detail, remedy=ELSEWHERE)
