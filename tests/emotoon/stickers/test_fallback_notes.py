"""A sticker says which engine stood in: on its page, in the admin panel, in the API."""

from __future__ import annotations

import pytest
from django.urls import reverse
from knox.models import AuthToken

from emotoon.ml import fallback_notes
from emotoon.stickers.models import Sticker
from tests.factories import StickerFactory

pytestmark = pytest.mark.django_db

STOOD_IN = {
    "toonify": "cartoon",
    "animate": "puppet",
    "fallbacks": [
        {"stage": "animate", "wanted": "liveportrait", "used": "puppet", "code": "weights_missing"}
    ],
}


@pytest.fixture
def sticker():
    made = StickerFactory()
    Sticker.objects.filter(pk=made.pk).update(backends=STOOD_IN)
    made.refresh_from_db()
    return made


def test_the_page_and_the_panel_say_it(sticker, client, admin_client):
    client.force_login(sticker.owner)
    page = client.get(reverse("web:sticker", args=[sticker.public_id])).content.decode()
    assert "liveportrait 엔진을 쓸 수 없어" in page
    panel = admin_client.get(reverse("admin:stickers_sticker_changelist")).content.decode()
    assert "liveportrait 엔진을 쓸 수 없어" in panel


def test_the_api_says_it(sticker, client):
    _, token = AuthToken.objects.create(sticker.owner)
    address = reverse("api:sticker", args=[sticker.public_id])
    told = client.get(address, headers={"authorization": f"Bearer {token}"}).json()
    assert told["backend"] == STOOD_IN


def test_older_rows_have_nothing_to_say():
    assert fallback_notes({}) == []
