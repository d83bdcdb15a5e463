"""Fits, transforms and the data of the mesh."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_core.face import reference, topology
from ml_core.face.crop import continued
from ml_core.face.geometry import cut, inverse, moved, rigid, square_transform
from ml_core.face.nets import model_folder
from ml_core.face.pose import face_frame


def turn(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Rz(roll) Ry(yaw) Rx(pitch), degrees, such that positive turns right, down, clockwise."""
    a, b, c = np.radians([-yaw, pitch, roll])
    ry = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    rx = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    rz = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return rz @ ry @ rx


@settings(max_examples=40, deadline=None)
@given(
    st.floats(-60, 60), st.floats(-40, 40), st.floats(-170, 170), st.floats(0.2, 400), st.floats(-900, 900)
)
def test_pose_of_a_turned_reference_is_that_turn(
    yaw: float, pitch: float, roll: float, scale: float, shift: float
) -> None:
    points = (scale * topology.REFERENCE @ turn(yaw, pitch, roll).T + shift).astype(np.float32)
    frame = face_frame(points)
    assert frame.pose.yaw == pytest.approx(yaw, abs=0.6)
    assert frame.pose.pitch == pytest.approx(pitch, abs=0.6)
    assert frame.pose.roll == pytest.approx(roll, abs=0.6)
    assert np.abs(frame.shape - topology.REFERENCE).max() < 0.02


def test_positive_yaw_moves_the_nose_to_the_right_of_the_picture() -> None:
    turned = topology.REFERENCE @ turn(20, 0, 0).T
    assert turned[topology.NOSE_TIP, 0] > 0.05
    lowered = topology.REFERENCE @ turn(0, 20, 0).T
    assert lowered[topology.NOSE_TIP, 1] > topology.REFERENCE[topology.NOSE_TIP, 1]


def test_rigid_never_mirrors() -> None:
    mirrored = topology.REFERENCE * np.array([-1, 1, 1], np.float32)
    assert np.linalg.det(rigid(topology.REFERENCE, mirrored).rotation) == pytest.approx(1, abs=1e-4)


def test_mesh_data_is_what_the_wheel_says() -> None:
    text = (model_folder().parent / "python/solutions/face_mesh_connections.py").read_text("utf-8")
    assert np.array_equal(reference.triangles(text), topology.TRIANGLES)


def test_mesh_data_is_whole_and_symmetric() -> None:
    assert topology.TRIANGLES.shape == (852, 3)
    assert len(np.unique(topology.TRIANGLES)) == 468
    assert (topology.MIRROR[topology.MIRROR] == np.arange(468)).all()
    flipped = topology.REFERENCE[topology.MIRROR] * np.array([-1, 1, 1])
    assert np.abs(flipped - topology.REFERENCE).max() < 2e-3
    assert np.linalg.norm(topology.REFERENCE[263] - topology.REFERENCE[33]) == pytest.approx(1, abs=2e-3)
    for right, left in ((33, 263), (61, 291), (70, 300), (234, 454)):
        assert topology.MIRROR[right] == left


@settings(max_examples=30, deadline=None)
@given(st.floats(10, 900), st.floats(-3, 3), st.integers(8, 300), st.floats(-400, 900))
def test_square_transform_and_its_inverse(side: float, angle: float, pixels: int, x: float) -> None:
    there = square_transform(np.array([x, 50], np.float32), side, angle, pixels)
    points = np.array([[x, 50], [0, 0], [120, -30]], np.float32)
    assert np.allclose(moved(points, there)[0], pixels / 2, atol=0.1)
    assert np.allclose(moved(moved(points, there), inverse(there)), points, atol=0.3)


@pytest.mark.parametrize("size", [40, 700])
def test_cut_keeps_positions_at_every_scale(size: int) -> None:
    """A dot stays where the affine says, whether the picture is enlarged or averaged first."""
    photo = np.zeros((900, 900, 3), np.uint8)
    photo[430:470, 520:560] = 255
    affine = square_transform(np.array([450, 450], np.float32), 800, 0.3, size)
    rows, columns = np.nonzero(cut(photo, affine, size)[..., 0] > 100)
    found = np.array([columns.mean(), rows.mean()])
    expected = moved(np.array([[539.5, 449.5]], np.float32), affine)[0]
    assert np.abs(found - expected).max() < 0.6


def test_continuation_has_no_stripes() -> None:
    """Below a striped edge the fill is smoother than the stripes, and what was known is untouched."""
    photo = np.zeros((200, 200, 3), np.uint8)
    photo[:, ::4] = 255
    valid = np.zeros((200, 200), bool)
    valid[:120] = True
    filled = continued(photo, valid)
    assert np.array_equal(filled[:120], photo[:120])
    step = np.abs(np.diff(filled[140:, :, 0].astype(int), axis=1))
    assert step.max() < 20
    assert 20 < filled[140:].mean() < 110
