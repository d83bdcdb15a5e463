"""Skin tones and hair colours that the drawn and the recoloured faces have."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Rgb = tuple[int, int, int]

SKIN_TONES: dict[str, Rgb] = {"light": (240, 204, 180), "mid": (198, 146, 110), "dark": (98, 62, 44)}
HAIR: dict[str, Rgb] = {
    "black": (34, 28, 30),
    "brown": (92, 58, 38),
    "blond": (214, 178, 112),
    "white": (226, 224, 220),
}


def mix(a: Rgb, b: Rgb, amount: float) -> Rgb:
    red, green, blue = (round(x * (1 - amount) + y * amount) for x, y in zip(a, b, strict=True))
    return red, green, blue
