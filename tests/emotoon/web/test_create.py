"""The create form's look: what is chosen is what is made; what is left alone is as usual."""

from __future__ import annotations

import pytest

from emotoon.ml import look_read
from emotoon.stickers.models import Sticker
from tests.factories import PortraitFactory, TemplateFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def make(client):
    portrait = PortraitFactory()
    client.force_login(portrait.owner)

    def _make(**look):
        wish = {
            "portrait": portrait.public_id,
            "sentence": "안녕하세요",
            "template": TemplateFactory().template_id,
        }
        return client.post("/create/", wish | look)

    return _make


def test_a_look_is_kept_as_chosen(make):
    chosen = {"style": "flat", "strength": "0.5", "caricature": "1", "part_hair": "0", "glasses": "on"}
    assert make(**chosen, colour_hair="#f08fb0").status_code == 302
    look = Sticker.objects.get().look
    assert (look.style, look.strength, look.caricature, look.glasses) == ("flat", 0.5, 1.0, True)
    assert look.recolour == {"hair": (0xF0, 0x8F, 0xB0)}
    assert look.amount("hair") == 0.0
    assert look.amount("skin") == 0.5


def test_without_finer_choices_it_is_as_usual(make):
    assert make().status_code == 302
    assert Sticker.objects.get().look == look_read()


@pytest.mark.parametrize(
    "wrong", [{"style": "cubism"}, {"strength": "7"}, {"part_hair": "much"}, {"colour_hair": "#000"}]
)
def test_a_look_that_cannot_be_is_said_on_the_page(make, wrong):
    page = make(**wrong)
    assert page.status_code == 422
    assert 'role="alert"' in page.content.decode()
    assert not Sticker.objects.exists()
