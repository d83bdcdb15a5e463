"""Who may reach what: every route, as its owner, as somebody else, as nobody. A new route must be listed."""

from __future__ import annotations

import pytest
from django.urls import reverse

from emotoon.packs.services import pack_add
from emotoon.web.urls import urlpatterns
from tests.factories import PackExportFactory, PackFactory, StickerFactory, UserFactory

pytestmark = pytest.mark.django_db

PUBLIC = {"landing", "sign_up", "log_in"}
OPEN_TO_PEOPLE = {"create", "suggestions", "stickers", "packs"}

# route -> (method, what the id is, extra POST fields, status for the owner)
OWNED = {
    "sticker": ("get", "sticker", {}, 200),
    "sticker_status": ("get", "sticker", {}, 200),
    "sticker_cancel": ("post", "sticker", {}, 409),
    "sticker_delete": ("post", "sticker", {}, 302),
    "sticker_to_pack": ("post", "sticker", {"title": "새 팩"}, 302),
    "rendition": ("get", "rendition", {}, 200),
    "photo": ("get", "portrait", {}, 200),
    "portrait_delete": ("post", "portrait", {}, 302),
    "pack": ("get", "pack", {}, 200),
    "pack_download": ("get", "pack", {}, 200),
    "pack_order": ("post", "pack", {"sticker": "sticker"}, 302),
    "pack_cover": ("post", "pack", {"sticker": "sticker"}, 302),
    "pack_remove": ("post", "pack", {"sticker": "sticker"}, 302),
    "pack_submit": ("post", "pack", {}, 302),
    "pack_delete": ("post", "pack", {}, 302),
    "pack_export": ("post", "pack", {"target": "telegram_video"}, 302),
    "export_status": ("get", "export", {}, 200),
    "export_download": ("get", "export", {}, 200),
}


@pytest.fixture
def things():
    owner = UserFactory()
    sticker = StickerFactory(owner=owner)
    pack = PackFactory(owner=owner)
    pack_add(pack=pack, sticker=sticker)
    return {
        "owner": owner,
        "sticker": sticker.public_id,
        "pack": pack.public_id,
        "portrait": sticker.portrait.public_id,
        "rendition": sticker.renditions.first().public_id,
        "export": PackExportFactory(pack=pack).public_id,
    }


def call(client, things, route):
    method, kind, fields, _ = OWNED[route]
    data = {name: things.get(value, value) for name, value in fields.items()}
    return getattr(client, method)(reverse(f"web:{route}", args=[things[kind]]), data)


def test_every_route_is_listed_here():
    listed = PUBLIC | OPEN_TO_PEOPLE | set(OWNED) | {"log_out", "learn_choices", "appeal"}
    assert {pattern.name for pattern in urlpatterns} == listed


@pytest.mark.parametrize("route", OWNED)
def test_the_owner_gets_through(client, things, route):
    client.force_login(things["owner"])
    assert call(client, things, route).status_code == OWNED[route][3]


@pytest.mark.parametrize("route", OWNED)
def test_somebody_else_sees_nothing(client, things, route):
    client.force_login(UserFactory())
    assert call(client, things, route).status_code == 404


@pytest.mark.parametrize("route", OWNED)
def test_nobody_is_asked_to_log_in(client, things, route):
    response = call(client, things, route)
    assert response.status_code == 302
    assert response.url.startswith(reverse("web:log_in"))


@pytest.mark.parametrize("route", sorted(OPEN_TO_PEOPLE))
def test_people_pages(client, route):
    address = reverse(f"web:{route}")
    assert client.get(address).status_code == 302
    client.force_login(UserFactory())
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("route", sorted(PUBLIC))
def test_public_pages(client, route):
    assert client.get(reverse(f"web:{route}")).status_code == 200


def test_anothers_sticker_cannot_be_put_into_my_pack(client, things):
    mine = PackFactory()
    client.force_login(mine.owner)
    response = client.post(reverse("web:sticker_to_pack", args=[things["sticker"]]), {"pack": mine.public_id})
    assert response.status_code == 404
    assert not mine.items.exists()


def test_files_are_private_and_harmless(client, things):
    client.force_login(things["owner"])
    response = call(client, things, "rendition")
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "private" in response["Cache-Control"]
