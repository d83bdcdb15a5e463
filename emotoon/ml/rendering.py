"""From an analysed portrait and a motion to sticker files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from emotoon.ml.engine import run
from emotoon.ml.looks import Look
from emotoon.ml.refusals import translated
from ml_core.types import EncodedFile

OnProgress = Callable[[str, int], None]


@dataclass(frozen=True)
class StickerOrder:
    """What to render. ``motion`` is the text of a motion file; ``analysis`` comes from photo_examine."""

    analysis: bytes
    motion: str
    caption: str
    look: Look = field(default_factory=Look)
    formats: tuple[str, ...] = ("webp", "webm", "png")
    size: int = 512


def sticker_render(*, order: StickerOrder, on_progress: OnProgress) -> tuple[EncodedFile, ...]:
    """Toonify, animate, encode. ``on_progress(stage, percent)`` may raise to stop the work."""
    from ml_core.pipeline import StickerRequest

    request = StickerRequest(
        analysis=order.analysis,
        motion=order.motion,
        caption=order.caption,
        look=order.look,
        formats=order.formats,
        size=order.size,
    )
    with translated():
        files: tuple[EncodedFile, ...] = run("sticker", request, on_progress)
    return files


def motion_check(*, motion: str) -> None:
    """Refuse the text of a motion file that could not be acted."""
    from ml_core.animation.motion_file import motion_from_toml

    with translated():
        motion_from_toml(motion)
