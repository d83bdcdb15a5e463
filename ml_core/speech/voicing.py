"""Sound on acted frames: Wav2Lip draws the lips, the loop is repeated for as long as the sound lasts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml_core.types import FaceFrame, Image

if TYPE_CHECKING:
    from ml_core.speech.wav2lip.lipsync import LipSync


def voiced(
    lips: LipSync, acting: Iterable[tuple[Image, FaceFrame]], sound: NDArray[np.float32], fps: float
) -> tuple[Iterator[tuple[Image, FaceFrame]], float]:
    """Acted frames whose mouths follow ``sound``, and how many seconds they last.

    acting: premultiplied (S, S, 4) uint8 RGBA with its face; sound: (n,) float32 mono at 16 kHz.
    """
    acted = list(acting)
    count = lips.frames_of(sound, fps)
    return _spoken(lips, acted, sound, fps), count / fps


def _spoken(
    lips: LipSync, acted: list[tuple[Image, FaceFrame]], sound: NDArray[np.float32], fps: float
) -> Iterator[tuple[Image, FaceFrame]]:
    """The network knows no transparency: it sees the figure on white, and the alpha stays as it was."""
    on_white = [frame[..., :3] + (255 - frame[..., 3:]) for frame, _ in acted]
    landmarks = np.stack([face.landmarks for _, face in acted])
    for index, spoken in enumerate(lips.speak(on_white, landmarks, sound, fps)):
        frame, face = acted[index % len(acted)]
        alpha = frame[..., 3:]
        # Premultiplied colour is never above alpha: the white that was added is taken away again.
        colour = np.clip(spoken.astype(np.int16) - (255 - alpha), 0, alpha).astype(np.uint8)
        yield np.dstack([colour, alpha]), face
