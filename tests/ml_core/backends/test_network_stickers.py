"""A sticker of the astronaut through each published network, from files in their published formats."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from ml_core.backends import Backends, DrivingCapture, DrivingVideo
from ml_core.errors import MotionInvalid, OutputInvalid, WeightsUnavailable
from ml_core.face.analyser import FaceAnalyser
from ml_core.face.archive import analysis_to_bytes
from ml_core.pipeline import StickerRequest, make_sticker, make_stickers
from ml_core.toonify.look import ToonLook
from tests import faces
from tests.ml_core.backends.test_choice import store_of

pytestmark = pytest.mark.torch

NOD = """
id = "nod"
duration_s = 0.5
fps = 8

[tracks]
"head.pitch" = [[0.0, 0.0], [0.5, 8.0], [1.0, 0.0]]
"""


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    from tests import tiny_networks

    folder = tmp_path_factory.mktemp("weights")
    for make in (
        tiny_networks.stylegan2_pair,
        tiny_networks.liveportrait,
        tiny_networks.animegan2,
        tiny_networks.wav2lip,
    ):
        make(folder)
    return folder


@pytest.fixture(scope="module")
def models(weights):
    with store_of(weights).lease() as lease:
        yield lease


@pytest.fixture(scope="module")
def astronaut():
    return FaceAnalyser().analyse(faces.astronaut())


@pytest.fixture(scope="module")
def analysis(astronaut):
    return analysis_to_bytes(astronaut)


@pytest.fixture(scope="module")
def driving(astronaut):
    """Ten frames in which the picture moves to the right."""
    shifts = range(10)
    return DrivingVideo(
        np.stack([np.roll(astronaut.image, shift, axis=1) for shift in shifts]),
        np.stack([astronaut.landmarks + np.array([shift, 0, 0], np.float32) for shift in shifts]),
        np.stack([astronaut.iris + np.array([shift, 0], np.float32) for shift in shifts]),
        10.0,
    )


def opened(made) -> Image.Image:
    (file,) = made.files
    picture = Image.open(io.BytesIO(file.data))
    assert picture.size == (file.width, file.height)
    assert picture.n_frames == file.frames
    alpha = np.asarray(picture.convert("RGBA"))[..., 3]
    assert 0.1 < (alpha > 128).mean() < 0.95
    return picture


def request(analysis, **wishes) -> StickerRequest:
    return StickerRequest(analysis, NOD, "", formats=("apng",), size=256, **wishes)


def test_layer_swap_and_liveportrait_from_files_to_a_sticker(models, analysis):
    stages = []
    made = make_sticker(
        request(analysis, backends=Backends("stylegan2", "liveportrait")),
        lambda stage, _: stages.append(stage),
        models,
    )
    assert (made.used.toonify, made.used.animate, made.used.fallbacks) == ("stylegan2", "liveportrait", ())
    assert opened(made).n_frames == 4
    assert list(dict.fromkeys(stages)) == ["toonifying", "animating", "encoding"]


def test_faces_of_several_stickers_are_projected_together(models, analysis):
    wanted = Backends("stylegan2")
    looks = [ToonLook(strength=0.2), ToonLook(strength=1.0)]
    told = []
    made = make_stickers(
        [request(analysis, backends=wanted, look=look) for look in looks],
        lambda stage, percent, item: told.append((stage, item)),
        models,
    )
    assert [each.used.toonify for each in made] == ["stylegan2", "stylegan2"]
    mild, strong = (np.asarray(opened(each).convert("RGBA"), np.int16) for each in made)
    assert np.abs(mild - strong).mean() > 1.0
    assert {item for _, item in told} == {0, 1}


def test_two_blends_lie_side_by_side(models, astronaut):
    from ml_core.backends.networks import blends_side_by_side

    sheet = blends_side_by_side(models, astronaut, (0.2, 1.0))
    side = len(astronaut.image)
    assert sheet.shape == (side, 3 * side, 3)
    photo, mild, strong = (sheet[:, index * side : (index + 1) * side].astype(int) for index in range(3))
    assert np.array_equal(photo, astronaut.image)
    assert np.abs(mild - strong).mean() > 1.0


def test_face_to_paint_on_the_puppet(models, analysis):
    made = make_sticker(request(analysis, backends=Backends("animegan2")), models=models)
    assert (made.used.toonify, made.used.animate) == ("animegan2", "puppet")
    assert opened(made).n_frames == 4


def test_a_network_that_computes_nan_is_an_error_and_no_black_face(models, analysis):
    wanted = request(analysis, backends=Backends("animegan2"))
    weight = next(models["animegan2"].network.parameters())
    kept = weight.clone()
    weight.fill_(float("nan"))
    try:
        with pytest.raises(OutputInvalid) as refused:
            make_sticker(wanted, models=models)
    finally:
        weight.copy_(kept)
    assert refused.value.code == "result_not_finite"


def test_a_driving_video_becomes_tracks_for_the_puppet(models, analysis, driving):
    made = make_sticker(request(analysis, driving=driving), models=models)
    assert made.files[0].duration_s == pytest.approx(1.0, abs=0.3)
    assert opened(made).n_frames > 4


def test_a_driving_video_is_played_by_liveportrait_frame_by_frame(models, analysis, driving):
    short = DrivingVideo(driving.frames[:3], driving.landmarks[:3], driving.irises[:3], driving.fps)
    neural = request(analysis, backends=Backends(animate="liveportrait"), driving=short)
    made = make_sticker(neural, models=models)
    assert made.used.animate == "liveportrait"
    assert opened(made).n_frames == 3


def test_a_captured_motion_is_played_by_liveportrait_only(models, analysis, driving, tmp_path):
    from ml_core.animation.liveportrait.capture import write_capture

    captured = models["liveportrait"].capture(driving.frames[:2], driving.landmarks[:2], 10.0)
    write_capture(tmp_path / "shift.npz", captured)
    capture = DrivingCapture((tmp_path / "shift.npz").read_bytes())
    neural = request(analysis, backends=Backends(animate="liveportrait"), driving=capture)
    assert make_sticker(neural, models=models).files[0].frames == 2
    with pytest.raises(MotionInvalid) as refused:
        make_sticker(request(analysis, driving=capture), models=models)
    assert refused.value.code == "capture_needs_liveportrait"


def test_sound_moves_the_lips_for_as_long_as_it_lasts(models, analysis):
    sound = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    silent = make_sticker(request(analysis), models=models)
    spoken = make_sticker(request(analysis, sound=sound), models=models)
    assert silent.files[0].frames == 4
    assert spoken.files[0].duration_s == pytest.approx(1.0, abs=0.26)
    one, other = (np.asarray(opened(each).convert("RGBA"), np.int16) for each in (silent, spoken))
    assert np.abs(one - other).max() > 20


def test_sound_without_wav2lip_says_what_is_missing(analysis, tmp_path):
    sound = np.zeros(16_000, np.float32)
    with (
        store_of(tmp_path, commercial_mode=False).lease() as models,
        pytest.raises(WeightsUnavailable, match="wav2lip"),
    ):
        make_sticker(request(analysis, sound=sound), models=models)
