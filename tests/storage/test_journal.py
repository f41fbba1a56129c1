"""The journal of accounts: added to, never changed; found by words whatever their case and accents."""

from dataclasses import replace
from datetime import datetime, timedelta

from storage import journal
from storage.engine import Database
from storage.journal import Entry
from storage.states import NoteKind


def entry(morning: datetime, id_: str = "V1", text: str = "They want Señor López on the call") -> Entry:
    return Entry(id_, "acme", NoteKind.CALL, text, "U1", morning)


async def test_a_form_is_one_entry_that_says_what_was_sent_last(database: Database, morning: datetime) -> None:
    assert await database.write(journal.add, entry(morning))
    later = replace(entry(morning), text="something else", kind=NoteKind.MAIL)
    assert not await database.write(journal.add, later)

    assert await database.read(journal.of_account, "acme") == [later]
    assert await database.read(journal.of_account, "acme", "else") == [later]
    assert await database.read(journal.of_account, "globex") == []


async def test_entries_are_found_by_words_the_newest_first(database: Database, morning: datetime) -> None:
    later = replace(entry(morning, "V2", "100% sure: 50_60"), written_at=morning + timedelta(hours=1))
    for one in (entry(morning), later):
        await database.write(journal.add, one)

    async def found(words: str) -> list[str]:
        return [one.id for one in await database.read(journal.of_account, "acme", words)]

    assert await found("") == ["V2", "V1"]
    assert await found("lopez CALL") == ["V1"]
    assert await found("100% 50_60") == ["V2"]
    assert await found("100_") == []
    assert [one.id for one in await database.read(journal.of_account, "acme", "", 1)] == ["V2"]


async def test_a_correction_is_an_entry_of_its_own(database: Database, morning: datetime) -> None:
    right = replace(entry(morning, "V2"), corrects="V1", cost=25_000, currency="usd")
    for one in (entry(morning), right):
        await database.write(journal.add, one)

    assert await database.read(journal.corrected, [entry(morning), right]) == {"V1"}
    assert await database.read(journal.with_id, "V2") == right
    assert await database.read(journal.with_id, "V3") is None
