"""How a sticker should look, from what people send to what the renderer understands, and back."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from emotoon.core.errors import InvalidInput
from ml_core.toonify.look import PARTS, RECOLOURABLE, ToonLook
from ml_core.toonify.styles import STYLES
from ml_core.types import CARICATURE, Rgb

FORMATS = ("webp", "webm", "mp4", "apng", "gif", "png")
_COLOUR = re.compile(r"#?([0-9a-fA-F]{6})")

Look = ToonLook
"""Style, strength, where, colours, caricature, glasses: what the whole site passes around."""


def style_names() -> tuple[str, ...]:
    return tuple(STYLES)


def format_names() -> tuple[str, ...]:
    return FORMATS


def look_read(
    *,
    style: str = "cel",
    strength: float = 1.0,
    caricature: float = CARICATURE,
    parts: Mapping[str, float] | None = None,
    recolour: Mapping[str, str] | None = None,
    glasses: bool | None = None,
) -> Look:
    """A look from what somebody typed, chose or stored.

    strength, caricature, amounts of ``parts`` (names of ml_core's PARTS): 0..1. recolour: hair, lips or
    clothes -> "#rrggbb". Raises InvalidInput, whose ``field`` names the argument.
    """
    if style not in STYLES:
        raise _unknown("unknown_style", _("Please choose one of these styles: %s."), STYLES, "style")
    if not _is_share(strength):
        raise InvalidInput("bad_strength", _("The strength goes from 0 to 1."), field="strength")
    if not _is_share(caricature):
        raise InvalidInput("bad_caricature", _("The caricature goes from 0 to 1."), field="caricature")
    regions: dict[str, float] = {}
    for part, amount in (parts or {}).items():
        if part not in PARTS:
            raise _unknown("unknown_part", _("Please choose from these parts: %s."), PARTS, "parts")
        if not _is_share(amount):
            raise InvalidInput("bad_part", _("The amount of a part goes from 0 to 1."), field="parts")
        regions |= dict.fromkeys(PARTS[part], float(amount))
    return Look(
        style=style,
        strength=float(strength),
        regions=regions,
        recolour={name: _rgb(name, colour) for name, colour in (recolour or {}).items()},
        caricature=float(caricature),
        glasses=glasses,
    )


def look_details(look: Look) -> dict[str, Any]:
    """What differs from the usual look, beside style and strength: JSON that ``look_read`` takes back."""
    parts = {
        part: look.regions[names[0]]
        for part, names in PARTS.items()
        if look.regions.get(names[0], 1.0) != 1.0
    }
    details: dict[str, Any] = {}
    if look.caricature != CARICATURE:
        details["caricature"] = look.caricature
    if parts:
        details["parts"] = parts
    if look.recolour:
        details["recolour"] = {
            name: "#{:02x}{:02x}{:02x}".format(*rgb) for name, rgb in look.recolour.items()
        }
    if look.glasses is not None:
        details["glasses"] = look.glasses
    return details


def formats_check(*, formats: Sequence[str]) -> None:
    """Refuse an unknown format, or none at all, before any work is done."""
    if not formats or any(name not in FORMATS for name in formats):
        raise _unknown("unknown_format", _("Please choose from these formats: %s."), FORMATS, "formats")


def _is_share(value: float) -> bool:
    return math.isfinite(value) and 0.0 <= value <= 1.0


def _rgb(name: str, colour: str) -> Rgb:
    if name not in RECOLOURABLE:
        raise _unknown("unknown_recolour", _("These can have another colour: %s."), RECOLOURABLE, "recolour")
    found = _COLOUR.fullmatch(colour)
    if found is None:
        raise InvalidInput("bad_colour", _("Please give a colour like #8a4b2a."), field="recolour")
    red, green, blue = bytes.fromhex(found[1])
    return (red, green, blue)


def _unknown(code: str, message: Any, known: Any, field: str) -> InvalidInput:
    return InvalidInput(code, message % ", ".join(known), field=field)
