"""LivePortrait as published: a picture or a video of a face, driven by a video, a capture or a picture.

No sticker around it: whole frames go in and come out. Only the network can do this, so nothing stands in.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ml_core.backends.driving import VIDEO_LIMITS, DrivingCapture, driving_from_bytes, shortened
from ml_core.encoding.encode import encode
from ml_core.encoding.marks import marked
from ml_core.encoding.reading import read_clip
from ml_core.face.photo import decode_photo
from ml_core.face.tracking import FaceTracker
from ml_core.model_store import Models
from ml_core.types import Clip, EncodedFile, Image

if TYPE_CHECKING:
    from ml_core.animation.liveportrait.animator import LivePortraitAnimator
    from ml_core.animation.liveportrait.capture import CapturedMotion

MOST_SECONDS, MOST_FPS = 10.0, 25.0


@dataclass(frozen=True)
class DriveRequest:
    """Bytes. source: a photo or a video; driving: a video, a capture (.npz) or a photo."""

    source: bytes
    source_is_video: bool
    driving: bytes
    driving_is_photo: bool


@dataclass(frozen=True)
class DrivenPortrait:
    """file: MP4, or PNG when a photo drove a photo. capture: the driving motion as .npz, to be used again."""

    file: EncodedFile
    capture: bytes


def drive_portrait(request: DriveRequest, models: Models) -> DrivenPortrait:
    """Raises PhotoRejected, ClipInvalid, MotionInvalid, WeightsUnavailable."""
    # torch is imported where a network is wanted, and only there
    from ml_core.animation.liveportrait.capture import write_capture  # noqa: PLC0415
    from ml_core.animation.liveportrait.drive import DriveOptions  # noqa: PLC0415
    from ml_core.animation.liveportrait.source_video import driven_video  # noqa: PLC0415

    animator: LivePortraitAnimator = models["liveportrait"]
    driving = _captured(animator, request)
    frames, landmarks = _source(request)
    if request.source_is_video:
        drawn: Iterator[Image] = driven_video(animator, frames, list(landmarks), driving)
    else:
        source = animator.prepare(frames[0], landmarks[0])
        options = DriveOptions(driven_by_video=not request.driving_is_photo)
        drawn = animator.frames(source, animator.points_captured(source, driving, options))
    pictures = np.stack(list(drawn))
    opaque = np.full((*pictures.shape[:3], 4), 255, np.uint8)
    opaque[..., :3] = pictures
    clip = Clip(opaque, driving.fps)
    format = "png" if len(pictures) == 1 else "mp4"
    file = encode(clip, format)
    kept = io.BytesIO()
    write_capture(kept, driving)
    return DrivenPortrait(replace(file, data=marked(file.data, format)), kept.getvalue())


def _captured(animator: LivePortraitAnimator, request: DriveRequest) -> CapturedMotion:
    from ml_core.animation.liveportrait.capture import capture_from_bytes  # noqa: PLC0415

    if request.driving_is_photo:
        photo = decode_photo(request.driving)
        return animator.capture(photo[None], _tracked([photo]), 1.0)
    driving = driving_from_bytes(request.driving, most_seconds=MOST_SECONDS, most_fps=MOST_FPS)
    if isinstance(driving, DrivingCapture):
        return capture_from_bytes(driving.data)
    return animator.capture(driving.frames, driving.landmarks, driving.fps)


def _source(request: DriveRequest) -> tuple[list[Image], NDArray[np.float32]]:
    """Frames and their (F, 468, 3) landmarks."""
    if request.source_is_video:
        clip = shortened(read_clip(request.source, VIDEO_LIMITS), MOST_SECONDS, MOST_FPS)
        frames = [np.ascontiguousarray(frame[..., :3]) for frame in clip.frames]
    else:
        frames = [decode_photo(request.source)]
    return frames, _tracked(frames)


def _tracked(frames: list[Image]) -> NDArray[np.float32]:
    return np.stack([face.points for face in FaceTracker().track(frames)])
