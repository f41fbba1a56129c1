"""python -m bot.playground.stripe --port 8423 --seed 1 --accounts 400 --months 24"""

import asyncio

import click

from bot.clock import utc_now
from bot.playground.alone import listening, stop_asked
from bot.playground.company import Company
from bot.playground.stripe.doors.served import Story
from bot.playground.stripe.doors.server import StripeServer


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=0, show_default="chosen by the system")
@click.option("--seed", default=1, show_default=True)
@click.option("--accounts", type=click.IntRange(min=1), default=400, show_default=True)
@click.option("--months", type=click.IntRange(1, 60), default=24, show_default=True)
def main(port: int, seed: int, accounts: int, months: int) -> None:
    """Serve a believable company's billing on 127.0.0.1 until interrupted."""
    asyncio.run(_serve(Company(seed, utc_now(), accounts, months), port))


async def _serve(company: Company, port: int) -> None:
    stopping = stop_asked()
    stories: dict[str, Story] = {"new_customer": company.new_customer, "change_plan": company.change_plan}
    server = StripeServer(company.billing, utc_now, stories=stories)
    with listening(port):
        await server.start(port)
    click.echo(f"Stripe at {server.url} with key {server.api_key}")
    await stopping.wait()
    await server.stop()


if __name__ == "__main__":
    main()
