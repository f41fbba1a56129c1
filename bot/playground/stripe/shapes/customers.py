from bot.playground.stripe.store import Object


def customer(
    key: str, created: int, *, name: str | None, email: str | None, address: Object, metadata: dict[str, str]
) -> Object:
    return {
        "id": key,
        "object": "customer",
        "address": address,
        "balance": 0,
        "business_name": None,
        "created": created,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": email,
        "individual_name": None,
        "invoice_prefix": key[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": metadata,
        "name": name,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def payment_method(
    key: str, created: int, holder: Object, *, brand: str, last4: str, exp_month: int, exp_year: int
) -> Object:
    return {
        "id": key,
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": billing_details(holder),
        "card": {
            "brand": brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": holder["address"]["country"],
            "display_brand": brand,
            "exp_month": exp_month,
            "exp_year": exp_year,
            "fingerprint": key[-16:],
            "funding": "credit",
            "last4": last4,
            "networks": {"available": [brand], "preferred": None},
            "wallet": None,
        },
        "created": created,
        "customer": holder["id"],
        "livemode": False,
        "metadata": {},
        "type": "card",
    }


def billing_details(holder: Object) -> Object:
    return {
        "address": holder["address"],
        "email": holder["email"],
        "name": holder["name"],
        "phone": None,
        "tax_id": None,
    }
