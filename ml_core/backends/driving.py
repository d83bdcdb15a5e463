"""Somebody else's motion: a filmed face, or a capture that LivePortrait has made of one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml_core.encoding.decoding import ReadLimits
from ml_core.encoding.reading import read_clip
from ml_core.encoding.timing import picked
from ml_core.errors import ClipInvalid
from ml_core.face.tracking import FaceTracker
from ml_core.types import Clip

MOST_SECONDS = 3.0
"""What Telegram plays; a longer video is cut there."""
FPS = 15.0
"""Fluent enough, and half the frames of a phone's video to draw."""
VIDEO_LIMITS = ReadLimits(bytes=50_000_000, frames=240, decode_seconds=60.0)
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class DrivingVideo:
    """A filmed face, tracked.

    frames: (F, H, W, 3) uint8 RGB; landmarks: (F, 468, 3); irises: (F, 2, 5, 2), both in pixels.
    """

    frames: NDArray[np.uint8]
    landmarks: NDArray[np.float32]
    irises: NDArray[np.float32]
    fps: float


@dataclass(frozen=True)
class DrivingCapture:
    """Bytes of an .npz that ``ml_core.animation.liveportrait.capture`` wrote; only LivePortrait plays it."""

    data: bytes


Driving = DrivingVideo | DrivingCapture


def driving_from_bytes(data: bytes, *, most_seconds: float = MOST_SECONDS, most_fps: float = FPS) -> Driving:
    """A WebM, MP4, GIF, APNG or WebP of one face, or a capture.

    Raises ClipInvalid (unreadable, no face, a single picture).
    """
    if data.startswith(_ZIP):
        return DrivingCapture(data)
    clip = shortened(read_clip(data, VIDEO_LIMITS), most_seconds, most_fps)
    frames = [np.ascontiguousarray(frame[..., :3]) for frame in clip.frames]
    if len(frames) < 2:
        raise ClipInvalid("clip_too_short", "This is a single picture; film at least half a second.")
    faces = FaceTracker().track(frames)
    return DrivingVideo(
        np.stack(frames),
        np.stack([face.points for face in faces]),
        np.stack([face.iris for face in faces]),
        clip.fps,
    )


def shortened(clip: Clip, most_seconds: float, most_fps: float) -> Clip:
    """The first seconds of a clip at no more than that rate."""
    wanted = min(clip.duration_s, most_seconds)
    kept = Clip(clip.frames[: max(1, round(wanted * clip.fps))], clip.fps)
    count = min(len(kept.frames), round(kept.duration_s * most_fps) or 1)
    return Clip(np.asarray(picked(kept, count)), count / kept.duration_s)
