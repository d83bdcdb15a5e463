"""Pixels of animated files, one frame at a time, with limits that hold before memory is spent.

Pillow reads WebP, PNG, APNG and GIF; PyAV reads WebM and MP4 with the container format forced, so that a
file cannot make FFmpeg guess a playlist and open the network. VP9 goes through the decoder named
``libvpx-vp9``: FFmpeg's own drops the alpha plane without a word.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from io import BytesIO
from typing import Final

import av
import numpy as np
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image as PillowImage

from ml_core.encoding.containers import Container, open_container
from ml_core.errors import ClipInvalid
from ml_core.types import Image

_DEMUXERS = {"webm": "matroska", "mp4": "mp4"}
_ALPHA_DECODERS = {"vp9": "libvpx-vp9", "vp8": "libvpx"}
_ALPHA_BESIDE: Final = "matroska_block_additional"
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, av.FFmpegError, PillowImage.DecompressionBombError)


@dataclass(frozen=True)
class ReadLimits:
    """What a file may cost. canvas_pixels: one frame. total_pixels: all frames together."""

    bytes: int = 10_000_000
    frames: int = 300
    canvas_pixels: int = 25_000_000
    total_pixels: int = 300 * 512 * 512
    decode_seconds: float = 20.0


@dataclass(frozen=True)
class DecodedFrame:
    """start: seconds from the beginning, when it is first shown. has_alpha: an alpha plane was delivered.

    picture: as the decoder left it, (H, W, 4) uint8 or a video frame; it is converted where somebody looks.
    """

    picture: Image | av.VideoFrame
    start: Fraction
    has_alpha: bool

    @property
    def size(self) -> tuple[int, int]:
        """Width, height."""
        if isinstance(self.picture, av.VideoFrame):
            return self.picture.width, self.picture.height
        return self.picture.shape[1], self.picture.shape[0]

    @cached_property
    def image(self) -> Image:
        """(H, W, 4) uint8 straight alpha."""
        if isinstance(self.picture, av.VideoFrame):
            pixels = np.asarray(self.picture.to_ndarray(format="rgba"), np.uint8)
            if self.picture.format.name == "yuva420p":
                pixels[..., 3] = _alpha_plane(self.picture)  # FFmpeg's conversion alters alpha
            return pixels
        return self.picture

    @property
    def transparent(self) -> bool:
        """Some pixel is not opaque."""
        if isinstance(self.picture, av.VideoFrame) and self.picture.format.name == "yuva420p":
            return bool(_alpha_plane(self.picture).min() < 255)
        return self.has_alpha and bool(self.image[..., 3].min() < 255)


def _alpha_plane(picture: av.VideoFrame) -> NDArray[np.uint8]:
    """(H, W) uint8 of a yuva420p picture; a view of the decoder's memory."""
    plane = picture.planes[3]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


@dataclass(frozen=True)
class VideoFacts:
    """What the streams of a video say. rate: frames a second. seconds: whole length."""

    codec: str
    width: int
    height: int
    rate: Fraction
    seconds: Fraction
    audio: bool


def frames_of(data: bytes, limits: ReadLimits, *, glance: bool = False) -> Iterator[DecodedFrame]:
    """Decode frame after frame.

    glance: of WebM, decode the alpha of the first frame only and see that the others have some. Takes half
    the time; the other pictures are rough and opaque, only good to be counted.
    Raises ClipInvalid: file_unknown, file_corrupt, file_too_large, canvas_too_large, frames_too_many,
    decode_too_slow. Each message says what to change.
    """
    container = bounded(data, limits)
    if container.format in _DEMUXERS:
        source = _glanced(data) if glance and container.format == "webm" else _video(data, container.format)
    else:
        source = _pictures(data, container)
    deadline = time.monotonic() + limits.decode_seconds
    count = pixels = 0
    try:
        for frame in source:
            count += 1
            pixels += frame.size[0] * frame.size[1]
            _bound_so_far(count, pixels, deadline, limits)
            yield frame
    except _UNREADABLE as error:
        kind = container.format
        raise ClipInvalid(
            "file_corrupt", f"the {kind} file cannot be decoded: {error}", format=kind
        ) from error
    if not count:
        raise ClipInvalid("clip_empty", "the file has no frames")


def bounded(data: bytes, limits: ReadLimits) -> Container:
    """The container of ``data``, once bytes, canvas and frames are known to be within ``limits``.

    Raises ClipInvalid: file_too_large, file_unknown, file_corrupt, canvas_too_large, frames_too_many,
    clip_empty.
    """
    if len(data) > limits.bytes:
        most = limits.bytes / 1e6
        raise ClipInvalid("file_too_large", f"the file has {len(data) / 1e6:.1f} MB; at most {most:.0f} MB")
    container = open_container(data)
    if not container.delays and container.format not in _DEMUXERS:
        raise ClipInvalid("clip_empty", "the file has no frames")
    canvas, count = container.width * container.height, max(1, len(container.delays))
    if canvas > limits.canvas_pixels:
        size = f"{container.width} x {container.height}"
        most = limits.canvas_pixels / 1e6
        raise ClipInvalid("canvas_too_large", f"{size} pixels are too many; at most {most:.0f} megapixels")
    _bound_so_far(count, canvas * count, float("inf"), limits)
    return container


def video_facts(data: bytes) -> VideoFacts:
    """Streams of a WebM or MP4. Raises ClipInvalid (file_corrupt) when FFmpeg cannot open it."""
    kind = open_container(data).format
    try:
        with _opened(data, kind) as container:
            stream = _video_stream(container)
            rate = stream.average_rate or stream.guessed_rate or Fraction(0)
            seconds = Fraction(container.duration or 0, av.time_base)
            codec, width, height = stream.codec_context.codec.canonical_name, stream.width, stream.height
            return VideoFacts(codec, width, height, rate, seconds, bool(container.streams.audio))
    except _UNREADABLE as error:
        raise ClipInvalid(
            "file_corrupt", f"the {kind} file cannot be opened: {error}", format=kind
        ) from error


def _corrupt(kind: str, error: Exception) -> ClipInvalid:
    return ClipInvalid("file_corrupt", f"the {kind} file cannot be decoded: {error}", format=kind)


def _bound_so_far(count: int, pixels: int, deadline: float, limits: ReadLimits) -> None:
    if count > limits.frames:
        raise ClipInvalid("frames_too_many", f"the file has more than {limits.frames} frames; shorten it")
    if pixels > limits.total_pixels:
        most = limits.total_pixels / 1e6
        raise ClipInvalid(
            "canvas_too_large",
            f"all frames together exceed {most:.0f} megapixels; make it smaller or shorter",
        )
    if time.monotonic() > deadline:
        raise ClipInvalid("decode_too_slow", "decoding takes too long; make the file smaller or shorter")


def _pictures(data: bytes, container: Container) -> Iterator[DecodedFrame]:
    start = Fraction(0)
    with warnings.catch_warnings():
        # Our own limits were applied to the header; Pillow's warning is for callers without any.
        warnings.simplefilter("ignore", PillowImage.DecompressionBombWarning)
        with PillowImage.open(BytesIO(data), formats=["WEBP", "PNG", "GIF"]) as picture:
            for index, delay in enumerate(container.delays):
                picture.seek(index)
                yield DecodedFrame(np.asarray(picture.convert("RGBA")), start, container.alpha)
                start += delay


def _video(data: bytes, kind: str) -> Iterator[DecodedFrame]:
    with _opened(data, kind) as container:
        stream = _video_stream(container)
        name = stream.codec_context.codec.canonical_name
        decoder = av.CodecContext.create(_ALPHA_DECODERS.get(name, name), "r")
        if not isinstance(decoder, VideoCodecContext):
            raise ValueError(f"{name} is not a video codec")
        decoder.extradata = stream.codec_context.extradata
        decoder.thread_count = 1
        first = None
        for packet in [*container.demux(stream), None]:
            if packet is not None and packet.size == 0:
                continue
            for frame in decoder.decode(packet):
                ticks = frame.pts if frame.pts is not None else 0
                first = ticks if first is None else first
                start = (ticks - first) * Fraction(stream.time_base or 1)
                yield DecodedFrame(frame, start, frame.format.name.startswith("yuva"))


def _glanced(data: bytes) -> Iterator[DecodedFrame]:
    """The first frame as of ``_video``; then FFmpeg's own decoder, which is faster and leaves alpha out."""
    yield next(_video(data, "webm"))
    with _opened(data, "webm") as container:
        stream = _video_stream(container)
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"skip_loop_filter": "all"}  # nobody looks at these pictures
        first = alpha = None
        for packet in container.demux(stream):
            alpha = packet.has_sidedata(_ALPHA_BESIDE) if packet.size else alpha
            for frame in stream.codec_context.decode(packet):
                ticks = frame.pts if frame.pts is not None else 0
                if first is None:
                    first = ticks
                    continue
                yield DecodedFrame(frame, (ticks - first) * Fraction(stream.time_base or 1), bool(alpha))


@contextmanager
def _opened(data: bytes, kind: str) -> Iterator[InputContainer]:
    with av.open(BytesIO(data), "r", format=_DEMUXERS[kind]) as container:
        if not isinstance(container, InputContainer):
            raise ValueError("it cannot be read")
        yield container


def _video_stream(container: InputContainer) -> VideoStream:
    if not container.streams.video or container.streams.video[0].codec_context is None:
        raise ValueError("there is no video track in it")
    return container.streams.video[0]
