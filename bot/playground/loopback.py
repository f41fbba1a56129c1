"""Nothing comes in from other machines, and nothing goes out to them."""

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit


@lru_cache
def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_own_address(address: str) -> bool:
    """Whether this is where something on this machine listens for HTTP."""
    return address.startswith(("http://", "https://")) and is_loopback(host_of(address))


@lru_cache
def host_of(address: str) -> str:
    """The host of a URL, empty when it has none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
