"""Uploaded photos: decoded and analysed, by default in a child process with limits."""

from __future__ import annotations

from dataclasses import dataclass

from emotoon.ml.refusals import translated


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

    ``isolated``: in a child process, so that a hostile file can neither crash nor bloat the site; the
    command line, which reads the person's own files, goes without.
    """
    from ml_core.face.examination import examine, examine_isolated

    with translated():
        found = (examine_isolated if isolated else examine)(data, face_index=face_index)
    return ExaminedPhoto(
        photo=found.photo,
        analysis=found.analysis,
        width=found.width,
        height=found.height,
        faces=tuple(face.box for face in found.faces),
        face_index=found.face_index,
    )
