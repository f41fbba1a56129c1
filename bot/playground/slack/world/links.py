"""Links in a message that an app may preview."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.playground.slack.world.models import Json

LINK = re.compile(r"<(https?://[^|>\s]+)(?:\|[^>]*)?>")


def links_to(text: str, domains: Sequence[str]) -> list[Json]:
    """`url` and `domain` of every link into one of these domains, each once, in the order they stand."""
    found: dict[str, str] = {}
    for url in LINK.findall(text):
        clean = url.replace("&amp;", "&")
        domain = next((one for one in domains if _within(clean, one)), None)
        if domain is not None:
            found.setdefault(clean, domain)
    return [{"url": url, "domain": domain} for url, domain in found.items()]


def _within(url: str, domain: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host == domain or host.endswith(f".{domain}")
