"""Every setting: from environment variables, a `.env` file beside them, and files for secrets.

docs/settings.md holds the same table for people; a test compares the two.
"""

import os
import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.business_days import WEEKENDS, BusinessDays
from bot.currencies import CURRENCIES
from bot.errors import SettingsError
from bot.retention import DEFAULT, periods
from bot.spelling import nearest

PREFIX = "KAHVI_"
LEAST_SECRET = 16
SECRETS = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "STRIPE_API_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "KAHVI_DATABASE_URL",
)
NO_HOURS = "none"
HOURS = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
FASTEST_PACE = 25  # Stripe's own limit per endpoint, requests a second
FULL_LIVE_KEY = "sk_live_"
ALIKE = 75.0  # how alike a misspelt name and a setting must be to be worth a question: other programs have theirs

NO_STRIPE_KEY = (
    "STRIPE_API_KEY is not set: make a restricted, read-only key (docs/install.md, step 3); to read CSV files instead,"
    " set KAHVI_SOURCE=csv and KAHVI_CSV_FOLDER (docs/csv.md)."
)
FULL_STRIPE_KEY = (
    "STRIPE_API_KEY is a full secret live key (sk_live_), which can move money: make a restricted, read-only key"
    " (docs/install.md, step 3), or set KAHVI_ALLOW_FULL_STRIPE_KEY=true."
)


def _starts_with(secret: SecretStr, *prefixes: str) -> SecretStr:
    if not secret.get_secret_value().startswith(prefixes):
        raise ValueError(f"must begin with {' or '.join(prefixes)}")
    return secret


def _bot_token(secret: SecretStr) -> SecretStr:
    return _starts_with(secret, "xoxb-")


def _app_token(secret: SecretStr) -> SecretStr:
    return _starts_with(secret, "xapp-")


def _webhook_secret(secret: SecretStr) -> SecretStr:
    return _starts_with(secret, "whsec_")


def _long_secret(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < LEAST_SECRET:
        raise ValueError(f"must have at least {LEAST_SECRET} characters, such as from `openssl rand -hex 32`")
    return secret


def _zone(value: object) -> object:
    if isinstance(value, str) and value not in available_timezones():
        raise ValueError('must name a time zone, such as "Europe/Berlin"')
    return ZoneInfo(value) if isinstance(value, str) else value


def _currency(value: str) -> str:
    if not (len(value) == 3 and value.isascii() and value.isalpha()):
        raise ValueError('must be a three-letter currency code, such as "usd"')
    if value.lower() not in CURRENCIES:
        raise ValueError('must be the ISO 4217 code of a currency in use, such as "usd"')
    return value.lower()


def _database(value: str) -> str:
    try:
        name = make_url(value).get_backend_name()
    except ArgumentError:
        name = ""
    if name not in ("sqlite", "postgresql"):
        raise ValueError("must be a URL that begins with sqlite:/// or postgresql://")
    return value


def _hours(value: str) -> str:
    if value != NO_HOURS and not HOURS.fullmatch(value):
        raise ValueError('must be two times such as "20:00-07:00", or "none"')
    return value


def _free(value: str) -> str:
    BusinessDays(value)
    return value


def _keep(value: str) -> str:
    periods(value)
    return value


def _address(value: str) -> str:
    if not value.startswith(("https://", "http://")):
        raise ValueError("must be a URL that begins with https://")
    return value


def _data_folder() -> Path:
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "kahvi"


def _default_database() -> str:
    return f"sqlite:///{_data_folder() / 'kahvi.db'}"


Address = Annotated[str, AfterValidator(_address)]


class Settings(BaseSettings):
    """What the environment says; each field's description stands in docs/settings.md too."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, populate_by_name=True
    )

    slack_bot_token: Annotated[SecretStr, AfterValidator(_bot_token)] | None = Field(
        default=None,
        validation_alias="SLACK_BOT_TOKEN",
        description="The bot token of your Slack app; it begins with xoxb-.",
    )
    slack_app_token: Annotated[SecretStr, AfterValidator(_app_token)] | None = Field(
        default=None,
        validation_alias="SLACK_APP_TOKEN",
        description="The app-level token for Socket Mode, with connections:write; it begins with xapp-.",
    )
    stripe_api_key: SecretStr | None = Field(
        default=None,
        validation_alias="STRIPE_API_KEY",
        description="A restricted key that may only read; it begins with rk_. Needed when the source is stripe.",
    )
    slack_mode: Literal["socket", "http"] = Field(
        default="socket",
        description="How Slack reaches Kahvi: socket (Kahvi connects out) or http (Slack connects in).",
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None,
        validation_alias="SLACK_SIGNING_SECRET",
        description="The signing secret of your Slack app; needed when KAHVI_SLACK_MODE is http.",
    )
    stripe_webhook_secret: Annotated[SecretStr, AfterValidator(_webhook_secret)] | None = Field(
        default=None,
        validation_alias="STRIPE_WEBHOOK_SECRET",
        description="The secret of a Stripe webhook endpoint; it begins with whsec_. Without it there is no such door.",
    )
    signals_secret: Annotated[SecretStr, AfterValidator(_long_secret)] | None = Field(
        default=None,
        description=(
            "The secret with which other programs sign what they send to /signals, of 16 characters or more. Without it"
            " there is no such door."
        ),
    )
    source: Literal["stripe", "csv"] = Field(
        default="stripe", description="Where billing data comes from: stripe or csv."
    )
    csv_folder: Path | None = Field(
        default=None,
        description=(
            "The folder of CSV files to read; needed when the source is csv. Beside stripe, only signals.csv, spend.csv"
            " and targets.csv are read from it."
        ),
    )
    database_url: Annotated[str, AfterValidator(_database)] = Field(
        default_factory=_default_database,
        repr=False,
        description=(
            "Where Kahvi keeps its data: sqlite:///path or postgresql://user:password@host/name. "
            "Without it, a SQLite file in ~/.local/share/kahvi."
        ),
    )
    currency: Annotated[str, AfterValidator(_currency)] = Field(
        default="usd", description="The currency in which figures are shown."
    )
    timezone: Annotated[ZoneInfo, BeforeValidator(_zone)] = Field(
        default=ZoneInfo("UTC"), description="The time zone whose days the figures count, such as Europe/Berlin."
    )
    high_value_mrr: Decimal = Field(
        default=Decimal(1000),
        ge=0,
        description="From this MRR on (whole units of the currency) an account in trouble gets an alert.",
    )
    alert_settle_minutes: int = Field(
        default=10,
        ge=0,
        le=120,
        description="How long a new alert waits for more news of its account before its card is posted.",
    )
    alerts_per_day: int = Field(
        default=7,
        ge=1,
        le=100,
        description="The most new cards of alerts that a channel gets on one day; the others follow on the next days.",
    )
    quiet_hours: Annotated[str, AfterValidator(_hours)] = Field(
        default="20:00-07:00",
        description="When no card of an alert is posted, in the time zone of the channel: two times, or none.",
    )
    free_days: Annotated[str, AfterValidator(_free)] = Field(
        default=WEEKENDS,
        description=(
            "The days on which no card of an alert is posted: weekends, none, or a country, or a part of one, with its"
            " weekends and holidays, such as FI or DE-BY."
        ),
    )
    keep: Annotated[str, AfterValidator(_keep)] = Field(
        default=DEFAULT,
        description=(
            "For how long things are kept, in days (d), years (y) or forever: messages, audit, notes, signals, and"
            " left, customers that left ([privacy.md](privacy.md)); what is not named keeps its default."
        ),
    )
    sync_seconds: int = Field(default=60, ge=5, description="How often the billing source is asked for changes.")
    heartbeat_seconds: int = Field(
        default=30, ge=1, le=300, description="How often it is checked which digests are due."
    )
    late_hours: int = Field(
        default=6, ge=1, le=24, description="A digest that is late by more than this is skipped and said to be missed."
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="How the log is written: console (for people) or json."
    )
    http_host: str = Field(
        default="127.0.0.1",
        description="The address where health, webhooks and Slack's HTTP mode are answered.",
    )
    http_port: int = Field(default=8484, ge=0, le=65535, description="The port of that address; 0 for none.")
    stripe_pace: float = Field(
        default=10,
        ge=0,
        le=FASTEST_PACE,
        description="The most requests a second to Stripe; 0 for no limit of Kahvi's own.",
    )
    allow_full_stripe_key: bool = Field(
        default=False, description="Accept a secret live key (sk_live_), which can do far more than Kahvi needs."
    )
    stripe_base_url: Address = Field(
        default="https://api.stripe.com", description="Where Stripe's API answers; another one for tests."
    )
    slack_base_url: Address = Field(
        default="https://slack.com/api/", description="Where Slack's Web API answers; another one for tests."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - SecretFiles has one variable per file instead
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, dotenv_settings, SecretFiles(settings_cls, env_settings, dotenv_settings)

    def need_source(self) -> list[str]:
        """What is missing or refused for reading the billing source, one line each."""
        if self.source == "stripe" and self.stripe_api_key is None:
            return [NO_STRIPE_KEY]
        if self.source == "stripe" and self._has_full_live_key() and not self.allow_full_stripe_key:
            return [FULL_STRIPE_KEY]
        if self.source == "csv" and self.csv_folder is None:
            return ["KAHVI_CSV_FOLDER is not set: name the folder of your CSV files, or set KAHVI_SOURCE=stripe."]
        return []

    def _has_full_live_key(self) -> bool:
        key = self.stripe_api_key
        return key is not None and key.get_secret_value().strip().startswith(FULL_LIVE_KEY)

    def need_slack(self) -> list[str]:
        """What is missing to talk to Slack, one line each."""
        lines = []
        if self.slack_bot_token is None:
            lines.append("SLACK_BOT_TOKEN is not set: install the app and copy its token (docs/install.md, step 1).")
        if self.slack_mode == "http":
            return [*lines, *self._need_http()]
        if self.slack_app_token is None:
            lines.append("SLACK_APP_TOKEN is not set: make an app-level token (docs/install.md, step 2).")
        return lines

    def _need_http(self) -> list[str]:
        lines = []
        secret = self.slack_signing_secret
        if secret is None or not secret.get_secret_value().strip():
            lines.append("SLACK_SIGNING_SECRET is not set: KAHVI_SLACK_MODE=http needs it (docs/operate.md).")
        if self.http_port == 0:
            lines.append("KAHVI_HTTP_PORT is 0, and KAHVI_SLACK_MODE=http needs a port (docs/operate.md).")
        return lines


class SecretFiles(PydanticBaseSettingsSource):
    """Reads SLACK_BOT_TOKEN from the file that SLACK_BOT_TOKEN_FILE names, and so for every secret."""

    def __init__(self, settings: type[BaseSettings], *sources: PydanticBaseSettingsSource) -> None:
        super().__init__(settings)
        self._variables = {
            name.upper(): value
            for source in reversed(sources)
            if isinstance(source, EnvSettingsSource)
            for name, value in source.env_vars.items()
        }

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = variable(field_name, field)
        path = self._variables.get(f"{name}_FILE") if name in SECRETS else None
        return (_content(name, path) if path else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        unknown = [name for name in self._variables if name.startswith(PREFIX) and name not in VARIABLES]
        if unknown:
            raise SettingsError("\n".join(_not_a_setting(name) for name in sorted(unknown)))
        read = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in read.items() if value is not None}


def variable(name: str, field: FieldInfo) -> str:
    """The environment variable of a field."""
    return str(field.validation_alias or f"{PREFIX}{name}".upper())


VARIABLES = frozenset(variable(name, field) for name, field in Settings.model_fields.items()) | {
    f"{name}_FILE" for name in SECRETS
}


def load(**given: Any) -> Settings:
    """The settings of this process; SettingsError has one line for each that is wrong, and echoes no value."""
    try:
        return Settings(**given)
    except ValidationError as error:
        lines = [_wrong(problem) for problem in error.errors(include_input=False, include_url=False)]
    raise SettingsError("\n".join(lines))


def demand(lines: Sequence[str]) -> None:
    """Raise SettingsError when something is missing."""
    if lines:
        raise SettingsError("\n".join(lines))


def _wrong(problem: ErrorDetails) -> str:
    place = str(problem["loc"][0]) if problem["loc"] else "the settings"
    field = Settings.model_fields.get(place)
    name = variable(place, field) if field else place
    reason = problem["msg"].removeprefix("Value error, ")
    return f"{name} is wrong: {reason[:1].lower()}{reason[1:]} (see docs/settings.md)."


def _not_a_setting(name: str) -> str:
    known = {one.removeprefix(PREFIX): one for one in VARIABLES}  # what all names share makes none of them alike
    near = nearest(name.removeprefix(PREFIX), known, ALIKE)
    hint = f"did you mean {known[near]}?" if near else "see docs/settings.md."
    return f"{name} is not a setting; {hint}"


def _content(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{name}_FILE names {path}, which cannot be read as text.") from None


def environment(settings: Settings) -> dict[str, str]:
    """The environment variables that give a child process these settings, secrets included."""
    values = ((variable(name, field), getattr(settings, name)) for name, field in Settings.model_fields.items())
    return {name: _text(value) for name, value in values if value is not None}


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
