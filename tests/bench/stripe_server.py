"""A local Stripe with very many plain accounts, in a process of its own: writes its address and key as JSON."""

import argparse
import asyncio
import json

from bot.clock import utc_now
from bot.playground.company.company import Company
from bot.playground.stripe.doors.server import StripeServer


async def serve(accounts: int, months: int) -> None:
    company = Company(1, utc_now(), accounts, months, detail="light")
    server = StripeServer(company.billing, utc_now)
    await server.start()
    print(json.dumps({"url": server.url, "key": server.api_key}), flush=True)  # noqa: T201 - the answer
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, required=True)
    parser.add_argument("--months", type=int, default=36)
    given = parser.parse_args()
    asyncio.run(serve(given.accounts, given.months))
