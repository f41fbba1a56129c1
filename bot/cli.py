"""The command line. Each command imports what it needs when it runs, so that --help and run come up at once."""

import asyncio
import gc
import logging
import os
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from bot.collector import collect_seldom
from bot.commands.record import record
from bot.errors import ImportRejected, InputsRefused, KahviError, SourceBusy


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def kahvi() -> None:
    """Coffee stats, at-risk alerts and exit interviews in Slack, read from your billing source."""
    collect_seldom()


@kahvi.command()
def run() -> None:
    """Run the bot until it is stopped."""
    gc.disable()  # what is imported stays: looking through it takes time now, and from every answer later
    from bot import app, log, settings

    loaded = settings.load()
    log.configure(loaded.log_format)
    bot = app.build(loaded)
    gc.freeze()
    gc.enable()
    asyncio.run(bot.run())


@kahvi.command()
def doctor() -> None:
    """Check settings, database, billing source and Slack, and say what to do."""
    from bot.commands import doctor as checks

    async def told() -> bool:
        sound = True
        async for check in checks.examine():
            click.echo(checks.line(check))
            sound = sound and check.ok
        return sound

    raise SystemExit(0 if asyncio.run(told()) else 1)


@kahvi.command()
@click.option("--full", is_flag=True, help="Read everything again, to mend what changes alone may have missed.")
@click.option("--child", is_flag=True, hidden=True)
def sync(*, full: bool, child: bool) -> None:
    """Bring the billing data up to date, and show how far it is."""
    from bot import log, settings
    from bot.commands import reading

    loaded = settings.load()
    log.configure(loaded.log_format, logging.INFO if child else logging.WARNING)
    if child:
        reading.end_with_parent()
        os.nice(10)  # people wait for the bot that started this, nobody for a read of everything
    try:
        asyncio.run(reading.sync(loaded, full=full, quiet=child))
    except SourceBusy:
        if child:
            sys.exit(os.EX_TEMPFAIL)  # by this the bot knows that nothing is wrong
        raise
    if not child:
        click.echo("The billing data is up to date.")
        if loaded.csv_folder:
            asyncio.run(reading.read_inputs(loaded, loaded.csv_folder)).demand_sound()


@kahvi.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def import_folder(folder: Path) -> None:
    """Import a folder of CSV files: all of it, or nothing when a row is wrong."""
    from bot import log, settings
    from bot.commands import reading

    loaded = settings.load()
    log.configure(loaded.log_format, logging.WARNING)
    imported, beside = asyncio.run(reading.import_folder(loaded, folder))
    click.echo(imported)
    if advice := reading.not_set(loaded, folder):
        click.echo(advice)
    beside.demand_sound()


@kahvi.command()
@click.option("--dry-run", is_flag=True, required=True, help="Print it here; nothing is posted.")
@click.option("--channel", help="As this channel would get it, by its id.")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="On this day instead of today.")
def digest(*, dry_run: bool, channel: str | None, day: datetime | None) -> None:  # noqa: ARG001 - there is no other run yet
    """Print the coffee stats in the terminal."""
    from bot import settings
    from bot.commands import reading

    wanted: date | None = day.date() if day else None
    click.echo(reading.digest(settings.load(), channel, wanted))


@kahvi.group(invoke_without_command=True)
@click.pass_context
def policy(context: click.Context) -> None:
    """Show the metrics policy in force, in sentences."""
    if context.invoked_subcommand is None:
        from bot import settings
        from bot.commands import policy as policies

        click.echo(policies.show(settings.load()))


@policy.command("use")
@click.argument("words", nargs=-1, required=True, metavar="[PRESET] [AXIS=VALUE]…")
@click.option("--preview", is_flag=True, help="Only say what would change.")
def use_policy(words: tuple[str, ...], *, preview: bool) -> None:
    """Choose another policy: the ledger is made anew from what is stored."""
    from bot import log, settings
    from bot.commands import policy as policies

    loaded = settings.load()
    log.configure(loaded.log_format, logging.WARNING)
    click.echo(policies.use(loaded, words, preview=preview))


@kahvi.command()
@click.argument("whom", metavar="ACCOUNT")
@click.option("--person", is_flag=True, help="A person instead: an e-mail address, or the id that Slack gave them.")
def export(*, whom: str, person: bool) -> None:
    """Print all that is stored about one account as JSON: facts, figures, notes, alerts, messages and looks."""
    from bot import settings
    from bot.commands import held

    click.echo((held.export_person if person else held.export)(settings.load(), whom))


@kahvi.command()
@click.argument("whom", metavar="ACCOUNT", default="")
@click.option("--person", is_flag=True, help="A person instead: an e-mail address, or the id that Slack gave them.")
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
@click.option("--files", is_flag=True, help="Erase nobody: write the database's files anew, where that was held up.")
def erase(*, whom: str, person: bool, yes: bool, files: bool) -> None:
    """Take an account or a person out of all that is stored; sums stay what they were (docs/privacy.md)."""
    from bot import settings
    from bot.commands import held

    def confirm(question: str) -> bool:
        return yes or click.confirm(question)

    if not whom and not files:
        raise click.UsageError("Write whom to erase, or --files.")
    loaded = settings.load()
    click.echo(held.scrub(loaded) if files else (held.erase_person if person else held.erase)(loaded, whom, confirm))


@kahvi.group(invoke_without_command=True)
@click.pass_context
def access(context: click.Context) -> None:
    """Say who may see and do what; /coffee access is the same in Slack."""
    if context.invoked_subcommand is None:
        from bot import settings
        from bot.commands import access as roles

        click.echo(roles.show(settings.load()))


@access.command("give")
@click.argument("to", metavar="everyone|ID")
@click.argument("role", type=click.Choice(["viewer", "csm", "lead", "admin"], case_sensitive=False))
@click.option("--of", "reach", type=click.Choice(["all", "team", "own"]), default="all", show_default=True)
def give_access(*, to: str, role: str, reach: str) -> None:
    """Give a role to everyone, or to a person, a user group or a channel by the id that Slack gave it."""
    from bot import settings
    from bot.commands import access as roles

    click.echo(roles.give(settings.load(), to, role, reach))


@access.command("take")
@click.argument("to", metavar="everyone|ID")
def take_access(*, to: str) -> None:
    """Take away what everyone, a person, a user group or a channel was given."""
    from bot import settings
    from bot.commands import access as roles

    click.echo(roles.take(settings.load(), to))


@kahvi.command()
@click.option("--user", default="", help="Of this person, by the id that Slack gave them.")
@click.option("--about", "subject", default="", help="About this account, by its id or name.")
@click.option("--action", default="", help='Such as "look at account".')
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="To the end of this day.")
@click.option("--refused", is_flag=True, help="Only what was refused.")
@click.option("--most", default=100, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--json", "as_json", is_flag=True, help="An array of objects.")
def audit(*, since: datetime | None, until: datetime | None, as_json: bool, **given: Any) -> None:
    """List who looked at or changed what, the newest first."""
    from bot import settings
    from bot.commands import access as roles
    from storage.audit import Asked

    loaded = settings.load()
    first, last = (day.replace(tzinfo=loaded.timezone) if day else None for day in (since, until))
    asked = Asked(since=first, until=last + timedelta(days=1) if last else None, **given)
    click.echo(roles.entries(loaded, asked, as_json=as_json))


@kahvi.command()
@click.argument("metric", nargs=-1)
@click.option("--period", default="", help="Such as 12m, last quarter or 2026-01..2026-06.  [default: 30d]")
@click.option("--by", default="", help="Divide by this, such as plan, region or tag.tier.")
@click.option("--where", default="", help='Keep to what fits, such as "region:EU mrr>500".')
@click.option("--series", is_flag=True, help="With --json or --csv: the months of the period too.")
@click.option("--json", "form", flag_value="json", help="An array of objects; money is in minor units.")
@click.option("--csv", "form", flag_value="csv", help="Rows for a spreadsheet.")
def metrics(*, metric: tuple[str, ...], period: str, by: str, where: str, series: bool, form: str | None) -> None:
    """Print figures, all of them or those that are named; the same as /coffee shows."""
    from bot import clock, settings
    from bot.commands import figures

    wanted = figures.Wanted(metric, period, by, where, figures.Form(form or "table"), series)
    click.echo(figures.metrics(settings.load(), wanted, clock.utc_now()))


@kahvi.command()
@click.argument("metric")
@click.option("--period", default="", help="Such as 12m, last quarter or 2026-01..2026-06.  [default: 30d]")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="As of the end of this day instead of yesterday.")
@click.option("--where", default="", help='Keep to what fits, such as "region:EU mrr>500".')
@click.option("--accounts", default=10, show_default=True, type=click.IntRange(0, 500), help="So many are listed.")
def explain(*, metric: str, period: str, on: datetime | None, where: str, accounts: int) -> None:
    """Say why a figure is what it is: the policy, what carries it to the cent, and the rows and bills behind it."""
    from bot import clock, settings
    from bot.commands import figures

    day = on.date() if on else None
    line = figures.Line(metric, period, where=where)
    click.echo(figures.explain(settings.load(), line, day, accounts, clock.utc_now()))


@kahvi.command()
@click.option("--backtest", is_flag=True, help="Show how forecasts made in the past fared.")
def forecast(*, backtest: bool) -> None:
    """Say where MRR goes in the next twelve months, with a band of 80 percent that the past has checked."""
    from bot import clock, settings
    from bot.commands import figures

    click.echo(figures.forecast(settings.load(), clock.utc_now(), backtest=backtest))


@kahvi.group()
def risk() -> None:
    """How the rules of risk fared on your past, and what it teaches."""


@risk.command("backtest")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on, instead of the beginning.")
@click.option(
    "--step", default=7, show_default=True, type=click.IntRange(1, 60), help="Days between two replayed ones."
)
@click.option("--json", "as_json", is_flag=True, help="An object for scripts; money is in minor units.")
def backtest_risk(*, since: datetime | None, step: int, as_json: bool) -> None:
    """Replay the past by what was known on each day: how many alarms were right, how much was foreseen."""
    from bot import settings
    from bot.commands import risk as risks

    day = since.date() if since else None
    click.echo(risks.backtest(settings.load(), day, step, as_json=as_json))


@risk.command("model")
@click.option("--use", is_flag=True, help="Put the likelihoods in force, or take them out where they do not hold.")
def risk_model(*, use: bool) -> None:
    """Say whether points can be told as likelihoods, and whether points learned from the past would do better."""
    from bot import settings
    from bot.commands import risk as risks

    click.echo(risks.model(settings.load(), use=use))


@kahvi.command()
@click.option("--check", is_flag=True, help="Run the whole story through the sockets, say what was seen, and end.")
@click.option("--keep", is_flag=True, help="With --check: leave the servers up and print how to reach them.")
@click.option("--port", type=click.IntRange(0, 65_535), help="The port of the local Slack; a free one when left out.")
def demo(*, check: bool, keep: bool, port: int | None) -> None:
    """Open a Slack on this machine with a believable company behind it, and Kahvi in it."""
    from bot import demo as playground

    raise SystemExit(playground.main(check=check, keep=keep, port=port))


kahvi.add_command(record)


@kahvi.command()
def version() -> None:
    """Print the version."""
    from importlib.metadata import version as installed

    click.echo(installed("kahvi"))


def main() -> None:
    """The console script: what a person can mend is told in one line each, without a traceback."""
    try:
        kahvi()
    except (ImportRejected, InputsRefused) as error:
        for problem in error.problems:
            click.echo(problem, err=True)
        click.echo(str(error), err=True)
        sys.exit(1)
    except KahviError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
