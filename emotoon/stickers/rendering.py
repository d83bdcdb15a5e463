"""The job that turns a requested sticker into files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emotoon import ml
from emotoon.core.storage import file_read, file_store
from emotoon.jobs.services import Claim
from emotoon.jobs.worker import Progress
from emotoon.stickers.models import Rendition, Sticker


@dataclass(frozen=True)
class StoredFile:
    """A finished file that already lies in storage; the row that points at it comes next."""

    format: str
    key: str
    width: int
    height: int
    frames: int
    duration_s: float
    bytes: int
    certificate: dict[str, Any]


def sticker_run(*, claim: Claim, progress: Progress) -> Callable[[], None]:
    """Render, encode and store; the returned function writes the rows."""
    sticker = Sticker.objects.select_related("portrait", "template").get(job_id=claim.job_id)
    progress("analysing", 5)
    order = ml.StickerOrder(
        analysis=file_read(key=sticker.portrait.analysis_key),
        motion=sticker.template.motion,
        picture=sticker.template.picture,
        caption=sticker.sentence,
        look=sticker.look,
        formats=tuple(sticker.formats),
    )
    made = ml.sticker_render(order=order, on_progress=progress)
    progress("storing", 95)
    stored = [
        StoredFile(
            format=file.format,
            key=file_store(folder="stickers", data=file.data, extension=EXTENSIONS[file.format]),
            width=file.width,
            height=file.height,
            frames=file.frames,
            duration_s=file.duration_s,
            bytes=len(file.data),
            certificate=ml.certificate_kept(file),
        )
        for file in made.files
    ]

    def commit() -> None:
        Sticker.objects.filter(pk=sticker.pk).update(backends=made.backends)
        for file in stored:
            Rendition.objects.create(sticker=sticker, **vars(file))

    return commit


EXTENSIONS = {"webp": "webp", "webm": "webm", "mp4": "mp4", "apng": "png", "gif": "gif", "png": "png"}
