"""The 468-point mesh in place of LivePortrait's own (non-commercial) detectors.

Only five groups of the published 203 points matter: two eyes, the lips, and the outline that the crop
is measured by. The mesh has all of them.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from ml_core.animation.liveportrait.crop import Matrix, crop_matrix
from ml_core.animation.liveportrait.drive import Apertures
from ml_core.animation.liveportrait.retarget import aperture
from ml_core.types import Points

# (upper, lower), (corner, corner). "Left" is the eye on the picture's left, as in the published scheme.
EYE_ON_THE_LEFT = ((159, 145), (33, 133))
EYE_ON_THE_RIGHT = ((386, 374), (362, 263))
LIPS = ((13, 14), (61, 291))

JAW = (
    127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323,
    454, 356,
)  # fmt: skip
BROWS = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300)
OUTLINE = JAW + BROWS
"""What the published points span: the jaw from temple to temple and the brows, no forehead."""

SOURCE_SIDE, SOURCE_SCALE, SOURCE_SHIFT = 512, 2.3, -0.125
DRIVING_SCALE, DRIVING_SHIFT = 2.2, -0.1


def apertures(landmarks: Points, device: torch.device | str = "cpu") -> Apertures:
    """How open eyes and lips are. landmarks: (468, 2 or 3) pixels."""
    points = np.asarray(landmarks, np.float32)[None, :, :2]
    eyes = np.concatenate([aperture(points, EYE_ON_THE_LEFT), aperture(points, EYE_ON_THE_RIGHT)], 1)
    lips = aperture(points, LIPS)
    return Apertures(torch.from_numpy(eyes).to(device), torch.from_numpy(lips).to(device))


def source_crop(landmarks: Points) -> Matrix:
    """(2, 3) affine, picture -> upright 512 px source crop."""
    return crop_matrix(landmarks, SOURCE_SIDE, SOURCE_SCALE, SOURCE_SHIFT, outline=OUTLINE)


def driving_crop(landmarks: NDArray[np.float32]) -> Matrix:
    """(2, 3) affine shared by a whole driving video: unrotated boxes averaged over all frames.

    landmarks: (F, 468, 2 or 3).
    """
    matrices = [
        crop_matrix(points, SOURCE_SIDE, DRIVING_SCALE, DRIVING_SHIFT, rotated=False, outline=OUTLINE)
        for points in landmarks
    ]
    # Boxes are averaged, so their inverses are: scale and centre of the frame they were cut from.
    sides = [SOURCE_SIDE / float(matrix[0, 0]) for matrix in matrices]
    centres = [(SOURCE_SIDE / 2 - m[:, 2]) / m[0, 0] for m in matrices]
    scale = SOURCE_SIDE / float(np.mean(sides))
    offset = SOURCE_SIDE / 2 - scale * np.mean(centres, axis=0)
    return np.array([[scale, 0, offset[0]], [0, scale, offset[1]]], np.float32)
