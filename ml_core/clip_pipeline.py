"""A short selfie video to a moving cartoon sticker: tracked, toonified without flicker, outlined, captioned.

The person's own movement is the animation; of a template only its effects and its lettering are used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from ml_core.animation.motion import Motion
from ml_core.animation.motion_file import motion_from_toml
from ml_core.drawing.caption import Caption
from ml_core.encoding.decoding import ReadLimits
from ml_core.encoding.reading import read_clip
from ml_core.encoding.timing import picked
from ml_core.errors import ClipInvalid
from ml_core.face.topology import unit_of
from ml_core.face.tracking import FaceTracker
from ml_core.pipeline import compose, encode_all
from ml_core.toonify.look import ToonLook
from ml_core.toonify.video import toonify_frames
from ml_core.types import CaptionSpec, Clip, EncodedFile, FaceFrame, Image, ToonPortrait

OnProgress = Callable[[str, int], None]

MOST_SECONDS = 3.0
"""What Telegram plays; a longer clip is cut there."""
FPS = 15.0
"""Every frame is painted anew (about 0.7 s of one core): fluent, and still done within a minute."""
VIDEO_LIMITS = ReadLimits(bytes=50_000_000, frames=240, decode_seconds=60.0)
"""Three seconds from a phone at 60 frames a second, and some more that is cut away."""
MARGIN = 0.03
"""Free border in canvas sides, for the white outline."""


@dataclass(frozen=True)
class ClipRequest:
    """``video``: bytes of a WebM or MP4. ``motion``: TOML text of a template, or empty for no effects."""

    video: bytes
    motion: str = ""
    caption: str = ""
    look: ToonLook = field(default_factory=ToonLook)
    formats: tuple[str, ...] = ("webp", "webm", "png")
    size: int = 512


def _ignore(stage: str, percent: int) -> None:
    """Progress nobody asked for."""


def make_moving_sticker(request: ClipRequest, on_progress: OnProgress = _ignore) -> tuple[EncodedFile, ...]:
    """Video bytes to files, in the order of ``request.formats``. The end jumps back to the start.

    Raises ClipInvalid (unreadable, no face, face lost), PhotoRejected (no frame is good enough),
    LookInvalid, MotionInvalid.
    """
    on_progress("analysing", 2)
    filmed = filmed_clip(request.video)
    frames = [np.ascontiguousarray(frame[..., :3]) for frame in filmed.frames]
    analyses = FaceTracker().analyse(frames)
    on_progress("toonifying", 30)
    portraits = toonify_frames(analyses, request.look)
    on_progress("animating", 70)
    motion = _acting(request.motion, filmed)
    drawn = np.stack(list(_drawn(portraits, motion, request.caption, request.size)))
    on_progress("encoding", 80)
    return encode_all(Clip(drawn, filmed.fps, poster=len(drawn) // 2), request.formats)


def filmed_clip(data: bytes) -> Clip:
    """The first MOST_SECONDS of a video at no more than FPS. Raises ClipInvalid (``clip_too_short``)."""
    whole = read_clip(data, VIDEO_LIMITS)
    wanted = min(whole.duration_s, MOST_SECONDS)
    kept = Clip(whole.frames[: max(1, round(wanted * whole.fps))], whole.fps)
    if len(kept.frames) < 2:
        raise ClipInvalid("clip_too_short", "This is a single picture; film at least half a second.")
    count = min(len(kept.frames), round(kept.duration_s * FPS) or 1)
    return Clip(np.asarray(picked(kept, count)), count / kept.duration_s)


def _acting(text: str, filmed: Clip) -> Motion:
    """What a template adds to the person's own movement: effects and lettering, no puppet, no hands."""
    if text:
        return replace(motion_from_toml(text), tracks={}, gestures=(), blinks=(), idle=False)
    return Motion("clip", filmed.duration_s, filmed.fps, 0.5, loop=True, talking=False, tracks={}, idle=False)


def _drawn(portraits: Sequence[ToonPortrait], motion: Motion, caption: str, size: int) -> Iterator[Image]:
    spec = CaptionSpec(caption, motion.caption_style, motion.caption_colour)
    written = Caption(spec, size=size) if caption else None
    for index, portrait in enumerate(portraits):
        picture, face = _placed(portrait, size)
        yield compose(picture, face, motion, portrait.palette, written, index / len(portraits))


def _placed(portrait: ToonPortrait, size: int) -> tuple[Image, FaceFrame]:
    """The portrait frame on the canvas: premultiplied (size, size, 4) uint8, and where the face is.

    The face is in the middle of the portrait frame and its chin above the caption's band.
    """
    side = round(size * (1 - 2 * MARGIN))
    edge = (size - side) // 2
    alpha = portrait.texture[..., 3:].astype(np.uint16)
    colour = (portrait.texture[..., :3] * alpha + 127) // 255
    premultiplied = np.concatenate([colour, alpha], axis=2).astype(np.uint8)
    canvas = np.zeros((size, size, 4), np.uint8)
    canvas[edge : edge + side, edge : edge + side] = cv2.resize(
        premultiplied, (side, side), interpolation=cv2.INTER_AREA
    )
    scale = np.float32(side / portrait.texture.shape[0])
    landmarks = portrait.analysis.landmarks[:, :2] * scale + np.float32(edge)
    face = FaceFrame(
        landmarks=landmarks,
        unit=unit_of(landmarks),
        roll=0.0,  # the portrait frame is upright
        alpha=np.ascontiguousarray(canvas[..., 3]),
        size=size,
    )
    return canvas, face
