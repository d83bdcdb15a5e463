"""From an analysed portrait and a motion to sticker files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from emotoon.core.errors import InvalidInput
from emotoon.ml.engine import run
from emotoon.ml.refusals import translated
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


def look_check(*, style: str, strength: float, formats: Sequence[str]) -> None:
    """Refuse an unknown style or format, or a strength outside 0..1, before any work is done."""
    if style not in style_names():
        known = ", ".join(style_names())
        raise InvalidInput(
            "unknown_style", _("Please choose one of these styles: %s.") % known, field="style"
        )
    if not 0.0 <= strength <= 1.0:
        raise InvalidInput("bad_strength", _("The strength goes from 0 to 1."), field="strength")
    unknown = [name for name in formats if name not in format_names()]
    if unknown or not formats:
        known = ", ".join(format_names())
        raise InvalidInput(
            "unknown_format", _("Please choose from these formats: %s.") % known, field="formats"
        )


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


def motion_check(*, motion: str) -> None:
    """Refuse the text of a motion file that could not be acted."""
    from ml_core.animation.motion_file import motion_from_toml

    with translated():
        motion_from_toml(motion)
