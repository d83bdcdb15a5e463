"""What the face is doing in the photo, as ARKit blendshape weights measured on the mesh.

The mesh carries no blendshape network, so each weight is a distance in the face frame between its
value on a face at rest and at full effect. The ends were set on portraits and drawn faces whose
expression is known; ranges overlap with anatomy (a narrow eye is not a blink), so rest is generous.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ml_core.face import topology
from ml_core.types import Points

JAW_REST, JAW_FULL = 0.025, 0.32
"""Gap of the inner lips in outer-eye distances."""
BLINK_OPEN, BLINK_SHUT = 0.20, 0.11
"""Lid gap over eye width: open eyes, laughing ones too, measured 0.20 to 0.44, shut ones 0.12 to 0.16."""
WIDE_REST, WIDE_FULL = 0.42, 0.58
SMILE_RISE, SMILE_SPREAD = 0.11, 0.09
"""Corner of the mouth up and out, full smile."""
FROWN_DROP: Final = 0.08
PUCKER_NARROW: Final = 0.17
BROW_FULL: Final = 0.11
BROW_REST: Final = 0.05
"""Brows sit this much higher or lower on people at rest."""
GAZE_FULL: Final = 0.22
"""Iris offset over eye width at the end of its travel."""

_EYES: Final = {
    "Right": (topology.UPPER_LID_RIGHT, topology.LOWER_LID_RIGHT, topology.EYE_CORNERS_RIGHT),
    "Left": (topology.UPPER_LID_LEFT, topology.LOWER_LID_LEFT, topology.EYE_CORNERS_LEFT),
}
_CORNERS: Final = {"Right": (topology.MOUTH_RIGHT, -1.0), "Left": (topology.MOUTH_LEFT, 1.0)}
_BROWS: Final = {
    "Right": (topology.BROW_RIGHT_UPPER, topology.BROW_RIGHT_LOWER),
    "Left": (topology.BROW_LEFT_UPPER, topology.BROW_LEFT_LOWER),
}


def lid_gap(points: Points, side: str) -> float:
    """Mean height over width of one eye ("Right" or "Left"); 0 shut, about 0.3 open."""
    upper, lower, (outer, inner) = _EYES[side]
    height = np.linalg.norm(points[list(upper), :2] - points[list(lower), :2], axis=1)[2:5].mean()
    width = np.linalg.norm(points[outer, :2] - points[inner, :2])
    return float(height / max(float(width), 1e-6))


def measure_expression(shape: Points, iris: Points) -> dict[str, float]:
    """ARKit names -> weights 0..1 of a frontalised (468, 3) shape (see pose.face_frame).

    iris: (2, 5, 2) in the same frame, right then left.
    """
    weights = {"jawOpen": _ramp(_inner_gap(shape), JAW_REST, JAW_FULL)}
    weights |= _mouth(shape)
    for index, side in enumerate(_EYES):
        gap = lid_gap(shape, side)
        weights[f"eyeBlink{side}"] = _ramp(gap, BLINK_OPEN, BLINK_SHUT)
        weights[f"eyeWide{side}"] = _ramp(gap, WIDE_REST, WIDE_FULL)
        weights |= _gaze(shape, iris[index, 0], side)
    return weights | _brows(shape)


def _ramp(value: float, rest: float, full: float) -> float:
    return float(np.clip((value - rest) / (full - rest), 0, 1))


def _inner_gap(shape: Points) -> float:
    gap = shape[topology.INNER_LIP_LOWER, 1] - shape[topology.INNER_LIP_UPPER, 1]
    return max(0.0, float(gap))


def _mouth(shape: Points) -> dict[str, float]:
    """Corners against the middle of the upper lip: the whole mouth may sit higher or lower."""
    rest = topology.REFERENCE
    middle = float(shape[0, 1] - rest[0, 1])
    weights: dict[str, float] = {}
    for side, (corner, outward) in _CORNERS.items():
        rise = float(rest[corner, 1] + middle - shape[corner, 1])
        spread = float(shape[corner, 0] - rest[corner, 0]) * outward
        smile = 0.6 * rise / SMILE_RISE + 0.4 * max(spread, 0.0) / SMILE_SPREAD
        weights[f"mouthSmile{side}"] = float(np.clip(smile, 0, 1)) if smile > 0 else 0.0
        weights[f"mouthFrown{side}"] = _ramp(-rise, 0.015, FROWN_DROP)
    width = float(shape[topology.MOUTH_LEFT, 0] - shape[topology.MOUTH_RIGHT, 0])
    at_rest = float(rest[topology.MOUTH_LEFT, 0] - rest[topology.MOUTH_RIGHT, 0])
    weights["mouthPucker"] = _ramp(at_rest - width, 0.08, 0.08 + PUCKER_NARROW)
    return weights


def _brows(shape: Points) -> dict[str, float]:
    """Rise of the brow above its rest, inner and outer ends apart."""
    rest, weights, inner_rises = topology.REFERENCE, {}, []
    for side, (upper, lower) in _BROWS.items():
        rises = [
            float((rest[[u, w], 1] - shape[[u, w], 1]).mean()) for u, w in zip(upper, lower, strict=True)
        ]
        outer, inner = float(np.mean(rises[:2])), float(np.mean(rises[3:]))
        weights[f"browOuterUp{side}"] = _ramp(outer, BROW_REST, BROW_REST + BROW_FULL)
        weights[f"browDown{side}"] = _ramp(-float(np.mean(rises[2:])), BROW_REST, BROW_REST + BROW_FULL / 2)
        inner_rises.append(inner)
    return weights | {"browInnerUp": _ramp(float(np.mean(inner_rises)), BROW_REST, BROW_REST + BROW_FULL)}


def _gaze(shape: Points, pupil: Points, side: str) -> dict[str, float]:
    outer, inner = _EYES[side][2]
    ends = shape[[outer, inner], :2]
    width = max(float(np.linalg.norm(ends[0] - ends[1])), 1e-6)
    across, down = (float(v) for v in (pupil[:2] - ends.mean(axis=0)) / width)
    outward = across * (-1 if side == "Right" else 1)
    return {
        f"eyeLookOut{side}": _ramp(outward, 0.04, GAZE_FULL),
        f"eyeLookIn{side}": _ramp(-outward, 0.04, GAZE_FULL),
        f"eyeLookDown{side}": _ramp(down, 0.04, GAZE_FULL),
        f"eyeLookUp{side}": _ramp(-down, 0.08, GAZE_FULL),
    }
