"""Faces that turn red, pale or green: a soft glaze over the skin, inside the puppet's own silhouette."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import skia
from numpy.typing import NDArray

from ml_core.animation.curves import colour, smooth_path
from ml_core.face.topology import CHEEK_EDGE_LEFT, CHEEK_EDGE_RIGHT, CHIN, FACE_OVAL, FOREHEAD

Array = NDArray[np.float64]

GLAZES: Mapping[str, tuple[tuple[int, int, int], float, float, float]] = {
    "tint.flush": ((236, 44, 40), 0.42, 0.56, 0.62),
    "tint.pallor": ((96, 112, 190), 0.40, 0.36, 0.46),
    "tint.sick": ((116, 168, 74), 0.46, 0.80, 0.70),
}
"""Channel -> colour, opacity, centre from forehead (0) to chin (1), and reach in face heights.

Fear drains the upper face, nausea rises from below; all fade before the hairline, which may be bangs.
"""
WIDTH = 1.06
"""Half axis across, in half face widths: the glaze has no edge at the cheeks either."""


def draw_tints(canvas: skia.Canvas, face: Array, row: Mapping[str, float]) -> None:
    """face: (468, 2) canvas pixels; row: channel values. Nothing is drawn for a healthy face."""
    for channel, (rgb, strength, height, reach) in GLAZES.items():
        amount = row[channel]
        if amount <= 0.02:
            continue
        top, bottom = face[FOREHEAD], face[CHIN]
        centre = (top + (bottom - top) * height).tolist()
        width = float(np.linalg.norm(face[CHEEK_EDGE_LEFT] - face[CHEEK_EDGE_RIGHT])) / 2 * WIDTH
        length = float(np.linalg.norm(bottom - top)) * reach
        shades = [colour(rgb, 255 * strength * amount), colour(rgb, 240 * strength * amount), colour(rgb, 0)]
        shader = skia.GradientShader.MakeRadial(skia.Point(0, 0), 1.0, shades, [0.0, 0.55, 1.0])
        paint = skia.Paint(AntiAlias=True, Shader=shader)
        paint.setBlendMode(skia.BlendMode.kSrcATop)
        across = face[CHEEK_EDGE_LEFT] - face[CHEEK_EDGE_RIGHT]
        canvas.save()
        canvas.clipPath(smooth_path(face[list(FACE_OVAL)], closed=True), skia.ClipOp.kIntersect, True)
        canvas.translate(*centre)
        canvas.rotate(float(np.degrees(np.arctan2(across[1], across[0]))))
        canvas.scale(width, length)
        canvas.drawCircle(0, 0, 1.0, paint)
        canvas.restore()
