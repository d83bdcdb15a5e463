"""The face at rest: the source's own smile, open mouth, frown or closed eyes taken out of the geometry.

Motions add to the neutral face. A photo with a laugh would otherwise laugh twice.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ml_core.animation.contours import EYES, LOWER_INNER, LOWER_LIP, UPPER_INNER, UPPER_LIP, EyeContour
from ml_core.animation.expressions import JAW_DROP, expression_basis, lip_gap

Points3 = NDArray[np.float64]

RELAX = {
    "mouthSmile": 0.85,
    "mouthFrown": 0.8,
    "mouthStretch": 0.7,
    "mouthPucker": 0.8,
    "browDown": 0.7,
    "browOuterUp": 0.6,
    "browInnerUp": 0.6,
}
"""How much of an expression is taken back. Less than all of it: a trace of the smile is the person."""
JAW_PART = 0.55
"""Share of an open mouth that the jaw explains; the lips do the rest."""
OPEN_EYE = 0.30
"""Height over width of a comfortably open eye (female and male adults 0.28 to 0.36)."""
CLOSED_BELOW = 0.20
"""Narrower than this the eye is closed or squeezed, not just narrow."""


def _relaxed(q: Points3, expression: Mapping[str, float]) -> Points3:
    basis = expression_basis(q)
    out = q.copy()
    for name, shape in basis.items():
        share = RELAX.get(name.removesuffix("Left").removesuffix("Right"), 0.0)
        weight = float(np.clip(expression.get(name, 0.0), 0.0, 1.0))
        out -= share * weight * shape
    return out


def _closed_mouth(q: Points3) -> Points3:
    gap = lip_gap(q)
    if gap.max() <= 0.01:
        return q
    out = q.copy()
    jaw = expression_basis(q)["jawOpen"]
    out -= jaw * (JAW_PART * max(float(gap[5]), 0.0) / JAW_DROP)
    rest = np.maximum(lip_gap(out), 0.0)
    x = out[list(UPPER_INNER), 0]
    order = np.argsort(x)
    for lip, sign in ((UPPER_LIP, 0.45), (LOWER_LIP, -0.55)):
        ids = list(lip)
        out[ids, 1] += sign * np.interp(out[ids, 0], x[order], rest[order])
    upper, lower = list(UPPER_INNER[1:-1]), list(LOWER_INNER[1:-1])
    out[upper, 1] = out[lower, 1] = (out[upper, 1] + out[lower, 1]) / 2
    return out


def openness(q: Points3, eye: EyeContour) -> float:
    """Lid opening over eye width, from (468, 2 or 3) points."""
    outer, inner = q[eye.corners[0], :2], q[eye.corners[1], :2]
    height = np.linalg.norm(q[list(eye.upper[2:5]), :2] - q[list(eye.lower[2:5]), :2], axis=1).mean()
    return float(height / max(1e-6, float(np.linalg.norm(outer - inner))))


def _opened_eyes(q: Points3, expression: Mapping[str, float]) -> Points3:
    out = q.copy()
    widths = {eye.side: openness(q, eye) for eye in EYES}
    for eye in EYES:
        closed = expression.get(f"eyeBlink{eye.side}", 0.0) > 0.5 or widths[eye.side] < CLOSED_BELOW
        if not closed:
            continue
        other = max(widths.values())
        wanted = other if other >= CLOSED_BELOW else OPEN_EYE
        outer, inner = q[eye.corners[0]], q[eye.corners[1]]
        line = inner - outer
        size = float(np.linalg.norm(line[:2]))
        along = np.linspace(0, 1, 9)[1:-1]
        bow = np.sin(np.pi * along) ** 0.8 * wanted * size
        base = outer + line * along[:, None]
        lift = base - [0, 1, 0] * (0.62 * bow)[:, None] - q[list(eye.upper)]
        out[list(eye.upper)] += lift * [0, 1, 0]
        out[list(eye.above)] += lift * [0, 0.5, 0]
        drop = base + [0, 1, 0] * (0.38 * bow)[:, None] - q[list(eye.lower)]
        out[list(eye.lower)] += drop * [0, 1, 0]
        out[list(eye.below)] += drop * [0, 0.5, 0]
    return out


def neutral_face(q: Points3, expression: Mapping[str, float]) -> Points3:
    """(468, 3) puppet space landmarks of the photo -> the same face at rest.

    expression: ARKit name -> weight, as measured on the photo (``FaceAnalysis.expression``).
    """
    return _opened_eyes(_closed_mouth(_relaxed(q, expression)), expression)
