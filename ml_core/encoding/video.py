"""WebM (VP9 with alpha) and MP4 (H.264 on white) through PyAV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from io import BytesIO
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias, get_args

import av
import numpy as np
from av.packet import PacketSideData, PktSideDataT
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from ml_core.encoding.edges import bleed, white_edged
from ml_core.encoding.planes import alpha_picture, colour_picture
from ml_core.types import Image

VP9_WORST_CRF = 63
VP9_SPEED = {
    "fast": {"deadline": "realtime", "cpu-used": "8"},
    "good": {"deadline": "realtime", "cpu-used": "4"},
}
"""On 67 frames of 512 px: colour takes 0.9 s fast, 2.4 s good, for two thirds of the bytes. libvpx's "good"
mode at its fastest (5) took 4 s; its SSIM at equal bytes was 0.0029 higher on one rendered sticker and 0.0006
lower on another. Real-time 3 takes five times as long as 4."""
SMALL_SIDE = 256
_ALPHA_COARSER = 8
"""CRF steps that alpha is coarser than colour in a "good" file above ``SMALL_SIDE``, where it took two fifths
of the bytes. At equal bytes of the whole, SSIM on white and black rises by 0.001 to 0.002, and alpha errs by
0.4 to 0.8 of 255 instead of 0.3 to 0.6."""
Packet: TypeAlias = "av.Packet[Any]"
_ONE_GROUP = 32_000
"""More frames than any clip has: only the first is a key frame."""
_BLOCK_ADDITIONAL = get_args(PktSideDataT).index("matroska_block_additional")
_ADDITION_ONE = (1).to_bytes(8, "big")
"""Number of the addition in front of its bytes, as FFmpeg's muxer reads it."""


def on_white(image: Image) -> Image:
    """Composite on white. image: (H, W, 4) uint8 straight alpha. Returns (H, W, 3) uint8."""
    alpha = image[..., 3:].astype(np.uint16)
    mixed = image[..., :3] * alpha + 255 * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


def encode_vp9(frames: Sequence[Image], fps: Fraction, *, crf: int = 36, effort: str = "fast") -> bytes:
    """Encode WebM, VP9 profile 0 with an alpha plane, constant quality, no audio.

    frames: each (H, W, 4) uint8 straight alpha, even sides. crf: 0 (best) to 63. Bit rate mode overshoots
    because alpha is a second stream at the same rate, so quality is always constant.

    Colour and alpha are two VP9 streams, and are encoded at the same time; FFmpeg would take them in turns.
    Alpha travels beside each packet as Matroska's BlockAdditional number 1 (RFC 9559, 5.1.3.5.2; WebM
    container guidelines, "Alpha Channel").
    """
    options = {
        "crf": str(crf),
        "b:v": "0",
        "auto-alt-ref": "0",  # with alpha there are no alternate references
        "lag-in-frames": "0",  # and without them no use for frames held back
        "row-mt": "0",
        "tile-columns": "0",
        **VP9_SPEED[effort],
    }
    alpha_options = options
    if effort == "good" and max(frames[0].shape[:2]) > SMALL_SIDE:
        alpha_options = {**options, "crf": str(min(VP9_WORST_CRF, crf + _ALPHA_COARSER))}
    ready = frames if white_edged(frames) else map(bleed, frames)
    size = frames[0].shape[1], frames[0].shape[0]
    with ThreadPoolExecutor(max_workers=1) as beside:
        alpha = beside.submit(_encoded, map(alpha_picture, frames), size, fps, alpha_options)
        colour = _encoded(map(colour_picture, ready), size, fps, options)
        return _with_alpha(colour, alpha.result(), size, fps)


def _encoded(
    pictures: Iterator[av.VideoFrame], size: tuple[int, int], fps: Fraction, options: Mapping[str, str]
) -> list[Packet]:
    """One VP9 stream of yuv420p pictures, converted one by one: a clip is never held a second time."""
    codec = av.CodecContext.create("libvpx-vp9", "w")
    if not isinstance(codec, VideoCodecContext):
        raise TypeError("libvpx-vp9 is not a video codec")
    codec.options, codec.gop_size, codec.bit_rate = dict(options), _ONE_GROUP, 0
    codec.thread_count = 1  # threads gain nothing at sticker sizes
    codec.width, codec.height = size
    codec.pix_fmt, codec.framerate, codec.time_base = "yuv420p", fps, 1 / fps
    packets: list[Packet] = []
    for index, picture in enumerate(pictures):
        picture.pts, picture.time_base = index, 1 / fps
        packets += codec.encode(picture)
    return packets + codec.encode(None)


def _with_alpha(colour: list[Packet], alpha: list[Packet], size: tuple[int, int], fps: Fraction) -> bytes:
    """Both streams in one WebM."""
    out = BytesIO()
    with av.open(out, "w", format="webm") as container:
        stream = container.add_stream("libvpx-vp9", rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt, stream.time_base = "yuv420p", 1 / fps
        stream.metadata["alpha_mode"] = "1"
        for picture, transparency in zip(colour, alpha, strict=True):
            addition = _ADDITION_ONE + bytes(transparency)
            side = PacketSideData(_BLOCK_ADDITIONAL, len(addition))  # type: ignore[call-arg]
            side.update(addition)
            picture.set_sidedata(side, move=True)
            picture.stream = stream
            container.mux(picture)
    return out.getvalue()


def encode_h264(frames: Sequence[Image], fps: Fraction, *, crf: int = 23) -> bytes:
    """Encode MP4, H.264 4:2:0 on white, index first, no audio. Sides are padded to even with white."""
    options = {"crf": str(crf), "preset": "veryfast", "tune": "animation"}
    pictures = _opaque_pictures(frames)
    with TemporaryDirectory() as folder:
        # A real file: the index can only be moved to the front of something that can be reopened.
        path = Path(folder) / "clip.mp4"
        with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
            stream = container.add_stream("libx264", rate=fps, options=options)
            if not isinstance(stream, VideoStream):
                raise TypeError("libx264 is not a video codec")
            first = next(pictures)
            stream.width, stream.height, stream.pix_fmt = first.width, first.height, "yuv420p"
            stream.bit_rate = 0
            stream.gop_size = _ONE_GROUP
            stream.codec_context.thread_count = 1  # threads gain nothing at sticker sizes
            for index, picture in enumerate(chain([first], pictures)):
                picture.pts, picture.time_base = index, 1 / fps
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
        return path.read_bytes()


def _opaque_pictures(frames: Iterable[Image]) -> Iterator[av.VideoFrame]:
    """On white. One converter for all: making it costs more than using it."""
    converter = VideoReformatter()
    for frame in frames:
        picture = av.VideoFrame.from_numpy_buffer(_even_on_white(frame), format="rgb24")
        yield converter.reformat(picture, format="yuv420p")


def _even_on_white(frame: Image) -> Image:
    rgb = on_white(frame)
    height, width = rgb.shape[:2]
    padded = np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), constant_values=255)
    return np.ascontiguousarray(padded)


def with_comment(webm: bytes, text: str) -> bytes:
    """The same packets in a new WebM whose COMMENT tag is ``text``; nothing is decoded or encoded."""
    out = BytesIO()
    with av.open(BytesIO(webm), "r", format="matroska") as source, av.open(out, "w", format="webm") as made:
        stream = source.streams.video[0]
        copy = made.add_stream_from_template(stream)
        copy.metadata.update(stream.metadata)  # carries alpha_mode
        made.metadata["COMMENT"] = text
        for packet in source.demux(stream):
            if packet.size:
                packet.stream = copy
                made.mux(packet)
    return out.getvalue()
