"""One face in every kind of file through the site's own entrance: read, found, measured, or refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image as Pil

from emotoon.core.errors import EmotoonError
from emotoon.ml.photos import ExaminedPhoto, photo_examine
from tests.faces import Picture, astronaut


def saved(picture: Pil.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def person(width: int = 512, height: int = 512) -> Pil.Image:
    return Pil.fromarray(astronaut()).resize((width, height))


def sixteen_bit(kind: str) -> bytes:
    """Three channels of 16 bits each, which Pillow cannot write."""
    deep = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2BGR).astype(np.uint16) * 257
    return bytes(cv2.imencode(f".{kind}", deep)[1])


def grey_sixteen_bit() -> bytes:
    grey = np.asarray(person().convert("L"), dtype=np.uint16) * 257
    return saved(Pil.fromarray(grey), "PNG")


def cut_out() -> Pil.Image:
    """The right half of the background is transparent over black."""
    picture = person().convert("RGBA")
    alpha = np.full((512, 512), 255, np.uint8)
    alpha[:, 400:] = 0
    picture.putalpha(Pil.fromarray(alpha))
    return picture


def transparent_palette() -> bytes:
    palette = person().quantize(200)
    return saved(palette, "PNG", transparency=palette.getpixel((500, 10)))


def moving(kind: str, **options: Any) -> bytes:
    """The face, then an empty frame."""
    return saved(person(), kind, save_all=True, append_images=[Pil.new("RGB", (512, 512))], **options)


def in_a_strip(width: int, height: int) -> bytes:
    """The head alone, a face of 0.45 of its width, in the middle of a long picture."""
    strip: Picture = np.full((height, width, 3), 180, np.uint8)
    side = min(width, height)
    head = Pil.fromarray(astronaut()[10:220, 120:330]).resize((side, side))
    top, left = (height - side) // 2, (width - side) // 2
    strip[top : top + side, left : left + side] = np.asarray(head)
    return saved(Pil.fromarray(strip), "PNG")


def turned_by_exif() -> bytes:
    exif = Pil.Exif()
    exif[0x0112] = 6
    return saved(person().transpose(Pil.Transpose.ROTATE_90), "JPEG", exif=exif)


SAME_FACE: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: saved(person(), "JPEG"),
    "CMYK JPEG": lambda: saved(person().convert("CMYK"), "JPEG"),
    "grey JPEG": lambda: saved(person().convert("L"), "JPEG"),
    "16-bit PNG": lambda: sixteen_bit("png"),
    "16-bit grey PNG": grey_sixteen_bit,
    "RGBA PNG": lambda: saved(cut_out(), "PNG"),
    "RGBA WebP": lambda: saved(cut_out(), "WEBP", lossless=True),
    "LA PNG": lambda: saved(cut_out().convert("LA"), "PNG"),
    "palette PNG with a transparent colour": transparent_palette,
    "animated GIF": lambda: moving("GIF"),
    "animated WebP": lambda: moving("WEBP"),
    "animated PNG": lambda: moving("PNG"),
    "turned by EXIF": turned_by_exif,
}
"""Where the face of the astronaut is in all of them: its box."""

REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "TIFF": ("unsupported_format", lambda: saved(person(), "TIFF")),
    "16-bit TIFF": ("unsupported_format", lambda: sixteen_bit("tiff")),
    "one pixel": ("too_small", lambda: saved(Pil.new("RGB", (1, 1)), "PNG")),
    "wholly transparent": ("no_face", lambda: saved(Pil.new("RGBA", (512, 512)), "PNG")),
    "cut off JPEG": ("truncated", lambda: saved(person(), "JPEG")[:20_000]),
    "cut off 16-bit PNG": ("truncated", lambda: sixteen_bit("png")[:200_000]),
    "a face of 29 px in a strip": ("face_too_small", lambda: in_a_strip(1280, 64)),
    "a face of 24 px": ("face_too_small", lambda: saved(person(131, 131), "PNG")),
}


def examined(data: bytes) -> ExaminedPhoto:
    return photo_examine(data=data, isolated=False)


@pytest.mark.parametrize("name", SAME_FACE)
def test_a_face_is_found_whatever_the_file_is(name: str) -> None:
    one = examined(SAME_FACE[name]())
    assert (one.width, one.height, len(one.faces)) == (512, 512, 1)
    x, y, width, height = one.faces[0]
    assert np.abs(np.array([x + width / 2, y + height / 2]) - (225, 116)).max() < 12
    assert 80 < width < 110


@pytest.mark.parametrize(("width", "height"), [(2048, 102), (102, 2048)])
def test_a_face_of_46_px_in_a_strip_of_twenty_to_one(width: int, height: int) -> None:
    one = examined(in_a_strip(width, height))
    x, y, w, h = one.faces[0]
    assert np.abs(np.array([x + w / 2, y + h / 2]) - (width / 2, height / 2)).max() < 12


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_without_a_usable_face_is_refused(name: str) -> None:
    code, data = REFUSED[name]
    with pytest.raises(EmotoonError) as refused:
        examined(data())
    assert refused.value.code == code
