"""Glasses, drawn on the moving face: frames that a warp would bend stay stiff."""

from __future__ import annotations

import numpy as np
import skia
from numpy.typing import NDArray

from ml_core.animation.contours import EYES
from ml_core.animation.curves import fill, pen, smooth_path
from ml_core.types import Palette

Array = NDArray[np.float64]

FRAME = 0xFF2A2226
LENS = 0x20FFFFFF
STROKE = 0.034
"""Frame thickness in units."""
ROUNDNESS = 0.82
"""Exponent of the superellipse: 1 is an ellipse, smaller is squarer."""
TEMPLES = {"Right": 127, "Left": 356}
_ANGLES = np.linspace(0, 2 * np.pi, 20, endpoint=False)
_RIM = np.stack(
    [np.sign(np.cos(_ANGLES)) * np.abs(np.cos(_ANGLES)) ** ROUNDNESS,
     np.sign(np.sin(_ANGLES)) * np.abs(np.sin(_ANGLES)) ** ROUNDNESS], axis=1,
)  # fmt: skip


def draw_glasses(canvas: skia.Canvas, face: Array, unit: float, palette: Palette) -> None:
    """Rims around the eyes, a bridge over the nose, and temples towards the ears. face: (468, 2) pixels."""
    paint = pen(FRAME, STROKE * unit * palette.line_weight)
    along = face[263] - face[33]
    along = along / (np.linalg.norm(along) + 1e-9)
    down = np.array([-along[1], along[0]])
    bridge = []
    for eye in EYES:
        outer, inner = face[eye.corners[0]], face[eye.corners[1]]
        width = float(np.linalg.norm(outer - inner))
        centre = (outer + inner) / 2 + down * 0.02 * unit
        radii = np.array([width * 0.72, max(width * 0.60, 0.20 * unit)])
        rim = centre + (_RIM * radii) @ np.stack([along, down])
        path = smooth_path(rim, closed=True)
        canvas.drawPath(path, fill(LENS))
        canvas.drawPath(path, paint)
        hinge = centre + eye.sign * along * radii[0] - down * 0.06 * unit
        ear = hinge * 0.3 + face[TEMPLES[eye.side]] * 0.7
        canvas.drawLine(*hinge.tolist(), *ear.tolist(), paint)
        bridge.append(centre - eye.sign * along * radii[0] - down * 0.03 * unit)
    middle = (bridge[0] + bridge[1]) / 2 - down * 0.05 * unit
    canvas.drawPath(smooth_path(np.stack([bridge[0], middle, bridge[1]]), closed=False), paint)
