"""Marks and signatures: there, read by other programs, and harmless to the pixels."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import av
import c2pa
import numpy as np
import pytest
from cryptography import x509
from PIL import Image

from ml_core.encoding.containers import open_container
from ml_core.encoding.credentials import (
    DEVELOPMENT_NAME,
    MANIFEST_BYTES,
    MEDIA_TYPES,
    Credentials,
    development_credentials,
    signed,
)
from ml_core.encoding.encode import FORMATS, encode
from ml_core.encoding.exporting import export, export_all
from ml_core.encoding.marks import COMPOSITE, GENERATED, mark_bytes, marked
from ml_core.encoding.targets import load_targets
from ml_core.errors import ClipInvalid
from ml_core.types import Clip
from tests.ml_core.encoding.seen import decoded


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Credentials:
    return development_credentials(tmp_path_factory.mktemp("keys"))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("source_type", [COMPOSITE, GENERATED])
def test_the_mark_is_there_and_pixels_are_the_same(nod: Clip, format: str, source_type: str) -> None:
    plain = encode(nod, format).data
    with_mark = marked(plain, format, source_type)
    assert open_container(with_mark).source_type == source_type
    assert 0 < len(with_mark) - len(plain) <= mark_bytes(format)
    assert np.array_equal(decoded(plain), decoded(with_mark))


@pytest.mark.parametrize("format", ["webp", "png", "apng"])
def test_pillow_reads_the_xmp(nod: Clip, format: str) -> None:
    with Image.open(BytesIO(marked(encode(nod, format).data, format))) as picture:
        picture.load()
        xmp = picture.info["xmp"]
    text = xmp if isinstance(xmp, str) else xmp.decode()
    assert f'DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/{COMPOSITE}"' in text


def test_still_webp_without_alpha_can_be_marked() -> None:
    opaque = Clip(np.full((1, 40, 30, 4), 255, np.uint8), 1.0)
    made = marked(encode(opaque, "webp").data, "webp")
    container = open_container(made)
    assert (container.width, container.height, container.metadata) == (30, 40, ("xmp",))
    assert decoded(made).shape == (1, 40, 30, 4)


def test_ffmpeg_reads_the_webm_tag(nod: Clip) -> None:
    with av.open(BytesIO(marked(encode(nod, "webm").data, "webm")), format="matroska") as container:
        assert COMPOSITE in container.metadata["COMMENT"]


def test_unknown_marks_are_refused(nod: Clip) -> None:
    with pytest.raises(ClipInvalid, match="trainedAlgorithmicMedia"):
        marked(b"", "gif", "photo")
    with pytest.raises(ClipInvalid, match="bmp"):
        marked(b"", "bmp")


@pytest.mark.parametrize("format", sorted(MEDIA_TYPES))
def test_the_manifest_is_valid_and_untrusted(nod: Clip, keys: Credentials, format: str) -> None:
    plain = marked(encode(nod, format).data, format)
    made = signed(plain, format, keys, GENERATED)
    assert len(made) - len(plain) <= MANIFEST_BYTES
    assert np.array_equal(decoded(made), decoded(plain))
    assert "c2pa" in open_container(made).metadata
    with c2pa.Reader(MEDIA_TYPES[format], BytesIO(made)) as reader:
        assert reader.get_validation_state() == "Valid"
        report = json.loads(reader.json())
        assertions = {one["label"]: one["data"] for one in reader.get_active_manifest()["assertions"]}
        (action,) = assertions["c2pa.actions.v2"]["actions"]
    assert [one["code"] for one in report["validation_status"]] == ["signingCredential.untrusted"]
    assert action["digitalSourceType"].endswith(f"/{GENERATED}")


def test_a_changed_file_is_noticed(nod: Clip, keys: Credentials) -> None:
    made = bytearray(signed(encode(nod, "gif").data, "gif", keys))
    made[-40] ^= 1
    with c2pa.Reader("image/gif", BytesIO(bytes(made))) as reader:
        assert reader.get_validation_state() == "Invalid"


def test_webm_cannot_be_signed(nod: Clip, keys: Credentials) -> None:
    with pytest.raises(ClipInvalid) as caught:
        signed(encode(nod, "webm").data, "webm", keys)
    assert caught.value.code == "format_unsigned"


def test_keys_are_made_once_and_say_what_they_are(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "keys"
    first = development_credentials(folder)
    assert development_credentials(folder) == first
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o077 == 0
    certificate = x509.load_pem_x509_certificate(first.certificate)
    assert DEVELOPMENT_NAME[:40] in certificate.subject.rfc4514_string().replace("\\", "")
    assert b"PRIVATE KEY" not in first.certificate


def test_exports_are_marked_signed_and_within_the_limit(nod: Clip, keys: Credentials) -> None:
    targets = load_targets()
    marks = {
        name: export(nod, targets[name], credentials=keys).certificate.marks
        for name in ("line_bot", "telegram_emoji", "slack_emoji", "whatsapp_static")
    }
    assert {name: set(value) for name, value in marks.items()} == {
        "line_bot": {"xmp", "c2pa"},
        "telegram_emoji": {"tags"},
        "slack_emoji": {"comment", "c2pa"},
        "whatsapp_static": {"xmp", "c2pa"},
    }


def test_one_impossible_target_does_not_stop_the_others(nod: Clip) -> None:
    targets = load_targets()
    still = Clip(nod.frames[:1], 12.0)
    made = list(export_all(still, [targets["line_anim"], targets["kakao_mini"]]))
    assert [one.target for one in made] == ["line_anim", "kakao_mini"]
    assert made[0].error is not None
    assert made[0].error.code == "frames_too_few"
    assert made[1].fitted is not None
    assert made[1].fitted.certificate.ok


def test_targets_that_ask_for_the_same_share_a_file(nod: Clip) -> None:
    targets = load_targets()
    anim, bot = export_all(nod, [targets["line_anim"], targets["line_bot"]])
    assert anim.fitted is not None
    assert bot.fitted is not None
    assert bot.fitted.file.data == anim.fitted.file.data
    assert (anim.fitted.encodes, bot.fitted.encodes) == (1, 0)
    assert (bot.fitted.target, bot.fitted.certificate.target) == ("line_bot", "line_bot")
    alone = export(nod, targets["line_bot"])
    assert alone.file.data == bot.fitted.file.data
