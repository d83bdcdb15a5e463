"""People's own files: what is read, what is refused, and why."""

from __future__ import annotations

import struct
import zlib
from fractions import Fraction
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from ml_core.encoding.decoding import ReadLimits
from ml_core.encoding.encode import encode
from ml_core.encoding.fitting import fit
from ml_core.encoding.reading import LARGEST_SIDE, MOST_FRAMES, read_clip
from ml_core.encoding.targets import load_targets
from ml_core.errors import ClipInvalid
from ml_core.types import Clip
from tests.ml_core.encoding.seen import similarity


@pytest.mark.parametrize("format", ["webp", "webm", "mp4", "apng", "gif"])
def test_a_file_comes_back_as_it_was(drawn: dict[str, Clip], format: str) -> None:
    clip = drawn["nod"]
    read = read_clip(encode(clip, format).data)
    assert read.frames.shape == clip.frames.shape
    assert read.duration_s == pytest.approx(1.5, abs=0.002)
    assert similarity(clip.frames, read.frames) > 0.94
    clear = read.frames[..., 3] == 0
    assert clear.any() == (format != "mp4")
    assert (read.frames[clear][:, :3] == 255).all()


def test_a_still_is_one_frame(nod: Clip) -> None:
    assert read_clip(encode(nod, "png").data).frames.shape == (1, 128, 128, 4)


def _gif(delays: list[int]) -> bytes:
    frames = [Image.new("RGB", (20, 20), (40 * index, 0, 200)) for index in range(len(delays))]
    out = BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=delays, loop=0)
    return out.getvalue()


def test_uneven_delays_become_even_and_keep_their_share() -> None:
    clip = read_clip(_gif([100, 300, 100]))
    assert (len(clip.frames), clip.duration_s) == (5, pytest.approx(0.5))
    shown = [int(frame[0, 0, 0]) for frame in clip.frames]
    assert shown[0] < shown[1] == shown[2] == shown[3] < shown[4]


def test_delays_of_zero_play_as_browsers_play_them() -> None:
    assert read_clip(_gif([0, 0, 0])).duration_s == pytest.approx(0.3)


def test_a_long_pause_does_not_make_thousands_of_frames() -> None:
    clip = read_clip(_gif([30, 30, 60_000]))
    assert len(clip.frames) == MOST_FRAMES
    assert clip.duration_s == pytest.approx(60.06)


def test_large_frames_are_scaled_down_as_they_arrive() -> None:
    frames = np.zeros((2, 1000, 500, 4), np.uint8)
    frames[:, 100:900, 100:400] = (9, 99, 199, 255)
    assert read_clip(encode(Clip(frames, 5.0), "webp").data).frames.shape == (2, LARGEST_SIDE, 384, 4)


def _png_header(width: int, height: int, frames: int = 0) -> bytes:
    """A PNG that claims a size: what a decompression bomb looks like before it is opened."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    control = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, width, height, 0, 0, 1, 10, 0, 0))
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)),
            chunk(b"acTL", struct.pack(">II", frames, 0)) + control * frames if frames else b"",
            chunk(b"IDAT", zlib.compress(b"\0" * 100)),
            chunk(b"IEND", b""),
        ]
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_unknown"),
        (b"hello, this is a text", "file_unknown"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "file_unknown"),
        (b"\x1a\x45\xdf\xa3 this is not Matroska at all", "file_corrupt"),
        (b"\0\0\0\x18ftypisom and nothing more", "file_corrupt"),
        (b"GIF89a\x01", "file_corrupt"),
        (b"GIF89a\x01\0\x01\0\0\0\0;", "clip_empty"),
        (_png_header(30_000, 30_000), "canvas_too_large"),
        (_png_header(2000, 2000, frames=60), "canvas_too_large"),
        (_png_header(8, 8, frames=301), "frames_too_many"),
        (_png_header(64, 64), "file_corrupt"),
    ],
)
def test_bad_files_are_refused_with_a_reason(data: bytes, code: str) -> None:
    with pytest.raises(ClipInvalid) as caught:
        read_clip(data)
    assert caught.value.code == code
    assert len(str(caught.value)) > 15


def test_too_many_bytes_are_refused_unread() -> None:
    with pytest.raises(ClipInvalid) as caught:
        read_clip(b"\0" * 101, ReadLimits(bytes=100))
    assert caught.value.code == "file_too_large"


def test_slow_decoding_is_stopped(nod: Clip) -> None:
    with pytest.raises(ClipInvalid) as caught:
        read_clip(encode(nod, "gif").data, ReadLimits(decode_seconds=0.0))
    assert caught.value.code == "decode_too_slow"


def test_too_many_video_frames_are_noticed_while_decoding(nod: Clip) -> None:
    with pytest.raises(ClipInvalid) as caught:
        read_clip(encode(nod, "webm").data, ReadLimits(frames=5))
    assert caught.value.code == "frames_too_many"


@pytest.mark.parametrize("format", ["webp", "apng", "gif", "webm", "mp4"])
def test_cut_off_files_are_refused(nod: Clip, format: str) -> None:
    data = encode(nod, format).data
    for part in (0.2, 0.5, 0.9):
        with pytest.raises(ClipInvalid) as caught:
            read_clip(data[: int(len(data) * part)])
        assert caught.value.code == "file_corrupt"


def test_a_file_goes_through_to_a_messenger(nod: Clip) -> None:
    clip = read_clip(encode(nod, "gif").data)
    made = fit(clip, load_targets()["slack_emoji"])
    assert made.certificate.ok
    assert Fraction(made.file.duration_s).limit_denominator(100) == 1
