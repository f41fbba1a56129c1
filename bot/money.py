"""Currencies and amounts: minor units inside, words at the edge; no float anywhere."""

import re
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

# ISO 4217 exponents other than two. Stripe lists the same zero-decimal codes; it charges ISK and UGX with two
# places for compatibility, which is what its amounts mean and therefore what counts here.
ZERO_DECIMAL = frozenset(
    ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf")
)
THREE_DECIMAL = frozenset(("bhd", "iqd", "jod", "kwd", "lyd", "omr", "tnd"))
ONE = Decimal(1)
_TYPED = re.compile(r"[0-9]{1,10}(?:\.([0-9]+))?")
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "inr": "₹", "krw": "₩", "cad": "CA$", "aud": "A$"}


def amount(typed: object, places: int = 2) -> Decimal | None:
    """An amount of 0 or more as people type it, None where it is none.

    Commas before thousands count for nothing, but that of "5,50" may mean a point; so may more decimal `places` mean
    thousands. One with an exponent is none either: it may be of any length when it is shown.
    """
    found = _TYPED.fullmatch(_THOUSANDS.sub("", str(typed or "").strip()))
    return Decimal(found[0]) if found and len(found[1] or "") <= places else None


def exponent(currency: str) -> int:
    """Decimal places of a currency's minor unit."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def to_major(minor: Decimal | int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-exponent(currency))


def to_minor(text: str, currency: str) -> int:
    """Minor units of an amount written in major units ("49.00"); ValueError when it has too many places."""
    try:
        scaled = Decimal(text).scaleb(exponent(currency))
    except InvalidOperation:
        raise ValueError(f"{text!r} is not an amount") from None
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise ValueError(f"{text!r} has more decimal places than {currency.upper()} has")
    return int(scaled)


def rounded(minor: Decimal) -> int:
    """Whole minor units, half to even: sums of many roundings do not drift."""
    return round(minor)


def display(minor: Decimal | int, currency: str, *, cents: bool = True, sign: bool = False) -> str:
    """An amount for reading: "$4,200.00", "−€12.50", "¥1,000", "KWD 1.250"; `sign` marks gains too."""
    places = exponent(currency) if cents else 0
    major = to_major(minor, currency).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)
    mark = "−" if major < 0 else "+" if sign and major > 0 else ""
    symbol = SYMBOLS.get(currency, f"{currency.upper()} ")
    return f"{mark}{symbol}{abs(major):,}"
