"""One analysed face and one motion to sticker files: toonify, animate, draw around it, encode.

Drawing and encoding overlap (see ``ml_core.encoding.lazy_clip``), where the animator can draw frames in any
order. The order of layers in a frame, from the back: effects and gestures behind the person, the puppet,
the white outline around it, effects and gestures in front, the caption.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ml_core.animation.motion import Motion
from ml_core.animation.motion_file import motion_from_toml
from ml_core.animation.puppet import Puppet, puppet_frames, puppet_loop
from ml_core.animation.visemes import speaking
from ml_core.backends import OWN, Animator, Backends, Driving, Used, choose, on_cpu
from ml_core.device_errors import is_out_of_memory
from ml_core.drawing.caption import Caption
from ml_core.drawing.compositing import lay_beneath
from ml_core.drawing.effects import EFFECTS, draw_effects
from ml_core.drawing.gestures import GESTURES, draw_gestures
from ml_core.drawing.ink import surface_over
from ml_core.drawing.outline import outline, to_straight
from ml_core.drawing.scene import draws_behind
from ml_core.encoding.encode import encode
from ml_core.encoding.fitting import fit
from ml_core.encoding.lazy_clip import LazyClip
from ml_core.encoding.marks import mark_bytes, marked
from ml_core.encoding.targets import load_targets
from ml_core.encoding.timing import picked
from ml_core.face.archive import analysis_from_bytes
from ml_core.model_store import Models, NoModels
from ml_core.speech.voicing import voiced
from ml_core.toonify.look import ToonLook
from ml_core.types import (
    CaptionSpec,
    Clip,
    EncodedFile,
    FaceFrame,
    FrameSource,
    Image,
    Palette,
    ToonPortrait,
)

OnProgress = Callable[[str, int], None]
"""Called with a stage (analysing, toonifying, animating, encoding) and percent, one thread at a time but not
always the same; may raise to stop."""
OnItemProgress = Callable[[str, int, int], None]
"""The same with the number of the request it is about."""

STROKE_SHARE = 8 / 512
"""Width of the white sticker outline relative to the canvas: what messengers advise at 512 px."""

HOME_TARGETS = {"webm": "telegram_video"}
"""Messengers whose limits a format is fitted to when nobody asks for another target."""

PAGE_FPS = 15
PAGE_QUALITY = 60
"""Frame rate and quality of the WebP that pages show: fluent, and a page full of them still loads."""

ENCODER_THREADS = 2
"""Encoders release the GIL; more threads than the two cores we plan for gain nothing."""

PROGRESS_EVERY = 6
"""Frames between two reports while animating: often enough to look alive and to stop quickly."""


@dataclass(frozen=True)
class StickerRequest:
    """``analysis``: bytes of ml_core.face.archive. ``motion``: TOML text. ``caption`` may be empty.

    backends: the engines that are wanted. driving: somebody else's motion in place of the template's acting.
    sound: (n,) float32 mono at 16 kHz, whose lips Wav2Lip draws; the sticker then lasts as long as it.
    """

    analysis: bytes
    motion: str
    caption: str
    look: ToonLook = field(default_factory=ToonLook)
    formats: tuple[str, ...] = ("webp", "webm", "png")
    size: int = 512
    backends: Backends = OWN
    driving: Driving | None = None
    sound: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class RenderedSticker:
    """files: in the order of the request's formats. used: the engines, and which ones had to stand in."""

    files: tuple[EncodedFile, ...]
    used: Used = field(default_factory=Used)


def _ignore(stage: str, percent: int) -> None:
    """Progress nobody asked for."""


def make_sticker(
    request: StickerRequest, on_progress: OnProgress = _ignore, models: Models | None = None
) -> RenderedSticker:
    """Everything from an archived analysis to files. models: where networks come from, if they are wanted.

    Raises as :func:`make_stickers`.
    """
    (made,) = make_stickers((request,), lambda stage, percent, _: on_progress(stage, percent), models)
    return made


def make_stickers(
    requests: Sequence[StickerRequest], on_progress: OnItemProgress, models: Models | None = None
) -> list[RenderedSticker]:
    """Several stickers that want the same ``backends``: their faces are drawn together, then each is acted.

    Raises PhotoRejected (unreadable analysis), LookInvalid, MotionInvalid, ClipInvalid, and
    WeightsUnavailable when there is sound and no Wav2Lip.
    """
    made = []
    for request, (clip, used) in zip(requests, _acted_clips(requests, on_progress, models), strict=True):
        made.append(RenderedSticker(encode_all(clip, request.formats), used))
    return made


def sticker_clips(
    requests: Sequence[StickerRequest], on_progress: OnItemProgress, models: Models | None = None
) -> Iterator[tuple[Clip, Used]]:
    """The frames of each of ``make_stickers`` before they are encoded, one clip at a time."""
    for clip, used in _acted_clips(requests, on_progress, models):
        yield clip.whole(), used


def _acted_clips(
    requests: Sequence[StickerRequest], on_progress: OnItemProgress, models: Models | None
) -> Iterator[tuple[FrameSource, Used]]:
    models = models or NoModels()
    motions = [motion_from_toml(request.motion) for request in requests]
    for index in range(len(requests)):
        on_progress("toonifying", 8, index)
    chosen = choose(requests[0].backends, models)
    analyses = [analysis_from_bytes(request.analysis) for request in requests]
    toons = chosen.toonifier(analyses, [request.look for request in requests])
    for index, (request, toon, motion) in enumerate(zip(requests, toons, motions, strict=True)):

        def report(stage: str, percent: int, item: int = index) -> None:
            on_progress(stage, percent, item)

        try:
            clip = _acted(request, toon, motion, chosen.animator, report, models)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            chosen = on_cpu(chosen, error)
            clip = _acted(request, toon, motion, chosen.animator, report, models)
        yield clip, chosen.used


def _acted(
    request: StickerRequest,
    toon: ToonPortrait,
    motion: Motion,
    animator: Animator,
    on_progress: OnProgress,
    models: Models,
) -> FrameSource:
    on_progress("animating", 25)
    if motion.talking and request.sound is None and request.driving is None:
        motion = speaking(motion, request.caption)
    performance = animator.perform(motion, request.driving)
    acting = animator.frames(toon, performance, size=request.size, has_caption=bool(request.caption))
    motion = performance.motion
    if request.sound is not None:
        acting, seconds = voiced(models["wav2lip"], acting, request.sound, motion.fps)
        motion = replace(motion, duration_s=seconds)
    return _clip(acting, toon, motion, request.caption, request.size, on_progress)


def encode_all(clip: FrameSource, formats: tuple[str, ...]) -> tuple[EncodedFile, ...]:
    """Encode one clip into several formats at the same time, each with the mark that AI made it.

    Formats that one messenger is known for are fitted to its limits (``HOME_TARGETS``) and carry the
    certificate of the check that they passed.
    """
    with ThreadPoolExecutor(max_workers=ENCODER_THREADS) as pool:
        return tuple(pool.map(lambda name: _encode_marked(clip, name), formats))


def _encode_marked(clip: FrameSource, format: str) -> EncodedFile:
    def mark(data: bytes) -> bytes:
        return marked(data, format)

    if format in HOME_TARGETS:
        target = load_targets()[HOME_TARGETS[format]]
        # A person is waiting; exports, which nobody watches, take the time for the smaller file.
        target = replace(target, fit=replace(target.fit, effort="fast"))
        fitted = fit(clip, target, reserve=mark_bytes(format), finish=mark)
        return replace(fitted.file, certificate=fitted.certificate, given_up=fitted.given_up)
    whole = clip.whole()
    file = (
        encode(_for_pages(whole), format, quality=PAGE_QUALITY) if format == "webp" else encode(whole, format)
    )
    return replace(file, data=mark(file.data))


def _for_pages(clip: Clip) -> Clip:
    count = min(len(clip.frames), max(1, round(clip.duration_s * PAGE_FPS)))
    return Clip(picked(clip, count), count / clip.duration_s, clip.poster * count // len(clip.frames))


def make_clip(
    toon: ToonPortrait,
    motion: Motion,
    caption: str,
    *,
    size: int = 512,
    on_progress: OnProgress = _ignore,
) -> Clip:
    """The puppet's whole loop. Returns frames (N, size, size, 4) uint8, straight alpha."""
    acting = puppet_loop(Puppet(toon, size=size), motion, has_caption=bool(caption))
    return _clip(acting, toon, motion, caption, size, on_progress).whole()


def _clip(
    acting: Iterable[tuple[Image, FaceFrame]],
    toon: ToonPortrait,
    motion: Motion,
    caption: str,
    size: int,
    on_progress: OnProgress,
) -> FrameSource:
    """What is drawn around acted frames, and they; gathered at once where they come in one order only."""
    written = _caption(caption, motion, size)
    in_order, count = iter(acting), motion.frames

    def draw(index: int, out: Image) -> None:
        frame, face = acting[index] if isinstance(acting, Sequence) else next(in_order)
        compose(frame, face, motion, toon.palette, written, index / count, out)

    def report(drawn: int) -> None:
        if drawn == count:
            on_progress("encoding", 75)
        elif (drawn - 1) % PROGRESS_EVERY == 0:
            on_progress("animating", 25 + 50 * (drawn - 1) // count)

    poster = min(round(motion.poster * count), count - 1)
    clip = LazyClip(draw, (count, size, size, 4), fps=motion.fps, poster=poster, on_drawn=report)
    return clip if isinstance(acting, Sequence) else clip.whole()


def poster_frame(toon: ToonPortrait, motion: Motion, caption: str, *, size: int = 512) -> Image:
    """The frame at the emotional peak alone, as it looks within the loop."""
    wanted = min(round(motion.poster * motion.frames), motion.frames - 1)
    written = _caption(caption, motion, size)
    acting = puppet_frames(Puppet(toon, size=size), motion, has_caption=written is not None, only=[wanted])
    frame, face = next(acting)
    return compose(frame, face, motion, toon.palette, written, wanted / motion.frames)


def _caption(text: str, motion: Motion, size: int) -> Caption | None:
    if not text:
        return None
    return Caption(CaptionSpec(text, motion.caption_style, motion.caption_colour), size=size)


def compose(
    puppet: Image,
    face: FaceFrame,
    motion: Motion,
    palette: Palette,
    caption: Caption | None,
    phase: float,
    out: Image | None = None,
) -> Image:
    """One frame from its layers: straight alpha, in ``out``. puppet: (S, S, 4) uint8 premultiplied."""
    frame = outline(puppet, stroke=round(STROKE_SHARE * puppet.shape[0]), alpha=face.alpha)
    if draws_behind(EFFECTS, motion.effects) or draws_behind(GESTURES, motion.gestures):
        behind = np.zeros_like(puppet)
        surface = surface_over(behind)
        canvas = surface.getCanvas()
        draw_effects(canvas, motion.effects, phase, face, palette, layer="behind")
        draw_gestures(canvas, motion.gestures, phase, face, palette, layer="behind")
        lay_beneath(frame, behind)
    surface = surface_over(frame)
    canvas = surface.getCanvas()
    draw_effects(canvas, motion.effects, phase, face, palette, layer="front")
    draw_gestures(canvas, motion.gestures, phase, face, palette, layer="front")
    if caption is not None:
        caption.draw(canvas, phase)
    return to_straight(frame, out)
