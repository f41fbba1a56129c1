"""The billing sources that Kahvi can read; adding one is one line here and its package."""

from collections.abc import Callable, Mapping

from bot.clock import Clock
from bot.settings import Settings, demand
from bot.sources.base import BillingSource

Builder = Callable[[Settings, Clock], BillingSource]


def _stripe(settings: Settings, clock: Clock) -> BillingSource:
    from bot.sources.stripe import StripeSource  # noqa: PLC0415 - one source is used, so one is imported

    assert settings.stripe_api_key is not None  # noqa: S101 - demanded in `build`
    return StripeSource(
        settings.stripe_api_key.get_secret_value(),
        base_url=settings.stripe_base_url,
        pace=settings.stripe_pace or None,
        allow_full_key=settings.allow_full_stripe_key,
        clock=clock,
    )


def _csv(settings: Settings, clock: Clock) -> BillingSource:
    from bot.sources.csv import CsvSource  # noqa: PLC0415 - one source is used, so one is imported

    assert settings.csv_folder is not None  # noqa: S101 - demanded in `build`
    return CsvSource(settings.csv_folder, zone=settings.timezone, clock=clock)


SOURCES: Mapping[str, Builder] = {"stripe": _stripe, "csv": _csv}


def build(settings: Settings, clock: Clock) -> BillingSource:
    """The source that the settings name; SettingsError when they lack something it needs."""
    demand(settings.need_source())
    return SOURCES[settings.source](settings, clock)
