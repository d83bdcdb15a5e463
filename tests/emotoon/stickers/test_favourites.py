"""Earlier choices reorder suggestions only for people who asked for it, and only near ties."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from emotoon.accounts.services import choices_learn
from emotoon.catalog.search import TemplateHit, _favoured
from emotoon.stickers.favourites import template_favourites
from emotoon.stickers.services import sticker_delete
from tests.factories import StickerFactory, TemplateFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    user = UserFactory()
    choices_learn(user=user, on=True)
    return user


def chosen(owner, template_id, days_ago=0):
    return StickerFactory(
        owner=owner,
        template=TemplateFactory(template_id=template_id),
        created_at=timezone.now() - timedelta(days=days_ago),
    )


def test_it_is_off_until_somebody_switches_it_on():
    sticker = StickerFactory()
    assert template_favourites(owner=sticker.owner) == {}
    choices_learn(user=sticker.owner, on=True)
    assert set(template_favourites(owner=sticker.owner)) == {sticker.template.template_id}


def test_later_choices_weigh_more_and_other_peoples_nothing(person):
    chosen(person, "hello")
    chosen(person, "thanks", days_ago=28)
    chosen(UserFactory(), "sorry")
    found = template_favourites(owner=person)
    assert found["hello"] == pytest.approx(1.0)
    assert found["thanks"] == pytest.approx(0.25, abs=0.01)
    assert "sorry" not in found


def test_a_deleted_sticker_is_forgotten(person):
    sticker_delete(sticker=chosen(person, "hello"))
    assert template_favourites(owner=person) == {}


@pytest.mark.parametrize(("other", "first"), [(0.45, "chosen"), (0.9, "other")])
def test_habit_decides_near_ties_only(other, first):
    hits = [
        TemplateHit(TemplateFactory(template_id="other"), other, "", {}, {}),
        TemplateHit(TemplateFactory(template_id="chosen"), 0.4, "", {}, {}),
    ]
    best = max(hits, key=lambda hit: _favoured(hit, {"chosen": 1.0}))
    assert best.template.template_id == first


def test_the_switch_on_my_stickers(client, person):
    client.force_login(person)
    assert (
        "Stop that" in client.get(reverse("web:stickers"), headers={"Accept-Language": "en"}).content.decode()
    )
    client.post(reverse("web:learn_choices"), {"on": "0"})
    person.refresh_from_db()
    assert not person.learns_from_choices
    assert client.get(reverse("web:learn_choices")).status_code == 405
