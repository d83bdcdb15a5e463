"""InsightFace through its own loading code, on tiny ONNX files of the published models' shapes."""

import numpy as np
import pytest

from ml_core.errors import OutputInvalid, PhotoRejected, WeightsUnavailable
from ml_core.swap.look import SwapLook
from tests.ml_core.face.insightface_models import BOX, KEYPOINTS, buffalo, inswapper

pytestmark = pytest.mark.torch  # the full set-up: insightface, onnx, onnxruntime
pytest.importorskip("insightface")


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    return buffalo(folder / "buffalo_l"), inswapper(folder / "inswapper_128.onnx")


@pytest.fixture(scope="module")
def faces(weights):
    from ml_core.face.insightface_backend import InsightFaces

    return InsightFaces(weights[0])


def picture(colour, side=640):
    """A plain field with a bright nose: what varies in the crop is what a swap can change."""
    grain = np.random.default_rng(3).integers(-8, 8, (side, side, 3))
    grain[300:360, 290:350] += 90
    return np.clip(np.array(colour) + grain, 0, 255).astype(np.uint8)


def test_one_face_with_everything_that_buffalo_l_says(faces, capsys):
    (face,) = faces.faces(picture((180, 140, 120)))
    left, top, right, bottom = BOX
    assert face.box.box == pytest.approx((left, top, right - left, bottom - top), abs=1.5)
    assert face.keypoints == pytest.approx(KEYPOINTS, abs=1.5)
    assert face.landmarks_106.shape == (106, 2)
    assert face.landmarks_68.shape == (68, 3)
    assert face.embedding.shape == (512,)
    assert face.male is True
    assert face.age == 31
    assert np.isfinite(face.pose).all()
    assert capsys.readouterr().out == ""


def test_the_swapper_draws_the_source_in_a_soft_oval(weights, faces):
    from ml_core.swap.inswapper import InsightSwap, load_inswapper

    source, target = picture((220, 60, 60)), picture((90, 90, 90))
    swapper = InsightSwap(faces, load_inswapper(weights[1]), source, SwapLook())
    out = swapper.picture(target, (0,))
    change = np.abs(out.astype(int) - target.astype(int)).max(axis=2)
    assert np.median(change[310:350, 300:340]) > 15  # its model halves the contrast
    assert change[:60].max() <= 1
    assert change[:, :40].max() <= 1
    half = InsightSwap(faces, load_inswapper(weights[1]), source, SwapLook(amount=0.5)).picture(target, (0,))
    assert np.abs(half.astype(int) - target.astype(int)).max() < change.max()
    rim = np.abs(np.diff((out.astype(int) - target.astype(int)).mean(axis=2), axis=1))[:, :260]
    assert rim.max() < 14  # no hard edge beside the nose


def test_a_clip_keeps_its_frames(weights, faces):
    from ml_core.swap.inswapper import InsightSwap, load_inswapper

    frames = [picture((90 + step, 90, 90)) for step in range(3)]
    out = InsightSwap(
        faces, load_inswapper(weights[1]), picture((220, 60, 60)), SwapLook(regions=("mouth",))
    ).clip(frames, None)
    assert [frame.shape for frame in out] == [frame.shape for frame in frames]


def test_a_face_that_is_not_there(weights, faces):
    from ml_core.swap.inswapper import InsightSwap, load_inswapper

    swapper = InsightSwap(faces, load_inswapper(weights[1]), picture((220, 60, 60)), SwapLook())
    with pytest.raises(PhotoRejected) as refused:
        swapper.picture(picture((90, 90, 90)), (3,))
    assert refused.value.code == "target_face_out_of_range"


def test_missing_and_corrupt_weights_say_so(tmp_path, weights, faces):
    from ml_core.face.insightface_backend import InsightFaces
    from ml_core.swap.inswapper import load_inswapper

    with pytest.raises(WeightsUnavailable, match=r"det_10g\.onnx"):
        InsightFaces(tmp_path)
    broken = buffalo(tmp_path / "broken")
    (broken / "genderage.onnx").write_bytes(b"no model")
    with pytest.raises(WeightsUnavailable) as refused:
        InsightFaces(broken)
    assert refused.value.code == "weights_corrupt"
    with pytest.raises(WeightsUnavailable) as refused:
        load_inswapper(weights[0] / "genderage.onnx")
    assert refused.value.code == "weights_corrupt"


def test_a_swapper_that_computes_nan_is_no_picture(tmp_path, faces):
    from ml_core.swap.inswapper import InsightSwap, load_inswapper

    broken = inswapper(tmp_path / "inswapper_128.onnx", half=float("nan"))
    swapper = InsightSwap(faces, load_inswapper(broken), picture((220, 60, 60)), SwapLook())
    with pytest.raises(OutputInvalid) as refused:
        swapper.picture(picture((90, 90, 90)), (0,))
    assert refused.value.code == "result_not_finite"
