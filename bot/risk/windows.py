"""For how many days each sign counts, or from how many days on: as shipped, and as people set them."""

from collections.abc import Mapping, Sequence

Windows = Mapping[str, Sequence[int]]

RENEWAL, USE = "renewal_near", "use"
# By the id of a rule. RENEWAL is from how near a renewal weighs the rest, USE the days whose use is compared, and with
# how many before them.
WINDOWS: Mapping[str, tuple[int, ...]] = {
    "export_requested": (90,),
    "competitor_mentioned": (90,),
    "card_expires": (7,),
    "invoice_overdue": (1, 16, 31),
    "trial_unpayable": (3,),
    "plan_downgrade": (45,),
    "seats_cut": (45,),
    "discount_ends": (45,),
    "disputed": (90,),
    "refunded": (60,),
    "no_contact": (60, 90),
    "champion_left": (90,),
    "early": (90,),
    "grew": (90,),
    "long_term": (120,),
    RENEWAL: (30, 60, 90),
    USE: (28, 120),
}
LEAST, MOST = 1, 365  # days
STATE_LASTS = 120  # days after which a state is too old to say anything, so no window on one is longer
OF_STATES = frozenset(("export_requested", "competitor_mentioned", "champion_left"))


def longest(name: str) -> int:
    """The most days that a window may have."""
    return STATE_LASTS if name in OF_STATES else MOST
