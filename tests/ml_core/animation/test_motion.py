"""Sampling a motion into poses."""

from __future__ import annotations

import numpy as np

from ml_core.animation.channels import ARKIT, CHANNELS, INDEX
from ml_core.animation.motion import Motion, loop_phases, rest_pose, sample
from ml_core.animation.tracks import Key, Track


def still(tracks: dict[str, Track], **fields: object) -> Motion:
    usual = {"duration_s": 2.0, "fps": 24.0, "poster": 0.5, "loop": True, "talking": False, "idle": False}
    return Motion(id="t", tracks=tracks, **{**usual, **fields})  # type: ignore[arg-type]


def test_there_are_52_arkit_names() -> None:
    assert len(set(ARKIT)) == 52


def test_a_pair_drives_both_sides_and_one_side_adds() -> None:
    pose = sample(still({"mouthSmile": Track((Key(0, 0.5),)), "mouthSmileLeft": Track((Key(0, 0.2),))}), 0.3)
    assert np.isclose(pose.channel("mouthSmileRight"), 0.5)
    assert np.isclose(pose.channel("mouthSmileLeft"), 0.7)


def test_untouched_channels_rest_and_values_are_clamped() -> None:
    pose = sample(still({"head.yaw": Track((Key(0, 500.0),))}), loop_phases(4))
    assert (pose.channel("head.yaw") == CHANNELS["head.yaw"].high).all()
    others = [column for name, column in INDEX.items() if name != "head.yaw"]
    np.testing.assert_array_equal(pose.values[:, others], rest_pose(4).values[:, others])


def test_blinks_close_and_straddle_the_seam() -> None:
    pose = sample(still({}, blinks=(0.0,)), np.array([0.0, 0.02, 0.5, 0.98]))
    closed = pose.channel("eyeBlinkLeft")
    assert closed[0] > 0.95
    assert closed[1] > 0.5
    assert closed[2] == 0.0
    assert 0.0 < closed[3] < 1.0


def test_idle_breathes_and_closes() -> None:
    pose = sample(still({}, idle=True), np.array([0.0, 0.25, 1.0]))
    np.testing.assert_allclose(pose.values[0], pose.values[2], atol=1e-6)
    assert abs(pose.channel("body.y")[1] - pose.channel("body.y")[0]) > 0.003
