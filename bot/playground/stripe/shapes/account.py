from bot.playground.stripe.store import Object


def account(key: str, name: str, created: int, currency: str = "usd", country: str = "US") -> Object:
    return {
        "id": key,
        "object": "account",
        "business_profile": {"name": name, "url": "https://kettle.example", "support_email": "help@kettle.example"},
        "business_type": "company",
        "charges_enabled": True,
        "country": country,
        "created": created,
        "default_currency": currency,
        "details_submitted": True,
        "email": "billing@kettle.example",
        "metadata": {},
        "payouts_enabled": True,
        "settings": {"dashboard": {"display_name": name, "timezone": "Etc/UTC"}},
        "type": "standard",
    }
