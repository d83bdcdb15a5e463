"""What people ask of a look: read strictly, kept whole, and found again as it was asked for."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotoon.core.errors import InvalidInput
from emotoon.ml import look_details, look_read, style_names
from ml_core.toonify.look import PARTS

shares = st.floats(0, 1)
colours = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


@given(
    st.sampled_from(style_names()),
    shares,
    shares,
    st.dictionaries(st.sampled_from(sorted(PARTS)), shares),
    st.dictionaries(st.sampled_from(["hair", "lips", "clothes"]), colours),
    st.sampled_from([None, True, False]),
)
def test_a_stored_look_is_the_look_that_was_asked_for(style, strength, caricature, parts, recolour, glasses):
    asked = look_read(
        style=style,
        strength=strength,
        caricature=caricature,
        parts=parts,
        recolour=recolour,
        glasses=glasses,
    )
    stored = json.loads(json.dumps(look_details(asked)))
    found = look_read(style=asked.style, strength=asked.strength, **stored)
    assert look_details(found) == look_details(asked)
    assert (found.recolour, found.caricature, found.glasses) == (
        asked.recolour,
        asked.caricature,
        asked.glasses,
    )
    for names in PARTS.values():
        assert [found.amount(name) for name in names] == [asked.amount(name) for name in names]


def test_the_usual_look_stores_nothing():
    assert look_details(look_read(parts={"hair": 1.0})) == {}


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"style": "cubism"}, "unknown_style", "style"),
        ({"strength": 1.01}, "bad_strength", "strength"),
        ({"strength": float("nan")}, "bad_strength", "strength"),
        ({"caricature": -0.1}, "bad_caricature", "caricature"),
        ({"parts": {"nose": 0.5}}, "unknown_part", "parts"),
        ({"parts": {"hair": float("inf")}}, "bad_part", "parts"),
        ({"recolour": {"skin": "#ffffff"}}, "unknown_recolour", "recolour"),
        ({"recolour": {"hair": "red; --x"}}, "bad_colour", "recolour"),
    ],
)
def test_what_cannot_be_drawn_is_refused_at_its_field(wrong, code, field):
    with pytest.raises(InvalidInput) as caught:
        look_read(**wrong)
    assert (caught.value.code, caught.value.field) == (code, field)
