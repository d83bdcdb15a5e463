"""Which faces of a target there are, and what happens when there are none or twenty."""

import numpy as np
import pytest

from ml_core.errors import ClipInvalid, PhotoRejected
from ml_core.swap.targets import TargetFinder
from tests.faces import astronaut, cat, t1_group


def twenty_faces():
    """A class photo: the astronaut's head in five columns and four rows."""
    head = astronaut()[0:220, 115:335]
    return np.ascontiguousarray(np.tile(head, (4, 5, 1)))


def test_no_face_says_so():
    with pytest.raises(PhotoRejected, match="no face in the target") as refused:
        TargetFinder().find(cat())
    assert refused.value.code == "target_no_face"


@pytest.mark.parametrize("wanted", [(9,), (-1,), (0, 6)])
def test_a_face_that_is_not_there_is_named_with_those_that_are(wanted):
    with pytest.raises(PhotoRejected, match="choose from 0 to 5") as refused:
        TargetFinder().find(t1_group(), wanted)
    assert refused.value.params["count"] == 6


def test_twenty_faces_are_all_found_and_chosen_in_order():
    finder, picture = TargetFinder(), twenty_faces()
    assert len(finder.boxes(picture)) == 20
    best, third = finder.find(picture, (0, 2, 0))
    assert not np.allclose(best.landmarks, third.landmarks)


def test_a_face_is_followed_through_a_clip_and_a_lost_one_is_refused():
    picture = astronaut()
    frames = [np.ascontiguousarray(np.roll(picture, shift, axis=1)) for shift in range(0, 24, 3)]
    ((*faces,),) = TargetFinder().follow(frames)
    noses = np.array([face.landmarks[1, 0] for face in faces])
    assert np.allclose(np.diff(noses), 3, atol=1.2)
    gone = [picture, picture, *[np.full_like(picture, 200)] * 6]
    with pytest.raises(ClipInvalid) as refused:
        TargetFinder().follow(gone)
    assert refused.value.code == "clip_face_lost"
    with pytest.raises(PhotoRejected):
        TargetFinder().follow([np.full_like(picture, 200)] * 3)
