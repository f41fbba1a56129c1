"""`kahvi doctor`: one line per thing that must be right, and what to do where it is not."""

import asyncio
from collections.abc import AsyncIterator, Iterator

from slack_sdk.web.async_client import AsyncWebClient

from bot import parts, roles, sources
from bot.clock import local_day, utc_now
from bot.errors import KahviError, SettingsError
from bot.inputs import checks as inputs
from bot.manifest import manifest
from bot.metrics.quarantine import WORDS
from bot.metrics.rates import Rates
from bot.settings import Settings, load
from bot.slack import connection
from bot.sources.base import Check
from bot.telling.told import counted, listed
from storage import fact_reader, ledger, quarantine
from storage.engine import Database, DatabaseHeldError
from storage.states import Fault

REINSTALL = "Update the app from manifest.yml (docs/install.md, step 1) and install it again."


async def examine() -> AsyncIterator[Check]:
    """The checks, each as soon as it is known; without valid settings there is no use in the others."""
    try:
        settings = load()
    except SettingsError as error:
        for wrong in str(error).splitlines():
            yield Check("settings", ok=False, detail=wrong)
        return
    missing = [*settings.need_source(), *settings.need_slack()]
    for one in missing:
        yield Check("settings", ok=False, detail=one)
    if not missing:
        yield Check("settings", ok=True, detail=f"source {settings.source}, currency {settings.currency.upper()}")
    for part in (_database, _source, _inputs, _slack):
        async for check in part(settings):
            yield check


def line(check: Check) -> str:
    remedy = f" → {check.remedy}" if check.remedy and not check.ok else ""
    return f"{'ok  ' if check.ok else 'FAIL'}  {check.name}: {check.detail}{remedy}"


def asked_scopes() -> frozenset[str]:
    """The scopes that manifest.yml asks for."""
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])


async def _database(settings: Settings) -> AsyncIterator[Check]:
    try:
        database, current = await asyncio.to_thread(parts.inspect_database, settings)
    except KahviError as error:
        yield Check("database", ok=False, detail=str(error))
        return
    try:
        kind = database.url.get_backend_name()
        words = "schema of this version" if current else "kahvi run brings its schema up to date"
        yield Check("database", ok=True, detail=f"{kind}, {words}, {_holder(database)}")
        if current:
            yield _rates(settings, database)
            yield _access(database)
            for check in _quarantine(database):
                yield check
    finally:
        database.close()


def _holder(database: Database) -> str:
    if not database.is_sqlite:
        return "several bots may share it"
    try:
        database.hold()
    except DatabaseHeldError:
        return "a bot runs on it"
    return "no bot runs on it"


def _access(database: Database) -> Check:
    with database.reading() as session:
        given = len(roles.in_force(session))
    if not given:
        detail = "only owners and admins of the Slack workspace may see customer data"
        return Check("access", ok=True, detail=f"{detail}; /coffee access gives others a role")
    return Check("access", ok=True, detail=f"{counted(given, 'role')} given; kahvi access lists them")


def _rates(settings: Settings, database: Database) -> Check:
    today = local_day(utc_now(), settings.timezone)
    with database.reading() as session:
        currencies = ledger.currencies(session)
        rates = Rates(settings.currency, fact_reader.exchange_rates(session, settings.currency))
    unknown = sorted(one.upper() for one in currencies if rates.convert(1, one, today) is None)
    if not unknown:
        return Check("currencies", ok=True, detail=f"all can be shown in {settings.currency.upper()}")
    return Check(
        "currencies",
        ok=False,
        detail=f"no rate for {', '.join(unknown)}; figures leave these out and say so",
        remedy="Set KAHVI_CURRENCY to one you bill in, or provide rates.",
    )


def _quarantine(database: Database) -> Iterator[Check]:
    """One line for each kind of fact that is kept out of all figures; what lacks a rate has a line of its own."""
    with database.reading() as session:
        held = [one for one in quarantine.counts(session) if one.fault is not Fault.NO_RATE]
    if not held:
        yield Check("facts", ok=True, detail="all that was read counts")
    for one in held:
        words, first = WORDS[one.fault], one.examples[0]
        named = listed([example.id for example in one.examples]) + (", …" if one.count > len(one.examples) else "")
        left_out = f"{counted(one.count, one.kind)} {words.short}, left out of all figures ({named})"
        yield Check("facts", ok=False, detail=f"{left_out}: {first.id} {first.detail}", remedy=words.remedy)


async def _source(settings: Settings) -> AsyncIterator[Check]:
    if settings.need_source():
        return
    source = None
    try:
        source = sources.build(settings, utc_now)
        for check in await source.check():
            yield check
    except KahviError as error:
        yield Check(settings.source, ok=False, detail=str(error))
    finally:
        if source:
            await source.aclose()


async def _inputs(settings: Settings) -> AsyncIterator[Check]:
    try:
        database, current = await asyncio.to_thread(parts.inspect_database, settings)
    except KahviError:
        return  # told by the database's own line
    try:
        for check in await inputs.checks(settings, database, utc_now) if current else ():
            yield check
    finally:
        database.close()


async def _slack(settings: Settings) -> AsyncIterator[Check]:
    if settings.need_slack():
        return
    client = connection.open_client(settings, connection.ANSWER_SECONDS)
    try:
        async for check in _slack_checks(settings, client):
            yield check
    finally:
        await connection.close_client(client)


async def _slack_checks(settings: Settings, client: AsyncWebClient) -> AsyncIterator[Check]:
    try:
        identity = await connection.identify(client)
        yield Check("Slack bot token", ok=True, detail=f"workspace {identity.team or identity.team_id}")
        lacking = sorted(asked_scopes() - identity.scopes)
        detail = f"missing {', '.join(lacking)}" if lacking else "all that manifest.yml asks for"
        yield Check("Slack scopes", ok=not lacking, detail=detail, remedy=REINSTALL)
    except KahviError as error:
        yield Check("Slack bot token", ok=False, detail=str(error))
    try:
        await connection.socket_address(client, settings)
        yield Check("Slack app token", ok=True, detail="Socket Mode can be opened")
    except KahviError as error:
        yield Check("Slack app token", ok=False, detail=str(error))
