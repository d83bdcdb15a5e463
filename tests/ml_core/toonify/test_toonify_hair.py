"""Hair reads as hair: tones run along its strands, ends of locks break its outline, and caps get neither."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from ml_core.face.analyser import FaceAnalyser
from ml_core.toonify import hair
from ml_core.toonify.anatomy import Anatomy
from ml_core.toonify.flow import Flow
from ml_core.toonify.keying import keys_of
from ml_core.toonify.layers import Layers
from ml_core.toonify.look import ToonLook
from ml_core.toonify.notches import notched
from ml_core.toonify.renderer import measured
from ml_core.toonify.strands import GRID, Combing, combed
from ml_core.toonify.study import Study
from ml_core.toonify.styles import STYLES
from ml_core.types import FaceAnalysis
from tests import faces

SIDE, UNIT = 240, 100.0
INSIDE = (slice(40, -40), slice(40, -40))


def disc() -> np.ndarray:
    """(SIDE, SIDE) coverage of a round head of hair."""
    mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.circle(mask, (SIDE // 2, SIDE // 2), SIDE // 2 - 8, 1.0, -1, cv2.LINE_AA)
    return mask


def disc_around(face: Anatomy) -> np.ndarray:
    """(H, W): 1 within one and a half units of the eyes."""
    x, y = face.points[[33, 263]].mean(axis=0).astype(int).tolist()
    return cv2.circle(np.zeros(face.shape, np.float32), (x, y), round(1.5 * face.unit), 1.0, -1)


def grey(lightness: np.ndarray) -> np.ndarray:
    return np.repeat(np.clip(lightness, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def strands_at(angle: float, contrast: float = 30.0) -> np.ndarray:
    """(SIDE, SIDE, 3) picture of straight strands of many widths that run at an angle, on a light ground."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    across = -x * np.sin(angle) + y * np.cos(angle)
    profile = np.random.default_rng(5).normal(0, 1, 4 * SIDE).astype(np.float32)
    profile = cv2.GaussianBlur(profile[None], (0, 0), 2.0)[0]
    profile *= contrast / profile.std()
    return np.where(disc() > 0.5, 90 + np.interp(across + 2 * SIDE, np.arange(4 * SIDE), profile), 230)


def studied(analysis: FaceAnalysis, strength: float = 1.0, style: str = "cel") -> Study:
    return measured(analysis, ToonLook(style, strength))[0]


def notches(analysis: FaceAnalysis, style: str = "cel") -> tuple[np.ndarray, Study]:
    """What notches take from hair, (H, W) 0..1, and the study they are taken from."""
    whole, cut = (studied(analysis, strength, style) for strength in (0.2, 1.0))
    before, after = (one.layers.hair * one.layers.alpha for one in (whole, cut))
    return before - after, cut


@pytest.fixture(scope="module")
def fringed(analyser: FaceAnalyser) -> FaceAnalysis:
    return analyser.analyse(faces.drawn_face(faces.DrawnFace(bangs=True)))


@pytest.mark.parametrize("angle", [0.2, 0.9, 1.5, 2.3])
def test_strands_are_followed_also_beside_a_border_that_is_stronger(angle: float) -> None:
    combing = combed(grey(strands_at(angle)), disc(), UNIT)
    near_border = cv2.erode(disc()[::GRID, ::GRID], np.ones((15, 15))) > 0.9
    agreement = np.abs(combing.flow.x * np.cos(angle) + combing.flow.y * np.sin(angle))[near_border]
    assert np.percentile(agreement, 5) > 0.95


@pytest.mark.parametrize("angle", [0.2, 0.9, 2.3])
def test_locks_change_across_the_flow_and_not_along_it(angle: float) -> None:
    fine = combed(grey(strands_at(angle)), disc(), UNIT).strands((SIDE, SIDE)).fine
    gx, gy = (cv2.Sobel(fine, cv2.CV_32F, *order)[INSIDE] for order in ((1, 0), (0, 1)))
    along = np.abs(gx * np.cos(angle) + gy * np.sin(angle)).mean()
    across = np.abs(gy * np.cos(angle) - gx * np.sin(angle)).mean()
    assert across > 5 * along
    assert 0.4 < fine[INSIDE].std() < 1.6, "in deviations of what is around"


@pytest.mark.parametrize("kind", ["smooth cap", "noisy cap", "stubble", "cap with a badge"])
def test_what_has_no_strands_gets_none(kind: str) -> None:
    rng = np.random.default_rng(9)
    y = np.linspace(-20, 20, SIDE, dtype=np.float32)[:, None]
    picture = np.repeat(90 + y, SIDE, axis=1)
    if kind != "smooth cap":
        grain = cv2.GaussianBlur(rng.normal(0, 1, picture.shape).astype(np.float32), (0, 0), 0.8)
        picture = picture + grain * ((25 if kind == "stubble" else 3) / grain.std())
    if kind == "cap with a badge":
        picture = strands_at(0.9)
        picture[70:130, 60:180] = 250
    combing = combed(grey(picture), disc(), UNIT)
    assert np.abs(combing.fine[20:-20, 20:-20]).mean() < 0.12
    assert np.abs(combed(grey(strands_at(0.9)), disc(), UNIT).fine[20:-20, 20:-20]).mean() > 0.4


def test_tones_run_along_the_strands_of_a_fringe(fringed: FaceAnalysis) -> None:
    """The drawn fringe hangs: across it tones change, down it they hardly do."""
    sitter = studied(fringed)
    tones = hair.drawn_locks(sitter, keys_of(sitter), STYLES["cel"]).tones
    x, y = sitter.face.points[[105, 334]].mean(axis=0).astype(int)
    box = (slice(y - round(0.55 * sitter.face.unit), y - round(0.20 * sitter.face.unit)),
           slice(x - round(0.4 * sitter.face.unit), x + round(0.4 * sitter.face.unit)))  # fmt: skip
    assert (sitter.layers.hair[box] > 0.5).mean() > 0.9
    across, down = (np.abs(np.diff(tones[box], axis=axis)).mean() for axis in (1, 0))
    assert across > 2 * down
    assert across > 0.02, "there are borders at all"


@pytest.mark.parametrize("style", STYLES)
def test_ends_of_locks_break_the_outline_in_a_few_places(astronaut: FaceAnalysis, style: str) -> None:
    taken, cut = notches(astronaut, style)
    count, _, stats, _ = cv2.connectedComponentsWithStats((taken > 0.5).astype(np.uint8))
    large = (stats[1:count, cv2.CC_STAT_AREA] > 0.001 * cut.face.unit**2).sum()
    assert 7 <= large <= 18, "a handful, not a saw"
    assert 0.01 < (taken > 0.5).sum() / (cut.layers.hair * cut.layers.alpha > 0.5).sum() < 0.08
    assert taken.min() > -1e-3, "hair is only taken away"
    blocks = cut.layers
    assert np.abs(blocks.flesh + blocks.hair + blocks.cloth - 1.0).max() < 1e-4


def test_a_fringe_hangs_into_the_forehead_in_points(fringed: FaceAnalysis) -> None:
    taken, cut = notches(fringed)
    brow = cut.face.points[[105, 334], 1].mean()
    forehead = (taken > 0.5) & (cut.layers.flesh > 0.5)
    rows = np.flatnonzero(forehead.any(axis=1))
    assert brow - 0.6 * cut.face.unit < rows.mean() < brow
    runs = (np.diff(forehead[round(rows.mean())].astype(np.int8)) == 1).sum()
    assert runs >= 3


def test_neither_caps_nor_bald_nor_covered_heads_get_notches(
    grace_hopper: FaceAnalysis, analyser: FaceAnalyser
) -> None:
    scarf = faces.DrawnFace(hair=None, scarf=(150, 60, 80))
    bald = faces.DrawnFace(hair=None, skin=faces.SKIN_TONES["dark"])
    others = [analyser.analyse(faces.drawn_face(face)) for face in (scarf, bald)]
    for analysis in (grace_hopper, *others):
        taken, cut = notches(analysis)
        assert np.abs(taken).max() < 1e-6
        assert not cut.strands.fine.any()


def test_hair_cut_by_the_edge_of_the_photo_shows_nothing_behind_it(astronaut: FaceAnalysis) -> None:
    """Hair all around a face to every edge of the picture; only the forehead is a place for notches."""
    face = studied(astronaut).face
    whole, nothing = np.ones(face.shape, np.float32), np.zeros(face.shape, np.float32)
    blocks = Layers(face.oval, whole - face.oval, nothing, nothing, whole)
    ones = cv2.resize(whole, None, fx=1 / GRID, fy=1 / GRID)
    hanging = Combing(Flow(0 * ones, ones), ones, ones, ones)
    cut = notched(blocks, hanging, face, 0.12)
    assert np.array_equal(cut.alpha, whole)
    assert not cut.cloth.any()
    parted = notched(dataclasses.replace(blocks, alpha=disc_around(face)), hanging, face, 0.12)
    assert (parted.alpha < disc_around(face) - 0.5).sum() > 100, "before nothing, they are cut"


def test_a_photo_keeps_its_outline(astronaut: FaceAnalysis) -> None:
    """Little of a cartoon has no notches; hair that stays the photo has none at full strength."""
    alphas = [studied(astronaut, strength).layers.alpha for strength in (0.0, 0.2, 0.5, 1.0)]
    assert np.array_equal(alphas[0], alphas[1])
    areas = [float(alpha.sum()) for alpha in alphas[1:]]
    assert areas[0] > areas[1] > areas[2]
    kept, _ = measured(astronaut, ToonLook("cel", regions={"hair": 0.0}))
    assert np.array_equal(kept.layers.alpha, alphas[0])


def test_notches_do_not_jump_when_a_face_trembles(astronaut: FaceAnalysis) -> None:
    first = studied(astronaut).layers.alpha
    for shift in ((0.1, 0.0), (-0.07, 0.07)):
        landmarks = astronaut.landmarks.copy()
        landmarks[:, :2] += np.float32(shift)
        moved = studied(dataclasses.replace(astronaut, landmarks=landmarks)).layers.alpha
        assert np.abs(moved - first).sum() < 40, "a tenth of a pixel for some 400 pixels of borders"
