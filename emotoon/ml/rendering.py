"""From an analysed portrait and a motion to sticker files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emotoon.ml.backends import backends_told, backends_wanted
from emotoon.ml.engine import run
from emotoon.ml.looks import Look
from emotoon.ml.refusals import translated
from ml_core.types import Clip, EncodedFile

if TYPE_CHECKING:
    from ml_core.pipeline import StickerRequest

OnProgress = Callable[[str, int], None]


@dataclass(frozen=True)
class StickerOrder:
    """What to render. ``motion`` is the text of a motion file; ``analysis`` comes from photo_examine.

    toonify, animate: names of engines; empty: as the settings say. driving: bytes of a video of a face, or of
    a motion captured by LivePortrait, acted in place of ``motion``. sound: bytes of a WAV file for the lips.
    picture: text of a picture's layout; then faces are put in and ``motion`` is not used. others: analyses of
    further persons, for pictures with several faces.
    """

    analysis: bytes
    motion: str
    caption: str
    look: Look = field(default_factory=Look)
    formats: tuple[str, ...] = ("webp", "webm", "png")
    size: int = 512
    toonify: str = ""
    animate: str = ""
    driving: bytes = b""
    sound: bytes = b""
    picture: str = ""
    others: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class RenderedSticker:
    """files: in the order of the order's formats. backends: see ``backends_told``."""

    files: tuple[EncodedFile, ...]
    backends: dict[str, Any]


def sticker_render(*, order: StickerOrder, on_progress: OnProgress) -> RenderedSticker:
    """Toonify, animate, encode. ``on_progress(stage, percent)`` may raise to stop the work."""
    if order.picture:
        return _picture_render(order, on_progress)
    with translated():
        made = run("sticker", _request(order), on_progress)
    return RenderedSticker(made.files, backends_told(made.used))


def clip_of_sticker(*, order: StickerOrder) -> Clip:
    """The frames themselves, for exports: nothing is lost to a codec before the messenger's own.

    Not for orders with a ``picture``.
    """
    with translated():
        clip: Clip = run("clip", _request(order), lambda stage, percent: None)
    return clip


def _request(order: StickerOrder) -> StickerRequest:
    from ml_core.backends import driving_from_bytes
    from ml_core.pipeline import StickerRequest
    from ml_core.speech.wav_file import sound_from_wav

    return StickerRequest(
        analysis=order.analysis,
        motion=order.motion,
        caption=order.caption,
        look=order.look,
        formats=order.formats,
        size=order.size,
        backends=backends_wanted(toonify=order.toonify, animate=order.animate),
        driving=driving_from_bytes(order.driving) if order.driving else None,
        sound=sound_from_wav(order.sound) if order.sound else None,
    )


def _picture_render(order: StickerOrder, on_progress: OnProgress) -> RenderedSticker:
    from ml_core.backends import Used
    from ml_core.picture_pipeline.render import PictureRequest

    request = PictureRequest(
        analyses=(order.analysis, *order.others),
        picture=order.picture,
        caption=order.caption,
        look=order.look,
        formats=order.formats,
        size=order.size,
    )
    with translated():
        files: tuple[EncodedFile, ...] = run("picture", request, on_progress)
    return RenderedSticker(files, backends_told(Used()))


def picture_check(*, picture: str) -> None:
    """Refuse the text of a picture's layout that could not be drawn."""
    from ml_core.picture_pipeline.layout import picture_from_toml

    with translated():
        picture_from_toml(picture)


def picture_places(*, picture: str) -> int:
    """How many faces a picture's layout has places for."""
    from ml_core.picture_pipeline.layout import picture_from_toml

    with translated():
        return len(picture_from_toml(picture).slots)


def motion_check(*, motion: str) -> None:
    """Refuse the text of a motion file that could not be acted."""
    from ml_core.animation.motion_file import motion_from_toml

    with translated():
        motion_from_toml(motion)
