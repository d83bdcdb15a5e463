"""Which of the 468 points of the MediaPipe face mesh is what.

Right and left are the subject's own. Index lists run along their contour so that they can be drawn
as they are. The triangles, the mirror pairs and the reference shape are data in ``mesh_data``.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ml_core.face.mesh_data import MIRROR, REFERENCE, TRIANGLES

__all__ = ["MIRROR", "REFERENCE", "TRIANGLES"]

POINTS: Final = 468

FACE_OVAL: Final = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
"""Clockwise in the picture from the top of the forehead."""
LIPS_OUTER: Final = (
    61,
    146,
    91,
    181,
    84,
    17,
    314,
    405,
    321,
    375,
    291,
    409,
    270,
    269,
    267,
    0,
    37,
    39,
    40,
    185,
)
LIPS_INNER: Final = (
    78,
    95,
    88,
    178,
    87,
    14,
    317,
    402,
    318,
    324,
    308,
    415,
    310,
    311,
    312,
    13,
    82,
    81,
    80,
    191,
)

EYE_RIGHT: Final = (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7)
"""Outer corner, upper lid, inner corner, lower lid."""
EYE_LEFT: Final = (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249)
UPPER_LID_RIGHT: Final = (246, 161, 160, 159, 158, 157, 173)
UPPER_LID_LEFT: Final = (466, 388, 387, 386, 385, 384, 398)
LOWER_LID_RIGHT: Final = (7, 163, 144, 145, 153, 154, 155)
LOWER_LID_LEFT: Final = (249, 390, 373, 374, 380, 381, 382)
EYE_CORNERS_RIGHT: Final = (33, 133)
"""Outer, inner."""
EYE_CORNERS_LEFT: Final = (263, 362)

BROW_RIGHT_UPPER: Final = (70, 63, 105, 66, 107)
"""From the temple to the nose."""
BROW_RIGHT_LOWER: Final = (46, 53, 52, 65, 55)
BROW_LEFT_UPPER: Final = (300, 293, 334, 296, 336)
BROW_LEFT_LOWER: Final = (276, 283, 282, 295, 285)
BROW_RIGHT: Final = BROW_RIGHT_UPPER + BROW_RIGHT_LOWER[::-1]
BROW_LEFT: Final = BROW_LEFT_UPPER + BROW_LEFT_LOWER[::-1]

OUTER_EYE_RIGHT: Final = 33
OUTER_EYE_LEFT: Final = 263
MOUTH_RIGHT: Final = 61
MOUTH_LEFT: Final = 291
INNER_LIP_UPPER: Final = 13
INNER_LIP_LOWER: Final = 14
NOSE_TIP: Final = 1
NOSE_BRIDGE: Final = 168
CHIN: Final = 152
FOREHEAD: Final = 10
CHEEK_EDGE_RIGHT: Final = 234
CHEEK_EDGE_LEFT: Final = 454
JAW_RIGHT: Final = 172
JAW_LEFT: Final = 397

STABLE: Final = (
    10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1, 19, 94, 2, 33, 133, 263, 362, 127, 356, 234, 454, 93, 323,
    54, 284, 103, 332, 67, 297, 109, 338, 98, 327, 50, 280, 116, 345, 123, 352,
)  # fmt: skip
"""Points that expressions hardly move: pose is fitted to these."""

SKIN_SAMPLES: Final = (50, 280, 205, 425, 151, 9, 117, 346, 36, 266)
"""Cheeks and forehead: skin that hair, beard and glasses seldom cover."""
UPPER_SKIN: Final = (151, 9, 108, 337, 69, 299, 117, 346, 118, 347, 50, 280)
"""Forehead and cheekbones: bare under a mask."""
LOWER_SKIN: Final = (205, 425, 207, 427, 210, 430, 212, 432, 164, 18, 200, 199, 175, 2, 1)
"""Nose tip, lower cheeks, upper lip, chin: what a mask covers."""

EYE_CONTOUR_RIGHT: Final = (33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173)
"""The first 16 points of the iris network, as mesh points; 16 + 16 points of two halos follow."""
EYE_CONTOUR_LEFT: Final = (263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398)
EYE_HALO_RIGHT: Final = (
    130, 25, 110, 24, 23, 22, 26, 112, 243, 247, 30, 29, 27, 28, 56, 190,
    226, 31, 228, 229, 230, 231, 232, 233, 244, 113, 225, 224, 223, 222, 221, 189,
)  # fmt: skip
EYE_HALO_LEFT: Final = (
    359, 255, 339, 254, 253, 252, 256, 341, 463, 467, 260, 259, 257, 258, 286, 414,
    446, 261, 448, 449, 450, 451, 452, 453, 464, 342, 445, 444, 443, 442, 441, 413,
)  # fmt: skip


def unit_of(landmarks: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    """Distance between the outer eye corners of (468, 2 or 3) landmarks, in their own pixels."""
    return float(np.linalg.norm(landmarks[OUTER_EYE_LEFT, :2] - landmarks[OUTER_EYE_RIGHT, :2]))
