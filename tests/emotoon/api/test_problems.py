"""Every failure has the one shape of RFC 9457."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from emotoon.core.errors import StorageUnavailable
from tests.factories import PortraitFactory, StickerFactory, UserFactory

pytestmark = pytest.mark.django_db

MEMBERS = {"type", "title", "status", "detail", "code"}


def assert_problem(response, status, code):
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert set(body) - {"errors", "params"} == MEMBERS
    assert body["type"] == f"urn:emotoon:problem:{code}"
    assert (body["status"], body["code"]) == (status, code)
    assert body["title"]
    assert body["detail"]
    for error in body.get("errors", []):
        assert set(error) == {"field", "code", "detail"}
    return body


@pytest.fixture
def client(call_as):
    return call_as(UserFactory())


def test_no_token():
    assert_problem(APIClient().get("/api/v1/stickers/"), 401, "not_authenticated")


def test_a_wrong_token():
    client = APIClient(HTTP_AUTHORIZATION="Bearer 0123")
    assert_problem(client.get("/api/v1/stickers/"), 401, "authentication_failed")


@pytest.mark.parametrize("address", ["/api/v1/", "/api/v1/nothing/here/", "/api/v1/stickers/stk_unknown/no/"])
def test_an_unknown_address(client, address):
    assert_problem(client.get(address), 404, "not_found")


def test_somebody_elses_sticker(client):
    address = f"/api/v1/stickers/{StickerFactory().public_id}/"
    assert_problem(client.get(address), 404, "sticker_not_found")


def test_a_wrong_method(client):
    assert_problem(client.put("/api/v1/stickers/"), 405, "method_not_allowed")


def test_broken_json(client):
    response = client.post("/api/v1/stickers/", "{not json", content_type="application/json")
    assert_problem(response, 400, "parse_error")


def test_another_media_type(client):
    response = client.post("/api/v1/stickers/", "a=1", content_type="application/x-www-form-urlencoded")
    assert_problem(response, 415, "unsupported_media_type")


def test_fields_are_named(client):
    body = assert_problem(client.post("/api/v1/stickers/", {"strength": 3}, format="json"), 422, "invalid")
    assert {(error["field"], error["code"]) for error in body["errors"]} == {
        ("portrait", "required"), ("sentence", "required"), ("strength", "max_value"),
    }  # fmt: skip


def test_what_a_service_refuses_names_its_field(call_as):
    portrait = PortraitFactory()
    wish = {"portrait": portrait.public_id, "sentence": "안녕", "style": "oil"}
    response = call_as(portrait.owner).post("/api/v1/stickers/", wish, format="json")
    body = assert_problem(response, 422, "unknown_style")
    assert body["errors"][0]["field"] == "style"


def test_the_caller_chooses_the_language(client):
    english = client.get("/api/v1/stickers/stk_x/").json()["detail"]
    korean = client.get("/api/v1/stickers/stk_x/", HTTP_ACCEPT_LANGUAGE="ko").json()["detail"]
    assert english == "This sticker is not there."
    assert korean != english


def test_too_many_calls_are_told_when_to_come_back():
    client = APIClient()
    wish = {"email": "a@example.com", "password": "wrong"}
    answers = [client.post("/api/v1/tokens/", wish, format="json") for _ in range(11)]
    assert_problem(answers[0], 401, "authentication_failed")
    assert_problem(answers[-1], 429, "throttled")
    assert 0 < int(answers[-1]["Retry-After"]) <= 60


def test_storage_in_trouble_says_when_to_come_back(call_as, monkeypatch):
    sticker = StickerFactory()
    address = f"/api/v1/files/{sticker.renditions.first().public_id}/"

    def broken(self, name, mode="rb"):
        raise OSError("S3 could not read")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._open", broken)
    response = call_as(sticker.owner).get(address)
    assert_problem(response, StorageUnavailable.status, "storage_unavailable")
    assert response["Retry-After"] == "30"


def test_an_unforeseen_error_says_nothing_about_itself(client, monkeypatch, caplog):
    def broken(**_):
        raise ZeroDivisionError("the secret reason")

    monkeypatch.setattr("emotoon.api.views.stickers.sticker_get", broken)
    response = client.get("/api/v1/stickers/stk_x/")
    assert_problem(response, 500, "internal_error")
    assert b"secret reason" not in response.content
    assert "the secret reason" in caplog.text
