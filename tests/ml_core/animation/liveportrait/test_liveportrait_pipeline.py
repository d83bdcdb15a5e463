"""The LivePortrait pipeline with random weights (numbers of the networks: tests/parity)."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ml_core.animation.channels import INDEX
from ml_core.animation.liveportrait.animator import LivePortraitAnimator
from ml_core.animation.liveportrait.authored import (
    YAW_SIGN,
    AuthoredSource,
    authored_points,
    wanted_apertures,
)
from ml_core.animation.liveportrait.capture import CapturedMotion, read_capture, write_capture
from ml_core.animation.liveportrait.crop import crop, crop_matrix, paste_back, soft_mask
from ml_core.animation.liveportrait.drive import Apertures, DriveOptions, Retargeters
from ml_core.animation.liveportrait.expression_offsets import PROVEN, expression_offsets
from ml_core.animation.liveportrait.mesh_landmarks import apertures, driving_crop, source_crop
from ml_core.animation.liveportrait.pose import Motion, key_points
from ml_core.animation.liveportrait.retarget import KeypointMlp
from ml_core.animation.liveportrait.weights import LivePortraitNetworks, load_networks, untrained_networks
from ml_core.animation.motion import rest_pose
from ml_core.errors import MotionInvalid, WeightsUnavailable
from ml_core.face.analyser import FaceAnalyser
from tests import faces

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def astronaut():
    return FaceAnalyser().analyse(faces.astronaut())


@pytest.fixture(scope="module")
def networks() -> LivePortraitNetworks:
    return untrained_networks()


@pytest.fixture(scope="module")
def animator(networks):
    return LivePortraitAnimator(networks)


@pytest.fixture(scope="module")
def source(animator, astronaut):
    return animator.prepare(astronaut.image, astronaut.landmarks)


def motion(**changes) -> Motion:
    zero = torch.zeros(1, 1)
    kp = torch.linspace(-0.3, 0.3, 63).reshape(1, 21, 3)
    fields = {"pitch": zero, "yaw": zero, "roll": zero, "t": torch.zeros(1, 3), "scale": torch.ones(1, 1)}
    return Motion(**{**fields, "kp": kp, "exp": torch.zeros(1, 21, 3), **changes})


class _Still(torch.nn.Module):
    """A retargeting network that moves nothing."""

    def __init__(self, width):
        super().__init__()
        self.width = width

    def forward(self, x):
        return torch.zeros(len(x), self.width)


STILL = Retargeters(stitching=_Still(65), lip=_Still(63), eye=_Still(63))
AT_REST = AuthoredSource(motion(), Apertures(torch.tensor([[0.3, 0.3]]), torch.tensor([[0.1]])), 160.0)


def test_the_source_crop_holds_the_upright_head(astronaut):
    matrix = source_crop(astronaut.landmarks)
    points = astronaut.landmarks[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    assert points.min() > 100
    assert points.max() < 440
    brow, chin = points[9], points[152]
    assert abs(brow[0] - chin[0]) < 25


def test_a_driving_crop_is_one_unrotated_box_for_all_frames(astronaut):
    moved = astronaut.landmarks + np.array([10, 0, 0], np.float32)
    matrix = driving_crop(np.stack([astronaut.landmarks, moved]))
    single = driving_crop(astronaut.landmarks[None])
    assert matrix[0, 1] == 0
    assert matrix[0, 0] == pytest.approx(single[0, 0], rel=1e-3)
    assert matrix[0, 2] == pytest.approx(single[0, 2] - 5 * matrix[0, 0], abs=0.1)


def test_pasting_back_what_was_cropped_changes_nothing_visible(astronaut):
    matrix = crop_matrix(astronaut.landmarks, 512, 2.3, -0.125)
    face = crop(astronaut.image, matrix, 512)
    back = np.linalg.inv(np.vstack([matrix, [0, 0, 1]])).astype(np.float32)
    out = paste_back(face, back, astronaut.image, soft_mask())
    assert np.abs(out.astype(int) - astronaut.image).mean() < 1.0


def test_apertures_follow_the_mesh(astronaut):
    landmarks = astronaut.landmarks.copy()
    before = apertures(landmarks)
    landmarks[14, 1] += 30
    landmarks[145] = landmarks[159]
    after = apertures(landmarks)
    assert after.lips > before.lips + 0.1
    assert after.eyes[0, 0] == 0
    assert after.eyes[0, 1] == before.eyes[0, 1]


def test_at_rest_an_authored_motion_leaves_the_face_alone():
    points = authored_points(STILL, AT_REST, rest_pose(2))
    assert torch.allclose(points, key_points(AT_REST.motion).expand(2, -1, -1), atol=1e-6)


def test_authored_roll_turns_the_key_points_clockwise():
    pose = rest_pose(1)
    pose.values[0, INDEX["head.roll"]] = 90
    still = key_points(AT_REST.motion)[0]
    turned = authored_points(STILL, AT_REST, pose)[0]
    # y points down: clockwise takes +x to +y
    assert torch.allclose(turned[:, 1], still[:, 0], atol=1e-5)
    assert torch.allclose(turned[:, 0], -still[:, 1], atol=1e-5)


def test_authored_yaw_moves_the_nose_to_the_pictures_right():
    """The network's canonical frame has the nose at negative z."""
    nose = torch.zeros(1, 21, 3)
    nose[0, 0, 2] = -0.3
    pose = rest_pose(1)
    pose.values[0, INDEX["head.yaw"]] = 20
    about = AuthoredSource(motion(kp=nose), AT_REST.apertures, 160.0)
    assert authored_points(STILL, about, pose)[0, 0, 0] > 0.05
    assert YAW_SIGN == -1.0


def test_an_authored_shift_is_in_the_crops_units():
    pose = rest_pose(1)
    pose.values[0, INDEX["head.x"]] = 0.5
    points = authored_points(STILL, AT_REST, pose)
    assert torch.allclose(points[..., 0], AT_REST.motion.kp[..., 0] + 0.5 * 160 / 256, atol=1e-5)


def test_blinks_and_jaw_set_the_wanted_apertures():
    pose = rest_pose(3)
    for side in ("Left", "Right"):
        pose.values[1, INDEX[f"eyeBlink{side}"]] = 1.0
    pose.values[2, INDEX["jawOpen"]] = 0.5
    eyes, lips = wanted_apertures(pose, AT_REST.apertures)
    assert eyes.flatten().tolist() == pytest.approx([0.3, 0.0, 0.3])
    assert lips.flatten().tolist() == pytest.approx([0.1, 0.1, 0.4])


def test_retargeting_networks_are_asked_only_where_something_is_wanted():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        lively = Retargeters(stitching=_Still(65), lip=KeypointMlp("lip"), eye=KeypointMlp("eye"))
    pose = rest_pose(2)
    pose.values[1, INDEX["jawOpen"]] = 1.0
    with torch.no_grad():
        points = authored_points(lively, AT_REST, pose)
    still = key_points(AT_REST.motion)[0]
    assert torch.allclose(points[0], still, atol=1e-6)
    assert not torch.allclose(points[1], still, atol=1e-3)


def test_expression_offsets_are_linear_and_marked_unproven():
    pose = rest_pose(3)
    pose.values[1, INDEX["mouthSmileLeft"]] = 1.0
    for side in ("Left", "Right"):
        pose.values[2, INDEX[f"mouthSmile{side}"]] = 1.0
    offsets = expression_offsets(pose)
    assert not offsets[0].any()
    assert np.allclose(2 * offsets[1], offsets[2])
    assert offsets[2, 20, 1] == pytest.approx(-0.01)
    assert PROVEN is False


def test_a_captured_motion_drives_the_source_and_survives_its_file(animator, source, astronaut, tmp_path):
    frames = np.stack([astronaut.image, np.roll(astronaut.image, 6, axis=1)])
    landmarks = np.stack([astronaut.landmarks, astronaut.landmarks + np.array([6, 0, 0], np.float32)])
    captured = animator.capture(frames, landmarks, 10.0)
    points = animator.points_captured(source, captured, DriveOptions(stitching=False, normalize_lip=False))
    assert points.shape == (2, 21, 3)
    # relative mode: the first frame is the source itself
    assert torch.allclose(points[0], source.points[0], atol=1e-5)
    assert not torch.allclose(points[1], source.points[0], atol=1e-4)

    write_capture(tmp_path / "nod.npz", captured)
    again = read_capture(tmp_path / "nod.npz")
    assert (len(again), again.fps) == (2, 10.0)
    assert torch.equal(animator.points_captured(source, again), animator.points_captured(source, captured))


def test_a_file_that_is_no_capture_is_refused(tmp_path):
    np.savez(tmp_path / "x.npz", pitch=np.zeros((2, 1)))
    (tmp_path / "y.npz").write_bytes(b"no archive")
    np.savez(tmp_path / "z.npz", pitch=np.array([{"a": 1}], dtype=object))
    for name in ("x", "y", "z"):
        with pytest.raises(MotionInvalid) as refused:
            read_capture(tmp_path / f"{name}.npz")
        assert refused.value.code == "capture_invalid"


def test_one_picture_drives_expression_without_the_head(animator, source, astronaut):
    one = animator.capture(astronaut.image[None], astronaut.landmarks[None], 1.0)
    turned = CapturedMotion((motion(yaw=torch.tensor([[40.0]]), exp=one.motions[0].exp),), one.apertures, 1.0)
    options = DriveOptions(driven_by_video=False, stitching=False, normalize_lip=False)
    unturned = CapturedMotion((motion(exp=one.motions[0].exp),), one.apertures, 1.0)
    assert torch.equal(
        animator.points_captured(source, turned, options), animator.points_captured(source, unturned, options)
    )


def test_published_files_are_loaded_by_their_names(networks, animator, tmp_path):
    base, retargeting = tmp_path / "base_models", tmp_path / "retargeting_models"
    base.mkdir()
    retargeting.mkdir()
    torch.save(networks.appearance.state_dict(), base / "appearance_feature_extractor.pth")
    with pytest.raises(WeightsUnavailable, match=r"motion_extractor\.pth"):
        load_networks(tmp_path)
    torch.save(networks.appearance.state_dict(), base / "motion_extractor.pth")
    with pytest.raises(WeightsUnavailable, match="motion_extractor") as refused:
        load_networks(tmp_path)
    assert refused.value.code == "weights_wrong_network"
