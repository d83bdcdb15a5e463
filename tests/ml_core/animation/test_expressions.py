"""The blendshape basis, the neutral face and the repair of tangles, on the reference mesh."""

from __future__ import annotations

import numpy as np
import pytest

from ml_core.animation.channels import ARKIT, CHANNELS
from ml_core.animation.contours import EYES
from ml_core.animation.expressions import expression_basis, lip_gap
from ml_core.animation.neutral import neutral_face, openness
from ml_core.animation.untangle import doubled_areas, untangle
from ml_core.face.topology import MIRROR, REFERENCE, TRIANGLES

FACE = REFERENCE.astype(np.float64)
BASIS = expression_basis(FACE)


def test_every_shape_is_a_channel_and_moves_something() -> None:
    assert set(BASIS) <= set(CHANNELS)
    assert all(np.abs(shape).max() > 0.01 for shape in BASIS.values())
    drawn_or_looked = {name for name in ARKIT if "eyeLook" in name} | {"tongueOut"}
    assert set(ARKIT) - set(BASIS) <= drawn_or_looked


@pytest.mark.parametrize("name", [name for name in BASIS if name.endswith("Left") and name != "jawLeft"])
def test_left_mirrors_right(name: str) -> None:
    left, right = BASIS[name], BASIS[name.removesuffix("Left") + "Right"]
    np.testing.assert_allclose(left, right[MIRROR] * [-1, 1, 1], atol=0.012)


@pytest.mark.parametrize(
    ("name", "vertex", "axis", "sign"),
    [
        ("jawOpen", 152, 1, 1),
        ("mouthSmileLeft", 291, 1, -1),
        ("mouthSmileLeft", 291, 0, 1),
        ("mouthFrownRight", 61, 1, 1),
        ("mouthPucker", 291, 0, -1),
        ("browInnerUp", 107, 1, -1),
        ("browDownLeft", 336, 1, 1),
        ("browOuterUpRight", 70, 1, -1),
        ("eyeWideLeft", 386, 1, -1),
        ("noseSneerLeft", 294, 1, -1),
        ("mouthLeft", 14, 0, 1),
    ],
)
def test_shapes_move_the_way_their_names_say(name: str, vertex: int, axis: int, sign: int) -> None:
    assert sign * BASIS[name][vertex, axis] > 0.01


def test_a_blink_meets_on_one_curve() -> None:
    for eye in EYES:
        closed = FACE + BASIS[f"eyeBlink{eye.side}"]
        np.testing.assert_allclose(closed[list(eye.upper), :2], closed[list(eye.lower), :2], atol=1e-9)


def test_a_smile_is_relaxed_and_an_open_mouth_closed() -> None:
    laugh = FACE + 0.8 * (BASIS["mouthSmileLeft"] + BASIS["mouthSmileRight"]) + 0.7 * BASIS["jawOpen"]
    weights = {"mouthSmileLeft": 0.8, "mouthSmileRight": 0.8, "jawOpen": 0.7}
    calm = neutral_face(laugh, weights)
    assert lip_gap(laugh).max() > 0.1
    assert np.abs(lip_gap(calm)).max() < 0.01
    assert abs(calm[291, 1] - FACE[291, 1]) < 0.5 * abs(laugh[291, 1] - FACE[291, 1])


def test_closed_eyes_open_and_open_ones_stay() -> None:
    asleep = FACE + BASIS["eyeBlinkLeft"] + BASIS["eyeBlinkRight"]
    awake = neutral_face(asleep, {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0})
    assert all(0.2 < openness(awake, eye) < 0.45 for eye in EYES)
    for eye in EYES:
        assert openness(neutral_face(FACE, {}), eye) == pytest.approx(openness(FACE, eye))


def test_untangle_turns_triangles_back_and_leaves_clean_meshes_alone() -> None:
    flat = np.ascontiguousarray(FACE[:, :2])
    areas = doubled_areas(flat, TRIANGLES)
    moved = flat * 1.2 + 0.3
    clean = moved[None].copy()
    untangle(flat[None], clean, TRIANGLES, areas)
    np.testing.assert_array_equal(clean[0], moved)
    kinked = flat[None].copy()
    kinked[0, 50] += [0.25, 0.1]
    assert (doubled_areas(kinked[0], TRIANGLES) * areas < 0).any()
    untangle(flat[None], kinked, TRIANGLES, areas)
    assert not (doubled_areas(kinked[0], TRIANGLES) * areas < 0).any()
