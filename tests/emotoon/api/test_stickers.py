"""From a photo to a finished sticker through the API, and everything that may happen on the way."""

from __future__ import annotations

import io
import threading
import time

import pytest
import skimage.data
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image

from emotoon.api.waiting import LONGEST_WAIT, wait_for, wait_seconds
from emotoon.catalog.files import catalog_read
from emotoon.catalog.search import index_build
from emotoon.catalog.services import catalog_load
from emotoon.jobs.models import Job, JobState
from emotoon.jobs.worker import Worker
from emotoon.stickers.models import Sticker
from tests.factories import JobFactory, PortraitFactory, StickerFactory, TemplateFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def portrait():
    return PortraitFactory()


@pytest.fixture
def client(call_as, portrait):
    return call_as(portrait.owner)


@pytest.fixture
def ask(client, portrait):
    def _ask(key="", **wishes):
        template = TemplateFactory().template_id
        body = {"portrait": portrait.public_id, "sentence": "안녕하세요", "template": template} | wishes
        headers = {"Idempotency-Key": key} if key else {}
        return client.post("/api/v1/stickers/", body, format="json", headers=headers)

    return _ask


def test_a_look_comes_back_as_it_was_asked_for(ask):
    look = {"caricature": 1.0, "parts": {"hair": 0.25}, "recolour": {"lips": "#c0404a"}, "glasses": False}
    body = ask(style="ink", strength=0.5, **look).json()
    assert (body["style"], body["strength"], body["look"]) == ("ink", 0.5, look)
    assert ask().json()["look"] == {}


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"parts": {"nose": 1}}, "parts"),
        ({"recolour": {"hair": "pink"}}, "recolour"),
        ({"caricature": 2}, "caricature"),
    ],
)
def test_a_look_that_cannot_be_names_its_field(ask, wish, field):
    answer = ask(**wish)
    assert answer.status_code == 422
    assert field in answer.content.decode()


def test_a_token_for_a_password(client):
    UserFactory(email="kim@example.com")
    wish = {"email": "Kim@example.com", "password": "a long password"}
    given = client.post("/api/v1/tokens/", wish, format="json")
    assert given.status_code == 201
    assert given["Cache-Control"] == "no-store"
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {given.json()['token']}")
    assert client.get("/api/v1/packs/").status_code == 200
    assert client.delete("/api/v1/tokens/current/").status_code == 204
    assert client.get("/api/v1/packs/").status_code == 401


@pytest.mark.django_db(transaction=True)
def test_from_photo_to_file(call_as):
    catalog_load(files=[file for file in catalog_read() if file.template_id in {"hello", "bday_wish", "joy"}])
    index_build()
    owner = UserFactory()
    client = call_as(owner)
    buffer = io.BytesIO()
    Image.fromarray(skimage.data.astronaut()).save(buffer, "PNG")
    photo = SimpleUploadedFile("me.png", buffer.getvalue(), "image/png")
    made = client.post("/api/v1/portraits/", {"photo": photo, "consent": "self"}, format="multipart")
    assert made.status_code == 201, made.content
    assert made["Location"] == f"/api/v1/portraits/{made.json()['id']}/"
    assert client.get(made.json()["photo_url"])["Content-Type"] == "image/jpeg"

    found = client.get("/api/v1/templates/search/", {"sentence": "생일 축하해!!"}).json()
    assert found["hits"][0]["template"]["id"] == "bday_wish"
    wish = {"portrait": made.json()["id"], "sentence": "생일 축하해!!", "formats": ["png", "webm"]}
    accepted = client.post("/api/v1/stickers/", wish, format="json")
    assert accepted.status_code == 202, accepted.content
    assert (accepted.json()["status"], accepted.json()["queue_position"]) == ("queued", 0)
    assert accepted.json()["template"]["id"] == "bday_wish"

    assert Worker().run_one()
    done = client.get(accepted["Location"])
    body = done.json()
    assert body["status"] == "succeeded", body
    assert body["ai_generated"] is True
    assert body["digital_source_type"].endswith("/compositeWithTrainedAlgorithmicMedia")
    file, video = body["files"]
    still = client.get(file["url"], {"download": ""})
    assert still["Content-Disposition"] == 'attachment; filename="bday_wish.png"'
    assert still["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert Image.open(io.BytesIO(still.content)).size == (file["width"], file["height"])
    assert body["digital_source_type"].encode() in still.content
    assert file["certificate"] == {}, "a still picture on a page is made for no messenger"
    certificate = video["certificate"]
    checks = {check["name"]: check for check in certificate["checks"]}
    assert (certificate["target"], certificate["ok"]) == ("telegram_video", True)
    assert checks["bytes"]["found"] == str(video["bytes"])
    assert checks["dimensions"]["found"] == f"{video['width']} x {video['height']}"

    browser = Client(headers={"Accept-Language": "ko"})
    browser.force_login(owner)
    page = browser.get(f"/stickers/{body['id']}/").content.decode()
    assert "텔레그램 영상 스티커: 모든 제한을 지켜요 ✓" in page
    assert page.count('class="checks"') == 1


def test_accepted_with_an_address(ask):
    response = ask()
    sticker = Sticker.objects.get()
    assert response.status_code == 202
    assert response["Location"] == response.json()["url"] == f"/api/v1/stickers/{sticker.public_id}/"
    assert response["Retry-After"] == "1"


def test_a_repeated_request_makes_one_sticker(ask):
    first, second = ask(key="k1"), ask(key="k1")
    assert first.json()["id"] == second.json()["id"]
    assert Job.objects.count() == 1
    assert ask(key="k1", sentence="다른 말이야").status_code == 409
    assert ask(key="k2").json()["id"] != first.json()["id"]
    assert ask(key="k" * 81).status_code == 422


def test_unchanged_is_not_sent_again(ask, client):
    address = ask()["Location"]
    etag = client.get(address)["ETag"]
    unchanged = client.get(address, headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.content, unchanged["ETag"]) == (304, b"", etag)
    Job.objects.update(state=JobState.RUNNING, stage="animating", progress=40)
    changed = client.get(address, headers={"If-None-Match": etag})
    assert (changed.status_code, changed.json()["progress"]) == (200, 40)


def test_a_failure_says_what_to_do(ask, client):
    address = ask()["Location"]
    Job.objects.update(state=JobState.FAILED, error_code="no_face", error_params={"faces": 0})
    body = client.get(address).json()
    assert body["status"] == "failed"
    assert body["error"]["code"] == "no_face"
    assert "closer photo" in body["error"]["detail"]


def test_cancel(ask, client):
    address = ask()["Location"]
    assert client.post(f"{address}cancel/").json()["status"] == "canceled"
    assert client.post(f"{address}cancel/").status_code == 409


def test_lists_come_in_pages(call_as):
    owner = UserFactory()
    ids = [StickerFactory(owner=owner).public_id for _ in range(3)]
    page = call_as(owner).get("/api/v1/stickers/", {"limit": 2}).json()
    rest = call_as(owner).get(page["next"]).json()
    assert [row["id"] for row in page["results"] + rest["results"]] == ids[::-1]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("preference", "seconds"),
    [
        ("", 0),
        ("wait=3", 3),
        ("respond-async, wait=7", 7),
        ("wait=99", LONGEST_WAIT),
        ("wait=-1", 0),
        ("await=5", 0),
        ("wait=soon", 0),
    ],
)
def test_preferences(preference, seconds):
    assert wait_seconds(preference) == seconds


def test_a_finished_sticker_is_answered_at_once(call_as):
    sticker = StickerFactory()
    began = time.monotonic()
    client = call_as(sticker.owner)
    response = client.get(f"/api/v1/stickers/{sticker.public_id}/", headers={"Prefer": "wait=5"})
    assert time.monotonic() - began < 2
    assert "Preference-Applied" not in response
    assert "Retry-After" not in response


@pytest.mark.django_db(transaction=True)
def test_waiting_ends_when_the_job_does(call_as):
    sticker = StickerFactory(job__state=JobState.RUNNING)

    def finish():
        time.sleep(0.5)
        Job.objects.update(state=JobState.DONE)
        connection.close()

    thread = threading.Thread(target=finish)
    thread.start()
    began = time.monotonic()
    client = call_as(sticker.owner)
    response = client.get(f"/api/v1/stickers/{sticker.public_id}/", headers={"Prefer": "wait=9"})
    thread.join()
    assert response.json()["status"] == "succeeded"
    assert response["Preference-Applied"] == "wait=9"
    assert 0.4 < time.monotonic() - began < 5


@pytest.mark.django_db(transaction=True)
def test_only_a_few_may_wait(settings):
    settings.API_WAITERS = 2
    job = JobFactory(state=JobState.RUNNING)
    waits = []

    def wait():
        waits.append(wait_for(job=Job.objects.get(pk=job.pk), seconds=1))
        connection.close()

    threads = [threading.Thread(target=wait) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [0, 0, 0, 1, 1]
    assert wait_for(job=job, seconds=1) == 1


def test_a_forged_photo_is_refused(client):
    photo = SimpleUploadedFile("me.png", b"<svg onload=alert(1)>", "image/png")
    response = client.post("/api/v1/portraits/", {"photo": photo, "consent": "self"}, format="multipart")
    assert (response.status_code, response.json()["code"]) == (422, "not_an_image")
