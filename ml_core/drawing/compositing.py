"""Layers laid over each other."""

from __future__ import annotations

from ml_core.kernels import kernel
from ml_core.types import Image


def lay_beneath(front: Image, back: Image) -> None:
    """Porter-Duff *over* (1984), in ``front``. Both (H, W, 4) uint8 premultiplied RGBA."""
    _lay_beneath(front.reshape(-1, 4), back.reshape(-1, 4))


@kernel(boundscheck=False, nogil=True)
def _lay_beneath(front, back):  # type: ignore[no-untyped-def]
    """(N, 4) each. Most pixels are covered in front or empty behind, and are left at once."""
    for index in range(len(front)):
        free = 255 - int(front[index, 3])
        if free == 0 or back[index, 3] == 0:
            continue
        for channel in range(4):
            shown = (int(back[index, channel]) * free + 127) // 255
            front[index, channel] = min(int(front[index, channel]) + shown, 255)
