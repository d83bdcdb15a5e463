"""Picture templates: every layout of the catalog is drawn with a face in it, and landmarks are carried."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml_core.drawing.pictures import PICTURES
from ml_core.errors import MotionInvalid
from ml_core.face.analyser import FaceAnalyser
from ml_core.picture_pipeline.guests import guests_of, placed
from ml_core.picture_pipeline.layout import picture_from_toml
from ml_core.picture_pipeline.render import picture_clip
from ml_core.toonify.look import ToonLook
from ml_core.toonify.renderer import toonify
from tests.faces import astronaut, grace_hopper

LAYOUTS = Path("emotoon/catalog/pictures/layouts")
NAMES = sorted(path.stem for path in LAYOUTS.glob("*.toml"))


def layout(name):
    return picture_from_toml((LAYOUTS / f"{name}.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def toons():
    analyser = FaceAnalyser()
    return [
        toonify(analyser.analyse(photo), ToonLook(style="cel"), with_eyes=True)
        for photo in (astronaut(), grace_hopper())
    ]


def drawn(spec, toons, phase_frames=2):
    return picture_clip(toons, replace(spec, frames=phase_frames, moving=True), "", size=256).frames


def test_there_are_at_least_six_one_for_two_and_one_that_moves():
    specs = [layout(name) for name in NAMES]
    assert len(specs) >= 6
    assert {spec.drawing for spec in specs} == set(PICTURES)
    assert any(len(spec.slots) == 2 for spec in specs)
    assert any(spec.moving and spec.frames > 10 for spec in specs)
    assert {slot.kind for spec in specs for slot in spec.slots} == {"head", "face"}


@pytest.mark.parametrize("name", NAMES)
def test_another_face_makes_another_picture_only_where_the_face_is(name, toons):
    spec = layout(name)
    first, second = drawn(spec, toons[:1]), drawn(spec, toons[1:])
    assert first.shape == (2, 256, 256, 4)
    assert first[..., 3].max() == 255
    differs = np.abs(first[0].astype(int) - second[0].astype(int)).max(axis=2) > 12
    rows, columns = np.nonzero(differs)
    x, y = spec.slots[0].centre
    if len(spec.slots) == 1:
        assert abs(np.median(columns) / 256 * 512 - x) < 0.8 * spec.slots[0].unit
        assert abs(np.median(rows) / 256 * 512 - y) < 1.6 * spec.slots[0].unit


def test_two_persons_in_one_heart_and_one_person_twice(toons):
    spec = layout("couple")
    both, alone = drawn(spec, toons), drawn(spec, toons[:1])
    left, right = both[0][:, :128], both[0][:, 128:]
    assert (left[60:150] == alone[0][60:150, :128]).mean() > 0.97
    assert (right[60:150] == alone[0][60:150, 128:]).mean() < 0.9


def test_an_amount_and_regions_of_a_layout_are_kept_to(toons):
    sun = layout("sun")
    (slot,) = sun.slots
    none = drawn(replace(sun, slots=(replace(slot, amount=0.0),)), toons)
    eyes = drawn(replace(sun, slots=(replace(slot, regions=("eyes",)),)), toons)
    everything = drawn(sun, toons)
    whole = np.abs(everything[0].astype(int) - none[0].astype(int)).max(axis=2) > 8
    part = np.abs(eyes[0].astype(int) - none[0].astype(int)).max(axis=2) > 8
    assert 0 < part.sum() < 0.6 * whole.sum()


def test_a_drawn_face_knows_its_landmarks(toons):
    (guest,) = guests_of(toons[:1], layout("baby"))
    points = placed(guest, 0.0)
    eyes = points[[33, 263], :2]
    assert np.linalg.norm(eyes[0] - eyes[1]) == pytest.approx(guest.slot.unit, rel=0.05)
    assert eyes.mean(axis=0) == pytest.approx(guest.slot.centre, abs=1)


def test_a_photograph_goes_in_where_no_cartoon_is_wanted():
    analysis = FaceAnalyser().analyse(astronaut())
    photo = toonify(analysis, ToonLook(strength=0.0), with_eyes=True)
    inside = analysis.matte > 0.99
    difference = np.abs(photo.texture[..., :3].astype(int) - analysis.image.astype(int))[inside]
    assert np.median(difference) <= 2
    assert drawn(layout("king"), [photo]).shape == (2, 256, 256, 4)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("drawing = ", "cannot be read"),
        ('drawing = "moon"', "use one of"),
        ('drawing = "king"', "at least one"),
        ('drawing = "king"\n[[slots]]\nkind = "foot"\ncentre = [1, 2]\nunit = 80', "kind is one of"),
        (
            'drawing = "king"\n[[slots]]\nkind = "face"\ncentre = [1, 2]\nunit = 80\nregions = ["ears"]',
            "ears",
        ),
        ('drawing = "king"\n[[slots]]\nkind = "head"\ncentre = [1, 2]\nunit = 80\nhat = true', "hat"),
        ('drawing = "king"\nframes = 900\n[[slots]]\nkind = "head"\ncentre = [1, 2]\nunit = 80', "90 frames"),
    ],
)
def test_a_wrong_layout_says_what_is_wrong(text, word):
    with pytest.raises(MotionInvalid, match=word):
        picture_from_toml(text)
