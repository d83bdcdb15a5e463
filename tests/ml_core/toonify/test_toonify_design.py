"""What makes a portrait look designed: hair in a few tones under a lamp, a bust, even ink, large eyes."""

from __future__ import annotations

import numpy as np
import pytest

from ml_core.animation.motion import rest_pose
from ml_core.animation.puppet import Puppet
from ml_core.face import topology
from ml_core.toonify import hair
from ml_core.toonify.bust import as_bust, bust_shape
from ml_core.toonify.keying import keys_of
from ml_core.toonify.look import ToonLook
from ml_core.toonify.renderer import measured, toonify
from ml_core.toonify.smoothing import blur
from ml_core.types import FaceAnalysis
from tests.ml_core.toonify.portrait_measures import bare_skin, lab

RAY, ANGLES, UNIT = 240, 180, 60.0
CROWN = 3 * ANGLES // 4


def ring_of_hair(inner: int, outer: int) -> np.ndarray:
    """(ANGLES, RAY) coverage of a wig that goes all the way round the head."""
    rays = np.zeros((ANGLES, RAY), np.float32)
    rays[:, inner:outer] = 1.0
    return rays


def test_hair_has_a_few_tones_with_borders(astronaut: FaceAnalysis) -> None:
    look = ToonLook("cel")
    sitter, _ = measured(astronaut, look)
    tones = hair.drawn_locks(sitter, keys_of(sitter), look.painting).tones
    inside = tones[sitter.layers.hair * sitter.layers.alpha > 0.95]
    flat = np.abs(inside - np.round(inside)) < 0.1
    assert flat.mean() > 0.85, "hair is shapes of one tone, not a gradient"
    shares = [float((np.round(inside) == level).mean()) for level in range(-2, 3)]
    assert sum(share > 0.01 for share in shares) >= 4, shares
    assert max(shares) < 0.75, shares


def test_the_lamp_draws_a_band_of_light_on_the_crown_and_none_at_the_nape() -> None:
    light = hair.studio_light(ring_of_hair(100, 180), UNIT)
    crown, nape = light[CROWN], light[ANGLES // 4]
    band = 100 + round(0.6 * 80)
    assert crown[band] > 1.0
    assert crown[band] > crown[105] + 1.0, "roots lie in shadow"
    assert crown[band] > crown[178] + 0.5, "tips do"
    assert nape.max() < 0.0


def test_cropped_hair_keeps_the_light_of_the_skull() -> None:
    assert np.abs(hair.studio_light(ring_of_hair(100, 104), UNIT)).max() < 0.05


def test_lit_hair_is_lighter_than_hair_in_shadow(drawn: dict[str, FaceAnalysis]) -> None:
    look = ToonLook("cel")
    sitter, _ = measured(drawn["mid"], look)
    locks = sitter.layers.hair * sitter.layers.alpha > 0.95
    keys = keys_of(sitter)
    drawn_hair = hair.drawn_locks(sitter, keys, look.painting)
    lightness = hair.painted_hair(drawn_hair, keys, look.painting)[..., 0][locks]
    light = hair.volume(sitter)[locks]
    lit, shaded = light > np.percentile(light, 85), light < np.percentile(light, 30)
    assert np.median(lightness[lit]) > np.median(lightness[shaded]) + 8.0


def test_the_bust_is_one_symmetric_piece(astronaut: FaceAnalysis) -> None:
    side = astronaut.matte.shape[0]
    shape = bust_shape(astronaut.landmarks, side)
    cheeks = [topology.CHEEK_EDGE_RIGHT, topology.CHEEK_EDGE_LEFT]
    middle = round(float(astronaut.landmarks[cheeks, 0].mean()))
    reach = min(middle, side - 1 - middle)
    left, right = shape[:, middle - reach : middle], shape[:, middle + 1 : middle + 1 + reach]
    assert np.abs(left[:, ::-1] - right).mean() < 0.02
    below = round(float(astronaut.landmarks[topology.CHIN, 1])) + 5
    whole = as_bust(np.ones((side, side), np.float32), astronaut.landmarks)[below:] > 0.5
    runs = (np.diff(np.pad(whole, ((0, 0), (1, 1))).astype(np.int8), axis=1) == 1).sum(axis=1)
    assert runs.max() == 1, "no stripes: each row of the bust is one run of pixels"
    widths = whole.sum(axis=1)
    assert (np.diff(widths) <= 0).all(), "it only narrows downwards"


@pytest.mark.parametrize("skin", ["light", "mid", "dark"])
def test_ink_skin_is_an_even_wash(drawn: dict[str, FaceAnalysis], skin: str) -> None:
    texture = toonify(drawn[skin], ToonLook("ink")).texture
    lightness = blur(np.ascontiguousarray(lab(texture)[..., 0]), 1.5)[bare_skin(drawn[skin])]
    low, middle, high, lightest = np.percentile(lightness, [25, 50, 75, 99])
    assert high - low < 8.0, "one grey"
    assert lightest - middle < 14.0, "and no white stains on it"


def test_eyes_are_drawn_larger_than_life(astronaut: FaceAnalysis) -> None:
    toon = toonify(astronaut, ToonLook("cel"))

    def eye_share(caricature: float | None) -> float:
        _, face = Puppet(toon, size=64, caricature=caricature).render(rest_pose())
        points = face.landmarks[:, :2]
        eyes = np.linalg.norm(points[[133, 362]] - points[[33, 263]], axis=1).sum()
        cheeks = points[topology.CHEEK_EDGE_LEFT] - points[topology.CHEEK_EDGE_RIGHT]
        return float(eyes / np.linalg.norm(cheeks))

    assert eye_share(None) > 1.12 * eye_share(0.0)
