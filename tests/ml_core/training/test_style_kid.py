"""KID on random features has to order pictures as a person would."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from ml_core.training.style.drawn_faces import drawn_faces
from ml_core.training.style.kid import RandomFeatures, features_of, kernel_distance
from ml_core.training.style.pictures import to_tensor
from ml_core.training.style.run import Measure

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def measure() -> Measure:
    return Measure(drawn_faces(200, "comic", 32), 200)


@pytest.fixture(scope="module")
def others() -> torch.Tensor:
    return to_tensor(drawn_faces(200, "comic", 32, 1000))


def test_other_people_in_the_same_style_are_at_nought(measure, others):
    assert abs(measure.kid_of(others)) < 0.1


def test_more_noise_is_further(measure, others):
    noise = torch.randn(others.shape, generator=torch.Generator().manual_seed(0))
    near, far = (measure.kid_of(others + strength * noise) for strength in (0.15, 0.4))
    assert 0.1 < near < far


def test_blur_another_style_and_repetition_are_far(measure, others):
    blurred = functional.interpolate(functional.avg_pool2d(others, 2), scale_factor=2.0)
    assert measure.kid_of(blurred) > 0.5
    assert measure.kid_of(to_tensor(drawn_faces(200, "portrait", 32, 1000))) > 2.0
    assert measure.kid_of(others[:5].repeat(20, 1, 1, 1)) > 0.3


def test_the_features_never_change(others):
    first, second = RandomFeatures(), RandomFeatures()
    assert torch.equal(features_of(others[:4], first), features_of(others[:4], second))


def test_the_estimate_is_near_nought_for_equal_distributions():
    source = torch.Generator().manual_seed(0)
    width = RandomFeatures()(torch.zeros(1, 3, 16, 16)).shape[1]
    values = [
        kernel_distance(torch.randn(64, width, generator=source), torch.randn(64, width, generator=source))
        for _ in range(6)
    ]
    assert max(abs(value) for value in values) < 0.02
