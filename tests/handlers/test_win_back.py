"""Whom to win back, and that owners are told of a fix, at the page of the local Slack."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from bot import icp
from bot.icp import Profile
from bot.ledger import LedgerRules
from handlers import win_back
from handlers.saving import not_saved
from storage import exit_interviews, exit_names, fixes, people
from storage import facts as f
from storage.exit_interviews import Entry, Said
from storage.people import Person
from storage.states import Answer, NameKind
from tests.company import fill, running
from tests.factories import account, at
from tests.handlers.conftest import Stage, words
from tests.handlers.test_exit_interview import shown

SSO = "sso"


async def left(stage: Stage, account_id: str, seats: int, owner: str = "ann@we.com", **said: Any) -> None:
    """A customer that left in October, whose owner is Ann, and what was learned of it."""
    state: dict[str, Any] = {"status": f.Status.ENDED, "status_word": "canceled", "ended_at": at(4, 10)}
    rows: list[f.Fact] = [
        account(account_id, name=account_id.title(), owner_email=owner),
        running(account_id, seats, **state),
    ]
    await stage.services.database.write(fill, rows, stage.now)
    await noted(stage, account_id, **said)


async def noted(stage: Stage, account_id: str, **said: Any) -> None:
    answers = Said(**{"reason": "missing_feature", "tags": (SSO,), **said})
    await stage.services.database.write(exit_names.add, NameKind.FEATURE, "SSO", "U1", stage.now)
    await stage.services.database.write(
        exit_interviews.save, Entry(f"V-{account_id}", account_id, None, "U1", stage.now, answers)
    )


async def lists(stage: Stage) -> dict[str, Any]:
    await stage.types("/exit-interview winback")
    return await stage.last()


async def marks_fixed(stage: Stage) -> Any:
    await stage.presses(await lists(stage), "A feature is fixed …")
    answer = await stage.person.submits(stage.view(), {"Which feature": "SSO"})
    await stage.services.tasks.drain(20)
    return answer.get("errors", {})


async def test_who_missed_what_is_fixed_or_may_be_asked_again_is_listed_by_what_it_brought(stage: Stage) -> None:
    await left(stage, "small", 1)
    await left(stage, "large", 9)
    await left(stage, "asked", 3, tags=(), ask_again_on=date(2026, 11, 23))
    await left(stage, "later", 3, tags=(), ask_again_on=date(2026, 11, 24))
    await left(stage, "never", 5, avoidable=Answer.NO)
    await left(stage, "unfit", 5, icp_fit=6)
    assert "1 customer to win back" in words(await lists(stage))

    assert await marks_fixed(stage) == {}
    offer = await lists(stage)
    said = words(offer)
    assert said.startswith("*3 customers to win back, who left with $650 MRR*")
    assert said.index("Large") < said.index("Asked") < said.index("Small")
    assert "What they missed is fixed: SSO." in said
    assert "May be asked again since 23 Nov 2026." in said

    await stage.presses(offer, "CSV")
    assert "large,Large,ann@we.com" in str((await stage.last())["blocks"])
    await stage.presses(offer, "Look up")
    assert "Large" in words(await stage.last())


async def test_who_came_back_or_is_no_ideal_customer_is_not_asked(stage: Stage) -> None:
    await left(stage, "small", 1)
    await left(stage, "large", 9)
    await marks_fixed(stage)
    rules = LedgerRules(stage.services.settings.timezone, "usd")
    await stage.services.database.write(icp.choose, Profile("mrr>=100"), "U1", stage.now)
    await icp.judge(stage.services.database, rules, stage.now)
    assert words(await lists(stage)).startswith("*1 customer to win back")

    again = running("large", 2, at(2, 11))
    await stage.services.database.write(fill, [again], stage.now)
    assert "Nobody to win back just now." in words(await lists(stage))


async def test_the_owner_of_who_left_for_a_fix_is_told_once(stage: Stage) -> None:
    await left(stage, "small", 1, bring_back="Call <!channel> *me*")
    await left(stage, "large", 9)
    await noted(stage, "gone")
    user = await stage.is_now("ben")
    direct = stage.server.state.workspace.direct_message(user).id
    await stage.services.database.write(people.keep, Person("ann@we.com", user, direct, "UTC"), stage.now)

    assert await marks_fixed(stage) == {}
    assert "1 owner of 2 customers are told by direct message." in shown(stage.view())
    assert "Nobody in Slack looks after Gone Fishing Ltd" in shown(stage.view())
    await stage.deliver()
    stage.channel = direct
    (message,) = await stage.sees()
    assert words(message).startswith("*SSO* is fixed. 2 customers of yours left for it:\n*Large*")
    assert "Call" not in words(message)  # what people wrote is for those with a role to read it
    await stage.presses(message, "Look up")

    await stage.presses(await lists(stage), "A feature is fixed …")
    assert "No interview names a feature that is not fixed yet." in shown(stage.view())
    assert set(await stage.services.database.read(fixes.every)) == {SSO}


async def test_two_who_fix_it_at_once_tell_owners_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    await left(stage, "small", 1)
    await stage.presses(await lists(stage), "A feature is fixed …")
    form = stage.view()

    def full(*_: object, **__: object) -> None:
        raise OperationalError("insert", {}, OSError("disk full"))

    with monkeypatch.context() as patch:
        patch.setattr(fixes, "mark", full)
        answer = await stage.person.submits(form, {"Which feature": "SSO"})
    assert list(answer["errors"].values()) == [not_saved("It is fixed")]

    await stage.services.database.write(fixes.mark, SSO, "U9", stage.now - timedelta(minutes=1))
    answer = await stage.person.submits(form, {"Which feature": "SSO"})
    assert list(answer["errors"].values()) == [win_back.GONE]
