"""From a short selfie video to a moving sticker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from emotoon.ml.looks import Look
from emotoon.ml.refusals import for_operators
from ml_core.types import EncodedFile

_EBML = b"\x1a\x45\xdf\xa3"


@dataclass(frozen=True)
class ClipOrder:
    """``motion`` is the text of a motion file whose effects are wanted, or empty."""

    video: bytes
    motion: str
    caption: str
    look: Look = field(default_factory=Look)
    formats: tuple[str, ...] = ("webp", "webm", "png")
    size: int = 512


def is_video(data: bytes) -> bool:
    """MP4 (an ISO file type box that is no HEIF picture) or WebM (EBML), by content."""
    picture = data[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis")
    return data.startswith(_EBML) or (data[4:8] == b"ftyp" and not picture)


def clip_render(*, order: ClipOrder, on_progress: Callable[[str, int], None]) -> tuple[EncodedFile, ...]:
    """Track, toonify, draw, encode. ``on_progress(stage, percent)`` may raise to stop the work."""
    from ml_core.clip_pipeline import ClipRequest, make_moving_sticker

    with for_operators():
        return make_moving_sticker(ClipRequest(**vars(order)), on_progress)
