from __future__ import annotations

import numpy as np
import pytest

from ml_core.toonify.colour import lab_from_swatch
from ml_core.toonify.layers import region
from ml_core.toonify.look import ToonLook
from ml_core.toonify.recolour import recoloured
from ml_core.toonify.renderer import toonify
from ml_core.types import REGIONS, FaceAnalysis, Rgb
from tests.ml_core.toonify.portrait_measures import lab, member

COLOURS: dict[str, Rgb] = {
    "pink": (236, 96, 160),
    "white": (240, 238, 232),
    "black": (24, 22, 26),
    "blue": (40, 80, 200),
}


def members(analysis: FaceAnalysis) -> dict[str, np.ndarray]:
    return {name: region(analysis.regions, name) for name in ("hair", "lips", "clothes")}


@pytest.mark.parametrize("colour", COLOURS)
def test_lightness_keeps_its_order_and_colour_arrives(astronaut: FaceAnalysis, colour: str) -> None:
    rgb = COLOURS[colour]
    after = lab(recoloured(astronaut.image, members(astronaut), {"hair": rgb}))
    before = lab(astronaut.image)
    hair = astronaut.regions[REGIONS.index("hair")] == 255
    order = np.argsort(before[..., 0][hair])
    steps = np.diff(after[..., 0][hair][order])
    assert steps.min() > -1.2, "what was lighter stays lighter, but for eight-bit rounding"
    assert np.ptp(np.percentile(after[..., 0][hair], [5, 95])) > 4, "shading is still there"
    target = lab_from_swatch(rgb)
    assert np.linalg.norm(np.median(after[hair], axis=0) - target) < 12


def test_other_regions_are_left_alone(astronaut: FaceAnalysis) -> None:
    after = recoloured(astronaut.image, members(astronaut), {"clothes": (30, 160, 90)})
    others = astronaut.regions[REGIONS.index("clothes")] == 0
    assert np.abs(after.astype(int) - astronaut.image)[others].max() <= 1


@pytest.mark.parametrize("region", ["hair", "lips", "clothes"])
def test_the_cartoon_and_its_palette_follow(astronaut: FaceAnalysis, region: str) -> None:
    target = (60, 90, 210)
    plain = toonify(astronaut, ToonLook("cel"), with_eyes=True)
    changed = toonify(astronaut, ToonLook("cel", recolour={region: target}), with_eyes=True)
    inside = member(astronaut, region, 0.9)
    bluer = np.median(lab(plain.texture)[..., 2][inside]) - np.median(lab(changed.texture)[..., 2][inside])
    assert bluer > 15
    name = {"hair": "hair", "lips": "lip", "clothes": "clothes"}[region]
    assert getattr(plain.palette, name) != getattr(changed.palette, name)
    assert plain.palette.iris == changed.palette.iris


def test_a_region_that_is_not_there_changes_nothing(drawn: dict[str, FaceAnalysis]) -> None:
    face = drawn["light"]
    bald = {"hair": np.zeros(face.matte.shape, np.float32)}
    assert np.abs(recoloured(face.image, bald, {"hair": (255, 0, 0)}).astype(int) - face.image).max() <= 1
