"""Where lips, lids and brows run on the face mesh: index lists that deform and are drawn together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ml_core.face import topology

UPPER_INNER: Final = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
"""Inner edge of the upper lip from the subject's right corner to the left."""
LOWER_INNER: Final = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
UPPER_OUTER: Final = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
LOWER_OUTER: Final = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)

UPPER_LIP: Final = tuple(
    sorted({
        *UPPER_INNER[1:-1], *UPPER_OUTER[1:-1],
        74, 73, 72, 11, 302, 303, 304, 184, 42, 41, 38, 12, 268, 271, 272, 408, 183, 407,
    })
)  # fmt: skip
"""Every vertex of the upper lip but its corners."""
LOWER_LIP: Final = tuple(
    sorted({
        *LOWER_INNER[1:-1], *LOWER_OUTER[1:-1],
        77, 90, 180, 85, 16, 315, 404, 320, 307, 96, 89, 179, 86, 15, 316, 403, 319, 325,
    })
)  # fmt: skip
CORNERS_RIGHT: Final = (61, 76, 62, 78)
CORNERS_LEFT: Final = (291, 306, 292, 308)


@dataclass(frozen=True)
class EyeContour:
    """One eye. ``sign``: -1 for the subject's right (the picture's left), 1 for the left.

    upper, lower: seven lid points each, outer corner to inner. above, below: the next ring of skin;
    far_above: the ring under the brow. corners: outer, inner.
    """

    side: str
    sign: float
    corners: tuple[int, int]
    ring: tuple[int, ...]
    upper: tuple[int, ...]
    lower: tuple[int, ...]
    above: tuple[int, ...]
    below: tuple[int, ...]
    far_above: tuple[int, ...]
    brow: tuple[int, ...]
    brow_inner: int
    brow_outer: int
    cheek: tuple[int, int]


RIGHT_EYE: Final = EyeContour(
    side="Right",
    sign=-1.0,
    corners=topology.EYE_CORNERS_RIGHT,
    ring=topology.EYE_RIGHT,
    upper=topology.UPPER_LID_RIGHT,
    lower=topology.LOWER_LID_RIGHT,
    above=(247, 30, 29, 27, 28, 56, 190),
    below=(25, 110, 24, 23, 22, 26, 112),
    far_above=(113, 225, 224, 223, 222, 221, 189),
    brow=topology.BROW_RIGHT,
    brow_inner=107,
    brow_outer=70,
    cheek=(50, 205),
)
LEFT_EYE: Final = EyeContour(
    side="Left",
    sign=1.0,
    corners=topology.EYE_CORNERS_LEFT,
    ring=topology.EYE_LEFT,
    upper=topology.UPPER_LID_LEFT,
    lower=topology.LOWER_LID_LEFT,
    above=(467, 260, 259, 257, 258, 286, 414),
    below=(255, 339, 254, 253, 252, 256, 341),
    far_above=(342, 445, 444, 443, 442, 441, 413),
    brow=topology.BROW_LEFT,
    brow_inner=336,
    brow_outer=300,
    cheek=(280, 425),
)
EYES: Final = (RIGHT_EYE, LEFT_EYE)
