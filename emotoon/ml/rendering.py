"""From an analysed portrait and a motion to sticker files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from emotoon.core.errors import InvalidInput
from emotoon.ml.engine import run
from emotoon.ml.refusals import message_for, translated
from ml_core.types import EncodedFile

OnProgress = Callable[[str, int], None]


@dataclass(frozen=True)
class StickerOrder:
    """What to render. ``motion`` is the text of a motion file; ``analysis`` comes from photo_examine."""

    analysis: bytes
    motion: str
    caption: str
    style: str = "cel"
    strength: float = 1.0
    formats: tuple[str, ...] = ("webp", "webm", "png")
    size: int = 512


def style_names() -> tuple[str, ...]:
    from ml_core.toonify.styles import STYLES

    return tuple(STYLES)


def format_names() -> tuple[str, ...]:
    return ("webp", "webm", "mp4", "apng", "gif", "png")


def look_check(*, style: str, strength: float, formats: tuple[str, ...]) -> None:
    """Refuse an unknown style or format, or a strength outside 0..1, before any work is done."""
    from ml_core.toonify.look import ToonLook

    with translated():
        ToonLook(style=style, strength=strength)
    unknown = [name for name in formats if name not in format_names()]
    if unknown or not formats:
        raise InvalidInput("unknown_format", message_for("unknown_format"), field="formats")


def sticker_render(*, order: StickerOrder, on_progress: OnProgress) -> tuple[EncodedFile, ...]:
    """Toonify, animate, encode. ``on_progress(stage, percent)`` may raise to stop the work."""
    from ml_core.pipeline import StickerRequest

    request = StickerRequest(
        analysis=order.analysis,
        motion=order.motion,
        caption=order.caption,
        style=order.style,
        strength=order.strength,
        formats=order.formats,
        size=order.size,
    )
    with translated():
        files: tuple[EncodedFile, ...] = run("sticker", request, on_progress)
    return files
