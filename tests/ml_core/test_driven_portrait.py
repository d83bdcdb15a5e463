"""Photo by photo, photo by video and video by capture, through tiny weights in the published files."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from ml_core.driven_portrait import DriveRequest, drive_portrait
from ml_core.encoding.encode import encode
from ml_core.errors import WeightsUnavailable
from ml_core.types import Clip
from tests import faces
from tests.ml_core.backends.test_choice import store_of

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def photo():
    stream = io.BytesIO()
    Image.fromarray(faces.astronaut()).save(stream, "PNG")
    return stream.getvalue()


@pytest.fixture(scope="module")
def film():
    """Three frames of the astronaut, moving to the right."""
    picture = faces.astronaut()
    frames = np.stack([np.roll(picture, 2 * index, axis=1) for index in range(3)])
    opaque = np.concatenate([frames, np.full((*frames.shape[:3], 1), 255, np.uint8)], axis=3)
    return encode(Clip(opaque, 10.0), "mp4").data


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    from tests import tiny_networks

    folder = tmp_path_factory.mktemp("weights")
    tiny_networks.liveportrait(folder)
    return store_of(folder)


def test_a_photo_drives_a_photo(store, photo):
    with store.lease() as models:
        made = drive_portrait(DriveRequest(photo, False, photo, True), models)
    assert (made.file.format, made.file.frames) == ("png", 1)
    assert Image.open(io.BytesIO(made.file.data)).size == faces.astronaut().shape[1::-1]


def test_a_video_drives_a_photo_and_its_capture_drives_a_video(store, photo, film):
    with store.lease() as models:
        first = drive_portrait(DriveRequest(photo, False, film, False), models)
        again = drive_portrait(DriveRequest(film, True, first.capture, False), models)
    assert (first.file.format, first.file.frames) == ("mp4", 3)
    assert (again.file.format, again.file.frames) == ("mp4", 3)


def test_without_weights_nothing_stands_in(photo, tmp_path):
    with store_of(tmp_path).lease() as models, pytest.raises(WeightsUnavailable) as refused:
        drive_portrait(DriveRequest(photo, False, photo, True), models)
    assert refused.value.code == "weights_missing"
