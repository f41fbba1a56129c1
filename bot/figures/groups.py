"""By what accounts that moved are grouped where it is said who moved a figure: their plan, and where they are."""

from sqlmodel import Session

from storage.behind import told_of_most
from storage.dimensions import DIMENSIONS
from storage.slices import Label
from storage.worth import Moment

PLACES = ("region", "country")  # the first that is known of half of the accounts or more


def plans_and_places(session: Session, at: Moment) -> tuple[Label, Label]:
    """The labels of plans, and those of the places that say most."""
    regions, countries = (_label(name, at) for name in PLACES)
    return _label("plan", at), regions if told_of_most(session, regions) else countries


def _label(dimension: str, at: Moment) -> Label:
    found = DIMENSIONS[dimension].by(at)
    assert isinstance(found, Label)  # noqa: S101 - plans and places have names of their own
    return found
