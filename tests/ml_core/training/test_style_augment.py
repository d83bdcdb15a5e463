"""ADA: the transformations, and the probability that adapts to overfitting."""

from __future__ import annotations

import pytest
import torch

from ml_core.training.style.adaptive import AdaptiveProbability
from ml_core.training.style.augment import Augmenter, about_grey, rotation, scaling, translation

pytestmark = pytest.mark.torch


def pictures() -> torch.Tensor:
    source = torch.Generator().manual_seed(1)
    return torch.rand(16, 3, 32, 32, generator=source) * 2 - 1


def test_p_nought_changes_nothing_and_p_one_almost_everything():
    images = pictures()
    assert Augmenter(torch.Generator().manual_seed(0))(images, 0.0) is images
    changed = (Augmenter(torch.Generator().manual_seed(0))(images, 1.0) - images).abs().mean((1, 2, 3))
    assert (changed > 0.1).float().mean() > 0.9


def test_a_small_p_leaves_most_pictures_alone():
    images = pictures()
    changed = (Augmenter(torch.Generator().manual_seed(0))(images, 0.02) - images).abs().amax((1, 2, 3))
    assert (changed < 1e-4).float().mean() > 0.6


def test_the_same_random_state_draws_the_same():
    images = pictures()
    a, b = (Augmenter(torch.Generator().manual_seed(5))(images, 0.7) for _ in range(2))
    assert torch.equal(a, b)


def test_gradients_reach_the_pictures():
    images = pictures().requires_grad_(True)
    Augmenter(torch.Generator().manual_seed(0))(images, 1.0).square().sum().backward()
    assert images.grad is not None
    assert images.grad.abs().amax((1, 2, 3)).min() > 0


def test_hue_rotation_keeps_grey_and_lengths():
    turn = about_grey(torch.tensor([0.7]))[0]
    assert torch.allclose(turn @ torch.ones(3), torch.ones(3), atol=1e-6)
    assert torch.allclose(turn @ turn.t(), torch.eye(3), atol=1e-6)


def test_geometry_matrices():
    quarter = rotation(torch.tensor([torch.pi / 2]))[0]
    assert torch.allclose(quarter @ torch.tensor([1.0, 0, 1]), torch.tensor([0.0, 1, 1]), atol=1e-6)
    assert (
        scaling(torch.tensor([2.0]), torch.tensor([3.0]))[0].diagonal() == torch.tensor([2.0, 3, 1])
    ).all()
    assert (translation(torch.tensor([0.5]), torch.tensor([0.1]))[0, :2, 2] == torch.tensor([0.5, 0.1])).all()


def test_p_climbs_while_the_discriminator_knows_its_pictures_and_falls_after():
    adaptive = AdaptiveProbability(images_to_one=1000)
    adaptive.observe(torch.full((100, 1), 2.0))
    assert adaptive.adapt() == 1.0
    assert adaptive.p == pytest.approx(0.1)
    adaptive.observe(torch.cat([torch.ones(75, 1), -torch.ones(75, 1)]))
    assert adaptive.adapt() == 0.0
    assert adaptive.p == 0.0


def test_p_stays_a_probability_and_nothing_seen_changes_nothing():
    adaptive = AdaptiveProbability(images_to_one=10)
    adaptive.observe(torch.ones(100, 1))
    adaptive.adapt()
    assert adaptive.p == 1.0
    assert adaptive.adapt() == 0.0
    assert adaptive.p == 1.0
