"""Align, project, blend, paste back, on a real portrait with tiny networks."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ml_core.errors import WeightsUnavailable
from ml_core.face.geometry import moved
from ml_core.toonify.stylegan2.align import EYE_ON_THE_LEFT, EYE_ON_THE_RIGHT, align, ffhq_matrix, lay_back
from ml_core.toonify.stylegan2.checkpoint import NetworkShape, build_generator
from ml_core.toonify.stylegan2.generator import spread
from ml_core.toonify.stylegan2.perceptual import PerceptualDistance
from ml_core.toonify.stylegan2.project import OptimisingEncoder, ProjectionOptions
from ml_core.toonify.stylegan2.toonifier import Blends, BlendStrength, StyleGan2Toonifier, blend_strength

pytestmark = pytest.mark.torch

TINY = NetworkShape(32, style_dim=16, n_mlp=2, channel_multiplier=1, widest=16)


def tiny_generator(seed: int):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return build_generator(TINY.generator().state_dict())


@pytest.fixture(scope="module")
def generator():
    return tiny_generator(0).network


def test_aligned_eyes_lie_level_where_ffhq_has_them(astronaut):
    matrix = ffhq_matrix(astronaut.landmarks, 1024)
    points = moved(astronaut.landmarks[:, :2], matrix)
    left, right = points[list(EYE_ON_THE_LEFT)].mean(0), points[list(EYE_ON_THE_RIGHT)].mean(0)
    middle = (left + right) / 2
    assert abs(left[1] - right[1]) < 30
    assert middle == pytest.approx([512, 480], abs=40)


def test_pasting_an_aligned_face_back_restores_the_portrait(astronaut):
    face = align(astronaut.image, astronaut.landmarks, 512, astronaut.valid)
    laid, cover = lay_back(face.image, face.matrix, astronaut.image.shape[:2])
    inside = cover > 0.99
    assert inside.mean() > 0.3
    difference = np.abs(laid[inside].astype(int) - astronaut.image[inside])
    assert difference.mean() < 4.0


def test_beyond_the_picture_the_crop_fades_to_its_median(astronaut):
    landmarks = astronaut.landmarks.copy()
    landmarks[:, 0] -= 200
    face = align(astronaut.image, landmarks, 128).image
    assert face.shape == (128, 128, 3)
    assert face[:, :10].std(axis=(0, 1)).max() < face.std(axis=(0, 1)).min()


def test_projection_finds_a_generated_picture_again(generator):
    source = torch.Generator().manual_seed(3)
    with torch.no_grad():
        rows = spread([generator.map(torch.randn(1, 16, generator=source))], generator.rows)
        target = generator(rows)
        start = generator(spread([OptimisingEncoder(generator).mean], generator.rows))
    losses: list[float] = []
    encoder = OptimisingEncoder(
        generator, options=ProjectionOptions(steps=150), watch=lambda _, loss: losses.append(loss)
    )

    with torch.no_grad():
        found = generator(encoder.encode(target))

    distance = PerceptualDistance()
    assert distance(found, target) < 0.35 * distance(start, target)
    assert distance(target, target) == 0
    assert losses[-1] < losses[0]


def test_the_discriminator_joins_the_perceptual_distance(generator):
    distance = PerceptualDistance(TINY.discriminator())
    a = torch.zeros(1, 3, 32, 32)
    assert distance(a, a) == 0
    assert distance(a + 0.5, a) > PerceptualDistance()(a + 0.5, a)


def test_strength_is_the_resolution_of_the_swap():
    assert [blend_strength(s).resolution for s in (0.0, 0.25, 0.5, 0.75, 1.0)] == [64, 32, 16, 8, 4]
    with pytest.raises(ValueError, match="0 to 1"):
        blend_strength(1.5)


class _MeanEncoder:
    """Answers one w for every picture, as a trained encoder would in one pass."""

    def __init__(self, network):
        self.rows = spread([network.map(torch.ones(1, 16))], network.rows)

    def encode(self, images):
        return self.rows.expand(len(images), -1, -1)


def test_toonify_paints_the_face_and_keeps_the_geometry(astronaut):
    photo, toon = tiny_generator(0), tiny_generator(1)
    toonifier = StyleGan2Toonifier(
        photo, Blends(photo, toon), style="web", encoder=_MeanEncoder(photo.network)
    )

    portrait = toonifier.toonify(astronaut, 0.8)

    assert portrait.texture.shape == (*astronaut.image.shape[:2], 4)
    assert portrait.style == "web"
    assert portrait.analysis is astronaut
    inside = astronaut.matte > 0.95
    assert portrait.texture[inside, 3].mean() > 230
    assert portrait.texture[astronaut.matte < 0.02, 3].mean() < 10


def test_two_strengths_are_drawn_from_one_projection(astronaut):
    photo, toon = tiny_generator(0), tiny_generator(1)
    toonifier = StyleGan2Toonifier(photo, Blends(photo, toon), encoder=_MeanEncoder(photo.network))
    mild, strong = toonifier.compare(astronaut, BlendStrength(16), BlendStrength(4, None))
    assert np.abs(mild.texture.astype(int) - strong.texture).mean() > 1.0


def test_unrelated_models_are_refused():
    other = build_generator(NetworkShape(16, 16, 2, 1, 16).generator().state_dict())
    with pytest.raises(WeightsUnavailable) as refused:
        Blends(tiny_generator(0), other)
    assert refused.value.code == "weights_unrelated"
