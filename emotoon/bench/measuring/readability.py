"""Can a sticker be read at the size it has in a chat: 128 pixels, or 100 as a custom emoji?

A chat shows a sticker much smaller than it is stored. Each measure is taken on the shrunken picture.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from emotoon.bench.measuring.redetection import Redetector
from ml_core.animation.contours import EYES
from ml_core.animation.motion import Motion, loop_phases, sample
from ml_core.animation.puppet import Puppet
from ml_core.drawing.caption import Caption
from ml_core.drawing.ink import surface_over
from ml_core.face.exposure import lab_of
from ml_core.face.topology import LIPS_OUTER
from ml_core.types import FaceFrame, Image

SMALL_SIDES = (128, 100)
"""A sticker in a chat of a telephone, and Telegram's custom emoji."""
AROUND = 0.10
"""Outer-eye distances around a feature whose skin it must stand out against."""
INK_SHARE = 12.0
"""Percentile of a feature's lightness that stands for its drawing: a lash line is a tenth of an eye."""
LETTER = 0.6
"""Coverage from which a pixel belongs to the caption."""
HANGUL_HEIGHT = 0.92
"""Height of a syllable block in ems."""


def shrunk(frame: Image, side: int) -> Image:
    """(S, S, 4) uint8 premultiplied -> (side, side, 4), each pixel the mean of what it covers."""
    return np.asarray(cv2.resize(frame, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def feature_contrast(frame: Image, face: FaceFrame, side: int) -> float:
    """Lightness (CIE L) by which the faintest of both eyes and the mouth differs from the skin around it.

    A feature may be darker (lashes, lips) or lighter (white of an eye, teeth) than the skin.
    """
    small = shrunk(frame, side)
    lightness = lab_of(np.ascontiguousarray(small[..., :3]))[..., 0]
    scale = side / frame.shape[0]
    points, unit = face.landmarks[:, :2] * scale, face.unit * scale
    rings = [(*eye.ring,) for eye in EYES] + [LIPS_OUTER]
    return min(_contrast(lightness, points[list(ring)], AROUND * unit) for ring in rings)


def _contrast(lightness: NDArray[np.float32], outline: NDArray[np.float32], reach: float) -> float:
    feature = np.zeros(lightness.shape, np.uint8)
    corners = np.round(outline).astype(np.int32)
    cv2.fillPoly(feature, [corners], 1)
    cv2.polylines(feature, [corners], True, 1)  # lashes are drawn on the rim
    size = 2 * max(1, round(reach)) + 1
    near = cv2.dilate(feature, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    skin = float(np.median(lightness[(near - feature) > 0]))
    dark, light = np.percentile(lightness[feature > 0], [INK_SHARE, 100 - INK_SHARE])
    return max(skin - float(dark), float(light) - skin)


def caption_contrast(caption: Caption, phase: float, side: int) -> float:
    """Difference between the lighter and the darker parts of letters with their outline (CIE L)."""
    letters = np.zeros((caption.size, caption.size, 4), np.uint8)
    surface = surface_over(letters)
    caption.draw(surface.getCanvas(), phase)
    small = shrunk(letters, side)
    inside = small[..., 3] > LETTER * 255
    lightness = lab_of(np.ascontiguousarray(small[..., :3]))[..., 0][inside]
    dark, light = np.percentile(lightness, [INK_SHARE, 100 - INK_SHARE])
    return float(light - dark)


def letter_height(caption: Caption, side: int) -> float:
    """Height of a Hangul syllable in pixels of the shrunken picture."""
    return HANGUL_HEIGHT * caption.em * side / caption.size


def expression_error(redetector: Redetector, frame: Image, face: FaceFrame, side: int) -> float:
    """Mean distance between told and found landmarks on a shrunken frame, in outer-eye distances.

    Infinite when no face is found any more.
    """
    points = redetector.points(shrunk(frame, side))
    if points is None:
        return float("inf")
    scale = side / frame.shape[0]
    return float(np.linalg.norm(points / scale - face.landmarks[:, :2], axis=1).mean() / face.unit)


def poster(puppet: Puppet, motion: Motion) -> tuple[Image, FaceFrame]:
    """The premultiplied frame at the emotional peak."""
    wanted = min(round(motion.poster * motion.frames), motion.frames - 1)
    pose = sample(motion, loop_phases(motion.frames))
    return next(iter(puppet.frames(pose, only=[wanted])))
