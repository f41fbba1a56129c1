"""What a channel or a person chose last is what counts there."""

from datetime import datetime

from storage import people, quiet_times
from storage.engine import Database
from storage.people import Person
from storage.quiet_times import QuietTime


async def test_the_last_choice_counts(database: Database, morning: datetime) -> None:
    for wish in (QuietTime("none", None), QuietTime(None, "FI")):
        await database.write(quiet_times.choose, "C1", wish, "U1", morning)

    assert await database.read(quiet_times.chosen, ["C1", "C2"]) == {"C1": QuietTime(None, "FI")}
    assert await database.read(quiet_times.chosen, []) == {}


async def test_zones_are_told_of_those_whom_slack_knows(database: Database, morning: datetime) -> None:
    for person in (Person("a@we.com", "U1", "D1", "Asia/Tokyo"), Person("b@we.com", "U2", "D2", None)):
        await database.write(people.keep, person, morning)

    assert await database.read(people.zones, ["U1", "U2", "U3"]) == {"U1": "Asia/Tokyo"}
