"""Finding faces: small ones in large photos, several at once, and beside what only looks like one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ml_core.errors import PhotoRejected
from ml_core.face.analyser import FaceAnalyser
from tests.faces import DrawnFace, Picture, astronaut, drawn_animal, drawn_face, grace_hopper
from tests.faces.portraits import table

FACE_WIDTH = {"astronaut": 94 / 512, "drawn": 0.36, "hopper": 158 / 512}
"""Of the detected box over the picture's width."""
PEOPLE = {"astronaut": astronaut, "drawn": lambda: drawn_face(DrawnFace()), "hopper": grace_hopper}


def cluttered(width: int, height: int) -> Picture:
    return cv2.resize(table(), (width, height), interpolation=cv2.INTER_CUBIC)


def put(ground: Picture, name: str, face: int, left: int, top: int) -> None:
    """Lay a person into ``ground`` so large that the face is ``face`` px wide."""
    person = PEOPLE[name]()
    scale = face / (FACE_WIDTH[name] * person.shape[1])
    small = cv2.resize(person, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    part = ground[top : top + small.shape[0], left : left + small.shape[1]]
    part[:] = small[: part.shape[0], : part.shape[1]]


@pytest.mark.parametrize("face", [80, 64])
def test_a_small_face_in_a_large_photo(analyser: FaceAnalyser, face: int) -> None:
    photo = cluttered(2048, 1536)
    put(photo, "astronaut", face, 1200, 700)
    x, y, width, height = analyser.admit(photo).faces[0].face.box
    expected = (1200, 700) + np.array([225, 116]) * (face / 94)
    assert np.abs(np.array([x + width / 2, y + height / 2]) - expected).max() < face / 4


def test_a_face_that_is_too_small_is_called_so(analyser: FaceAnalyser) -> None:
    photo = cluttered(1600, 1200)
    put(photo, "astronaut", 30, 900, 500)
    with pytest.raises(PhotoRejected) as refused:
        analyser.admit(photo)
    assert refused.value.code == "face_too_small"


def test_a_large_face_does_not_hide_those_half_as_large(analyser: FaceAnalyser) -> None:
    photo = np.full((1200, 1600, 3), (150, 160, 170), np.uint8)
    put(photo, "drawn", 220, 0, 0)
    put(photo, "astronaut", 120, 900, 0)
    put(photo, "hopper", 120, 900, 720)
    faces = [face.box for face in analyser.faces(photo)]
    assert len(faces) == 3
    assert faces[0][0] < 400  # the largest is the best
    assert {round(box[1] + box[3] / 2) > 600 for box in faces[1:]} == {True, False}


def test_somebody_with_a_pet_is_somebody(analyser: FaceAnalyser) -> None:
    photo = np.full((640, 1100, 3), (150, 160, 170), np.uint8)
    photo[:, :640] = drawn_animal("dog")
    put(photo, "astronaut", 80, 660, 100)
    one = analyser.admit(photo)
    assert one.faces[one.index].face.box[0] > 640


def test_patterns_are_not_small_faces(analyser: FaceAnalyser) -> None:
    with pytest.raises(PhotoRejected) as refused:
        analyser.admit(cluttered(1600, 1200))
    assert refused.value.code == "no_face"
