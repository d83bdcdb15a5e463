"""Eyes and mouth drawn into the texture, for pictures that no puppet will animate (clips, thumbnails).

And eyes taken out of the photo, for those that one will.
"""

from __future__ import annotations

import numpy as np

from ml_core.toonify.anatomy import EYES, LIP_PARTING, fill, stroke
from ml_core.toonify.colour import Field, LabImage, lab_from_swatch, mix, smoothstep, vector
from ml_core.toonify.keying import Keys
from ml_core.toonify.palette import iris_tone
from ml_core.toonify.smoothing import MIN_WEIGHT, blur
from ml_core.toonify.study import Study
from ml_core.toonify.styles import Style
from ml_core.toonify.windows import window_around

UPPER_LID, LOWER_LID = slice(0, 9), slice(8, 16)
"""Parts of an eye ring: outer corner to inner corner along the top, and back along the bottom."""
WHITE, SHADED_WHITE = (96.0, 0.0, 1.0), 12.0
"""Colour of the white of an eye, and how much darker it is under the lid."""
PUPIL, GLINT = (8.0, 2.0, 2.0), (99.0, 0.0, 0.0)
PUPIL_SIZE, GLINT_SIZE, RIM = 0.48, 0.30, 0.86
TEETH, THROAT = (93.0, 0.0, 4.0), (20.0, 20.0, 9.0)
LASH_WIDTH, LOWER_LASH_WIDTH = 0.055, 0.018
"""Units. The upper line is what makes an eye readable at sticker size."""
SOCKET = 0.10
"""Units over which skin from around the eyes is spread over them."""
OPEN_MOUTH = 0.05
"""Gap between the lips from which the inside is painted, units."""


def without_eyes(photo: LabImage, sitter: Study) -> LabImage:
    """The photo with skin in place of the eyes: what stayed of them would be smeared when lids move.

    Skin is spread by normalised convolution (Knutsson & Westin 1993), and brows are left out of it.
    """
    face = sitter.face
    window = window_around(face.lids > 0, 3 * SOCKET * face.unit)
    if window is None:
        return photo
    lids = face.lids[window]
    bare = (1.0 - lids) * (1.0 - face.brows[window]) * sitter.layers.flesh[window]
    near = photo[window]
    total = blur(near * bare[..., None], SOCKET * face.unit)
    evidence = blur(np.asarray(bare, np.float32), SOCKET * face.unit)[..., None]
    closed = photo.copy()
    closed[window] = mix(near, total / (evidence + MIN_WEIGHT), lids * np.minimum(evidence[..., 0] * 20, 1))
    return closed


def with_open_eyes(picture: LabImage, sitter: Study, style: Style) -> LabImage:
    """White, iris, pupil, glint and lash line of both eyes as they are in the photo."""
    face, iris = sitter.face, lab_from_swatch(iris_tone(sitter))
    for ring, disc in zip(EYES, sitter.analysis.iris, strict=True):
        outline = face.points[list(ring)]
        opening = blur(fill(face.shape, outline), 0.6)
        under_lid = np.clip(blur(1.0 - opening, 0.03 * face.unit) * 2.0 - 0.3, 0.0, 1.0)
        picture = mix(picture, _white(under_lid), opening)
        centre, radius = disc[0], float(np.linalg.norm(disc[1:] - disc[0], axis=1).mean())
        glint = centre - np.float32(0.34 * radius)
        for size, at, colour in (
            (1.0, centre, iris * vector([0.62, 1.0, 1.0])),
            (RIM, centre, iris),
            (PUPIL_SIZE, centre, vector(PUPIL)),
            (GLINT_SIZE, glint, vector(GLINT)),
        ):
            picture = mix(picture, colour, _disc(face.shape, at, size * radius) * opening)
        ink = vector(style.line_lab) * vector([0.8, 1.0, 1.0])
        for part, width in ((UPPER_LID, LASH_WIDTH), (LOWER_LID, LOWER_LASH_WIDTH)):
            path = np.concatenate([outline, outline[:1]])[part]
            widths = width * face.unit * np.sin(np.linspace(0.6, 2.75, len(path))).astype(np.float32)
            picture = mix(picture, ink, stroke(face.shape, path, widths))
    return picture


def with_mouth(picture: LabImage, sitter: Study, keys: Keys, style: Style) -> LabImage:
    """The gap between the lips: a line when closed, teeth and dark when open."""
    face = sitter.face
    path = face.points[list(LIP_PARTING)]
    gap = float(np.linalg.norm(face.points[13] - face.points[14])) / face.unit
    if gap > OPEN_MOUTH:
        opening = blur(face.mouth, 0.6)
        bright = sitter.base[..., 0] - 0.5 * float(keys.lips[0])
        paleness = 1.0 - np.hypot(sitter.base[..., 1], sitter.base[..., 2]) / 40.0
        teeth = smoothstep(blur(np.asarray(bright * paleness, np.float32), 1.5), 8.0, 15.0)
        picture = mix(picture, vector(THROAT), opening)
        picture = mix(picture, vector(TEETH), teeth * opening)
    widths = 0.030 * face.unit * np.sin(np.linspace(0.2, np.pi - 0.2, len(path))).astype(np.float32)
    dark = np.minimum(vector(style.line_lab), keys.lips * vector([0.45, 1.0, 1.0]))
    return mix(picture, np.asarray(dark, np.float32), stroke(face.shape, path, widths))


def _white(under_lid: Field) -> LabImage:
    shade = np.zeros((*under_lid.shape, 3), np.float32)
    shade[..., 0] = -SHADED_WHITE * under_lid
    return np.asarray(vector(WHITE) + shade, np.float32)


def _disc(shape: tuple[int, int], centre: Field, radius: float) -> Field:
    angles = np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False, dtype=np.float32)
    return fill(
        shape, np.asarray(centre + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1), np.float32)
    )
