"""`kahvi record`: single values that billing does not know. The command line; `bot.inputs.recording` does the work."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sqlmodel import Session

    from bot.inputs.rules import Terms

NEGATIVE = {"ignore_unknown_options": True}  # "-500" is a value, no option
Command = Callable[..., None]


@click.group()
def record() -> None:
    """Record a value that billing does not know; "none" as the value takes it back."""


@record.command(context_settings=NEGATIVE)
@click.argument("kind", type=click.Choice(["retention", "acquisition"]))
@click.argument("amount")
@click.option("--period", "--month", "period", required=True, help="When: 2026-10, 2026-Q4 or 2026.")
@click.option("--currency", help="Of the amount; KAHVI_CURRENCY when left out.")
@click.option("--note", help="On what; amounts with another note add up.")
def spend(*, kind: str, **given: Any) -> None:
    """What was spent on keeping or on winning customers: retention 12000 --month 2026-10."""
    from bot.inputs import recording
    from storage.inputs import SpendKind

    _record(lambda session, terms: recording.spend(session, terms, kind=SpendKind(kind), **given))


@record.command(context_settings=NEGATIVE)
@click.argument("metric")
@click.argument("value")
@click.option("--month", required=True, help="Like 2026-12.")
@click.option("--currency", help="Of an amount; KAHVI_CURRENCY when left out.")
@click.option("--segment", help="Of one segment, as a filter: region:EU, plan:pro; the company when left out.")
def target(**given: Any) -> None:
    """What a metric is to be in a month: mrr 200000 --month 2026-12; shares are in percent."""
    from bot.inputs import recording

    _record(lambda session, terms: recording.target(session, terms, **given))


def of_whom(command: Command) -> Command:
    """The options that every observation has."""
    for option in (
        click.option("--from", "respondent", help="Who answered, or the answer's own id."),
        click.option("--on", help="The day, like 2026-11-02; today when left out."),
        click.option("--company", is_flag=True, help="Of the company as a whole, instead of an account."),
        click.option("--account", help="The account's id, name or e-mail address."),
    ):
        command = option(command)
    return command


@record.command(context_settings=NEGATIVE)
@click.argument("value")
@of_whom
def nps(*, value: str, **whom: Any) -> None:
    """An answer from 0 to 10: 9 --account acme --on 2026-11-02 --from jane@acme.com."""
    _observe("nps", value, **whom)


@record.command(context_settings=NEGATIVE)
@click.argument("value")
@of_whom
def csat(*, value: str, **whom: Any) -> None:
    """An answer from 1 to 5."""
    _observe("csat", value, **whom)


@record.command(context_settings=NEGATIVE)
@click.argument("name")
@click.argument("value")
@of_whom
def usage(*, name: str, value: str, **whom: Any) -> None:
    """A count of use, or whatever else was seen: active_users 41 --account acme."""
    _observe(name, value, **whom)


def _observe(
    name: str, value: str, *, account: str | None, company: bool, on: str | None, respondent: str | None
) -> None:
    from bot.errors import NotRecorded
    from bot.inputs import recording

    if company == (account is not None):
        raise NotRecorded("--account: name one account, or say --company for the company as a whole.")
    typed = recording.Observation(name, value, account, on, respondent)
    _record(lambda session, terms: recording.signal(session, terms, typed))


def _record(work: Callable[["Session", "Terms"], str]) -> None:
    """Do it in one transaction, and say what came of it."""
    from bot import parts, settings
    from bot.clock import utc_now
    from bot.inputs.rules import Terms

    loaded = settings.load()
    database = parts.open_database(loaded)
    try:
        with database.writing() as session:
            said = work(session, Terms(loaded.timezone, loaded.currency, utc_now()))
    finally:
        database.close()
    click.echo(said)
