"""Whatever is wrong with what a person gives: a sentence that says what to do, in both languages, and
no row and no file left behind."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.utils import translation
from PIL import Image

from emotoon.accounts.models import ConsentRecord
from emotoon.core.errors import EmotoonError, NotFound
from emotoon.jobs.models import Job
from emotoon.ml import look_read
from emotoon.stickers.models import Portrait, Sticker
from emotoon.stickers.services import portrait_create, sticker_submit
from tests import faces
from tests.factories import PortraitFactory, TemplateFactory, UserFactory

pytestmark = pytest.mark.django_db


def png(pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def jpeg(pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG")
    return buffer.getvalue()


def huge_png() -> bytes:
    """10,000 x 10,000 pixels in a few bytes: refused from its header."""
    header = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 2, 0, 0, 0)

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    body = zlib.compress(b"\0" * 30_001)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def animated_bomb() -> bytes:
    frames = [Image.new("P", (3000, 3000), color=n) for n in range(6)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def small_face() -> bytes:
    canvas = np.full((1200, 1600, 3), 200, np.uint8)
    face = np.asarray(Image.fromarray(faces.astronaut()).resize((64, 64)))
    canvas[500:564, 700:764] = face
    return png(canvas)


BAD_PHOTOS = {
    "not_an_image": lambda: b"%PDF-1.7 hello",
    "empty file": lambda: b"",
    "truncated": lambda: jpeg(faces.astronaut())[:8000],
    "too_many_pixels": huge_png,
    "animated_too_large": animated_bomb,
    "too_many_bytes": lambda: b"\xff\xd8\xff" + b"\0" * 11_000_000,
    "no_face": lambda: png(np.full((400, 400, 3), 128, np.uint8)),
    "tiny face": small_face,
}


def stored_files() -> set[str]:
    root = Path(default_storage.location)
    return {str(path) for path in root.rglob("*") if path.is_file()}


def rows() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Portrait, Sticker, Job, ConsentRecord))


@pytest.fixture
def owner():
    return UserFactory()


@pytest.fixture(autouse=True)
def template():
    return TemplateFactory()


def refused(owner, **changes) -> EmotoonError:
    wish = {
        "owner": owner,
        "photo": None,
        "portrait_id": "",
        "consent": "self",
        "sentence": "안녕하세요",
        "template_id": "hello",
        "look": look_read(),
    } | changes
    files, before = stored_files(), rows()
    told = {}
    for language in ("en", "ko"):
        with translation.override(language), pytest.raises(EmotoonError) as caught:
            sticker_submit(**wish)
        with translation.override(language):
            told[language] = str(caught.value.message)
    assert rows() == before
    assert stored_files() == files
    assert told["ko"] != told["en"]
    assert len(told["ko"]) > 8
    return caught.value


@pytest.mark.parametrize("name", BAD_PHOTOS)
def test_a_bad_photo(owner, name):
    error = refused(owner, photo=BAD_PHOTOS[name]())
    if " " not in name:
        assert error.code == name
    assert error.field == "photo"


@pytest.mark.parametrize("sentence", ["", "   ", "\u200b\u202e", "가" * 500, "가" * 10_000])
def test_a_bad_sentence(owner, sentence):
    assert refused(owner, photo=png(faces.astronaut()), sentence=sentence).field == "sentence"


def test_no_photo_at_all(owner):
    assert refused(owner).code == "photo_missing"


@pytest.mark.parametrize("consent", ["", "everybody"])
def test_no_consent(owner, consent):
    assert refused(owner, photo=png(faces.astronaut()), consent=consent).code == "consent_missing"


def test_an_unknown_template(owner):
    photo = png(faces.astronaut())
    assert refused(owner, photo=photo, template_id="flying").code == "unknown_template"


def test_somebody_elses_portrait(owner):
    theirs = PortraitFactory()
    error = refused(owner, portrait_id=theirs.public_id)
    assert isinstance(error, NotFound)


def test_the_day_is_over(owner):
    owner.daily_stickers = 0
    portrait = PortraitFactory(owner=owner)
    assert refused(owner, portrait_id=portrait.public_id).code == "quota_exceeded"


def test_emoji_alone_are_understood(owner):
    portrait = PortraitFactory(owner=owner)
    sticker = sticker_submit(
        owner=owner,
        photo=None,
        portrait_id=portrait.public_id,
        consent="",
        sentence="🎂🎉",
        template_id="hello",
        look=look_read(),
    )
    assert sticker.sentence == "🎂🎉"


def test_a_wrong_extension_does_not_matter(owner):
    """Only the content counts; names of uploads are never read."""
    portrait = portrait_create(owner=owner, data=png(faces.astronaut()), consent="self")
    assert (portrait.width, portrait.height) == (512, 512)


def test_of_several_faces_the_largest_is_used_and_all_are_known(owner):
    portrait = portrait_create(owner=owner, data=jpeg(faces.t1_group()), consent="permitted")
    assert len(portrait.faces) > 1
    assert portrait.face_index == 0
