from __future__ import annotations

import io
import zipfile

import pytest

from tests.factories import StickerFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_pack_from_its_first_sticker_to_review(call_as):
    owner = UserFactory()
    client = call_as(owner)
    first, second = (StickerFactory(owner=owner).public_id for _ in range(2))
    made = client.post("/api/v1/packs/", {"title": "우리 팩"}, format="json")
    assert (made.status_code, made.json()["state"], made.json()["stickers"]) == (201, "draft", [])
    address = made["Location"]
    for sticker in (first, second):
        client.post(f"{address}stickers/", {"sticker": sticker}, format="json")
    assert client.get(address).json()["cover"] == first
    ordered = client.put(f"{address}order/", {"stickers": [second, first]}, format="json").json()
    assert ordered["stickers"] == [second, first]
    assert client.put(f"{address}cover/", {"sticker": second}, format="json").json()["cover"] == second
    assert client.patch(address, {"title": " 새   이름 "}, format="json").json()["title"] == "새 이름"
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"{address}zip/").content))
    assert archive.read("webp/01.webp") == f"webp of {second}".encode()
    assert client.delete(f"{address}stickers/{first}/").status_code == 204
    assert client.post(f"{address}submit/").json()["state"] == "submitted"
    assert client.post(f"{address}submit/").status_code == 409
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
