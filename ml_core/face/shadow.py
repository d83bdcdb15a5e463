"""Faces in shadow before a bright scene: lifted to the light that the white of their eyes misses.

How dark the skin is never decides, so dark skin in daylight stays as it is (``eye_white`` says how that
is told apart). The lift is what more light would have done: a gain in linear light, the same for all
skin tones, bent where highlights would clip. It is meant for the face and what has the colour of its
skin (ears, neck, hands): hair and collars that the light behind the person reaches keep their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.face import topology
from ml_core.face.crop import Portrait
from ml_core.face.exposure import LEAST_CHROMA, Lab, lab_of, median_lab, skin_samples
from ml_core.face.eye_white import LEAST_UNIT, face_light
from ml_core.face.shapes import blur, polygon, smoothstep
from ml_core.types import Image, Mask, Points

SHADOW, HALF_SHADOW = 0.6, 0.76
"""Light on the face (1 is well exposed) under which a face in shadow is lifted fully, over which not at
all. Well lit faces of all tones measure 0.8 and more."""
MOST_GAIN: Final = 3.0
MOST_RISE: Final = 24.0
"""Skin gains at most this much L: one and a half stops of light skin."""
LIT_SKIN: Final = (63.0, 72.0)
"""Skin of this L needs less lift, then none, whatever the eyes say."""
LIGHTEST_IN_SHADOW: Final = 78.0
"""Skin in shadow is not lifted over this L: light skin in even light."""
LIFTED_CHROMA: Final = 30.0
"""Lifting makes colours stronger in proportion; skin stops at the chroma of ruddy skin in daylight."""
KNEE: Final = 0.45
"""Linear luminance after lifting from which highlights are compressed instead of clipped."""
SKIN_SATURATION: Final = (0.45, 0.75)
"""Saturation along the skin's hue over the skin's own: white hair 0.3, shirts 0, ears and neck 0.8 to 1.2."""
FACE_EDGE, COLOUR_EDGE = 0.05, 0.02
"""Outer-eye distances over which the lift ends at the face's outline and where colours change."""
_STEPS: Final = 1024
"""Of the table of the lift: finer than 8-bit pictures show."""
_DENOISING: Final = (5, 14.0, 4.0)
"""Window, steps and pixels of the bilateral filter: lifting lifts the noise too."""


@dataclass(frozen=True)
class Lift:
    """gain: factor on linear light, 1 leaves everything; chroma: factor on Lab a and b beside it.

    skin: the colour that is lifted, Lab before the lift.
    """

    gain: float = 1.0
    chroma: float = 1.0
    skin: Lab = (50.0, 15.0, 15.0)

    def apply(self, image: Image, points: Points) -> Image:
        """The lifted (S, S, 3) uint8 RGB portrait of ``points``; the same array if nothing is to do."""
        if self.gain == 1:
            return image
        lab = lab_of(np.asarray(cv2.bilateralFilter(image, *_DENOISING), dtype=np.uint8))
        unit = topology.unit_of(points)
        oval = blur(polygon(points, topology.FACE_OVAL, image.shape[0]), FACE_EDGE * unit)
        weight = np.maximum(blur(self._likeness(lab), COLOUR_EDGE * unit), oval)
        rise = [self._lightness(level) - level for level in np.linspace(0, 100, _STEPS).tolist()]
        steps = (lab[..., 0] * np.float32((_STEPS - 1) / 100) + np.float32(0.5)).astype(np.int32)
        lab[..., 0] += np.take(np.array(rise, np.float32), steps, mode="clip") * weight
        lab[..., 1:] *= (1 + np.float32(self.chroma - 1) * weight)[..., np.newaxis]
        rgb = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
        return np.round(np.clip(rgb, 0, 1) * 255).astype(np.uint8)

    def of_lab(self, colour: Lab) -> Lab:
        """What becomes of one colour outside the face, L 0..100."""
        if self.gain == 1:
            return colour
        weight = float(self._likeness(np.array([[colour]], np.float32))[0, 0])
        L, a, b = colour
        stronger = 1 + (self.chroma - 1) * weight
        return L + (self._lightness(L) - L) * weight, a * stronger, b * stronger

    def _lightness(self, lightness: float) -> float:
        return _lightness(_shoulder(_luminance(lightness), self.gain))

    def _likeness(self, lab: NDArray[np.float32]) -> Mask:
        """0..1: how far (H, W, 3) Lab has the skin's hue at the skin's saturation or more."""
        L, a, b = self.skin
        chroma = max(float(np.hypot(a, b)), LEAST_CHROMA)
        along = (lab[..., 1] * np.float32(a) + lab[..., 2] * np.float32(b)) / np.float32(chroma)
        saturation = along / (lab[..., 0] + 16) * np.float32((L + 16) / chroma)
        return smoothstep(saturation.astype(np.float32, copy=False), *SKIN_SATURATION)


def choose_lift(portrait: Portrait, points: Points, iris: Points) -> Lift:
    """What a portrait whose scene is well exposed needs to show its face in the scene's light.

    points: (468, 3), iris: (2, 5, 2), portrait frame.
    """
    return _lift(median_lab(skin_samples(portrait.image, points)), _light(portrait, points, iris))


def _light(portrait: Portrait, points: Points, iris: Points) -> float:
    """Light on the face by the white of its eyes; 1, nothing to do, where they do not tell."""
    scale = float(np.hypot(portrait.to_portrait[0, 0], portrait.to_portrait[1, 0]))
    if topology.unit_of(points) < LEAST_UNIT * scale:
        return 1.0
    light = face_light(portrait.image, points, iris)
    return 1.0 if light is None else light


def _lift(skin: Lab, light: float) -> Lift:
    """What skin seen in ``light`` needs."""
    lightness, chroma = skin[0], float(np.hypot(skin[1], skin[2]))
    dark = np.clip((LIT_SKIN[1] - lightness) / (LIT_SKIN[1] - LIT_SKIN[0]), 0, 1)
    highest = min(lightness + MOST_RISE * float(dark), LIGHTEST_IN_SHADOW)
    if light >= HALF_SHADOW or highest <= lightness:
        return Lift()
    sure = np.clip(np.log(HALF_SHADOW / light) / np.log(HALF_SHADOW / SHADOW), 0, 1)
    gain = float(np.clip(light**-sure, 1, min(MOST_GAIN, _luminance(highest) / _luminance(lightness))))
    growth = float(np.cbrt(gain))
    return Lift(gain, min(growth, max(1.0, LIFTED_CHROMA / max(chroma, 1.0))), skin)


def _luminance(lightness: float) -> float:
    return float(((max(lightness, 0) + 16) / 116) ** 3)


def _lightness(luminance: float) -> float:
    return float(116 * np.cbrt(luminance) - 16)


def _shoulder(luminance: float, gain: float) -> float:
    """``luminance`` times ``gain``, bent over KNEE so that 1 stays 1 (a rational shoulder, slope kept)."""
    start = KNEE / gain
    if luminance <= start:
        return luminance * gain
    t, slope = (luminance - start) / (1 - start), gain * (1 - start) / (1 - KNEE)
    return KNEE + (1 - KNEE) * slope * t / (1 + (slope - 1) * t)
