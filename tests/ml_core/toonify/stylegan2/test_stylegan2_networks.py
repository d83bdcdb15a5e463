"""Shapes, blending rules and checkpoints of StyleGAN2 (numbers against the published code: tests/parity)."""

from __future__ import annotations

import argparse
import pickle

import pytest
import torch
from safetensors.torch import save_file

from ml_core.errors import WeightsUnavailable
from ml_core.toonify.stylegan2.blend import blend, layer_position, share_of_second
from ml_core.toonify.stylegan2.checkpoint import (
    NetworkShape,
    load_discriminator,
    load_generator,
    resolution_levels,
    shape_of,
)
from ml_core.toonify.stylegan2.generator import Generator, mean_w, spread, truncate
from ml_core.toonify.stylegan2.resample import Upsample, fir_kernel

pytestmark = pytest.mark.torch

TINY = NetworkShape(32, style_dim=16, n_mlp=2, channel_multiplier=2, widest=8)


def test_sizes_are_powers_of_two_from_eight():
    with pytest.raises(ValueError, match="power of two"):
        Generator(48)


def test_a_flat_picture_stays_flat_when_enlarged():
    x = torch.full((1, 3, 8, 8), 0.5)
    out = Upsample()(x)
    assert out.shape == (1, 3, 16, 16)
    assert torch.allclose(out[..., 2:-2, 2:-2], torch.tensor(0.5))
    assert fir_kernel(4.0).sum() == pytest.approx(4.0)


def test_registered_noise_makes_pictures_repeatable_and_fresh_noise_does_not():
    g = TINY.generator()
    for layer in (g.conv1, *g.convs):
        torch.nn.init.ones_(layer.noise.weight)
    rows = torch.randn(1, g.rows, 16)
    fresh = [None] * g.noise_layers
    with torch.no_grad():
        assert torch.equal(g(rows), g(rows))
        assert not torch.equal(g(rows, fresh), g(rows, fresh))


def test_truncation_needs_a_mean_and_moves_towards_it():
    w, mean = torch.ones(2, 4), torch.zeros(1, 4)
    assert torch.equal(truncate(w, mean, 0.25), torch.full((2, 4), 0.25))
    assert truncate(w, None, 1.0) is w
    with pytest.raises(ValueError, match="mean"):
        truncate(w, None, 0.5)


def test_mixing_takes_the_first_rows_from_the_first_style():
    rows = spread([torch.zeros(1, 2), torch.ones(1, 2)], 5, mix_at=2)
    assert rows[0, :, 0].tolist() == [0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    ("name", "position"),
    [
        ("input.input", 0), ("to_rgb1.bias", 1), ("convs.4.conv.weight", 6), ("convs.5.noise.weight", 7),
        ("to_rgbs.2.conv.weight", 7), ("conv1.conv.weight", None), ("style.1.weight", None),
        ("noises.noise_3", None),
    ],
)  # fmt: skip
def test_layers_have_the_published_positions(name, position):
    assert layer_position(name) == position


def test_hard_swap_begins_after_the_chosen_resolution():
    """Published table: 16, level 0 -> convs.4 and up, to_rgbs.2 and up."""
    first = {name: torch.zeros(1) for name in TINY.generator().state_dict()}
    second = {name: torch.ones(1) for name in first}
    mixed = blend(first, second, 16)
    assert mixed["convs.3.conv.weight"] == 0
    assert mixed["convs.4.conv.weight"] == 1
    assert mixed["to_rgbs.1.conv.weight"] == 0
    assert mixed["to_rgbs.2.conv.weight"] == 1
    assert mixed["style.1.weight"] == 0
    assert share_of_second(4, 4, 1.0) == 0.5


def test_blending_refuses_nonsense():
    with pytest.raises(ValueError, match="resolution"):
        blend({}, {}, 12)
    with pytest.raises(ValueError, match="width"):
        blend({}, {}, 16, width=0.0)


def test_a_training_checkpoint_is_read_back(tmp_path):
    g, d = TINY.generator(), TINY.discriminator()
    path = tmp_path / "style.pt"
    torch.save({"g": g.state_dict(), "g_ema": g.state_dict(), "d": d.state_dict()}, path)

    loaded = load_generator(path)

    assert loaded.shape == TINY
    assert loaded.mean_w.shape == (1, 16)
    assert torch.allclose(loaded.mean_w, mean_w(g))
    rows = torch.randn(1, g.rows, 16)
    assert torch.equal(loaded.network(rows), g(rows))
    assert load_discriminator(path, TINY)(torch.zeros(2, 3, 32, 32)).shape == (2, 1)


def test_a_published_training_checkpoint_carries_its_command_line(tmp_path):
    content = {"g_ema": TINY.generator().state_dict(), "args": argparse.Namespace(batch=4, path="x")}
    torch.save(content, tmp_path / "550000.pt")
    assert load_generator(tmp_path / "550000.pt").shape == TINY


def test_safetensors_hold_a_flat_generator(tmp_path):
    g = TINY.generator()
    save_file({k: v.contiguous() for k, v in g.state_dict().items()}, tmp_path / "g.safetensors")
    assert load_generator(tmp_path / "g.safetensors").shape == TINY


@pytest.mark.parametrize(("multiplier", "size"), [(1, 64), (2, 64), (2, 256)])
def test_the_published_shapes_are_recognised(multiplier, size):
    with torch.device("meta"):
        state = Generator(size, channel_multiplier=multiplier).state_dict()
    assert shape_of(state) == NetworkShape(size, channel_multiplier=multiplier)


def test_unusable_files_are_refused_with_a_code(tmp_path):
    code = tmp_path / "code.pt"
    code.write_bytes(pickle.dumps(print, protocol=2))
    other = tmp_path / "other.pt"
    torch.save({"weight": torch.ones(2)}, other)
    for path, expected in (
        (tmp_path / "none.pt", "weights_missing"),
        (code, "weights_corrupt"),
        (other, "weights_wrong_network"),
    ):
        with pytest.raises(WeightsUnavailable) as refused:
            load_generator(path)
        assert refused.value.code == expected


def test_a_generator_without_its_discriminator_is_said_so(tmp_path):
    torch.save({"g_ema": TINY.generator().state_dict()}, tmp_path / "g.pt")
    with pytest.raises(WeightsUnavailable, match="no discriminator"):
        load_discriminator(tmp_path / "g.pt", TINY)


def test_minibatch_groups_must_divide_the_batch():
    with pytest.raises(ValueError, match="divisible"):
        TINY.discriminator()(torch.zeros(6, 3, 32, 32))


def test_resolutions_a_blend_can_begin_at():
    assert resolution_levels(64) == [4, 8, 16, 32, 64]
