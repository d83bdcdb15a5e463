"""A source video: per-frame starting points, smoothing over time, scale and place of the source."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

pytestmark = pytest.mark.torch

torch = pytest.importorskip("torch")

from ml_core.animation.liveportrait.animator import LivePortraitAnimator  # noqa: E402
from ml_core.animation.liveportrait.capture import CapturedMotion  # noqa: E402
from ml_core.animation.liveportrait.drive import Apertures  # noqa: E402
from ml_core.animation.liveportrait.pose import Motion, key_points  # noqa: E402
from ml_core.animation.liveportrait.source_video import (  # noqa: E402
    OBSERVATION_VARIANCE,
    PROCESS_VARIANCE,
    driven_video,
    smoothed,
    video_points,
)
from ml_core.animation.liveportrait.weights import untrained_networks  # noqa: E402
from ml_core.face.analyser import FaceAnalyser  # noqa: E402
from tests import faces  # noqa: E402

OPEN = Apertures(torch.tensor([[0.3, 0.3]]), torch.tensor([[0.1]]))


class _Still(torch.nn.Module):
    def forward(self, x):
        return torch.zeros(len(x), 65)


def motion(index: int) -> Motion:
    draw = torch.Generator().manual_seed(index)

    def some(*shape: int, amount: float) -> torch.Tensor:
        return amount * torch.randn(*shape, generator=draw)

    angles = {name: some(1, 1, amount=10.0) for name in ("pitch", "yaw", "roll")}
    kp = torch.linspace(-0.3, 0.3, 63).reshape(1, 21, 3)
    exp = some(1, 21, 3, amount=0.02)
    return Motion(**angles, t=some(1, 3, amount=0.1), scale=1 + some(1, 1, amount=0.1), kp=kp, exp=exp)


def source_of(moved: Motion) -> SimpleNamespace:
    return SimpleNamespace(motion=moved, points=key_points(moved))


def captured(*motions: Motion) -> CapturedMotion:
    return CapturedMotion(motions, (OPEN,) * len(motions), 10.0)


def test_smoothing_is_the_exact_posterior_of_a_random_walk():
    """Against the normal equations of the same model, solved directly."""
    draw = np.random.default_rng(0)
    seen = np.cumsum(draw.normal(0, 3e-3, (7, 2)), axis=0)
    step = np.diff(np.eye(7), axis=0)
    precision = np.eye(7) / OBSERVATION_VARIANCE + step.T @ step / PROCESS_VARIANCE
    assert smoothed(seen) == pytest.approx(np.linalg.solve(precision, seen / OBSERVATION_VARIANCE), abs=1e-9)


def test_a_driver_at_rest_leaves_every_frame_nearly_as_it_was():
    """Up to the smoothing, whose gain of 0.97 is a deliberate lag."""
    still = motion(0)
    sources = [source_of(still), source_of(still)]
    driver = motion(9)
    for points, source in zip(
        video_points(_Still(), sources, captured(driver, driver)), sources, strict=True
    ):
        assert torch.allclose(points, source.points, atol=1e-5)


def test_scale_and_place_come_from_the_source_frame():
    one, other = motion(1), motion(2)
    enlarged = replace(other, scale=other.scale * 2, t=other.t + 1)
    usual = video_points(_Still(), [source_of(one)] * 2, captured(one, other))
    same = video_points(_Still(), [source_of(one)] * 2, captured(one, enlarged))
    assert all(torch.equal(a, b) for a, b in zip(usual, same, strict=True))


def test_the_shorter_of_the_two_ends_it():
    one = motion(3)
    assert len(video_points(_Still(), [source_of(one)] * 3, captured(one, one))) == 2


def test_every_result_is_pasted_into_its_own_frame():
    face = FaceAnalyser().analyse(faces.astronaut())
    dimmed = (face.image * 0.5).astype(np.uint8)
    animator = LivePortraitAnimator(untrained_networks(narrow=16))
    driving = captured(motion(4), motion(5))
    one, other = driven_video(animator, [face.image, dimmed], [face.landmarks] * 2, driving)
    corner = np.s_[:4, :4]
    assert np.array_equal(one[corner], face.image[corner])
    assert np.array_equal(other[corner], dimmed[corner])
