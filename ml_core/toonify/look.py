"""What a person asks for: a style, how much of it and where, other colours, proportions, glasses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ml_core.errors import LookInvalid
from ml_core.toonify.styles import STYLES, Style
from ml_core.types import CARICATURE, REGIONS, Rgb

RECOLOURABLE = ("hair", "lips", "clothes")
"""Regions that may be given another colour. Skin is not among them: a person's skin tone stays."""


PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "eyes": ("eyes", "brows"),
        "mouth": ("lips",),
        "skin": ("skin", "neck"),
        "hair": ("hair",),
        "clothes": ("clothes",),
        "background": ("background",),
    }
)
"""Regions as people speak of them -> regions of ``types.REGIONS``."""


def _amount(name: str, value: float) -> None:
    if not (math.isfinite(value) and 0.0 <= value <= 1.0):
        raise LookInvalid(
            "look_invalid", f"{name} is {value}; give a number from 0 to 1.", name=name, value=value
        )


def _known(name: str, choices: tuple[str, ...]) -> None:
    if name not in choices:
        raise LookInvalid(
            "look_invalid", f"{name!r} is not known; choose one of {', '.join(choices)}.", name=name
        )


@dataclass(frozen=True)
class ToonLook:
    """A style by name, its strength, where and in which colours, and how the puppet is built.

    strength: 0 is the matted photo, 1 the full cartoon. regions: region name of ``types.REGIONS`` -> amount
    0..1, multiplied with ``strength``; a region that is not named has 1. The amount of ``background`` says
    how much of the photo's background is taken away, whatever the strength.
    recolour: hair, lips or clothes -> RGB 0..255. caricature: 0 keeps the person's proportions, 1 is chibi.
    glasses: drawn or not; None means as in the photo. Raises LookInvalid (code ``look_invalid``).
    """

    style: str = "cel"
    strength: float = 1.0
    regions: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    recolour: Mapping[str, Rgb] = field(default_factory=lambda: MappingProxyType({}))
    caricature: float = CARICATURE
    glasses: bool | None = None

    def __post_init__(self) -> None:
        _known(self.style, tuple(STYLES))
        _amount("strength", self.strength)
        _amount("caricature", self.caricature)
        for name, value in self.regions.items():
            _known(name, REGIONS)
            _amount(name, value)
        for name, rgb in self.recolour.items():
            _known(name, RECOLOURABLE)
            if len(rgb) != 3 or not all(0 <= channel <= 255 for channel in rgb):
                raise LookInvalid(
                    "look_invalid",
                    f"the colour of {name} is {rgb}; give three numbers from 0 to 255.",
                    name=name,
                )

    @property
    def painting(self) -> Style:
        """The numbers behind the style's name."""
        return STYLES[self.style]

    def amount(self, region: str) -> float:
        """How much of the cartoon a region gets, 0..1."""
        share = self.regions.get(region, 1.0)
        return share if region == "background" else share * self.strength
