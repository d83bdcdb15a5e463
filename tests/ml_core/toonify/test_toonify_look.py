from __future__ import annotations

import pytest

from ml_core.errors import LookInvalid, MlError
from ml_core.toonify.look import ToonLook
from ml_core.toonify.styles import STYLES


def test_the_default_is_cel_everywhere_at_full_strength() -> None:
    look = ToonLook()
    assert look.style == "cel"
    assert look.amount("hair") == 1.0
    assert look.amount("background") == 1.0
    assert set(STYLES) == {"cel", "pastel", "ink", "flat"}


def test_a_region_has_its_share_of_the_strength() -> None:
    look = ToonLook("flat", 0.5, {"hair": 0.5, "background": 0.25})
    assert look.amount("hair") == 0.25
    assert look.amount("skin") == 0.5
    assert look.amount("background") == 0.25, "the background goes by its own amount"


@pytest.mark.parametrize(
    "wrong",
    [
        {"style": "oil"},
        {"strength": 1.2},
        {"strength": float("nan")},
        {"regions": {"nose": 0.5}},
        {"regions": {"hair": -0.1}},
        {"recolour": {"skin": (1, 2, 3)}},
        {"recolour": {"hair": (1, 2, 300)}},
        {"recolour": {"hair": (1, 2)}},
    ],
)
def test_what_cannot_be_painted_is_refused_with_a_reason(wrong: dict[str, object]) -> None:
    with pytest.raises(LookInvalid) as caught:
        ToonLook(**wrong)  # type: ignore[arg-type]
    assert isinstance(caught.value, MlError)
    assert caught.value.code == "look_invalid"
    assert "give" in str(caught.value) or "choose" in str(caught.value)
