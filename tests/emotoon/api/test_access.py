"""Who may reach what: every route and method, as owner, somebody else, staff, nobody, with a dead token."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from emotoon.api.urls import urlpatterns
from emotoon.packs.services import pack_add
from tests.factories import PackFactory, StickerFactory, TemplateFactory, UserFactory

pytestmark = pytest.mark.django_db

PUBLIC = {"schema", "tokens", "unknown"}

# (route, method) -> (names of the ids in the address, body, status for the owner)
OWNED = {
    ("portrait", "get"): (["portrait"], {}, 200),
    ("portrait", "delete"): (["portrait"], {}, 204),
    ("portrait_photo", "get"): (["portrait"], {}, 200),
    ("sticker", "get"): (["sticker"], {}, 200),
    ("sticker", "delete"): (["sticker"], {}, 204),
    ("sticker_cancel", "post"): (["sticker"], {}, 409),
    ("file", "get"): (["rendition"], {}, 200),
    ("pack", "get"): (["pack"], {}, 200),
    ("pack", "patch"): (["pack"], {"title": "새 이름"}, 200),
    ("pack", "delete"): (["pack"], {}, 204),
    ("pack_stickers", "post"): (["pack"], {"sticker": "$sticker"}, 200),
    ("pack_sticker", "delete"): (["pack", "sticker"], {}, 204),
    ("pack_order", "put"): (["pack"], {"stickers": ["$sticker"]}, 200),
    ("pack_cover", "put"): (["pack"], {"sticker": "$sticker"}, 200),
    ("pack_submit", "post"): (["pack"], {}, 200),
    ("pack_zip", "get"): (["pack"], {}, 200),
}
# Reached by everyone with a token; what they show is the caller's own.
OPEN_TO_PEOPLE = {
    ("portraits", "get"): 200,
    ("portraits", "post"): 422,
    ("templates", "get"): 200,
    ("template", "get"): 200,
    ("template_categories", "get"): 200,
    ("template_search", "get"): 422,
    ("stickers", "get"): 200,
    ("stickers", "post"): 422,
    ("packs", "get"): 200,
    ("packs", "post"): 422,
    ("token_current", "delete"): 204,
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
    }


def filled(value, things):
    if isinstance(value, list):
        return [filled(each, things) for each in value]
    return things[value[1:]] if value.startswith("$") else value


def send(client, things, case):
    route, method = case
    ids, body, _ = OWNED[case]
    body = {name: filled(value, things) for name, value in body.items()}
    address = reverse(f"api:{route}", args=[things[name] for name in ids])
    return client.get(address) if method == "get" else getattr(client, method)(address, body, format="json")


def send_open(client, case):
    route, method = case
    args = [TemplateFactory().template_id] if route == "template" else []
    kind = "multipart" if case == ("portraits", "post") else "json"
    address = reverse(f"api:{route}", args=args)
    return client.get(address) if method == "get" else getattr(client, method)(address, {}, format=kind)


def test_every_route_and_method_is_listed_here():
    offered = {
        (pattern.name, method)
        for pattern in urlpatterns
        if pattern.name not in PUBLIC
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(pattern.callback.cls, method)
    }
    assert offered == set(OWNED) | set(OPEN_TO_PEOPLE)


@pytest.mark.parametrize("case", OWNED)
def test_the_owner_gets_through(call_as, things, case):
    assert send(call_as(things["owner"]), things, case).status_code == OWNED[case][2]


@pytest.mark.parametrize("case", OWNED)
@pytest.mark.parametrize("staff", [False, True])
def test_somebody_else_sees_nothing(call_as, things, case, staff):
    response = send(call_as(UserFactory(is_staff=staff, is_superuser=staff)), things, case)
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("case", OWNED)
def test_nobody_is_asked_for_a_token(client, things, case):
    response = send(APIClient(), things, case)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("case", OPEN_TO_PEOPLE)
def test_people_with_a_token(call_as, case):
    assert send_open(APIClient(), case).status_code == 401
    assert send_open(call_as(UserFactory()), case).status_code == OPEN_TO_PEOPLE[case]


@pytest.mark.parametrize("case", OWNED)
def test_a_page_login_is_no_token(client, things, case):
    client.force_login(things["owner"])
    assert client.get(reverse("api:sticker", args=[things["sticker"]])).status_code == 401


def test_an_expired_or_closed_token_opens_nothing(things):
    _, token = AuthToken.objects.create(user=things["owner"])
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert send(client, things, ("sticker", "get")).status_code == 200
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert send(client, things, ("sticker", "get")).status_code == 401
    _, token = AuthToken.objects.create(user=things["owner"])
    things["owner"].is_active = False
    things["owner"].save()
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert send(client, things, ("sticker", "get")).status_code == 401


def test_lists_show_only_ones_own(call_as, things):
    client = call_as(UserFactory())
    for route in ("portraits", "stickers", "packs"):
        assert client.get(reverse(f"api:{route}")).json()["results"] == []
    owner = call_as(things["owner"])
    for route, name in (("portraits", "portrait"), ("stickers", "sticker"), ("packs", "pack")):
        results = owner.get(reverse(f"api:{route}")).json()["results"]
        assert [row["id"] for row in results] == [things[name]]


def test_anothers_portrait_and_sticker_cannot_be_used(call_as, things):
    mine = PackFactory()
    client = call_as(mine.owner)
    wish = {"portrait": things["portrait"], "sentence": "안녕"}
    assert client.post(reverse("api:stickers"), wish, format="json").status_code == 404
    body = {"sticker": things["sticker"]}
    response = client.post(reverse("api:pack_stickers", args=[mine.public_id]), body, format="json")
    assert response.status_code == 404
    assert not mine.items.exists()
