"""The default engine: faces found by our own networks, put in by ``swapper``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ml_core.swap.look import SourceFace, SwapLook
from ml_core.swap.swapper import swap_faces
from ml_core.swap.targets import TargetFinder
from ml_core.types import FaceBox, Image


class MeshSwap:
    """Puts one source face into pictures and clips; see ``ml_core.swap.swapper``."""

    def __init__(self, source: SourceFace, look: SwapLook, finder: TargetFinder | None = None) -> None:
        self._source, self._look = source, look
        self._finder = finder or TargetFinder()

    def boxes(self, image: Image) -> tuple[FaceBox, ...]:
        """Faces of an (H, W, 3) uint8 RGB picture, best first."""
        return self._finder.boxes(image)

    def picture(self, image: Image, chosen: Sequence[int] | None) -> Image:
        """(H, W, 3) with the chosen faces swapped; None is all. Raises PhotoRejected like TargetFinder."""
        targets = self._finder.find(image, chosen)
        return swap_faces(image, [(self._source, target) for target in targets], self._look)

    def clip(self, frames: Sequence[Image], chosen: Sequence[int] | None) -> tuple[Image, ...]:
        """Every frame, the same faces followed through all of them. Raises PhotoRejected, ClipInvalid."""
        faces = self._finder.follow(frames, chosen)
        return tuple(
            swap_faces(frame, [(self._source, face[index]) for face in faces], self._look)
            for index, frame in enumerate(np.asarray(frames))
        )
