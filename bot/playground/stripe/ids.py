"""Ids that look like Stripe's and come out the same for the same seed."""

import random

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTHS = {"cus": 14, "prod": 14, "si": 14}


class Ids:
    """A stream of ids; `reseed` gives each account a stream of its own, so that accounts do not disturb each other."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def reseed(self, seed: str) -> None:
        self._random.seed(seed)

    def __call__(self, prefix: str) -> str:
        return f"{prefix}_{''.join(self._random.choices(_ALPHABET, k=_LENGTHS.get(prefix, 24)))}"
