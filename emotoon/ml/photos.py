"""Uploaded photos: decoded in a child process with limits, analysed here.

Here, and not through the service: a person waits for the answer in the request, in which there may be no
service at all (web workers), and a sticker before it in the queue would take seconds. The networks are
small, run on the CPU by ai-edge-litert with one thread, and hold nothing on the service's device.
"""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emotoon.ml.refusals import translated

if TYPE_CHECKING:
    from ml_core.face.analyser import FaceAnalyser

PHOTO_QUALITY = 92
"""JPEG quality of the kept photo: no visible loss, a quarter of the size of a lossless file."""

_lock = threading.Lock()
_analyser: FaceAnalyser | None = None


@dataclass(frozen=True)
class ExaminedPhoto:
    """A usable photo. ``photo`` is a JPEG without metadata; ``analysis`` is ml_core's own archive.

    faces: x, y, width, height in the photo's pixels, best first.
    """

    photo: bytes
    analysis: bytes
    width: int
    height: int
    faces: tuple[tuple[float, float, float, float], ...]
    face_index: int


def photo_examine(*, data: bytes, face_index: int | None = None, isolated: bool = True) -> ExaminedPhoto:
    """Refuses, in the person's language, what cannot become a sticker.

    ``isolated``: decode in a child process, so that a hostile file can neither crash nor bloat the
    site; the command line, which reads the person's own files, goes without.
    """
    from PIL import Image

    from ml_core.face.archive import analysis_to_bytes
    from ml_core.face.photo import decode_photo, decode_photo_isolated

    with translated():
        pixels = (decode_photo_isolated if isolated else decode_photo)(data)
        analysis = _analyser_of_process().analyse(pixels, face_index=face_index)
    jpeg = io.BytesIO()
    Image.fromarray(pixels).save(jpeg, "JPEG", quality=PHOTO_QUALITY)
    return ExaminedPhoto(
        photo=jpeg.getvalue(),
        analysis=analysis_to_bytes(analysis),
        width=pixels.shape[1],
        height=pixels.shape[0],
        faces=tuple(face.box for face in analysis.faces),
        face_index=analysis.face_index,
    )


def _analyser_of_process() -> FaceAnalyser:
    from ml_core.face.analyser import FaceAnalyser

    global _analyser  # noqa: PLW0603 - one set of networks per process, loaded on first use
    with _lock:
        if _analyser is None:
            _analyser = FaceAnalyser()
        return _analyser
