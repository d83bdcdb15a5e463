"""A driving sequence with known acting is recovered as a motion."""

from __future__ import annotations

import numpy as np
import pytest

from ml_core.animation.capture import DrivingFrames, motion_from_landmarks
from ml_core.animation.expressions import expression_basis
from ml_core.animation.motion import Motion, loop_phases, sample
from ml_core.animation.motion_file import motion_from_toml, motion_to_toml
from ml_core.errors import ClipInvalid
from ml_core.face.topology import REFERENCE

FRAMES, FPS, UNIT = 48, 24.0, 120.0


def driven(**weights: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Motion:
    """Film the reference face doing ``weights`` (each (FRAMES,)) and capture it."""
    basis = expression_basis(REFERENCE.astype(np.float64))
    shapes = REFERENCE.astype(np.float64) + sum(
        weight[:, None, None] * basis[name] for name, weight in weights.items()
    )
    landmarks = (shapes * UNIT + [300, 300, 0]).astype(np.float32)
    centres = landmarks[:, [33, 263], :2] * 0.5 + landmarks[:, [133, 362], :2] * 0.5
    irises = np.repeat(centres[:, :, None], 5, axis=2)
    return motion_from_landmarks(DrivingFrames(landmarks, irises, FPS), "captured")


def bump(cycles: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return 0.5 - 0.5 * np.cos(2 * np.pi * cycles * np.arange(FRAMES) / FRAMES)


def test_jaw_and_blink_are_recovered() -> None:
    jaw, blink = 0.8 * bump(2), bump(3) ** 4
    motion = driven(jawOpen=jaw, eyeBlinkLeft=blink, eyeBlinkRight=blink)
    pose = sample(motion, loop_phases(FRAMES))
    assert np.corrcoef(jaw, pose.channel("jawOpen"))[0, 1] > 0.95
    assert np.corrcoef(blink, pose.channel("eyeBlinkLeft"))[0, 1] > 0.9


@pytest.mark.parametrize(
    ("shape", "other"), [("mouthPucker", "mouthSmileLeft"), ("mouthSmileLeft", "mouthPucker")]
)
def test_pucker_and_smile_are_told_apart(shape: str, other: str) -> None:
    acting = {shape: 0.9 * bump(1)}
    if shape == "mouthSmileLeft":
        acting["mouthSmileRight"] = 0.9 * bump(1)
    pose = sample(driven(**acting), loop_phases(FRAMES))
    assert pose.channel(shape).max() > 0.5
    assert pose.channel(other).max() < 0.15


def test_a_captured_motion_loops_is_short_and_round_trips() -> None:
    ramp = np.linspace(0, 0.9, FRAMES)  # ends elsewhere than it starts
    motion = driven(jawOpen=ramp)
    assert motion_from_toml(motion_to_toml(motion)) == motion
    assert len(motion.tracks["jawOpen"].keys) < 16


def test_a_glimpse_is_refused() -> None:
    with pytest.raises(ClipInvalid) as caught:
        motion_from_landmarks(
            DrivingFrames(np.zeros((3, 468, 3), np.float32), np.zeros((3, 2, 5, 2), np.float32), FPS), "x"
        )
    assert caught.value.code == "clip_too_short"
