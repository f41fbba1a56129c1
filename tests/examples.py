"""How many examples are tried: so many for each property, or a share of it where each takes long."""

import os

from hypothesis import HealthCheck, settings

TOLERANT = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("kahvi", max_examples=50, deadline=None, suppress_health_check=TOLERANT)
settings.register_profile("long", max_examples=2000, deadline=None, suppress_health_check=TOLERANT)
NAME = os.environ.get("HYPOTHESIS_PROFILE", "kahvi")
PROFILE = settings.get_profile(NAME)


def tried(share: float) -> settings:
    """This share of the examples of the profile: a decorator."""
    return settings(PROFILE, max_examples=round(PROFILE.max_examples * share))
