"""Lips, drawn anew on every frame: a band along the edge of the mouth, as thick as the person's own.

Lips in the texture are torn into the mesh's triangles as soon as the mouth opens; a band follows any mouth.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import skia
from numpy.typing import NDArray

from ml_core.animation.contours import LOWER_INNER, LOWER_OUTER, UPPER_INNER, UPPER_OUTER
from ml_core.animation.curves import colour, fill, ribbon, smooth_path
from ml_core.types import Palette

Array = NDArray[np.float64]

THICKNESS = ((0.045, 0.105), (0.085, 0.15))
"""Bounds in units of the middle of the upper and the lower lip: smiles thin them out, the mesh may slip."""
FULLER = 1.25
"""Drawn lips are fuller than the mesh says: half of the dark line of the mouth lies on them."""
STRETCH = (0.85, 1.2)
"""Lips keep their area: longer ones are thinner, pursed ones thicker, within these factors."""
ROLLED_IN = 0.75
"""Share of its thickness that a lip loses when it is rolled in."""
PRESSED = 0.4
UPPER_SHADE, SHINE = 0.88, 0.13
"""The upper lip lies in its own shadow; the lower one catches the light."""
SHINE_SPAN = slice(3, 8)
SHINE_BAND = (0.42, 0.66)
"""Where across the lower lip the light lies, from its inner edge."""
RIM_WIDTH, RIM_SHADE = 0.022, 0.72
"""Units. The lower lip casts a short shadow on the chin, which gives it an edge on any skin."""
_RIM_TAPER = np.sin(np.linspace(0, np.pi, 7))
_TAPER = np.sin(np.linspace(0, np.pi, 11)) ** 0.4
_SHINE_TAPER = np.sin(np.linspace(0, np.pi, 5))


def _length(line: Array) -> float:
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def _outward(line: Array, side: float) -> Array:
    """(N, 2) unit normals of a lip's inner edge that point away from the mouth. side: -1 upper, 1 lower."""
    along = np.gradient(line, axis=0)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) * side
    return np.asarray(normal / (np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9))


class _Lip:
    """One lip: its inner edge on the mesh, its thickness and its colour."""

    def __init__(
        self,
        face: Array,
        edges: tuple[tuple[int, ...], tuple[int, ...]],
        side: float,
        bounds: tuple[float, float],
    ) -> None:
        inner, outer = face[list(edges[0])], face[list(edges[1])]
        self.side, self.length = side, _length(inner)
        across = np.argsort(outer[:, 0])  # slipped points may pass each other
        found = side * (np.interp(inner[:, 0], *outer[across].T) - inner[:, 1])
        even = (found + found[::-1]) / 2
        even[1:-1] = (even[:-2] + 2 * even[1:-1] + even[2:]) / 4
        middle = float(np.clip(FULLER * even[3:8].mean(), *bounds))
        profile = np.clip(even / max(float(even[3:8].mean()), 1e-6), 0.6, 1.15)
        self.thickness = middle * profile * _TAPER

    def offsets(self, edge: Array, unit: float, factor: float) -> Array:
        """(11, 2) from the inner edge, given in pixels, to the outer."""
        stretch = np.clip(self.length * unit / max(_length(edge), 1e-6), *STRETCH)
        return np.asarray(
            _outward(edge, self.side) * (self.thickness * unit * float(stretch) * factor)[:, None]
        )


class LipPainter:
    """Draws both lips on a skia canvas, around the mouth's edge.

    face: (468, 2) the face at rest, puppet space (units). cover: 0..1, how much of the drawn lips shows.
    """

    def __init__(self, face: Array, palette: Palette, cover: float) -> None:
        self._upper = _Lip(face, (UPPER_INNER, UPPER_OUTER), -1.0, THICKNESS[0])
        self._lower = _Lip(face, (LOWER_INNER, LOWER_OUTER), 1.0, THICKNESS[1])
        tone, alpha = np.array(palette.lip, float), 255 * cover
        self._shown = cover > 0
        self._dark = fill(colour(tone * UPPER_SHADE, alpha))
        self._plain = fill(colour(tone, alpha))
        self._rim = fill(colour(tone * RIM_SHADE, alpha))
        self._light = fill(colour(tone + (255 - tone) * SHINE, alpha))

    def draw(
        self, canvas: skia.Canvas, upper: Array, lower: Array, unit: float, row: Mapping[str, float]
    ) -> None:
        """upper, lower: (11, 2) inner edges of the lips, corner to corner, pixels. row: channel values."""
        if not self._shown:
            return
        pressed = 1 - PRESSED * (row["mouthPressLeft"] + row["mouthPressRight"]) / 2
        above = self._upper.offsets(upper, unit, pressed - ROLLED_IN * row["mouthRollUpper"])
        below = self._lower.offsets(lower, unit, pressed - ROLLED_IN * row["mouthRollLower"])
        for edge, offset, paint in ((upper, above, self._dark), (lower, below, self._plain)):
            canvas.drawPath(smooth_path(np.concatenate([edge, (edge + offset)[-2:0:-1]]), closed=True), paint)
        canvas.drawPath(ribbon((lower + below)[2:9], RIM_WIDTH * unit * _RIM_TAPER), self._rim)
        edge, offset = lower[SHINE_SPAN], below[SHINE_SPAN]
        middle, half = sum(SHINE_BAND) / 2, (SHINE_BAND[1] - SHINE_BAND[0]) / 2 * _SHINE_TAPER[:, None]
        light = np.concatenate([edge + offset * (middle - half), (edge + offset * (middle + half))[-2:0:-1]])
        canvas.drawPath(smooth_path(light, closed=True), self._light)
