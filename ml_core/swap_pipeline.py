"""A face into a picture or a short clip, from bytes to bytes: read, swap, encode, mark.

A picture comes out as a picture, a clip as a clip of the same length and rate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import numpy as np

from ml_core.encoding.containers import open_container, sniff
from ml_core.encoding.decoding import ReadLimits, video_facts
from ml_core.encoding.encode import encode
from ml_core.encoding.marks import marked
from ml_core.encoding.reading import read_clip
from ml_core.errors import ClipInvalid, PhotoRejected
from ml_core.face.archive import analysis_from_bytes
from ml_core.face.photo import decode_photo
from ml_core.swap.look import SourceFace, SwapLook, source_of_photo, source_of_toon
from ml_core.swap.mesh_swap import MeshSwap
from ml_core.toonify.look import ToonLook
from ml_core.toonify.renderer import toonify
from ml_core.types import Clip, EncodedFile, FaceAnalysis, FaceBox, Image

OnProgress = Callable[[str, int], None]

MOST_SECONDS: Final = 6.0
"""Every frame is found, masked and drawn anew (about half a second of one core a face)."""
CLIP_LIMITS: Final = ReadLimits(bytes=50_000_000, frames=360, decode_seconds=60.0)
STILL_FORMATS: Final = ("png", "webp")
CLIP_FORMATS: Final = ("webp", "gif", "mp4", "webm", "apng")
QUALITY: Final = {"webp": 92.0, "mp4": 65.0, "webm": 60.0}


@dataclass(frozen=True)
class SwapRequest:
    """source: bytes of ml_core.face.archive. target: a picture or a clip as it was sent.

    faces: which of the target's faces, best first from 0; None is all of them. look: how much of the face.
    toon: paint the source as a cartoon first; None keeps the photo. format: of the answer; "" is the
    target's own.
    """

    source: bytes
    target: bytes
    faces: tuple[int, ...] | None = (0,)
    look: SwapLook = field(default_factory=SwapLook)
    toon: ToonLook | None = None
    format: str = ""


@dataclass(frozen=True)
class SwapResult:
    """boxes: the target's faces, best first, in its (first) frame."""

    file: EncodedFile
    boxes: tuple[FaceBox, ...]


class FaceSwapper(Protocol):
    """Puts one source face into pictures; see MeshSwap and InsightSwap."""

    def boxes(self, image: Image) -> tuple[FaceBox, ...]: ...
    def picture(self, image: Image, chosen: Sequence[int] | None) -> Image: ...
    def clip(self, frames: Sequence[Image], chosen: Sequence[int] | None) -> tuple[Image, ...]: ...


MakeSwapper = Callable[[FaceAnalysis, SwapRequest], FaceSwapper]


def mesh_swapper(analysis: FaceAnalysis, request: SwapRequest) -> FaceSwapper:
    """The default engine."""
    return MeshSwap(source_face(analysis, request.toon), request.look)


def source_face(analysis: FaceAnalysis, toon: ToonLook | None) -> SourceFace:
    """The face as it is put in: the photo's, or its cartoon."""
    if toon is None:
        return source_of_photo(analysis)
    return source_of_toon(toonify(analysis, toon, with_eyes=True))


def _ignore(stage: str, percent: int) -> None:
    """Progress nobody asked for."""


def swap(
    request: SwapRequest, on_progress: OnProgress = _ignore, make: MakeSwapper = mesh_swapper
) -> SwapResult:
    """Raises PhotoRejected (unreadable, target_no_face, target_face_out_of_range), ClipInvalid
    (swap_clip_too_long, file_corrupt, face lost), LookInvalid, WeightsUnavailable.
    """
    kind = _clip_kind(request.target)
    picture = None if kind else _still(request.target)
    format = _format_of(request, kind)
    if kind:
        _check_length(request.target, kind)
    on_progress("analysing", 5)
    swapper = make(analysis_from_bytes(request.source), request)
    if picture is not None:
        boxes = swapper.boxes(picture)
        on_progress("swapping", 30)
        drawn = swapper.picture(picture, request.faces)
        clip = Clip(_opaque(drawn)[np.newaxis], 1.0)
    else:
        filmed = read_clip(request.target, CLIP_LIMITS)
        frames = [np.ascontiguousarray(frame[..., :3]) for frame in filmed.frames]
        boxes = swapper.boxes(frames[0])
        on_progress("swapping", 30)
        swapped = np.stack(swapper.clip(frames, request.faces))
        clip = replace(filmed, frames=np.concatenate([swapped, filmed.frames[..., 3:]], axis=3))
    on_progress("encoding", 85)
    file = encode(clip, format, quality=QUALITY.get(format), colours=256 if format == "gif" else None)
    return SwapResult(replace(file, data=marked(file.data, format)), boxes)


def _opaque(picture: Image) -> Image:
    return np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])


def _clip_kind(data: bytes) -> str:
    """webp, gif, apng, webm or mp4 of something that moves; "" for a still picture or no picture at all."""
    try:
        container = open_container(data)
    except ClipInvalid:
        return ""  # JPEG, HEIC, or nothing: decode_photo says what it is
    moving = container.format in ("webm", "mp4") or len(container.delays) > 1
    if not moving:
        return ""
    return "apng" if container.format == "png" else container.format


def _still(data: bytes) -> Image:
    """A picture. Of a damaged clip the damage is told, not that it is no picture."""
    try:
        return decode_photo(data)
    except PhotoRejected:
        if sniff(data) is not None:
            open_container(data)
        raise


def _check_length(data: bytes, kind: str) -> None:
    if kind in ("webm", "mp4"):
        seconds = float(video_facts(data).seconds)
    else:
        seconds = float(sum(open_container(data).delays))
    if seconds > MOST_SECONDS:
        raise ClipInvalid(
            "swap_clip_too_long",
            f"The clip lasts {seconds:.0f} s; cut it to at most {MOST_SECONDS:.0f} s and try again.",
            seconds=round(seconds, 1),
            most=int(MOST_SECONDS),
        )


def _format_of(request: SwapRequest, kind: str) -> str:
    known = CLIP_FORMATS if kind else STILL_FORMATS
    format = request.format or kind or "png"
    if kind and format == "png":
        format = "apng"
    if format not in known:
        what = "A clip" if kind else "A picture"
        raise ClipInvalid(
            "swap_format",
            f"{what} is written as {', '.join(known)}, not as {format}.",
            known=", ".join(known),
            format=format,
        )
    return format
