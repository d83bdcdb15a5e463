from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest

from ml_core.toonify.anatomy import anatomy
from ml_core.toonify.bust import as_bust
from ml_core.toonify.colour import lab_from_swatch, rgb_from_lab, vector
from ml_core.toonify.look import ToonLook
from ml_core.toonify.renderer import toonify
from ml_core.toonify.skin import SKIN_SHIFT_LIMIT, base_tone
from ml_core.toonify.styles import CEL, STYLES
from ml_core.types import REGIONS, FaceAnalysis
from tests.ml_core.toonify.portrait_measures import as_sticker, bare_skin, lab, member, skin_shift

SKIN_BOUND = 8.0
"""Lab distance that the cel style may move a skin, stated in the README."""
SKIN_EQUALITY = 3.0
"""How much more it may move one skin than another."""
SAME = 1.5
"""Mean 8-bit difference that is rounding and soft region borders."""


def difference(a: np.ndarray, b: np.ndarray, where: np.ndarray) -> float:
    return float(np.abs(a[..., :3].astype(np.float32) - b[..., :3].astype(np.float32))[where].mean())


@pytest.mark.parametrize("style", STYLES)
def test_geometry_is_kept_and_the_result_is_the_same_every_time(astronaut: FaceAnalysis, style: str) -> None:
    first, second = (toonify(astronaut, ToonLook(style)) for _ in range(2))
    assert first.texture.shape == (*astronaut.image.shape[:2], 4)
    assert first.texture.dtype == np.uint8
    assert np.array_equal(first.texture, second.texture)
    assert first.palette == second.palette
    assert first.analysis is astronaut
    bust = as_bust(astronaut.matte, astronaut.landmarks)
    assert np.abs(first.texture[..., 3] / 255.0 - bust).mean() < 0.01


def test_the_input_is_not_touched(astronaut: FaceAnalysis) -> None:
    before = astronaut.image.copy(), astronaut.regions.copy(), astronaut.landmarks.copy()
    toonify(astronaut, ToonLook("ink", recolour={"hair": (200, 30, 90)}))
    assert np.array_equal(before[0], astronaut.image)
    assert np.array_equal(before[1], astronaut.regions)
    assert np.array_equal(before[2], astronaut.landmarks)


@pytest.mark.parametrize("style", STYLES)
def test_strength_leads_from_the_photo_to_the_cartoon(astronaut: FaceAnalysis, style: str) -> None:
    lids = anatomy(astronaut.landmarks, astronaut.matte.shape).lids > 0  # a puppet's own, at any strength
    person = (astronaut.matte > 0.95) & ~lids
    strengths = (0.0, 0.25, 0.5, 0.75, 1.0)
    portraits = [toonify(astronaut, ToonLook(style, strength)) for strength in strengths]
    from_photo = [difference(p.texture, astronaut.image, person) for p in portraits]
    to_cartoon = [difference(p.texture, portraits[-1].texture, person) for p in portraits]
    assert from_photo[0] < 0.6, "strength 0 is the photo"
    assert all(b > a + 0.5 for a, b in itertools.pairwise(from_photo))
    assert all(b < a - 0.5 for a, b in itertools.pairwise(to_cartoon))
    assert [p.eye_scale for p in portraits] == sorted(p.eye_scale for p in portraits)
    assert portraits[0].eye_scale == 1.0


@pytest.mark.parametrize("region", ["skin", "hair", "clothes", "lips"])
def test_a_region_turned_off_stays_the_photo(astronaut: FaceAnalysis, region: str) -> None:
    look = ToonLook("ink", regions={region: 0.0})
    full, partial = toonify(astronaut, ToonLook("ink")), toonify(astronaut, look)
    inside = member(astronaut, region, 0.95) & (astronaut.matte > 0.95)
    if region == "skin":
        inside = bare_skin(astronaut)
    assert inside.sum() > 200
    assert difference(full.texture, astronaut.image, inside) > 20
    assert np.median(np.abs(partial.texture[..., :3].astype(int) - astronaut.image)[inside]) <= SAME
    others = [name for name in ("skin", "hair", "clothes") if name != region]
    elsewhere = np.logical_or.reduce([member(astronaut, name, 0.95) for name in others])
    elsewhere &= astronaut.regions[REGIONS.index(region)] == 0
    assert np.median(np.abs(partial.texture.astype(int) - full.texture)[elsewhere]) == 0


def test_the_background_is_taken_away_by_amount(astronaut: FaceAnalysis) -> None:
    kept = toonify(astronaut, ToonLook(regions={"background": 0.0}))
    half = toonify(astronaut, ToonLook(regions={"background": 0.5}))
    gone = toonify(astronaut, ToonLook())
    outside = (astronaut.matte < 0.01) & astronaut.valid
    assert kept.texture[outside, 3].min() == 255
    assert difference(kept.texture, astronaut.image, outside) < SAME
    assert 120 < np.median(half.texture[outside, 3]) < 136
    assert np.percentile(gone.texture[outside, 3], 99) < 30


def test_the_styles_are_different_at_sticker_size(
    astronaut: FaceAnalysis, drawn: dict[str, FaceAnalysis]
) -> None:
    for analysis in (astronaut, drawn["mid"]):
        seen = {name: as_sticker(toonify(analysis, ToonLook(name)).texture) for name in STYLES}
        bust = np.uint8(as_bust(analysis.matte, analysis.landmarks) * 255)
        person = as_sticker(np.dstack([np.zeros_like(analysis.image), bust]))[..., 0] < 10
        for a, b in itertools.combinations(STYLES, 2):
            apart = float(np.linalg.norm(seen[a] - seen[b], axis=2)[person].mean())
            assert apart > 5.0, (a, b, apart)


def test_lashes_are_painted_over(astronaut: FaceAnalysis, drawn: dict[str, FaceAnalysis]) -> None:
    for analysis in (astronaut, *drawn.values()):
        lids = anatomy(analysis.landmarks, analysis.matte.shape).lids > 0.98
        for style in ("cel", "pastel", "flat"):
            lightness = lab(toonify(analysis, ToonLook(style)).texture)[..., 0][lids]
            assert np.ptp(lightness) < 12, style
        assert np.ptp(lab(analysis.image)[..., 0][lids]) > 20, "the photo has eyes there"
        photo = lab(toonify(analysis, ToonLook(strength=0.0)).texture)[..., 0][lids]
        assert np.ptp(photo) < 0.7 * np.ptp(lab(analysis.image)[..., 0][lids]), "a puppet's photo has skin"


def test_a_picture_of_its_own_has_eyes(astronaut: FaceAnalysis, drawn: dict[str, FaceAnalysis]) -> None:
    """With eyes: white, dark pupil and the lash line stand where the photo's eyes are."""
    for analysis in (astronaut, drawn["dark"]):
        face = anatomy(analysis.landmarks, analysis.matte.shape)
        lids = face.lids > 0.98
        for style in STYLES:
            closed, open_ = (toonify(analysis, ToonLook(style), with_eyes=eyes) for eyes in (False, True))
            lightness = lab(open_.texture)[..., 0]
            assert np.ptp(lightness[lids]) > 60, style
            for eye in analysis.iris:
                x, y = eye[0].round().astype(int)
                assert lightness[y, x] < 30, style
            far = ~(
                cv2.dilate((face.lids > 0).astype(np.uint8), np.ones((25, 25))).astype(bool)
                | (cv2.dilate((face.lips + face.mouth > 0).astype(np.uint8), np.ones((9, 9))) > 0)
            )
            assert np.array_equal(open_.texture[far], closed.texture[far])


def test_lips_keep_colour_in_every_style(drawn: dict[str, FaceAnalysis]) -> None:
    for name, analysis in drawn.items():
        lips = member(analysis, "lips")
        for style in STYLES:
            portrait = toonify(analysis, ToonLook(style), with_eyes=True)
            red = lab(portrait.texture)[..., 1]
            skin = np.median(red[bare_skin(analysis)])
            assert np.median(red[lips]) - skin > 4, (name, style)
            assert lab_from_swatch(portrait.palette.lip)[1] - skin > 4, (name, style)


def test_a_puppets_texture_leaves_lips_to_the_puppet(astronaut: FaceAnalysis) -> None:
    lips = member(astronaut, "lips", 0.9) & (anatomy(astronaut.landmarks, astronaut.matte.shape).mouth < 0.1)
    for style in STYLES:
        still = toonify(astronaut, ToonLook(style), with_eyes=True)
        posed = toonify(astronaut, ToonLook(style))
        assert (still.lips, posed.lips) == (0.0, 1.0)
        redness = [np.median(lab(each.texture)[..., 1][lips]) for each in (still, posed)]
        assert redness[0] - redness[1] > 4, style
    assert toonify(astronaut, ToonLook("cel", strength=0.5, regions={"lips": 0.5})).lips == 0.25


def test_skin_keeps_its_tone_alike_for_light_mid_and_dark(
    astronaut: FaceAnalysis, drawn: dict[str, FaceAnalysis]
) -> None:
    shifts = {name: skin_shift(face, toonify(face, ToonLook("cel")).texture) for name, face in drawn.items()}
    shifts["astronaut"] = skin_shift(astronaut, toonify(astronaut, ToonLook("cel")).texture)
    assert max(shifts.values()) < SKIN_BOUND, shifts
    assert max(shifts.values()) - min(shifts.values()) < SKIN_EQUALITY, shifts


def test_the_base_tone_is_bounded_for_every_skin() -> None:
    for lightness, chroma, hue in itertools.product(range(15, 96, 8), range(0, 46, 5), range(10, 91, 10)):
        a, b = chroma * np.cos(np.deg2rad(hue)), chroma * np.sin(np.deg2rad(hue))
        skin = vector([lightness, a, b])
        assert np.linalg.norm(base_tone(skin, CEL) - skin) <= SKIN_SHIFT_LIMIT + 1e-4


def test_skins_keep_their_order_in_every_style(drawn: dict[str, FaceAnalysis]) -> None:
    for style in STYLES:
        seen = [
            as_sticker(toonify(drawn[name], ToonLook(style)).texture) for name in ("light", "mid", "dark")
        ]
        person = [as_sticker(np.dstack([np.zeros_like(f.image), bare_skin(f) * np.uint8(255)]))[..., 0] < 10
                  for f in drawn.values()]  # fmt: skip
        light, mid, dark = (float(np.median(s[..., 0][w])) for s, w in zip(seen, person, strict=True))
        assert light - mid > 2, style
        assert mid - dark > 6, style


def test_features_stay_readable_on_dark_skin_in_ink(drawn: dict[str, FaceAnalysis]) -> None:
    analysis = drawn["dark"]
    picture = as_sticker(toonify(analysis, ToonLook("ink")).texture, side=256)
    small = as_sticker(
        np.dstack([np.zeros_like(analysis.image), bare_skin(analysis) * np.uint8(255)]), side=256
    )
    skin = float(np.median(picture[..., 0][small[..., 0] < 10]))
    brows = as_sticker(
        np.dstack([np.zeros_like(analysis.image), analysis.regions[REGIONS.index("brows")]]), side=256
    )
    drawn_brows = float(np.percentile(picture[..., 0][brows[..., 0] < 30], 25))
    assert 35 < skin < 75, "dark skin is a screen: neither paper nor black"
    assert skin - drawn_brows > 18


def test_ink_is_black_and_white_but_for_its_spot_colour(astronaut: FaceAnalysis) -> None:
    picture = lab(toonify(astronaut, ToonLook("ink")).texture)
    chroma = np.hypot(picture[..., 1], picture[..., 2])
    for region in ("hair", "clothes"):
        assert chroma[member(astronaut, region, 0.95)].max() < 3


def test_beards_are_kept(bearded: dict[str, FaceAnalysis], drawn: dict[str, FaceAnalysis]) -> None:
    for name, analysis in bearded.items():
        chin = analysis.landmarks[[199, 200, 175], :2].mean(axis=0).round().astype(int)
        box = (slice(chin[1] - 5, chin[1] + 5), slice(chin[0] - 8, chin[0] + 8))
        for style in ("cel", "flat", "ink"):
            picture = toonify(analysis, ToonLook(style)).texture
            shaven = toonify(drawn[name], ToonLook(style)).texture
            darker = lab(shaven)[box][..., 0].mean() - lab(picture)[box][..., 0].mean()
            assert darker > 4, (name, style)


def test_spectacles_of_the_photo_are_softened_when_the_puppet_draws_them(grace_hopper: FaceAnalysis) -> None:
    assert grace_hopper.glasses
    import dataclasses

    kept = toonify(dataclasses.replace(grace_hopper, glasses=False), ToonLook("cel")).texture
    softened = toonify(grace_hopper, ToonLook("cel")).texture
    points = grace_hopper.landmarks[:, :2].round().astype(int)
    cheek = (slice(points[117, 1] - 14, points[117, 1] + 14), slice(points[117, 0] - 20, points[117, 0] + 20))
    assert lab(softened)[cheek][..., 0].std() <= lab(kept)[cheek][..., 0].std()


def test_no_colour_of_the_background_is_left_at_the_border(drawn: dict[str, FaceAnalysis]) -> None:
    """The drawn person stands before light grey; dark hair must not get a light seam."""
    analysis = drawn["dark"]
    texture = toonify(analysis, ToonLook("flat")).texture
    hair = analysis.regions[REGIONS.index("hair")] > 200
    rim = (texture[..., 3] > 100) & (texture[..., 3] < 255) & (np.arange(hair.shape[0]) < 200)[:, None]
    columns = np.flatnonzero(hair.any(axis=0))
    rim[:, : columns[0]] = False
    rim[:, columns[-1] :] = False
    assert rim.sum() > 40
    assert float(np.median(lab(texture)[..., 0][rim])) < 35


def test_a_portrait_of_nothing_but_matte_is_still_painted(astronaut: FaceAnalysis) -> None:
    import dataclasses

    empty = dataclasses.replace(
        astronaut,
        matte=np.zeros_like(astronaut.matte),
        regions=np.zeros_like(astronaut.regions),
        hair_lab=None,
    )
    portrait = toonify(empty, ToonLook("pastel"))
    assert portrait.texture[..., 3].max() == 0


def test_lab_colours_go_round() -> None:
    grid = np.linspace(0, 255, 10).astype(np.uint8)
    image = np.stack(np.meshgrid(grid, grid, grid), axis=-1).reshape(10, 100, 3)
    assert np.abs(rgb_from_lab(lab(image)).astype(int) - image).max() <= 1
