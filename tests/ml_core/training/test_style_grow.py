"""Growing a network begins exactly where the smaller one was."""

from __future__ import annotations

import pytest
import torch

from ml_core.toonify.stylegan2.checkpoint import NetworkShape
from ml_core.toonify.stylegan2.resample import Upsample
from ml_core.training.style.grow import grown
from ml_core.training.style.trainer import networks_from_scratch

pytestmark = pytest.mark.torch

SHAPE = NetworkShape(16, style_dim=8, n_mlp=1, widest=8)


def test_the_grown_picture_is_the_enlarged_one():
    small = networks_from_scratch(SHAPE, 1)
    large, shape = grown(small, SHAPE)
    assert shape.size == 32
    rows = torch.randn(2, small.ema.rows, 8)
    longer = torch.cat([rows, torch.randn(2, 2, 8)], 1)
    with torch.no_grad():
        assert torch.allclose(large.g(longer), Upsample()(small.ema(rows)), atol=1e-5)


def test_the_old_blocks_of_the_discriminator_move_down_by_one():
    small = networks_from_scratch(SHAPE, 1)
    large, _ = grown(small, SHAPE, seed=2)
    x = torch.randn(4, 8, 16, 16)
    with torch.no_grad():
        assert torch.equal(large.d.convs[2](x), small.d.convs[1](x))
        assert large.d(torch.randn(4, 3, 32, 32)).shape == (4, 1)
