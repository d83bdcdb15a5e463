"""Alpha, staging and face position of neural sticker frames."""

from __future__ import annotations

import numpy as np
import pytest

from ml_core.animation.channels import INDEX
from ml_core.animation.liveportrait.sticker import (
    composed,
    face_frame,
    matted,
    outer_eyes,
    stage_matrix,
    turned_mesh,
)
from ml_core.animation.motion import rest_pose
from ml_core.face.analyser import FaceAnalyser
from tests import faces

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def landmarks():
    return FaceAnalyser().analyse(faces.astronaut()).landmarks


def test_alpha_is_found_again_from_two_backdrops():
    draw = np.random.default_rng(0)
    texture = draw.integers(0, 256, (40, 40, 4), dtype=np.uint8)
    pixels = matted(composed(texture, 255), composed(texture, 0))
    assert np.abs(pixels[..., 3].astype(int) - texture[..., 3]).max() <= 1
    premultiplied = texture[..., :3] * (texture[..., 3:] / 255.0)
    assert np.abs(pixels[..., :3] - premultiplied).max() <= 1.5
    assert (pixels[..., :3] <= pixels[..., 3:]).all()


def test_at_rest_the_canvas_is_the_portrait_frame(landmarks):
    pose = rest_pose(1)
    stage = stage_matrix(pose, 0, landmarks, 600, 300)
    assert stage == pytest.approx(np.array([[0.5, 0, 0], [0, 0.5, 0]]), abs=1e-6)
    frame = face_frame(pose, 0, landmarks, stage, np.zeros((300, 300), np.uint8), 300)
    assert frame.landmarks == pytest.approx(landmarks[:, :2] * 0.5, abs=1e-3)
    assert frame.unit == pytest.approx(outer_eyes(landmarks) / 2)


def test_root_channels_move_the_whole_figure(landmarks):
    pose = rest_pose(1)
    pose.values[0, INDEX["root.x"]] = 0.5
    pose.values[0, INDEX["scale"]] = 1.2
    stage = stage_matrix(pose, 0, landmarks, 600, 600)
    middle = landmarks[:, :2].mean(0)
    moved = stage[:, :2] @ middle + stage[:, 2]
    assert moved - middle == pytest.approx([0.5 * outer_eyes(landmarks), 0], abs=1e-2)
    assert np.hypot(stage[0, 0], stage[1, 0]) == pytest.approx(1.2)


@pytest.mark.parametrize(("channel", "axis"), [("yaw", 0), ("pitch", 1)])
def test_the_nose_goes_where_the_head_turns(landmarks, channel, axis):
    nose, still = 4, turned_mesh(landmarks, 0, 0, 0)
    angles = {"yaw": 0.0, "pitch": 0.0, "roll": 0.0, channel: 15.0}
    turned = turned_mesh(landmarks, **angles)
    assert turned[nose, axis] > still[nose, axis] + 3


def test_roll_is_clockwise(landmarks):
    turned = turned_mesh(landmarks, 0, 0, 30)
    # the eye on the picture's right goes down
    assert turned[263, 1] > turned[33, 1] + 10
