"""Another colour for hair, lips or clothes that keeps the light on them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ml_core.toonify.colour import (
    Colour,
    Field,
    LabImage,
    lab_from_rgb,
    lab_from_swatch,
    rgb_from_lab,
    smoothstep,
)
from ml_core.types import Image, Rgb

SHADOW_CONTRAST, LIGHT_CONTRAST = (0.55, 1.3), (0.4, 1.0)
"""Limits on how contrast changes with a new lightness. Lights never grow stronger: dyed hair would glare."""
HEADROOM = 8.0
"""Lightness kept free above and below, so that shading is compressed and never clipped flat."""
OWN_CHROMA = 0.25
"""Share of the local colour variation that stays: highlights and dyes are never perfectly even."""
LEAST_DYE = 0.3
"""Share of the colour that the darkest folds keep: chroma falls with light, as in any one material."""
SURE, MIN_SAMPLES = 0.6, 24


def recoloured(image: Image, members: Mapping[str, Field], recolour: Mapping[str, Rgb]) -> Image:
    """Give regions new colours in the photo itself; every later step then follows of itself.

    image: (H, W, 3) uint8 RGB. members: region -> (H, W) coverage 0..1. A region that is hardly there is left
    alone.
    """
    photo = lab_from_rgb(image)
    for name, rgb in recolour.items():
        member = members[name]
        if int((member > SURE).sum()) >= MIN_SAMPLES:
            photo = _shifted(photo, member, lab_from_swatch(rgb))
    return rgb_from_lab(photo)


def _shifted(photo: LabImage, member: Field, target: Colour) -> LabImage:
    """Move a region's lightness statistics and replace its chroma (after Reinhard et al. 2001, in Lab).

    The lightness curve is monotone: what was lighter stays lighter.
    """
    samples = photo[member > SURE]
    middle = np.median(samples, axis=0).astype(np.float32)
    low, high = (float(x) for x in np.percentile(samples[:, 0], [2, 98]))
    lightness = _curve(photo[..., 0], (low, float(middle[0]), high), float(target[0]))
    # Deep shadows and highlights carry less dye than the middle tones.
    depth = np.clip(lightness / max(float(target[0]), 1.0), LEAST_DYE, 1.0)
    dye = depth * (1.0 - 0.5 * smoothstep(lightness, 82.0, 100.0))
    chroma = target[1:] * dye[..., None] + (photo[..., 1:] - middle[1:]) * np.float32(OWN_CHROMA)
    new = np.concatenate([lightness[..., None], chroma], axis=2)
    return np.asarray(photo + (new - photo) * member[..., None], np.float32)


def _curve(lightness: Field, source: tuple[float, float, float], target: float) -> Field:
    """Piecewise linear, increasing: the median goes to the target, both ends keep headroom."""
    low, middle, high = source
    below = float(np.clip((target - HEADROOM) / max(middle - low, 1.0), *SHADOW_CONTRAST))
    above = float(np.clip((100.0 - HEADROOM - target) / max(high - middle, 1.0), *LIGHT_CONTRAST))
    offset = lightness - np.float32(middle)
    return np.asarray(
        np.clip(target + np.where(offset < 0, below * offset, above * offset), 0.0, 100.0), np.float32
    )
