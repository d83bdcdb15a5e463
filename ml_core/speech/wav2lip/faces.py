"""Picture input of Wav2Lip: crops, blanked lower half, reference."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ml_core.speech.wav2lip.generator import FACE_SIDE


def face_input(crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """crops: (96, 96, 3) uint8 BGR each (the order the network was trained with).

    Returns (N, 6, 96, 96) float32 in 0..1: the crop with rows 48..95 blank, then the whole crop.
    """
    whole = np.stack(crops).astype(np.float32) / np.float32(255.0)
    masked = whole.copy()
    masked[:, FACE_SIDE // 2 :] = 0.0
    both = np.concatenate([masked, whole], axis=3)
    return np.ascontiguousarray(both.transpose(0, 3, 1, 2))
