"""From bytes to bytes: a picture stays a picture, a clip a clip, both marked as made by AI."""

import io

import numpy as np
import pytest
from PIL import Image as Pil

from ml_core.encoding.containers import open_container
from ml_core.encoding.encode import encode
from ml_core.errors import ClipInvalid, PhotoRejected
from ml_core.face.analyser import FaceAnalyser
from ml_core.face.archive import analysis_to_bytes
from ml_core.swap.look import SwapLook
from ml_core.swap_pipeline import SwapRequest, swap
from ml_core.toonify.look import ToonLook
from ml_core.types import Clip
from tests.faces import astronaut, grace_hopper


@pytest.fixture(scope="module")
def source():
    return analysis_to_bytes(FaceAnalyser().analyse(grace_hopper()))


def saved(frames, format, **options):
    buffer = io.BytesIO()
    first, *rest = [Pil.fromarray(frame) for frame in frames]
    moving = {"save_all": True, "append_images": rest} if rest else {}
    first.save(buffer, format, **moving, **options)
    return buffer.getvalue()


def swaying(count):
    head = astronaut()[0:300, 90:390]
    return [np.ascontiguousarray(np.roll(head, shift, axis=1)) for shift in range(count)]


def test_a_picture_comes_back_as_a_marked_picture(source):
    result = swap(SwapRequest(source, saved([astronaut()], "JPEG", quality=90)))
    assert (result.file.format, result.file.width, result.file.height) == ("png", 512, 512)
    assert len(result.boxes) == 1
    assert b"compositeWithTrainedAlgorithmicMedia" in result.file.data
    shown = np.asarray(Pil.open(io.BytesIO(result.file.data)).convert("RGB"))
    assert np.abs(shown[400:].astype(int) - astronaut()[400:].astype(int)).mean() < 4


@pytest.mark.parametrize(("format", "kind"), [("GIF", "gif"), ("WEBP", "webp")])
def test_a_clip_comes_back_as_the_same_kind_with_every_frame(source, format, kind):
    frames = swaying(6)
    result = swap(
        SwapRequest(source, saved(frames, format, duration=80, loop=0), toon=ToonLook(style="flat"))
    )
    assert result.file.format == kind
    assert result.file.frames == 6
    assert result.file.duration_s == pytest.approx(0.48, abs=0.01)
    assert len(open_container(result.file.data).delays) == 6


def test_the_swapped_face_does_not_flicker(source):
    """The same frame over and over, with sensor noise: the swapped face moves less than the noise."""
    rng = np.random.default_rng(5)
    head = astronaut()[0:300, 90:390].astype(np.float32)
    frames = [np.clip(head + rng.normal(0, 4, head.shape), 0, 255).astype(np.uint8) for _ in range(6)]
    data = saved(frames, "WEBP", duration=80, loop=0, lossless=True)
    result = swap(SwapRequest(source, data, format="apng"))
    with Pil.open(io.BytesIO(result.file.data)) as picture:
        shown = []
        for index in range(6):
            picture.seek(index)
            shown.append(np.asarray(picture.convert("RGB")).astype(np.float32))
    face = np.stack(shown)[2:, 90:180, 100:180]
    steps = np.abs(np.diff(face, axis=0)).mean()
    noise = np.abs(np.diff(np.stack(frames)[2:, 90:180, 100:180].astype(np.float32), axis=0)).mean()
    assert steps < 0.7 * noise


def test_a_clip_of_a_minute_is_refused_before_it_is_decoded(source):
    data = saved(swaying(4), "WEBP", duration=15_000, loop=0)
    with pytest.raises(ClipInvalid, match="lasts 60 s; cut it to at most 6 s") as refused:
        swap(SwapRequest(source, data))
    assert refused.value.code == "swap_clip_too_long"


def test_what_cannot_be_read_or_written_is_said(source):
    with pytest.raises(PhotoRejected) as refused:
        swap(SwapRequest(source, b"this is no picture"))
    assert refused.value.code == "not_an_image"
    with pytest.raises(ClipInvalid, match="png, webp") as refused:
        swap(SwapRequest(source, saved([astronaut()], "PNG"), format="mp4"))
    assert refused.value.code == "swap_format"
    clip = encode(Clip(np.dstack([astronaut(), np.full((512, 512), 255, np.uint8)])[None], 1.0), "mp4").data
    for format in ("", "mp4"):
        with pytest.raises(ClipInvalid, match="mp4 file is damaged") as refused:
            swap(SwapRequest(source, clip[: len(clip) // 2], format=format))
        assert refused.value.code == "file_corrupt"


def test_an_amount_of_nothing_gives_the_picture_back(source):
    result = swap(SwapRequest(source, saved([astronaut()], "PNG"), look=SwapLook(amount=0)))
    shown = np.asarray(Pil.open(io.BytesIO(result.file.data)).convert("RGB"))
    assert (shown == astronaut()).all()
