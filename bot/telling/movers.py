"""Who moved MRR and what they did, in words: a single account by its name, several by what they share."""

from collections.abc import Sequence

from bot.metrics.carriers import Carrier, Way
from bot.telling import reasons
from bot.telling.told import Foreign, Phrase, exact
from storage.slices import UNKNOWN

LABEL = 30
DID = {
    Way.NEW: "joined",
    Way.REACTIVATION: "came back",
    Way.EXPANSION: "grew",
    Way.CONTRACTION: "shrank",
    Way.CHURN: "left",
    Way.PART: "",
}


def who(one: Carrier, *, other: bool = False, made_up: bool = False, counts: bool = True) -> Phrase:
    """Who they are and what they did: "Acme left", "3 Pro customers in EU left", "2 other new customers".

    `made_up`: to be said behind "made up by", as "Acme, which grew" or "existing customers that grew".
    Without `counts` it is not said how many.
    """
    if one.way is Way.TRANSFER:
        return ("moves between segments",)
    stayed = one.way is Way.CHURN and not one.count
    how = "ended a subscription" if stayed else DID[one.way]
    if one.way is Way.PART:
        how, made_up = "", False
    if one.name:
        return (Foreign(one.name), f"{', which' if made_up else ''} {how}") if how else (Foreign(one.name),)
    did = "" if one.way is Way.NEW or not how else f"{' that' if made_up else ''} {how}"
    plan: Phrase = (Foreign(one.plan, LABEL), " ") if one.plan and one.plan != UNKNOWN else ()
    place: Phrase = (" in ", Foreign(one.place, LABEL)) if one.place and one.place != UNKNOWN else ()
    noun = "customer" if one.count == 1 and counts else "customers"
    which = _which(one, other=other, counts=counts)
    return tuple(part for part in (which, *plan, noun, *place, did) if part)


def clause(one: Carrier, amount: str, *, other: bool = False, made_up: bool = False) -> Phrase:
    """Who did what, and their part: "3 Pro customers in EU left (−$2,140, 2 by failed payment)"."""
    notes: list[str | Foreign] = []
    for note in (amount, _dunned(one), _reason(one)):
        if note:
            notes += [", ", note] if notes else [note]
    shown: Phrase = (" (", *notes, ")") if notes else ()
    return (*who(one, other=other, made_up=made_up), *shown)


def in_order(found: Sequence[Carrier]) -> list[tuple[Carrier, bool]]:
    """Carriers as they are said, each with whether it is what is left of its way: those stand behind the others."""
    named = {one.way for one in found if one.plan or one.place}
    said = [(one, not (one.plan or one.place or one.name) and one.way in named) for one in found]
    return sorted(said, key=lambda pair: pair[1])


def rates(fx: int, base: str) -> Phrase:
    """What exchange rates did: "exchange rates added $29"."""
    return (f"exchange rates {'added' if fx > 0 else 'took'} {exact(abs(fx), base)}",)


def _which(one: Carrier, *, other: bool, counts: bool) -> str:
    """How many of them, and that they are others, new, or were there before."""
    if one.way in (Way.EXPANSION, Way.CONTRACTION) and not one.count and not other:
        return "existing "
    count = f"{one.count:,} " if one.count and counts else ""
    return f"{count}{'other ' if other else ''}{'new ' if one.way is Way.NEW else ''}"


def _dunned(one: Carrier) -> str:
    if one.involuntary and one.involuntary == one.count:
        return "failed payment" if one.count == 1 else "all by failed payment"
    return f"{one.involuntary:,} by failed payment" if one.involuntary else ""


def _reason(one: Carrier) -> str | Foreign | None:
    return reasons.stated(one.reason) if one.reason and not one.involuntary else None
