"""Decoding strangers' bytes: every format in, every refusal out, never anything else."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Pil
from PIL import ImageCms

from ml_core.errors import PhotoRejected
from ml_core.face import photo
from ml_core.face.photo import decode_photo, decode_photo_isolated

REFUSALS = {
    "not_an_image",
    "unsupported_format",
    "truncated",
    "too_many_bytes",
    "too_many_pixels",
    "animated_too_large",
    "too_small",
}


def gradient(width: int = 96, height: int = 80) -> Pil.Image:
    """Red grows to the right, green downwards: turns and mirrors cannot hide."""
    y, x = np.mgrid[0:height, 0:width]
    return Pil.fromarray(
        np.dstack([x * 255 // (width - 1), y * 255 // (height - 1), np.full_like(x, 90)]).astype(np.uint8)
    )


def saved(picture: Pil.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def code_of(data: bytes) -> str:
    with pytest.raises(PhotoRejected) as refused:
        decode_photo(data)
    return refused.value.code


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and has hardly any pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 64))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("BMP", {}), ("WEBP", {"lossless": True})])
def test_lossless_formats_come_back_exactly(kind: str, options: dict[str, Any]) -> None:
    picture = gradient()
    assert np.array_equal(decode_photo(saved(picture, kind, **options)), np.array(picture))


@pytest.mark.parametrize("kind", ["JPEG", "GIF", "AVIF"])
def test_lossy_formats_come_back_nearly(kind: str) -> None:
    picture = gradient()
    decoded = decode_photo(saved(picture, kind)).astype(int)
    assert np.abs(decoded - np.array(picture)).mean() < 12


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_righted_and_dropped(orientation: int) -> None:
    upright = gradient()
    stored = upright
    for way in {
        2: [Pil.Transpose.FLIP_LEFT_RIGHT],
        3: [Pil.Transpose.ROTATE_180],
        4: [Pil.Transpose.FLIP_TOP_BOTTOM],
        5: [Pil.Transpose.TRANSPOSE],
        6: [Pil.Transpose.ROTATE_90],
        7: [Pil.Transpose.TRANSVERSE],
        8: [Pil.Transpose.ROTATE_270],
    }.get(orientation, []):
        stored = stored.transpose(way)
    exif = Pil.Exif()
    exif[0x0112] = orientation
    decoded = decode_photo(saved(stored, "PNG", exif=exif))
    assert np.array_equal(decoded, np.array(upright))


def test_transparency_becomes_white() -> None:
    clear = gradient().convert("RGBA")
    clear.putalpha(0)
    assert (decode_photo(saved(clear, "PNG")) == 255).all()
    palette = Pil.new("P", (80, 80), 3)
    palette.putpalette([0, 0, 0] * 256)
    assert (decode_photo(saved(palette, "PNG", transparency=3)) == 255).all()


def test_sixteen_bit_grey_keeps_its_lightness() -> None:
    ramp = np.linspace(0, 65535, 96 * 80).reshape(80, 96).astype(np.uint16)
    decoded = decode_photo(saved(Pil.fromarray(ramp), "PNG"))
    assert np.abs(decoded[..., 0].astype(int) - (ramp >> 8)).max() <= 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    decoded = decode_photo(saved(gradient().convert(mode), kind))
    assert decoded.shape == (80, 96, 3)
    assert decoded.dtype == np.uint8
    assert decoded.std() > 10


def test_embedded_profile_is_applied_and_a_broken_one_ignored() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = gradient()
    same = decode_photo(saved(picture, "PNG", icc_profile=profile)).astype(int)
    assert np.abs(same - np.array(picture)).max() <= 2
    broken = decode_photo(saved(picture, "PNG", icc_profile=b"nonsense" * 20))
    assert np.array_equal(broken, np.array(picture))


def test_large_photos_shrink_to_the_working_side() -> None:
    decoded = decode_photo(saved(gradient(4200, 1000), "JPEG"))
    assert decoded.shape[1] == photo.WORKING_SIDE
    assert abs(decoded.shape[0] - photo.WORKING_SIDE * 1000 / 4200) <= 1


def test_extreme_aspect_ratio_is_not_an_error() -> None:
    assert decode_photo(saved(gradient(6000, 64), "PNG")).shape[1] == photo.WORKING_SIDE


def test_first_frame_stands_for_an_animation() -> None:
    frames = [Pil.new("RGB", (80, 80), colour) for colour in ("red", "blue")]
    decoded = decode_photo(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert decoded[40, 40].tolist() == [255, 0, 0]


def test_refusals_by_content_not_by_name() -> None:
    assert code_of(b"") == "not_an_image"
    assert code_of(b"%PDF-1.7 hello" * 20) == "not_an_image"
    assert code_of(b"<svg xmlns='http://www.w3.org/2000/svg'/>") == "not_an_image"
    assert code_of(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100) == "unsupported_format"
    assert code_of(saved(gradient(40, 90), "PNG")) == "too_small"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF"])
@pytest.mark.parametrize("share", [0.05, 0.4])
def test_truncated_files(kind: str, share: float) -> None:
    data = saved(gradient(200, 200), kind)
    assert code_of(data[: max(27, int(len(data) * share))]) == "truncated"


def test_bombs_are_refused_from_the_header() -> None:
    assert code_of(png_header(10_000, 10_000)) == "too_many_pixels"
    assert code_of(png_header(60_000, 60_000)) == "too_many_pixels"
    assert code_of(b"\x89PNG\r\n\x1a\n" + b"\0" * (11 * 1024 * 1024)) == "too_many_bytes"


def test_animated_bomb() -> None:
    frame = Pil.new("L", (1000, 1000), 0)
    more = [Pil.new("L", (1000, 1000), 255 * (index % 2)) for index in range(1, 32)]
    data = saved(frame, "GIF", save_all=True, append_images=more)
    assert len(data) < 1_000_000
    assert code_of(data) == "animated_too_large"
    many = [Pil.new("L", (64, 64), 255 * (index % 2)) for index in range(photo.MAX_FRAMES + 1)]
    assert code_of(saved(many[0], "GIF", save_all=True, append_images=many[1:])) == "animated_too_large"


SEEDS = [saved(gradient(70, 66), kind) for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP")]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SEEDS), st.data())
def test_damaged_files_decode_or_are_refused(seed: bytes, data: st.DataObject) -> None:
    damaged = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 12))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(damaged)))
    outcome = outcome_of(bytes(damaged[:cut] if data.draw(st.booleans()) else damaged))
    assert outcome == "decoded" or outcome in REFUSALS


def outcome_of(data: bytes) -> str:
    try:
        decoded = decode_photo(data)
    except PhotoRejected as refusal:
        return refusal.code
    return "decoded" if decoded.ndim == 3 and decoded.dtype == np.uint8 else "malformed"


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=400), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM"])
)
def test_noise_is_refused(noise: bytes, magic: bytes) -> None:
    assert code_of(magic + noise) in REFUSALS


def test_isolated_decoding_gives_the_same_picture() -> None:
    data = saved(gradient(), "PNG")
    assert np.array_equal(decode_photo_isolated(data), decode_photo(data))


def test_isolated_refusals_arrive_typed() -> None:
    with pytest.raises(PhotoRejected) as refused:
        decode_photo_isolated(png_header(10_000, 10_000))
    assert refused.value.code == "too_many_pixels"
    assert refused.value.params["limit"] == photo.MAX_PIXELS
    with pytest.raises(PhotoRejected) as refused:
        decode_photo_isolated(b"nonsense")
    assert refused.value.code == "not_an_image"


def test_isolated_child_is_held_to_time_and_memory() -> None:
    data = saved(gradient(), "PNG")
    with pytest.raises(PhotoRejected) as refused:
        decode_photo_isolated(data, timeout_s=0.001)
    assert refused.value.code == "photo_decode_timeout"
    with pytest.raises(PhotoRejected) as refused:
        decode_photo_isolated(saved(Pil.new("RGB", (4900, 4900)), "PNG"), memory_bytes=120 * 1024 * 1024)
    assert refused.value.code == "photo_decode_failed"
