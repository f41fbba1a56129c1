"""Time zones to choose from, by part of the world."""

from functools import cache
from zoneinfo import available_timezones

from bot.messages.blocks import OPTIONS, Block, option

PARTS = (
    *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic"),
    *("Australia", "Europe", "Indian", "Pacific"),
)


@cache
def known_zones() -> frozenset[str]:
    """Every name that this machine knows; looking them up reads many files."""
    return frozenset(available_timezones())


def zone_choice(initial: str) -> Block:
    """A select of UTC and of all zones that are named by a place, and of the initial one whatever it is called."""
    listed = _groups()
    offered = {one["value"] for group in listed for one in group["options"]}
    groups = listed if initial in offered else (_group("Now", [initial]), *listed)
    return {"type": "static_select", "option_groups": list(groups), "initial_option": option(initial, initial)}


@cache
def _groups() -> tuple[Block, ...]:
    named = {part: sorted(zone for zone in known_zones() if zone.startswith(f"{part}/")) for part in PARTS}
    return (
        _group("Everywhere", ["UTC"]),
        *(
            _group(part, zones[start : start + OPTIONS])
            for part, zones in named.items()
            for start in range(0, len(zones), OPTIONS)
        ),
    )


def _group(label: str, zones: list[str]) -> Block:
    return {"label": {"type": "plain_text", "text": label}, "options": [option(zone, zone) for zone in zones]}
