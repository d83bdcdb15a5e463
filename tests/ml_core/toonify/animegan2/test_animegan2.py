"""AnimeGANv2 as a back end (numbers: tests/parity)."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ml_core.errors import WeightsUnavailable
from ml_core.toonify.animegan2.generator import Generator
from ml_core.toonify.animegan2.toonifier import AnimeGan2Toonifier, face_to_paint, load_generator

pytestmark = pytest.mark.torch


def test_it_has_the_published_number_of_parameters():
    assert sum(p.numel() for p in Generator().parameters()) == 2_143_552


def test_a_saved_generator_draws_the_same(tmp_path):
    network = Generator().eval()
    torch.save(network.state_dict(), tmp_path / "face.pt")
    picture = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    again = face_to_paint(load_generator(tmp_path / "face.pt"), picture, 64)
    assert np.array_equal(again, face_to_paint(network, picture, 64))


def test_other_weights_are_refused(tmp_path):
    torch.save({"block_a.0.1.weight": torch.ones(1)}, tmp_path / "x.pt")
    with pytest.raises(WeightsUnavailable) as refused:
        load_generator(tmp_path / "x.pt")
    assert refused.value.code == "weights_wrong_network"


def test_strength_nought_is_the_photo_cut_out(astronaut):
    portrait = AnimeGan2Toonifier(Generator().eval(), side=64).toonify(astronaut, 0.0)
    inside = astronaut.matte > 0.99
    difference = np.abs(portrait.texture[inside][:, :3].astype(int) - astronaut.image[inside])
    assert np.median(difference) <= 2


def test_strength_one_is_the_drawing(astronaut):
    network = Generator().eval()
    portrait = AnimeGan2Toonifier(network, side=64).toonify(astronaut, 1.0)
    drawn = face_to_paint(network, astronaut.image, 64)
    inside = astronaut.matte > 0.999
    difference = np.abs(portrait.texture[inside][:, :3].astype(int) - drawn[inside])
    assert np.median(difference) <= 2
