"""Head and body sheets: together they are the portrait, and the body goes on behind the head."""

from __future__ import annotations

import numpy as np
from scipy.spatial import Delaunay

from ml_core.animation.sheets import _delaunay, body_sheet, figure_of, head_sheet
from ml_core.face.topology import CHIN, FOREHEAD, NOSE_TIP, POINTS, unit_of
from ml_core.types import ToonPortrait


def test_head_over_body_is_the_portrait(astronaut: ToonPortrait) -> None:
    figure = figure_of(astronaut)
    head = head_sheet(astronaut, figure).texture.astype(float)
    body = body_sheet(astronaut, figure).texture.astype(float)
    together = head + body * (1 - head[..., 3:] / 255)
    shown = together[..., 3] > 250
    landmarks = astronaut.analysis.landmarks
    face = slice(int(landmarks[FOREHEAD, 1]), int(landmarks[CHIN, 1] + 0.5 * unit_of(landmarks)))
    assert shown[face][astronaut.texture[face][..., 3] == 255].mean() > 0.99
    difference = np.abs(together[..., :3] - astronaut.texture[..., :3])[shown]
    assert np.median(difference) <= 1
    assert difference.mean() < 2


def test_face_is_head_and_clothes_are_body(astronaut: ToonPortrait) -> None:
    share = figure_of(astronaut).head
    nose = astronaut.analysis.landmarks[NOSE_TIP, :2].astype(int)
    assert share[nose[1], nose[0]] == 1
    assert share[-20, 300] == 0


def test_the_neck_goes_on_behind_the_chin(astronaut: ToonPortrait) -> None:
    body = body_sheet(astronaut, figure_of(astronaut))
    landmarks = astronaut.analysis.landmarks
    column, chin = int(landmarks[CHIN, 0]), int(landmarks[CHIN, 1])
    hidden = body.texture[chin - int(0.25 * unit_of(landmarks)) : chin, column, 3]
    assert (hidden == 255).all()


def test_the_outline_is_tied_to_the_mesh(astronaut: ToonPortrait) -> None:
    sheet = head_sheet(astronaut, figure_of(astronaut))
    corners, weights = sheet.outline
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-6)
    on_texture = (sheet.points[corners] * weights[..., None]).sum(axis=1)
    alpha = sheet.texture[..., 3]
    rows, columns = on_texture.round().astype(int)[:, ::-1].T
    assert (alpha[rows.clip(0, 599), columns.clip(0, 599)] > 0).mean() > 0.95
    assert sheet.triangles[:, 0].max() >= POINTS


def test_triangles_around_the_face_are_delaunay() -> None:
    points = np.random.default_rng(7).uniform(-10, 610, (200, 2)).astype(np.float32)
    ours, scipys = _delaunay(points), Delaunay(points).simplices
    inner = {frozenset(triangle) for triangle in scipys.tolist()}
    found = {frozenset(triangle) for triangle in ours.tolist()}
    # SciPy also keeps slivers along the hull that OpenCV's far corners swallow.
    assert found <= inner
    assert len(inner - found) < 10
