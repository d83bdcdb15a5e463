"""Faces in shadow before a bright scene are lifted, alike for all tones; dark skin in daylight is not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ml_core.face import topology
from ml_core.face.analyser import FaceAnalyser
from ml_core.face.crop import cut_portrait
from ml_core.face.exposure import median_lab, skin_samples
from ml_core.face.shadow import Lift
from ml_core.types import REGIONS, FaceAnalysis
from tests.faces import SKIN_TONES, DrawnFace, Picture, astronaut, drawn_face, grace_hopper, recoloured

FLESH = ("skin", "neck", "brows", "eyes", "lips")


def on_photo(analysis: FaceAnalysis, layers: tuple[str, ...], photo: Picture) -> np.ndarray:
    """(H, W) share of ``layers`` in the photo's frame."""
    share = sum(analysis.regions[REGIONS.index(name)].astype(np.float32) / 255 for name in layers)
    size = (photo.shape[1], photo.shape[0])
    return cv2.warpAffine(np.minimum(share, 1), analysis.to_portrait, size, flags=cv2.WARP_INVERSE_MAP)


def in_shadow(photo: Picture, analysis: FaceAnalysis, stops: float) -> Picture:
    """``photo`` with ``stops`` of light taken from face and neck, everything else unchanged."""
    oval = np.zeros(analysis.image.shape[:2], np.float32)
    cv2.fillPoly(oval, [analysis.landmarks[list(topology.FACE_OVAL), :2].astype(np.int32)], 1.0)
    size = (photo.shape[1], photo.shape[0])
    face = cv2.warpAffine(oval, analysis.to_portrait, size, flags=cv2.WARP_INVERSE_MAP)
    share = np.maximum(on_photo(analysis, FLESH, photo), face)
    share = cv2.GaussianBlur(share, (0, 0), 2)[..., np.newaxis]
    linear = (photo / 255.0) ** 2.2 * (1 - share + share * 2.0**-stops)
    return (linear ** (1 / 2.2) * 255).round().astype(np.uint8)


@pytest.fixture(scope="module")
def portraits(analyser: FaceAnalyser, astronaut_analysis: FaceAnalysis) -> dict[str, Picture]:
    """Well lit portraits, a photo and a drawing in three skin tones each."""
    skin = on_photo(astronaut_analysis, ("skin", "neck"), astronaut())
    photos = {f"astronaut {tone}": recoloured(astronaut(), skin, tone) for tone in ("mid", "dark")}
    photos["astronaut"] = astronaut()
    for tone, colour in SKIN_TONES.items():
        photos[f"drawn {tone}"] = drawn_face(DrawnFace(skin=colour))
    return photos


NAMES = ("astronaut", "astronaut mid", "astronaut dark", "drawn light", "drawn mid", "drawn dark")


def raw_lightness(photo: Picture, analysis: FaceAnalysis) -> float:
    """L of the skin before any correction."""
    portrait = cut_portrait(photo, analysis.to_portrait)
    return median_lab(skin_samples(portrait.image, analysis.landmarks))[0]


@pytest.mark.parametrize("stops", [1.0, 1.5])
@pytest.mark.parametrize("name", NAMES)
def test_a_shadow_on_the_face_is_largely_undone(
    analyser: FaceAnalyser, portraits: dict[str, Picture], name: str, stops: float
) -> None:
    lit = analyser.analyse(portraits[name])
    shaded = in_shadow(portraits[name], lit, stops)
    one = analyser.analyse(shaded)
    assert abs(one.skin_lab[0] - lit.skin_lab[0]) < 8
    shown = median_lab(skin_samples(one.image, one.landmarks))
    assert shown[0] > raw_lightness(shaded, one) + 3  # the picture is lifted, not only the number
    hue = np.degrees(np.arctan2([shown[2], lit.skin_lab[2]], [shown[1], lit.skin_lab[1]]))
    assert abs(hue[0] - hue[1]) < 8


@pytest.mark.parametrize("name", ["astronaut", "astronaut dark", "drawn dark"])
@pytest.mark.parametrize("spoiled", ["as it is", "soft", "softer", "noisy", "compressed", "a little under"])
def test_well_lit_faces_stay_as_they_are(
    analyser: FaceAnalyser, portraits: dict[str, Picture], name: str, spoiled: str
) -> None:
    one_photo = _spoiled(portraits[name], spoiled)
    one = analyser.analyse(one_photo)
    shown = median_lab(skin_samples(one.image, one.landmarks))[0]
    assert abs(shown - raw_lightness(one_photo, one)) < 2


def _spoiled(photo: Picture, how: str) -> Picture:
    if how in {"soft", "softer"}:
        return np.asarray(cv2.GaussianBlur(photo, (0, 0), 0.8 if how == "soft" else 1.2), np.uint8)
    if how == "noisy":
        grain = np.random.default_rng(5).normal(0, 6, photo.shape)
        return np.clip(photo + grain, 0, 255).astype(np.uint8)
    if how == "compressed":
        return np.asarray(cv2.imdecode(cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], 1))
    return photo if how == "as it is" else (photo * 2.0 ** (-0.2 / 2.2)).astype(np.uint8)


def test_eyes_that_show_no_white_have_no_say(analyser: FaceAnalyser) -> None:
    """Closed eyes, red eyes behind lenses, and eyes of few pixels leave even a dark face alone."""
    dark = DrawnFace(skin=SKIN_TONES["dark"], eyes_open=0)
    for photo in (drawn_face(dark), grace_hopper(), drawn_face(DrawnFace(skin=SKIN_TONES["dark"]), 160)):
        lit = analyser.analyse(photo)
        shaded = in_shadow(photo, lit, 0.8)
        one = analyser.analyse(shaded)
        shown = median_lab(skin_samples(one.image, one.landmarks))[0]
        assert abs(shown - raw_lightness(shaded, one)) < 2


def test_lift_keeps_white_and_black_and_the_order_of_tones() -> None:
    ramp = [(float(level), 0.3 * level, 0.3 * level) for level in range(101)]
    lifted = [Lift(gain=3.0, skin=(45.0, 13.5, 13.5)).of_lab(colour)[0] for colour in ramp]
    assert lifted[0] == pytest.approx(0, abs=0.1)
    assert lifted[-1] == pytest.approx(100, abs=0.1)
    assert (np.diff(lifted) > 0).all()
    assert lifted[45] > 62
    white_hair = Lift(gain=3.0, skin=(45.0, 22.0, 17.0)).of_lab((70.0, 3.0, 5.0))
    assert white_hair == pytest.approx((70.0, 3.0, 5.0))
