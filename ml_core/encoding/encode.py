"""One clip into one file of a given format, without a messenger's limits (see ``fitting`` for those)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ml_core.encoding import gif, png, video, webp
from ml_core.encoding.timing import MILLISECOND, Timing, picked, timing_for
from ml_core.errors import ClipInvalid
from ml_core.types import Clip, EncodedFile, FrameSource

Frames = NDArray[np.uint8]
"""(N, H, W, 4) straight-alpha RGBA."""
FORMATS = ("webp", "webm", "mp4", "apng", "gif", "png")
DEFAULT_QUALITY: Mapping[str, float] = MappingProxyType({"webp": 80.0, "webm": 43.0, "mp4": 55.0})
"""webm 43 is CRF 36, mp4 55 is CRF 23. The palette formats have ``colours`` instead."""
_H264_WORST_CRF = 51


@dataclass(frozen=True)
class Settings:
    """How a file is encoded. quality: 0..100, best 100. colours: palette size, None for full colour."""

    quality: float
    colours: int | None = 256
    effort: str = "fast"
    threads: int = 1


def encode(
    clip: Clip,
    format: str,
    *,
    quality: float | None = None,
    loops: int = 0,
    colours: int | None = 256,
    effort: str = "fast",
    threads: int = 1,
) -> EncodedFile:
    """Encode ``clip`` with its own length and size.

    format: one of FORMATS; ``png`` is the poster frame as a still. quality: 0..100 for webp, webm and mp4.
    loops: 0 for ever. colours: palette size of apng, gif and png; None keeps full colour (apng, png).
    effort: "fast" or "good" (webm). threads: frames encoded at once (webp).
    All delays are equal; GIF drops frames where its clock of 10 ms asks for it. Odd sides are padded with
    transparent pixels (webm) or white (mp4), since chroma is stored at half size.
    Raises ClipInvalid for a clip without frames, not RGBA, or an unknown format or effort.
    """
    validate(clip)
    if format not in FORMATS:
        raise ClipInvalid("format_unknown", f"unknown format {format!r}; use one of {', '.join(FORMATS)}")
    if effort not in video.VP9_SPEED:
        raise ClipInvalid("effort_unknown", f"unknown effort {effort!r}; use fast or good")
    chosen = DEFAULT_QUALITY.get(format, 100.0) if quality is None else quality
    settings = Settings(quality=chosen, colours=colours, effort=effort, threads=threads)
    if format == "png":
        poster = Clip(clip.frames[clip.poster : clip.poster + 1], clip.fps)
        return encode_timed(poster, format, timing_for(poster, format), settings)
    timing = timing_for(clip, format, loops)
    retimed = Clip(picked(clip, timing.frames), clip.fps)
    return encode_timed(retimed, format, timing, settings)


def encode_timed(clip: Clip, format: str, timing: Timing, settings: Settings) -> EncodedFile:
    """Encode frames that already are the ones to show, with the given timing. No validation."""
    frames = _even(clip.frames) if format == "webm" else clip.frames
    data = _WRITERS[format](frames, timing, settings)
    height, width = frames.shape[1:3]
    if format == "mp4":
        height, width = height + height % 2, width + width % 2
    seconds = 0.0 if format == "png" else timing.seconds
    return EncodedFile(data, format, width, height, len(frames), seconds)


def validate(clip: FrameSource) -> None:
    """Raise ClipInvalid unless the clip has frames of (N, H, W, 4) uint8, a rate and a poster inside."""
    shape, kind = clip.shape, clip.frames.dtype if isinstance(clip, Clip) else np.uint8
    if len(shape) != 4 or shape[3] != 4 or kind != np.uint8:
        raise ClipInvalid("clip_shape", f"frames must be (N, H, W, 4) uint8, not {shape} {kind}")
    if 0 in shape:
        raise ClipInvalid("clip_empty", "the clip has no frames or no pixels; render at least one frame")
    if not 0 < clip.fps < 1000:
        raise ClipInvalid("clip_rate", f"{clip.fps} frames a second cannot be played; use 1 to 60")
    if not 0 <= clip.poster < shape[0]:
        raise ClipInvalid("clip_poster", f"poster {clip.poster} is not one of the {shape[0]} frames")


def _even(frames: Frames) -> Frames:
    height, width = frames.shape[1:3]
    if not height % 2 and not width % 2:
        return frames
    return np.pad(frames, ((0, 0), (0, height % 2), (0, width % 2), (0, 0)))


def _webp(frames: Frames, timing: Timing, settings: Settings) -> bytes:
    stills = webp.Stills(list(frames))
    if len(frames) == 1:
        return stills.still(settings.quality)
    delay = int(timing.delay / MILLISECOND)
    return stills.animation(settings.quality, delay, loops=timing.loops, threads=settings.threads)


def _webm(frames: Frames, timing: Timing, settings: Settings) -> bytes:
    crf = round(video.VP9_WORST_CRF * (1 - settings.quality / 100))
    return video.encode_vp9(list(frames), 1 / timing.delay, crf=crf, effort=settings.effort)


def _mp4(frames: Frames, timing: Timing, settings: Settings) -> bytes:
    crf = round(_H264_WORST_CRF * (1 - settings.quality / 100))
    return video.encode_h264(list(frames), 1 / timing.delay, crf=crf)


def _apng(frames: Frames, timing: Timing, settings: Settings) -> bytes:
    return png.encode_apng(frames, timing, colours=settings.colours)


def _png(frames: Frames, timing: Timing, settings: Settings) -> bytes:
    return png.encode_png(frames[0], settings.colours)


def _gif(frames: Frames, timing: Timing, settings: Settings) -> bytes:
    return gif.encode_gif(list(frames), timing, colours=settings.colours or 256)


_WRITERS: Mapping[str, Callable[..., bytes]] = MappingProxyType(
    {"webp": _webp, "webm": _webm, "mp4": _mp4, "apng": _apng, "png": _png, "gif": _gif}
)
