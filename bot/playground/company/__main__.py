"""python -m bot.playground.company FOLDER --seed 1 --accounts 1000 --months 36"""

from datetime import UTC, datetime
from pathlib import Path

import click

from bot.clock import utc_now
from bot.playground.company.files import write
from bot.playground.company.times import Times


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--seed", default=1, show_default=True)
@click.option("--accounts", type=click.IntRange(40, 1_000_000), default=1_000, show_default=True)
@click.option("--months", type=click.IntRange(12, 60), default=36, show_default=True)
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The last day of the story; today when left out.")
def main(folder: Path, seed: int, accounts: int, months: int, day: datetime | None) -> None:
    """Write a believable company's billing as CSV files into FOLDER, for `kahvi import`."""
    times = Times(seed, day.replace(tzinfo=UTC) if day else utc_now(), accounts, months)
    try:
        written = write(times, folder)
    except FileExistsError as error:
        raise click.ClickException(f"{error.filename} is there already; name a folder without such files.") from None
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written: {error.strerror}.") from None
    click.echo(f"{written:,} accounts over {months} months, seed {seed}, up to {day or utc_now():%Y-%m-%d}: {folder}")


if __name__ == "__main__":
    main()
