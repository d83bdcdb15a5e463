"""Bytes a stranger sent, turned into an upright RGB picture or into a refusal that says what to do.

``decode_photo`` works in this process, ``decode_photo_isolated`` in a child with an address-space
and a time limit; the website uses the second, because image decoders are where strangers' bytes
meet C code. Run as ``python -m ml_core.face.photo`` this file is that child.
"""

from __future__ import annotations

import io
import json
import resource
import struct
import subprocess
import sys
import warnings
import zlib
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image as Pil
from PIL import ImageCms, UnidentifiedImageError

from ml_core.errors import PhotoRejected
from ml_core.types import Image

MAX_BYTES: Final = 10 * 1024 * 1024
"""A 24 Mpx phone JPEG is 4 to 8 MB."""
MAX_PIXELS: Final = 25_000_000
"""Phones send 12 to 24 Mpx; 100 MB of RGBA is what a small server can spare."""
MAX_ANIMATION_PIXELS: Final = 30_000_000
"""Summed over frames: 120 frames of 500 x 500."""
MAX_FRAMES: Final = 300
MIN_SIDE: Final = 64
"""Below this no face can carry a sticker."""
WORKING_SIDE: Final = 2048
"""Longest side kept: a face that fills a tenth of a group photo still has 200 px."""
ISOLATED_TIMEOUT_S: Final = 20.0
ISOLATED_MEMORY_BYTES: Final = 1024 * 1024 * 1024
"""Address space of the child: Python and NumPy map 0.3 GB, 25 Mpx of RGBA and its copy 0.2 GB."""

_READABLE: Final = ("JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "AVIF")
_HEIF_BRANDS: Final = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_EXIF_ORIENTATION: Final = 0x0112
_TRANSPOSE: Final = {
    2: Pil.Transpose.FLIP_LEFT_RIGHT,
    3: Pil.Transpose.ROTATE_180,
    4: Pil.Transpose.FLIP_TOP_BOTTOM,
    5: Pil.Transpose.TRANSPOSE,
    6: Pil.Transpose.ROTATE_270,
    7: Pil.Transpose.TRANSVERSE,
    8: Pil.Transpose.ROTATE_90,
}
_DECODER_ERRORS: Final = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError,
    ZeroDivisionError, AttributeError, NotImplementedError, RuntimeError, struct.error, zlib.error,
    UserWarning,
)  # fmt: skip
"""What Pillow's plugins raise on damaged files; found by reading them and by fuzzing (tests)."""
_REFUSED_EXIT: Final = 3
_ROOT: Final = Path(__file__).resolve().parents[2]


def decode_photo(data: bytes) -> Image:
    """An uploaded photo as (H, W, 3) uint8 RGB, upright by EXIF, at most WORKING_SIDE on a side.

    The content decides what the file is, never its name. Palette, grey, 16-bit, CMYK and wide-gamut
    pictures become sRGB, transparency becomes white, the first frame stands for an animation, and
    no metadata survives.

    Raises PhotoRejected: not_an_image, unsupported_format, truncated, too_many_bytes,
    too_many_pixels, animated_too_large, too_small.
    """
    if len(data) > MAX_BYTES:
        raise PhotoRejected(
            "too_many_bytes",
            f"The photo has {len(data) / 1e6:.1f} MB; send one of at most {MAX_BYTES // 1024**2} MB.",
            bytes=len(data),
            limit=MAX_BYTES,
        )
    kind = _sniffed(data)
    photo = _opened(data, kind)
    _check_size(photo)
    try:
        return _pixels(photo)
    except (*_DECODER_ERRORS, Pil.DecompressionBombError) as error:
        raise _truncated() from error


def _sniffed(data: bytes) -> str:
    """The image type that the first bytes announce. Raises PhotoRejected."""
    if data[:3] == b"\xff\xd8\xff":
        return "JPEG"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "PNG"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[:2] == b"BM" and len(data) >= 26:
        return "BMP"
    if data[:4] in (b"II*\0", b"MM\0*"):
        raise _unsupported("TIFF")
    if data[4:8] == b"ftyp":
        brands = data[8:64]
        if b"avif" in brands or b"avis" in brands:
            return "AVIF"
        if any(brand in brands for brand in _HEIF_BRANDS):
            raise _unsupported("HEIC")
    raise PhotoRejected(
        "not_an_image", "This file is not an image; send a JPEG, PNG, WebP, GIF, BMP or AVIF photo."
    )


def _unsupported(kind: str) -> PhotoRejected:
    return PhotoRejected(
        "unsupported_format",
        f"{kind} photos cannot be read here; save the photo as JPEG or PNG and send that.",
        format=kind,
    )


def _truncated() -> PhotoRejected:
    return PhotoRejected("truncated", "The image file is damaged or cut off; send the original file again.")


def _too_many_pixels(pixels: int) -> PhotoRejected:
    return PhotoRejected(
        "too_many_pixels",
        f"The photo is larger than {MAX_PIXELS // 1_000_000} megapixels; make it smaller and send it again.",
        pixels=pixels,
        limit=MAX_PIXELS,
    )


def _opened(data: bytes, kind: str) -> Pil.Image:
    """The header, read; no pixel is decoded yet. Raises PhotoRejected."""
    formats = ("JPEG", "MPO") if kind == "JPEG" else (kind,)
    try:
        return Pil.open(io.BytesIO(data), formats=formats)
    except (Pil.DecompressionBombError, Pil.DecompressionBombWarning) as error:
        raise _too_many_pixels(0) from error
    except UnidentifiedImageError as error:
        raise _truncated() from error
    except _DECODER_ERRORS as error:
        raise _truncated() from error


def _check_size(photo: Pil.Image) -> None:
    """Refuse by the header alone. Raises PhotoRejected."""
    width, height = photo.size
    pixels = width * height
    if pixels > MAX_PIXELS:
        raise _too_many_pixels(pixels)
    if min(width, height) < MIN_SIDE:
        raise PhotoRejected(
            "too_small",
            f"The photo is {width} x {height}; both sides must have at least {MIN_SIDE} pixels.",
            width=width,
            height=height,
            limit=MIN_SIDE,
        )
    if photo.format in ("JPEG", "MPO"):
        return
    try:
        frames = int(getattr(photo, "n_frames", 1))
    except _DECODER_ERRORS as error:
        raise _truncated() from error
    if frames > MAX_FRAMES or (frames > 1 and frames * pixels > MAX_ANIMATION_PIXELS):
        raise PhotoRejected(
            "animated_too_large",
            f"The animation has {frames} frames of {width} x {height}; send a still photo.",
            frames=frames,
            pixels=frames * pixels,
        )


def _pixels(photo: Pil.Image) -> Image:
    """Decode, shrink, turn upright, bring to sRGB on white."""
    orientation = _orientation(photo)
    icc = photo.info.get("icc_profile")
    if photo.format in ("JPEG", "MPO"):
        photo.draft(None, (WORKING_SIDE, WORKING_SIDE))  # DCT scaling: 25 Mpx in a quarter of the time
    photo.seek(0)
    photo.load()
    flat = _eight_bit(photo)
    scale = WORKING_SIDE / max(flat.size)
    if scale < 1:
        size = (max(1, round(flat.width * scale)), max(1, round(flat.height * scale)))
        flat = flat.resize(size, Pil.Resampling.LANCZOS, reducing_gap=2.0)
    if orientation in _TRANSPOSE:
        flat = flat.transpose(_TRANSPOSE[orientation])
    return np.array(_on_white(_to_srgb(flat, icc)), dtype=np.uint8)


def _orientation(photo: Pil.Image) -> int:
    """EXIF orientation 1..8; a damaged EXIF block costs the orientation, not the photo."""
    try:
        value = photo.getexif().get(_EXIF_ORIENTATION, 1)
    except _DECODER_ERRORS:
        return 1
    return value if isinstance(value, int) else 1


def _eight_bit(photo: Pil.Image) -> Pil.Image:
    """One of the modes L, RGB, RGBA, CMYK."""
    if photo.mode.startswith("I") or photo.mode == "F":
        values = np.asarray(photo).astype(np.float32)
        top = 65535.0 if values.max() > 255 else 255.0  # 16-bit or 8-bit samples
        return Pil.fromarray(np.clip(values * (255.0 / top), 0, 255).astype(np.uint8))
    if photo.mode in ("L", "RGB", "RGBA", "CMYK"):
        with_key = "transparency" in photo.info and photo.mode in ("L", "RGB")
        return photo.convert("RGBA") if with_key else photo
    has_alpha = photo.mode in ("LA", "La", "PA", "RGBa") or "transparency" in photo.info
    return photo.convert("RGBA" if has_alpha else "RGB")


def _to_srgb(photo: Pil.Image, icc: bytes | None) -> Pil.Image:
    """Apply an embedded profile (phones send Display P3). A damaged profile is left out of account."""
    if not icc or photo.mode not in ("RGB", "CMYK"):
        return photo
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(photo, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, *_DECODER_ERRORS):
        return photo
    return photo if converted is None else converted


def _on_white(photo: Pil.Image) -> Pil.Image:
    if photo.mode != "RGBA":
        return photo.convert("RGB")
    paper = Pil.new("RGB", photo.size, (255, 255, 255))
    paper.paste(photo, mask=photo.getchannel("A"))
    return paper


def decode_photo_isolated(
    data: bytes,
    *,
    timeout_s: float = ISOLATED_TIMEOUT_S,
    memory_bytes: int = ISOLATED_MEMORY_BYTES,
) -> Image:
    """``decode_photo`` in a child process that may use at most ``memory_bytes`` of address space.

    Raises PhotoRejected with the codes of decode_photo, or photo_decode_timeout, or
    photo_decode_failed when the child died (crash, out of memory).
    """
    if len(data) > MAX_BYTES:
        return decode_photo(data)  # refuses; no child is needed to count bytes
    command = [sys.executable, "-m", "ml_core.face.photo", str(memory_bytes)]
    environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command,
            input=data,
            capture_output=True,
            timeout=timeout_s,
            cwd=_ROOT,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PhotoRejected(
            "photo_decode_timeout",
            f"The photo could not be read within {timeout_s:.0f} s; save it again as JPEG and send that.",
        ) from error
    if done.returncode == 0:
        return np.asarray(np.load(io.BytesIO(done.stdout), allow_pickle=False), dtype=np.uint8)
    raise _refusal_of_child(done)


def _refusal_of_child(done: subprocess.CompletedProcess[bytes]) -> PhotoRejected:
    if done.returncode == _REFUSED_EXIT:
        told = json.loads(done.stderr.decode("utf-8").splitlines()[-1])
        return PhotoRejected(told["code"], told["message"], **told["params"])
    return PhotoRejected(
        "photo_decode_failed",
        "The photo could not be read; save it again as JPEG and send that.",
        exit_code=done.returncode,
        stderr=done.stderr[-400:].decode("utf-8", "replace"),
    )


def _main(arguments: list[str]) -> int:
    """The child: photo on standard input, .npy on standard output, refusal as JSON on standard error."""
    limit = int(arguments[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")  # only this child: its standard error carries one JSON line
    try:
        photo = decode_photo(sys.stdin.buffer.read())
    except PhotoRejected as refusal:
        told = {"code": refusal.code, "message": str(refusal), "params": refusal.params}
        sys.stderr.write(json.dumps(told) + "\n")
        return _REFUSED_EXIT
    buffer = io.BytesIO()  # numpy asks a file for its position, which a pipe does not have
    np.save(buffer, photo, allow_pickle=False)
    sys.stdout.buffer.write(buffer.getvalue())
    return 0


if __name__ == "__main__":
    raise SystemExit(_main(sys.argv))
