"""From our channels to LivePortrait's expression offsets. UNPROVEN: never seen with real weights here.

Which implicit point carries which movement, and how far it may go, are facts published with the official
editor (KwaiVGI/LivePortrait, MIT; ranges of its sliders). How they combine per channel is ours. Until a
session with the real weights has looked at the result, ``PROVEN`` is false and the animator leaves the
offsets out unless told otherwise; pose, eyes and lips go through the retargeting networks instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ml_core.animation.channels import INDEX
from ml_core.animation.liveportrait.dense_motion import KEY_POINTS
from ml_core.animation.motion import Pose

PROVEN: Final = False
X, Y, Z = 0, 1, 2


@dataclass(frozen=True)
class Offset:
    """At weight 1 the point moves this far along the axis, canonical frame (the head is about 1 wide)."""

    point: int
    axis: int
    amount: float


_SMILE = (
    Offset(20, Y, -0.0100), Offset(14, Y, -0.0200), Offset(17, Y, 0.0065), Offset(17, Z, 0.0030),
    Offset(13, Y, -0.00275), Offset(16, Y, -0.00275), Offset(3, Y, -0.0035), Offset(7, Y, -0.0035),
)  # fmt: skip
_BROWS_UP = (Offset(1, Y, 0.02), Offset(2, Y, -0.02))
_BROWS_DOWN = (Offset(1, X, 0.02), Offset(2, X, -0.02), Offset(1, Y, -0.006), Offset(2, Y, 0.006))
_GAZE_TO_PICTURE_RIGHT = (Offset(11, X, 0.016), Offset(15, X, 0.016))
_GAZE_UP = (Offset(11, Y, -0.015), Offset(15, Y, -0.015), Offset(13, Y, -0.003), Offset(16, Y, -0.003))
_PUCKER = (Offset(19, X, 0.06),)
_SHRUG = (Offset(14, Y, 0.012), Offset(3, Y, -0.006), Offset(7, Y, -0.006), Offset(17, Z, -0.006))

OFFSETS: Final[Mapping[str, tuple[Offset, ...]]] = {
    "mouthSmileLeft": _SMILE,
    "mouthSmileRight": _SMILE,
    "mouthFrownLeft": tuple(Offset(o.point, o.axis, -0.4 * o.amount) for o in _SMILE),
    "mouthFrownRight": tuple(Offset(o.point, o.axis, -0.4 * o.amount) for o in _SMILE),
    "browInnerUp": _BROWS_UP,
    "browOuterUpLeft": _BROWS_UP,
    "browOuterUpRight": _BROWS_UP,
    "browDownLeft": _BROWS_DOWN,
    "browDownRight": _BROWS_DOWN,
    "gaze.x": _GAZE_TO_PICTURE_RIGHT,
    "gaze.y": tuple(Offset(o.point, o.axis, -o.amount) for o in _GAZE_UP),
    "mouthPucker": _PUCKER,
    "mouthShrugLower": _SHRUG,
}
"""Channel -> offsets. gaze.y is positive downwards, as in the puppet."""

_SHARED: Final[Mapping[str, float]] = {
    "mouthSmileLeft": 0.5, "mouthSmileRight": 0.5, "mouthFrownLeft": 0.5, "mouthFrownRight": 0.5,
    "browInnerUp": 0.5, "browOuterUpLeft": 0.25, "browOuterUpRight": 0.25,
    "browDownLeft": 0.5, "browDownRight": 0.5,
}  # fmt: skip
"""The implicit points have no sides for these, so the channels share the movement."""


def expression_offsets(pose: Pose) -> NDArray[np.float32]:
    """(F, 21, 3) float32, to be added to the source's expression. Linear in the channels."""
    out = np.zeros((len(pose), KEY_POINTS, 3), np.float32)
    for channel, offsets in OFFSETS.items():
        weight = pose.values[:, INDEX[channel]] * _SHARED.get(channel, 1.0)
        for offset in offsets:
            out[:, offset.point, offset.axis] += weight * offset.amount
    return out
