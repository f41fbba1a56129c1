"""Settings come from the environment, a .env file and files of secrets; what is wrong is said in one line each."""

from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from bot.errors import SettingsError
from bot.settings import SECRETS, VARIABLES, Settings, environment, load, variable

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"
SEE = " (see docs/settings.md)."


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the variables nor the .env file of whoever runs the tests."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def problems() -> list[str]:
    with pytest.raises(SettingsError) as error:
        load()
    return str(error.value).splitlines()


def test_nothing_has_to_be_set_to_look_around() -> None:
    settings = load()

    assert (settings.source, settings.currency, settings.timezone) == ("stripe", "usd", ZoneInfo("UTC"))
    assert settings.high_value_mrr == Decimal(1000)


def test_the_default_database_is_a_file_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    assert load().database_url == f"sqlite:///{tmp_path}/kahvi/kahvi.db"


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("KAHVI_CURRENCY", "EUR")
    monkeypatch.setenv("KAHVI_TIMEZONE", "Europe/Berlin")
    settings = load()

    assert settings.slack_bot_token == SecretStr("xoxb-1")
    assert (settings.currency, settings.timezone) == ("eur", ZoneInfo("Europe/Berlin"))


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "")
    monkeypatch.setenv("KAHVI_SYNC_SECONDS", "")

    assert (load().slack_bot_token, load().sync_seconds) == (None, 60)


def test_a_file_beside_the_process_is_read_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("KAHVI_CURRENCY=eur\nSTRIPE_API_KEY=rk_test_1\nSOMETHING_ELSE=1\n")
    monkeypatch.setenv("KAHVI_CURRENCY", "gbp")
    settings = load()

    assert (settings.currency, settings.stripe_api_key) == ("gbp", SecretStr("rk_test_1"))


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_lie_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    values = {"SLACK_BOT_TOKEN": "xoxb-7", "SLACK_APP_TOKEN": "xapp-7", "STRIPE_API_KEY": "rk_test_7"}
    values["STRIPE_WEBHOOK_SECRET"] = "whsec_7"
    secret = values.get(name, "postgresql://kahvi@db/kahvi")
    (tmp_path / "secret").write_text(f"{secret}\n")
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "secret"))

    assert environment(load())[name] == secret


def test_a_secret_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_API_KEY_FILE", "/nowhere/key")

    assert problems() == ["STRIPE_API_KEY_FILE names /nowhere/key, which cannot be read as text."]


def test_each_wrong_value_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAHVI_TIMEZONE", "Mars/Olympus")
    monkeypatch.setenv("KAHVI_CURRENCY", "dollars")
    monkeypatch.setenv("KAHVI_SOURCE", "paypal")
    monkeypatch.setenv("KAHVI_LATE_HOURS", "many")
    monkeypatch.setenv("KAHVI_DATABASE_URL", "mysql://localhost/kahvi")
    monkeypatch.setenv("KAHVI_SLACK_BASE_URL", "slack.com")

    said = sorted(problems())
    assert {line[-len(SEE) :] for line in said} == {SEE}
    assert [line.removesuffix(SEE) for line in said] == [
        'KAHVI_CURRENCY is wrong: must be a three-letter currency code, such as "usd"',
        "KAHVI_DATABASE_URL is wrong: must be a URL that begins with sqlite:/// or postgresql://",
        "KAHVI_LATE_HOURS is wrong: input should be a valid integer, unable to parse string as an integer",
        "KAHVI_SLACK_BASE_URL is wrong: must be a URL that begins with https://",
        "KAHVI_SOURCE is wrong: input should be 'stripe' or 'csv'",
        'KAHVI_TIMEZONE is wrong: must name a time zone, such as "Europe/Berlin"',
    ]


def test_swapped_tokens_are_noticed_and_never_echoed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xapp-canary")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xoxb-canary")
    said = problems()

    assert said == [
        "SLACK_BOT_TOKEN is wrong: must begin with xoxb- (see docs/settings.md).",
        "SLACK_APP_TOKEN is wrong: must begin with xapp- (see docs/settings.md).",
    ]


def test_a_misspelt_variable_is_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAHVI_CURENCY", "eur")

    assert problems() == ["KAHVI_CURENCY is not a setting; did you mean KAHVI_CURRENCY?"]


def test_only_names_that_are_alike_are_suggested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAHVI_FOO", "1")
    monkeypatch.setenv("KAHVI_STRIPE_API_KEY", "1")

    assert problems() == [
        "KAHVI_FOO is not a setting; see docs/settings.md.",
        "KAHVI_STRIPE_API_KEY is not a setting; did you mean STRIPE_API_KEY?",
    ]


def test_a_currency_that_nobody_uses_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAHVI_CURRENCY", "zzz")

    assert problems() == [
        'KAHVI_CURRENCY is wrong: must be the ISO 4217 code of a currency in use, such as "usd"' + SEE
    ]


def test_a_full_live_key_is_refused_unless_it_is_allowed() -> None:
    (line,) = load(stripe_api_key="sk_live_canary").need_source()

    assert line.startswith("STRIPE_API_KEY is a full secret live key")
    assert "canary" not in line
    assert load(stripe_api_key="sk_live_canary", allow_full_stripe_key=True).need_source() == []
    assert load(stripe_api_key="sk_test_canary").need_source() == []
    assert load(stripe_api_key="sk_live_canary", source="csv", csv_folder=".").need_source() == []


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    settings = load(
        slack_bot_token="xoxb-canary",
        slack_app_token="xapp-canary",
        stripe_api_key="rk_canary",
        database_url="postgresql://kahvi:canary@db/kahvi",
    )

    assert "canary" not in repr(settings)
    assert "canary" not in str(settings)


def test_a_child_process_gets_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = load(
        slack_bot_token="xoxb-1",
        source="csv",
        csv_folder=tmp_path,
        timezone="Asia/Kathmandu",
        high_value_mrr="12.50",
        stripe_pace=0,
        allow_full_stripe_key=True,
    )
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)

    assert load() == settings


def test_what_is_missing_is_told_with_where_to_get_it() -> None:
    settings = load()

    assert [line.split()[0] for line in settings.need_slack()] == ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]
    assert [line.split()[0] for line in settings.need_source()] == ["STRIPE_API_KEY"]
    assert [line.split()[0] for line in load(source="csv").need_source()] == ["KAHVI_CSV_FOLDER"]


def test_the_document_holds_every_setting() -> None:
    """docs/settings.md is the table of the class: each variable, its default, its meaning."""
    rows = [line.strip("| ").split(" | ") for line in DOCUMENT.read_text().splitlines() if line.startswith("| `")]
    expected = [
        [f"`{variable(name, field)}`", default_in_words(name), str(field.description)]
        for name, field in Settings.model_fields.items()
    ]

    assert rows == expected


def test_the_document_names_the_files_of_secrets() -> None:
    assert [name for name in SECRETS if f"`{name}_FILE`" not in DOCUMENT.read_text()] == []


def default_in_words(name: str) -> str:
    field = Settings.model_fields[name]
    if field.default is None or field.default_factory:
        return "–"
    default = str(field.default)
    return f"`{default.lower() if isinstance(field.default, bool) else default}`"
