"""From photo to FaceAnalysis: what is measured, what is refused, on every kind of face there is here."""

from __future__ import annotations

from importlib.util import find_spec

import cv2
import numpy as np
import pytest

from ml_core.errors import PhotoRejected, WeightsUnavailable
from ml_core.face import topology
from ml_core.face.analyser import FaceAnalyser
from ml_core.face.archive import analysis_to_bytes
from ml_core.face.nets import FaceNets
from ml_core.types import PORTRAIT_SIDE, REGIONS, FaceAnalysis
from tests.faces import (
    HAIR,
    SKIN_TONES,
    DrawnFace,
    Picture,
    astronaut,
    cat,
    drawn_animal,
    drawn_face,
    grace_hopper,
    masked,
    recoloured,
    t1_group,
    with_glasses,
)

full_setup = pytest.mark.skipif(find_spec("insightface") is None, reason="its pictures come with make setup")

MANY_FACES = {
    "light": DrawnFace(),
    "mid, smiling, long hair": DrawnFace(skin=SKIN_TONES["mid"], smile=1, long_hair=True, hair=HAIR["black"]),
    "dark": DrawnFace(skin=SKIN_TONES["dark"], hair=HAIR["black"]),
    "bangs": DrawnFace(bangs=True, long_hair=True, hair=HAIR["black"]),
    "bald": DrawnFace(hair=None),
    "white hair": DrawnFace(hair=HAIR["white"]),
    "beard": DrawnFace(beard=True),
    "dark beard": DrawnFace(beard=True, skin=SKIN_TONES["dark"], hair=HAIR["black"]),
    "white beard": DrawnFace(beard=True, skin=SKIN_TONES["mid"], hair=HAIR["white"]),
    "scarf": DrawnFace(scarf=(150, 40, 60)),
    "eyes shut": DrawnFace(eyes_open=0),
    "mouth open": DrawnFace(mouth_open=0.8),
    "glasses": DrawnFace(glasses=True),
}


def in_photo(analysis: FaceAnalysis) -> np.ndarray:
    """Landmarks (468, 2) in the photo."""
    back = cv2.invertAffineTransform(analysis.to_portrait)
    return analysis.landmarks[:, :2] @ back[:, :2].T + back[:, 2]


def refusal(analyser: FaceAnalyser, photo: Picture, **options: int) -> PhotoRejected:
    with pytest.raises(PhotoRejected) as refused:
        analyser.analyse(photo, **options)
    return refused.value


def share(analysis: FaceAnalysis, region: str) -> np.ndarray:
    return analysis.regions[REGIONS.index(region)].astype(np.float32) / 255


def test_shapes_and_types(astronaut_analysis: FaceAnalysis) -> None:
    side = PORTRAIT_SIDE
    one = astronaut_analysis
    assert one.image.shape == (side, side, 3)
    assert one.image.dtype == np.uint8
    assert one.valid.shape == (side, side)
    assert one.valid.dtype == bool
    assert one.landmarks.shape == (468, 3)
    assert one.landmarks.dtype == np.float32
    assert one.iris.shape == (2, 5, 2)
    assert one.matte.dtype == np.float32
    assert 0 <= one.matte.min() <= one.matte.max() <= 1
    assert one.regions.shape == (len(REGIONS), side, side)
    assert one.regions.dtype == np.uint8
    assert one.to_portrait.shape == (2, 3)


def test_astronaut(astronaut_analysis: FaceAnalysis) -> None:
    one = astronaut_analysis
    assert abs(one.pose.yaw) < 8
    assert not one.glasses
    assert min(one.expression["mouthSmileLeft"], one.expression["mouthSmileRight"]) > 0.3
    assert max(one.expression["eyeBlinkLeft"], one.expression["eyeBlinkRight"]) < 0.1
    skin_lightness, skin_a, skin_b = one.skin_lab
    assert skin_lightness > 60
    assert one.hair_lab is not None
    assert one.hair_lab[0] < skin_lightness - 15
    eye = in_photo(one)[[33, 133, 362, 263]].mean(axis=0)
    assert np.linalg.norm(eye - (225, 104)) < 4  # between the eyes in the 512 px picture
    assert 0 < skin_a < skin_b < 30


def test_eye_corners_are_where_they_belong(astronaut_analysis: FaceAnalysis) -> None:
    x = astronaut_analysis.landmarks[:, 0]
    assert x[33] < x[133] < x[362] < x[263]
    iris_right, iris_left = astronaut_analysis.iris[:, 0, 0]
    assert x[33] < iris_right < x[133]
    assert x[362] < iris_left < x[263]


def test_regions_and_matte_agree(astronaut_analysis: FaceAnalysis) -> None:
    one = astronaut_analysis
    total = one.regions.astype(np.float32).sum(axis=0) / 255
    assert total.max() < 1.03
    assert np.abs(share(one, "background") - (1 - one.matte)).max() < 0.01
    mouth = np.zeros(total.shape, np.uint8)
    cv2.fillPoly(mouth, [one.landmarks[list(topology.LIPS_INNER), :2].astype(np.int32)], 1)
    outside = cv2.dilate(mouth, np.ones((7, 7), np.uint8)) == 0
    assert np.abs(total[outside] - 1).mean() < 0.01
    assert share(one, "skin")[int(one.landmarks[50, 1]), int(one.landmarks[50, 0])] > 0.9
    assert share(one, "lips")[int(one.landmarks[17, 1]) - 4, int(one.landmarks[17, 0])] > 0.5
    assert share(one, "clothes")[560, 300] > 0.5
    top = int(one.landmarks[topology.FOREHEAD, 1] - 0.5 * topology.unit_of(one.landmarks))
    assert share(one, "hair")[top, 300] > 0.8


def test_matte_keeps_the_person_and_drops_the_background(astronaut_analysis: FaceAnalysis) -> None:
    one = astronaut_analysis
    assert one.matte[:40, :60].max() < 0.05
    assert one.matte[:40, -60:].max() < 0.05
    oval = np.zeros(one.matte.shape, np.uint8)
    cv2.fillPoly(oval, [one.landmarks[list(topology.FACE_OVAL), :2].astype(np.int32)], 1)
    assert one.matte[oval > 0].mean() > 0.99
    count, _ = cv2.connectedComponents((one.matte > 0.5).astype(np.uint8))
    assert count == 2


@pytest.mark.parametrize("name", MANY_FACES)
def test_faces_of_all_kinds_pass(analyser: FaceAnalyser, name: str) -> None:
    face = MANY_FACES[name]
    one = analyser.analyse(drawn_face(face))
    assert (one.hair_lab is None) == (face.hair is None or face.scarf is not None)
    assert one.glasses == face.glasses
    assert one.scores["presence"] > 0.9
    wanted = cv2.cvtColor(np.array([[face.skin]], np.float32) / 255, cv2.COLOR_RGB2LAB)[0, 0]
    assert abs(one.skin_lab[0] - wanted[0]) < 8
    assert np.linalg.norm(np.subtract(one.skin_lab[1:], wanted[1:])) < 8


def test_expression_follows_the_drawing(analyser: FaceAnalyser) -> None:
    rest = analyser.analyse(drawn_face()).expression
    shut = analyser.analyse(drawn_face(DrawnFace(eyes_open=0))).expression
    wide = analyser.analyse(drawn_face(DrawnFace(mouth_open=0.8))).expression
    smile = analyser.analyse(drawn_face(DrawnFace(smile=1))).expression
    assert max(rest["jawOpen"], rest["eyeBlinkLeft"], rest["eyeBlinkRight"]) < 0.1
    assert min(shut["eyeBlinkLeft"], shut["eyeBlinkRight"]) > 0.35
    assert wide["jawOpen"] > 0.4
    assert smile["mouthSmileLeft"] > rest["mouthSmileLeft"] + 0.2
    assert smile["mouthSmileRight"] > rest["mouthSmileRight"] + 0.2


def test_beard_is_its_own_information(analyser: FaceAnalyser) -> None:
    assert analyser.analyse(drawn_face(DrawnFace(beard=True))).scores["beard"] > 0.5
    assert analyser.analyse(drawn_face()).scores["beard"] < 0.2


def test_skin_tones_are_treated_alike(analyser: FaceAnalyser, astronaut_analysis: FaceAnalysis) -> None:
    """Lighter or darker: same gates, same landmarks, and nobody is whitened."""
    one = astronaut_analysis
    skin = np.minimum(share(one, "skin") + share(one, "neck"), 1)
    on_photo = cv2.warpAffine(skin, one.to_portrait, (512, 512), flags=cv2.WARP_INVERSE_MAP)
    for tone, colour in SKIN_TONES.items():
        other = analyser.analyse(recoloured(astronaut(), on_photo, tone))
        error = np.linalg.norm(in_photo(other) - in_photo(one), axis=1).mean()
        assert error / topology.unit_of(in_photo(one).astype(np.float32)) < 0.05
        wanted = cv2.cvtColor(np.array([[colour]], np.float32) / 255, cv2.COLOR_RGB2LAB)[0, 0]
        assert abs(other.skin_lab[0] - wanted[0]) < 9


def test_glasses_are_found_and_the_persons_word_wins(analyser: FaceAnalyser) -> None:
    assert analyser.analyse(grace_hopper()).glasses
    assert not analyser.analyse(grace_hopper(), glasses=False).glasses
    assert analyser.analyse(astronaut(), glasses=True).glasses
    points = in_photo(analyser.analyse(astronaut())).astype(np.float32)
    assert analyser.analyse(with_glasses(astronaut(), points)).glasses


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turned_photos_are_righted(
    analyser: FaceAnalyser, astronaut_analysis: FaceAnalysis, turns: int
) -> None:
    turned = analyser.analyse(np.ascontiguousarray(np.rot90(astronaut(), turns)))
    # the portrait comes out the same way up, so its landmarks agree
    error = np.linalg.norm((turned.landmarks - astronaut_analysis.landmarks)[:, :2], axis=1).mean()
    assert error / topology.unit_of(astronaut_analysis.landmarks) < 0.05
    expected = {1: -90, 2: 180, 3: 90}[turns] + astronaut_analysis.pose.roll
    assert abs((turned.pose.roll - expected + 180) % 360 - 180) < 4


def test_large_small_and_odd_photos(analyser: FaceAnalyser) -> None:
    large = cv2.resize(astronaut(), (1600, 1600), interpolation=cv2.INTER_CUBIC)
    assert abs(analyser.analyse(large).faces[0].box[2] / 1600 - 94 / 512) < 0.03
    assert (
        refusal(analyser, cv2.resize(astronaut(), (128, 128), interpolation=cv2.INTER_AREA)).code
        == "face_too_small"
    )
    assert refusal(analyser, np.full((64, 2000, 3), 128, np.uint8)).code == "no_face"
    assert refusal(analyser, np.zeros((1, 1, 3), np.uint8)).code == "no_face"
    wide = np.full((512, 2000, 3), 200, np.uint8)
    wide[:, 700:1212] = astronaut()
    assert analyser.analyse(wide).scores["presence"] > 0.9


def test_a_64_px_face_gives_a_whole_result(analyser: FaceAnalyser) -> None:
    small = cv2.resize(astronaut(), (330, 330), interpolation=cv2.INTER_AREA)
    assert 55 < analyser.faces(small)[0].box[2] < 66
    assert np.isfinite(analyser.analyse(small).landmarks).all()


@pytest.mark.parametrize(("scale", "code"), [(0.12, "face_too_dark"), (0.35, None)])
def test_dark_photos(analyser: FaceAnalyser, scale: float, code: str | None) -> None:
    dim = (astronaut() * scale).astype(np.uint8)
    if code:
        assert refusal(analyser, dim).code == code
    else:
        lifted = analyser.analyse(dim)
        assert 35 < lifted.skin_lab[0] < 60  # brought up, and no lighter than MOST_LIFT allows


def test_dark_skin_in_daylight_is_not_a_dark_photo(analyser: FaceAnalyser) -> None:
    face = DrawnFace(skin=SKIN_TONES["dark"], hair=HAIR["black"])
    photo = drawn_face(face)
    one = analyser.analyse(photo)
    same = cv2.warpAffine(photo, one.to_portrait, (PORTRAIT_SIDE,) * 2)
    inside = one.valid & (one.matte > 0.9)
    assert np.abs(one.image[inside].astype(int) - same[inside]).mean() < 2


def test_blur(analyser: FaceAnalyser) -> None:
    assert refusal(analyser, cv2.GaussianBlur(astronaut(), (0, 0), 3)).code == "face_blurred"


def test_sunglasses(analyser: FaceAnalyser, astronaut_analysis: FaceAnalysis) -> None:
    points = in_photo(astronaut_analysis).astype(np.float32)
    assert refusal(analyser, with_glasses(astronaut(), points, lens=(24, 22, 26))).code == "sunglasses"
    dark = DrawnFace(sunglasses=True, skin=SKIN_TONES["dark"], hair=HAIR["black"])
    for face in (DrawnFace(sunglasses=True), dark):
        assert refusal(analyser, drawn_face(face)).code == "sunglasses"


@pytest.mark.parametrize("cloth", [(120, 190, 225), (235, 235, 238), (40, 40, 44)])
@pytest.mark.parametrize("tone", SKIN_TONES)
def test_drawn_masks(analyser: FaceAnalyser, cloth: tuple[int, int, int], tone: str) -> None:
    face = DrawnFace(mask=cloth, skin=SKIN_TONES[tone])
    assert refusal(analyser, drawn_face(face)).code == "mouth_covered"


@full_setup
@pytest.mark.parametrize("colour", ["black", "blue", "green", "white"])
def test_mask_pictures_over_portraits(analyser: FaceAnalyser, colour: str) -> None:
    points = in_photo(analyser.analyse(astronaut())).astype(np.float32)
    assert refusal(analyser, masked(astronaut(), points, colour)).code == "mouth_covered"
    points = in_photo(analyser.analyse(grace_hopper())).astype(np.float32)
    behind_glasses = refusal(analyser, masked(grace_hopper(), points, colour)).code
    assert behind_glasses in {"mouth_covered", "no_face"}  # glasses and a dark mask leave no face to see


@pytest.mark.parametrize("kind", ["monkey", "dog", "cat"])
@pytest.mark.parametrize("fur", [0.02, 0.05])
def test_animals_are_refused(analyser: FaceAnalyser, kind: str, fur: float) -> None:
    """The mesh network gives most of these a presence of 0.9 to 1.0."""
    assert refusal(analyser, drawn_animal(kind, fur_contrast=fur)).code in {"not_human", "no_face"}


def test_a_real_cat_is_refused(analyser: FaceAnalyser) -> None:
    assert refusal(analyser, cat()).code in {"not_human", "no_face"}


@full_setup
def test_groups_give_every_face_best_first(analyser: FaceAnalyser) -> None:
    group = t1_group()
    faces = analyser.faces(group)
    assert len(faces) == 6
    first = analyser.analyse(group)
    assert first.face_index == 0
    assert first.faces == faces
    other = analyser.analyse(group, face_index=2)
    x, y, w, h = faces[2].box
    nose = in_photo(other)[topology.NOSE_TIP]
    assert x < nose[0] < x + w
    assert y < nose[1] < y + h
    assert refusal(analyser, group, face_index=6).code == "face_index_out_of_range"
    turned = [index for index in range(6) if _code(analyser, group, index) == "turned_away"]
    assert len(turned) in {1, 2}


def _code(analyser: FaceAnalyser, photo: Picture, index: int) -> str | None:
    try:
        analyser.analyse(photo, face_index=index)
    except PhotoRejected as refused:
        return refused.code
    return None


def test_index_out_of_range_says_how_many(analyser: FaceAnalyser) -> None:
    error = refusal(analyser, astronaut(), face_index=1)
    assert error.code == "face_index_out_of_range"
    assert error.params["count"] == 1


def test_missing_wheel_says_what_to_install(tmp_path: object) -> None:
    from pathlib import Path

    nets = FaceNets(Path(str(tmp_path)))
    with pytest.raises(WeightsUnavailable) as missing:
        FaceAnalyser(nets).faces(astronaut())
    assert missing.value.code == "mediapipe_incomplete"
    assert "mediapipe" in str(missing.value)


@pytest.mark.parametrize("size", [(16, 16), (17, 301), (333, 127), (501, 770), (1001, 64)])
def test_no_size_of_an_empty_photo_breaks_the_search(analyser: FaceAnalyser, size: tuple[int, int]) -> None:
    assert analyser.faces(np.full((*size, 3), 140, np.uint8)) == ()


def test_the_same_photo_gives_the_same_analysis_every_time():
    """GrabCut draws random numbers: a second photo before must not change what the first one gives."""
    analyser = FaceAnalyser()
    first = analysis_to_bytes(analyser.analyse(astronaut()))
    analyser.analyse(grace_hopper())
    assert analysis_to_bytes(analyser.analyse(astronaut())) == first
