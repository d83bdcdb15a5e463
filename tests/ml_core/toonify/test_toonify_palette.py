from __future__ import annotations

import numpy as np

from ml_core.toonify.colour import lab_from_swatch
from ml_core.toonify.look import ToonLook
from ml_core.toonify.renderer import toonify
from ml_core.toonify.styles import STYLES
from ml_core.types import FaceAnalysis
from tests.ml_core.toonify.portrait_measures import bare_skin, lab


def test_colours_are_those_of_the_result(astronaut: FaceAnalysis, drawn: dict[str, FaceAnalysis]) -> None:
    for analysis in (astronaut, *drawn.values()):
        for style in STYLES:
            portrait = toonify(analysis, ToonLook(style))
            skin = lab_from_swatch(portrait.palette.skin)
            shadow = lab_from_swatch(portrait.palette.skin_shadow)
            brow = lab_from_swatch(portrait.palette.brow)
            line = lab_from_swatch(portrait.palette.line)
            assert shadow[0] < skin[0] - 3, style
            assert brow[0] < skin[0] - 6, style
            assert line[0] < skin[0], style
            if style != "ink":
                seen = np.median(lab(portrait.texture)[bare_skin(analysis)], axis=0)
                assert np.linalg.norm(skin - seen) < 4, style


def test_hair_clothes_and_eyes_of_a_drawn_person(drawn: dict[str, FaceAnalysis]) -> None:
    palette = toonify(drawn["light"], ToonLook("cel")).palette
    assert lab_from_swatch(palette.hair)[0] < 35, "black hair"
    assert palette.clothes is not None
    assert palette.clothes[2] > palette.clothes[0], "a blue shirt"
    assert lab_from_swatch(palette.iris)[0] < 60


def test_line_weight_follows_the_style(astronaut: FaceAnalysis) -> None:
    weights = {style: toonify(astronaut, ToonLook(style)).palette.line_weight for style in STYLES}
    assert weights["cel"] == 1.0
    assert weights["ink"] > 1.0 > weights["pastel"] > weights["flat"]
