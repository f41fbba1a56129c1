"""`kahvi doctor` against real services: what is wrong stands in one line, with its remedy."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot import sources
from bot.commands import doctor
from bot.errors import SourceDown
from bot.playground.slack import SlackConfig, SlackServer
from bot.playground.slack.faults.faults import Fault as SlackFault
from bot.settings import VARIABLES, load
from bot.sources.base import Check
from storage import ledger, quarantine
from storage.engine import Database
from storage.faults import Held
from storage.migrate import migrate
from storage.movements import Movement
from storage.states import Cause, Fault, MovementKind
from tests.postgresql import temporary_database

NOW = datetime(2026, 4, 20, 9, tzinfo=UTC)
EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "csv"


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    server = SlackServer(SlackConfig(scopes=tuple(sorted(doctor.asked_scopes()))))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def url(slack: SlackServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An environment in which all is well; the URL of its database."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLACK_BOT_TOKEN", slack.bot_token)
    monkeypatch.setenv("SLACK_APP_TOKEN", slack.app_token)
    monkeypatch.setenv("KAHVI_SLACK_BASE_URL", slack.api_url)
    monkeypatch.setenv("KAHVI_SOURCE", "csv")
    monkeypatch.setenv("KAHVI_CSV_FOLDER", str(EXAMPLE))
    monkeypatch.setenv("KAHVI_DATABASE_URL", f"sqlite:///{tmp_path}/kahvi.db")
    return load().database_url


async def checks() -> list[Check]:
    return [check async for check in doctor.examine()]


async def wrong() -> list[str]:
    return [doctor.line(check) for check in await checks() if not check.ok]


async def test_all_is_well(url: str) -> None:
    found = await checks()

    assert [doctor.line(check) for check in found if not check.ok] == []
    assert {"settings", "database", "Slack bot token", "Slack scopes", "Slack app token"} <= {one.name for one in found}
    assert "kahvi run brings its schema up to date, no bot runs on it" in found[1].detail


async def test_a_bot_that_runs_is_noticed(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.hold()
    found = {check.name: check for check in await checks()}
    database.close()

    assert found["database"].detail == "sqlite, schema of this version, a bot runs on it"
    assert found["currencies"].ok


async def test_wrong_settings_end_the_examination(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAHVI_CURRENCY", "dollars")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "nonsense")

    assert await wrong() == [
        "FAIL  settings: SLACK_BOT_TOKEN is wrong: must begin with xoxb- (see docs/settings.md).",
        (
            'FAIL  settings: KAHVI_CURRENCY is wrong: must be a three-letter currency code, such as "usd"'
            " (see docs/settings.md)."
        ),
    ]


async def test_what_is_missing_does_not_hide_the_rest(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLACK_APP_TOKEN")
    found = await checks()

    assert [doctor.line(check) for check in found if not check.ok] == [
        "FAIL  settings: SLACK_APP_TOKEN is not set: make an app-level token (docs/install.md, step 2)."
    ]
    assert any(check.name == "accounts.csv" for check in found)


async def test_a_missing_scope_is_named_with_its_remedy(slack: SlackServer, url: str) -> None:
    slack.state.scopes = set(doctor.asked_scopes() - {"users:read", "commands"})

    assert await wrong() == [f"FAIL  Slack scopes: missing commands, users:read → {doctor.REINSTALL}"]


async def test_a_refused_token_is_named(slack: SlackServer, url: str) -> None:
    slack.state.faults.order(SlackFault("apps.connections.open", "error", error="invalid_auth"))

    assert await wrong() == [
        "FAIL  Slack app token: Slack refuses SLACK_APP_TOKEN (invalid_auth); see docs/install.md."
    ]


async def test_a_database_that_cannot_be_reached(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAHVI_DATABASE_URL", "postgresql://kahvi:canary@127.0.0.1:1/kahvi")
    (line,) = await wrong()

    assert line.startswith("FAIL  database: The database cannot be used (")
    assert line.endswith("check KAHVI_DATABASE_URL.")
    assert "canary" not in line


async def test_a_server_may_be_shared(postgresql_server: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with temporary_database(postgresql_server) as shared:
        monkeypatch.setenv("KAHVI_DATABASE_URL", shared)
        found = {check.name: check for check in await checks()}

    assert found["database"].ok
    assert found["database"].detail == ("postgresql, kahvi run brings its schema up to date, several bots may share it")


async def test_currencies_without_a_rate_are_named(url: str) -> None:
    database = Database(url)
    migrate(database)
    with database.writing() as session:
        ledger.append(session, [movement(currency) for currency in ("usd", "sek", "chf")])
    database.close()

    (line,) = await wrong()
    assert line == (
        "FAIL  currencies: no rate for CHF, SEK; figures leave these out and say so"
        " → Set KAHVI_CURRENCY to one you bill in, or provide rates."
    )


async def test_what_cannot_be_valued_is_named_with_what_to_do(url: str) -> None:
    detail = "names the price gone, which is not known"
    priceless = [Held("subscription", f"sub_{n}", Fault.NO_PRICE, detail, "acme") for n in range(4)]
    rateless = Held("subscription", "sub_9", Fault.NO_RATE, "is billed in SEK, which has no exchange rate", "acme")
    database = Database(url)
    migrate(database)
    with database.writing() as session:
        quarantine.replace(session, ["acme"], [*priceless, rateless], NOW)
        quarantine.told(session, "stripe", [Held("charge", "ch_1", Fault.UNREADABLE, "has no currency")], NOW)
    database.close()

    price, charge = await wrong()
    assert price == (
        "FAIL  facts: 4 subscriptions without a known price, left out of all figures (sub_0, sub_1 and sub_2, …):"
        " sub_0 names the price gone, which is not known"
        " → Give the price an amount in the subscription's currency, or import the missing price."
    )
    assert charge == (
        "FAIL  facts: 1 charge that could not be read, left out of all figures (ch_1): ch_1 has no currency"
        " → Look at the object in the billing system; if it is sound, report what is said of it."
    )


def movement(currency: str) -> Movement:
    return Movement(
        account_id=f"A-{currency}",
        day=date(2026, 11, 1),
        subscription_id=f"S-{currency}",
        price_id="P-monthly",
        product_id="P",
        currency=currency,
        kind=MovementKind.NEW,
        amount=1000,
        accounts=1,
        cause=Cause.STARTED,
    )


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (
            SlackFault("auth.test", "error", error="invalid_auth"),
            "Slack refuses SLACK_BOT_TOKEN (invalid_auth); see docs/install.md.",
        ),
        (SlackFault("auth.test", "500"), "Slack does not answer (500)."),
        (SlackFault("auth.test", "429"), "Slack does not answer (ratelimited)."),
    ],
    ids=["refused", "down", "busy"],
)
async def test_a_slack_that_does_not_sign_us_in_is_told_and_the_rest_goes_on(
    slack: SlackServer, url: str, fault: SlackFault, told: str
) -> None:
    slack.state.faults.order(fault)
    found = await checks()

    assert [doctor.line(check) for check in found if not check.ok] == [f"FAIL  Slack bot token: {told}"]
    assert found[-1].name == "Slack app token"


async def test_a_slack_that_is_not_there_is_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAHVI_SLACK_BASE_URL", "http://127.0.0.1:1/api/")

    assert await wrong() == [
        f"FAIL  Slack {kind} token: Slack does not answer (ClientConnectorError); is the network up?"
        for kind in ("bot", "app")
    ]


async def test_without_a_slack_token_nothing_is_asked(
    slack: SlackServer, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    monkeypatch.delenv("KAHVI_CSV_FOLDER")
    found = await checks()

    assert [check.name for check in found if not check.ok] == ["settings", "settings"]
    assert {check.name for check in found} == {"settings", "database"}
    assert slack.state.calls.listed("auth.test") == []


async def test_a_source_that_fails_is_told_and_closed(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []

    class Failing:
        async def check(self) -> list[Check]:
            raise SourceDown("The billing source cannot be reached now; try again.")

        async def aclose(self) -> None:
            closed.append("closed")

    monkeypatch.setattr(sources, "build", lambda _settings, _clock: Failing())

    assert await wrong() == ["FAIL  csv: The billing source cannot be reached now; try again."]
    assert closed == ["closed"]


async def test_a_billing_source_that_cannot_be_read(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAHVI_CSV_FOLDER", str(tmp_path / "nowhere"))

    (line,) = await wrong()

    assert line.startswith(f"FAIL  CSV folder: The CSV folder {tmp_path / 'nowhere'} cannot be read (")
