"""Public identifiers: unguessable, safe in addresses, recognisable by their prefix."""

from __future__ import annotations

import secrets

from django.utils.deconstruct import deconstructible

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_LENGTH = 22
"""31 letters to the power of 22: 108 bits, beyond guessing; no letters that look alike."""


@deconstructible
class PublicId:
    """Default for a model field: ``stk_7k3...``."""

    max_length = 32

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def __call__(self) -> str:
        return f"{self.prefix}_{''.join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicId) and other.prefix == self.prefix

    def __hash__(self) -> int:
        return hash(self.prefix)
