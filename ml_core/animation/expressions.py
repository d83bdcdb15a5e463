"""A person-specific linear blendshape basis, built from the neutral mesh.

Lewis et al. 2014, "Practice and Theory of Blendshape Facial Models" (Eurographics STAR), equation 1:
mesh = neutral + sum of weights times deltas. The deltas follow the names of ARKit's blendshapes; they are
sculpted here as smooth fields around the person's own lips, lids and brows, so no scan is needed.

Puppet space (see ``rig``): unit = outer-eye distance, x to the picture's right, y down.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ml_core.animation.contours import (
    CORNERS_LEFT,
    CORNERS_RIGHT,
    EYES,
    LOWER_INNER,
    LOWER_LIP,
    UPPER_INNER,
    UPPER_LIP,
    EyeContour,
)
from ml_core.animation.curves import bowed
from ml_core.face.topology import CHIN, POINTS, TRIANGLES

Field = NDArray[np.float64]
"""(468,) weights, or (468, 3) displacements in puppet space."""
Basis = dict[str, Field]

JAW_DROP = 0.30
"""Chin travel of jawOpen = 1 in outer-eye distances; measured 0.28 to 0.33 on wide laughs."""
CORNER_SHARE = 0.32
"""The mouth corners follow the jaw by this share."""
SMOOTHING_PASSES = 4


def smoothstep(x: Field, low: float, high: float) -> Field:
    """0 below ``low``, 1 above ``high``, cubic between."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t))


def _gaussian(q: Field, centre: Field, radius: float) -> Field:
    return np.asarray(np.exp(-(((q[:, :2] - centre[:2]) / radius) ** 2).sum(axis=1) / 2))


def _delta(x: Field | float = 0.0, y: Field | float = 0.0, z: Field | float = 0.0) -> Field:
    out = np.zeros((POINTS, 3))
    out[:, 0], out[:, 1], out[:, 2] = x, y, z
    return out


@cache
def mesh_neighbours() -> Field:
    """(468, 468) row-normalised adjacency of the face mesh: a product is a step of Laplacian smoothing.

    One array for all, read only: every basis of every face needs it.
    """
    adjacency = np.zeros((POINTS, POINTS))
    for first, second in ((0, 1), (1, 2), (2, 0)):
        adjacency[TRIANGLES[:, first], TRIANGLES[:, second]] = 1
        adjacency[TRIANGLES[:, second], TRIANGLES[:, first]] = 1
    normalised: Field = adjacency / np.maximum(adjacency.sum(axis=1, keepdims=True), 1)
    normalised.flags.writeable = False
    return normalised


def _smoothed(weights: Field, fixed: Sequence[int]) -> Field:
    """Laplacian smoothing over mesh edges that leaves ``fixed`` vertices alone."""
    adjacency = mesh_neighbours()
    free = np.ones(POINTS, bool)
    free[list(fixed)] = False
    out = weights.copy()
    for _ in range(SMOOTHING_PASSES):
        out[free] = 0.5 * out[free] + 0.5 * (adjacency @ out)[free]
    return out


class _Mouth:
    """Lip geometry that several shapes share: centres, width, and how central each vertex is."""

    def __init__(self, q: Field) -> None:
        self.q = q
        self.x, self.y = q[:, 0], q[:, 1]
        self.corners = (q[UPPER_INNER[0]] + q[UPPER_INNER[-1]]) / 2
        self.middle = q[[13, 14]].mean(axis=0)
        self.width = float(np.linalg.norm(q[61] - q[291]))
        # each half by its own width: of a turned face, the far half is narrower and still half a mouth
        half = np.where(self.x < self.middle[0], self.middle[0] - q[61, 0], q[291, 0] - self.middle[0])
        across = np.abs(self.x - self.middle[0]) / np.maximum(half, self.width / 4)
        self.central = np.clip(1 - across**2.2, 0, 1)
        self.upper = np.isin(np.arange(POINTS), UPPER_LIP)
        self.lower = np.isin(np.arange(POINTS), LOWER_LIP)
        self.jaw = self._jaw_weights()

    def _jaw_weights(self) -> Field:
        from_centre = np.abs(self.x - self.corners[0])
        weights = smoothstep(self.y, self.corners[1] + 0.02, self.corners[1] + 0.26)
        weights *= 1 - 0.72 * smoothstep(from_centre, 0.28, 0.80)
        cheeks = smoothstep(self.y, self.corners[1] - 0.15, self.corners[1] + 0.1)
        cheeks *= smoothstep(from_centre, 0.25, 0.5) * (1 - smoothstep(from_centre, 0.6, 0.85))
        weights = np.maximum(weights, 0.22 * cheeks)
        weights[self.lower] = CORNER_SHARE + (1 - CORNER_SHARE) * self.central[self.lower] ** 0.75
        # the corners pull the sides of the upper lip down with them
        weights[self.upper] = (CORNER_SHARE * (1 - self.central) ** 1.5 - 0.05 * self.central)[self.upper]
        corners = [*CORNERS_RIGHT, *CORNERS_LEFT]
        weights[corners] = CORNER_SHARE
        return _smoothed(weights, [*UPPER_LIP, *LOWER_LIP, *corners])


def _jaw_shapes(mouth: _Mouth) -> Basis:
    q, x, w = mouth.q, mouth.x, mouth.jaw
    inward = -np.sign(x - mouth.corners[0]) * np.maximum(w, 0) * 0.035 * smoothstep(np.abs(x), 0.15, 0.5)
    jaw = _delta(inward, w * JAW_DROP, w * 0.06)
    for corner in (*CORNERS_RIGHT, *CORNERS_LEFT):
        jaw[corner, 0] = -np.sign(x[corner] - mouth.corners[0]) * 0.03
    close = np.zeros((POINTS, 3))
    lips = mouth.upper | mouth.lower
    close[lips] = -jaw[lips]
    close[mouth.lower, 1] = -(JAW_DROP * mouth.jaw)[mouth.lower] + 0.32 * JAW_DROP * 0.2
    below = _gaussian(q, q[CHIN], 0.45) * smoothstep(mouth.y, mouth.corners[1], mouth.corners[1] + 0.25)
    return {
        "jawOpen": jaw,
        "jawForward": _delta(0.0, -0.02 * below, -0.06 * below),
        "jawLeft": _delta(0.09 * np.maximum(w, 0)),
        "jawRight": _delta(-0.09 * np.maximum(w, 0)),
        "mouthClose": close,
    }


def _lip_shapes(mouth: _Mouth) -> Basis:
    q, x, y = mouth.q, mouth.x, mouth.y
    middle, central = mouth.middle, mouth.central
    round_mouth = np.exp(-(np.hypot((x - middle[0]) / 0.36, (y - middle[1]) / 0.26) ** 2))
    narrow = -(x - middle[0]) * round_mouth
    apart = np.where(mouth.upper, -1.0, 0.0) * central + np.where(mouth.lower, 1.0, 0.0) * central
    around = _gaussian(q, middle, 0.22)
    chin_boss = _gaussian(q, q[18] + [0, 0.08, 0], 0.14)
    shapes = {
        "mouthPucker": _delta(
            0.56 * narrow, -(y - middle[1]) * 0.05 * round_mouth + 0.035 * apart, -0.07 * round_mouth
        ),
        "mouthFunnel": _delta(0.38 * narrow, 0.085 * apart, -0.06 * round_mouth),
        "mouthLeft": _delta(0.10 * around),
        "mouthRight": _delta(-0.10 * around),
        "mouthShrugLower": _delta(0.0, -0.05 * chin_boss - 0.035 * mouth.lower * central),
        "mouthShrugUpper": _delta(0.0, -0.04 * mouth.upper * central),
        "mouthRollUpper": _delta(0.0, 0.035 * mouth.upper * central),
        "mouthRollLower": _delta(0.0, -0.04 * mouth.lower * central),
    }
    puff = np.zeros((POINTS, 3))
    for eye in EYES:
        g = _gaussian(q, q[eye.cheek[1]] + [0, 0.12, 0], 0.17)
        puff += _delta(eye.sign * 0.06 * g, 0.0, -0.05 * g)
    shapes["cheekPuff"] = puff
    return shapes


def _side_mouth_shapes(mouth: _Mouth, eye: EyeContour) -> Basis:
    q, side, sign = mouth.q, eye.side, eye.sign
    corner = q[61 if sign < 0 else 291]
    near = _gaussian(q, corner, 0.17)
    cheek = _gaussian(q, (q[eye.cheek[0]] + q[eye.cheek[1]]) / 2, 0.20)
    pouch = _gaussian(q, q[eye.lower[3]] + [0, 0.05, 0], 0.13)
    half = np.clip(0.5 + sign * (mouth.x - mouth.middle[0]) / (0.5 * mouth.width), 0, 1)
    wing = _gaussian(q, q[64 if sign < 0 else 294], 0.12)
    skin_above = _gaussian(q, q[164], 0.12) * ~(mouth.upper | mouth.lower)
    skin_below = _gaussian(q, q[18], 0.12) * ~(mouth.upper | mouth.lower)
    lift_cheek = -0.045 * cheek - 0.018 * pouch
    upper_up = np.where(mouth.upper, -0.075 * (0.25 + 0.75 * mouth.central), -0.03 * skin_above) * half
    lower_down = np.where(mouth.lower, 0.07 * (0.25 + 0.75 * mouth.central), 0.03 * skin_below) * half
    press = np.where(mouth.upper, 0.022, 0.0) + np.where(mouth.lower, -0.022, 0.0)
    return {
        f"mouthSmile{side}": _delta(sign * (0.085 * near + 0.015 * cheek), -0.125 * near + lift_cheek),
        f"mouthFrown{side}": _delta(-sign * 0.02 * near, 0.10 * near - 0.02 * _gaussian(q, q[17], 0.12)),
        f"mouthStretch{side}": _delta(sign * 0.09 * near, 0.012 * near),
        f"mouthDimple{side}": _delta(sign * 0.045 * near, -0.02 * near, 0.03 * near),
        f"mouthUpperUp{side}": _delta(0.0, upper_up),
        f"mouthLowerDown{side}": _delta(0.0, lower_down),
        f"mouthPress{side}": _delta(0.0, press * mouth.central * half),
        f"cheekSquint{side}": _delta(0.0, -0.05 * cheek - 0.035 * pouch),
        f"noseSneer{side}": _delta(sign * 0.015 * wing, -0.05 * wing - 0.02 * skin_above * half),
    }


def _lid_shapes(q: Field, eye: EyeContour) -> Basis:
    """Closing lids meet on a curve; the skin rings follow by halves so that no triangle turns over."""
    outer, inner = q[eye.corners[0]], q[eye.corners[1]]
    upper, lower = q[list(eye.upper)], q[list(eye.lower)]
    along = np.linspace(0, 1, 9)[1:-1]
    line = outer + (inner - outer) * along[:, None]
    bow = np.sin(np.pi * along)
    width = float(np.linalg.norm(outer[:2] - inner[:2]))

    def closing(curve: Field) -> Field:
        shape = np.zeros((POINTS, 3))
        down, up = curve - upper, curve - lower
        shape[list(eye.upper)], shape[list(eye.lower)] = down, up
        shape[list(eye.above)], shape[list(eye.far_above)] = down * 0.5, down * 0.14
        shape[list(eye.below)] = up * 0.55
        shape[:, 2] = 0
        return shape

    def meeting(share: float) -> Field:
        """Where the lids meet, ``share`` of the way down: without the wave that the landmarks of a lower
        lid have towards the nose."""
        curve = (1 - share) * upper + share * lower
        rim = np.concatenate([outer[None, :2], curve[:, :2], inner[None, :2]])
        curve[:, :2] = bowed(rim, 1.0)[1:-1]
        return curve

    arc = line.copy()
    arc[:, 1] -= bow * width * 0.22  # ^ ^: the happy cartoon eye
    wide = np.zeros((POINTS, 3))
    wide[list(eye.upper), 1], wide[list(eye.above), 1] = -0.055 * bow, -0.05 * bow
    wide[list(eye.far_above), 1] = -0.03
    wide[list(eye.lower), 1], wide[list(eye.below), 1] = 0.022 * bow, 0.014 * bow
    squint = closing(meeting(0.45)) * 0.5
    look_down = np.zeros((POINTS, 3))
    look_down[list(eye.upper)] = (lower - upper) * 0.25
    look_down[list(eye.above)] = (lower - upper) * 0.12
    return {
        f"eyeBlink{eye.side}": closing(meeting(0.88)),
        f"eyeHappy{eye.side}": closing(arc),
        f"eyeWide{eye.side}": wide,
        f"eyeSquint{eye.side}": squint,
        f"eyeLookDown{eye.side}": look_down,
    }


def _brow_shapes(q: Field, eye: EyeContour) -> tuple[Basis, Field]:
    """Shapes of one brow, and its half of browInnerUp."""
    x, y = q[:, 0], q[:, 1]
    middle = q[list(eye.brow)].mean(axis=0)
    inner, outer = q[eye.brow_inner], q[eye.brow_outer]
    above_lid = 1 - smoothstep(y, middle[1] + 0.06, middle[1] + 0.16)

    def lift(centre: Field, dx: float, dy: float, across: float, along: float) -> Field:
        g = np.exp(-(((x - centre[0]) / across) ** 2 + ((y - centre[1]) / along) ** 2) / 2) * above_lid
        return _delta(dx * g, dy * g)

    towards_nose = -eye.sign
    down = lift(inner * 0.6 + middle * 0.4, towards_nose * 0.035, 0.115, 0.19, 0.12) + lift(
        middle, 0, 0.02, 0.25, 0.1
    )
    outer_up = lift(outer * 0.8 + middle * 0.2, 0.0, -0.10, 0.28, 0.14) + lift(middle, 0.0, -0.03, 0.25, 0.13)
    inner_up = lift(inner, 0.0, -0.125, 0.19, 0.14)
    return {f"browDown{eye.side}": down, f"browOuterUp{eye.side}": outer_up}, inner_up


def expression_basis(neutral: NDArray[np.float64]) -> Basis:
    """Blendshape name -> (468, 3) float64 displacement at weight 1, for a neutral in puppet space.

    neutral: (468, 2) or (468, 3); only x and y are read.

    The lid shapes of one eye (blink, happy, squint) move lids to absolute places: their weights must sum
    to at most 1, which ``rig.shape_weights`` ensures.
    """
    neutral = np.column_stack([neutral[:, :2], np.zeros(POINTS)])
    mouth = _Mouth(neutral)
    basis = _jaw_shapes(mouth) | _lip_shapes(mouth)
    inner_up = np.zeros((POINTS, 3))
    for eye in EYES:
        brow, half = _brow_shapes(neutral, eye)
        inner_up += half
        basis |= _side_mouth_shapes(mouth, eye) | _lid_shapes(neutral, eye) | brow
    basis["browInnerUp"] = inner_up
    return basis


def lip_gap(q: NDArray[np.float64]) -> NDArray[np.float64]:
    """(11,) vertical distances between the inner lips of (468, 3) points, corner to corner."""
    gap: Field = q[list(LOWER_INNER), 1] - q[list(UPPER_INNER), 1]
    return gap
