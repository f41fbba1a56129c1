"""What leaving customers and their banks say."""

import random
from typing import Final

DISPUTES: Final = ("fraudulent", "product_not_received", "subscription_canceled", "unrecognized", "general")

_PARTINGS: Final = (
    ("too_expensive", "The new price does not fit our budget any more."),
    ("too_expensive", None),
    ("missing_features", "We need SSO and audit logs; a competitor has both."),
    ("missing_features", "No offline mode."),
    ("switched_service", "We moved to a tool our parent company already pays for."),
    ("switched_service", None),
    ("unused", "Nobody logged in since the project ended."),
    ("unused", None),
    ("customer_service", "Three weeks for an answer on our export ticket."),
    ("too_complex", "The team never got past the set-up."),
    ("low_quality", "Reports kept timing out."),
    ("other", "We are closing the company. Thank you & good luck! <3"),
    (None, None),
)


def parting(rng: random.Random) -> tuple[str | None, str | None]:
    """Feedback in Stripe's words, and a comment in the customer's own."""
    return rng.choice(_PARTINGS)
