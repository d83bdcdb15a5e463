"""A picture template as a person uses it: asked for through the API, made by the job, put into a pack."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
import skimage.data
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from emotoon.catalog.files import pictures_read
from emotoon.catalog.services import catalog_load
from emotoon.core.storage import file_read
from emotoon.jobs.models import JobState
from emotoon.jobs.worker import Worker
from emotoon.packs.exporting import pack_export_request
from emotoon.packs.services import pack_add
from emotoon.stickers.models import Sticker
from tests.factories import PackFactory, UserFactory

MARK = b"compositeWithTrainedAlgorithmicMedia"


@pytest.mark.django_db(transaction=True)
def test_a_persons_face_goes_into_a_picture_and_the_picture_into_a_pack(call_as):
    catalog_load(files=[file for file in pictures_read() if file.template_id == "pic_birthday"])
    owner = UserFactory()
    client = call_as(owner)
    buffer = io.BytesIO()
    Image.fromarray(skimage.data.astronaut()).save(buffer, "PNG")
    photo = SimpleUploadedFile("me.png", buffer.getvalue(), "image/png")
    uploaded = client.post("/api/v1/portraits/", {"photo": photo, "consent": "self"}, format="multipart")
    wish = {"portrait": uploaded.json()["id"], "sentence": "생일 축하해!!", "template": "pic_birthday"}
    wish |= {"formats": ["png", "webm"]}
    address = client.post("/api/v1/stickers/", wish, format="json")["Location"]
    assert Worker().run_one()

    body = client.get(address).json()
    assert body["status"] == "succeeded", body
    assert body["template"]["id"] == "pic_birthday"
    assert body["ai_generated"] is True
    sticker = Sticker.objects.get(public_id=body["id"])
    assert sticker.portrait.consent.subject == "self"
    files = {row.format: file_read(key=row.key) for row in sticker.renditions.all()}
    assert all(MARK in data for data in files.values())
    still = Image.open(io.BytesIO(files["png"])).convert("RGBA")
    assert _share_like(still, (240, 200, 172)) > 0.02, "skin of the person in the drawn card"
    assert _share_like(still, (255, 145, 175)) > 0.01, "the drawn cake's icing"

    pack = PackFactory(owner=owner)
    pack_add(pack=pack, sticker=sticker)
    export = pack_export_request(pack=pack, target="telegram_video")
    assert Worker().run_one()
    export.refresh_from_db()
    assert export.job.state == JobState.DONE, export.job.error_detail
    assert export.certificate["ok"]
    archive = zipfile.ZipFile(io.BytesIO(file_read(key=export.key)))
    assert any(MARK in archive.read(name) for name in archive.namelist() if name.endswith(".webm"))


def _share_like(picture: Image.Image, colour: tuple[int, int, int]) -> float:
    """Share of the picture's pixels within 24 of a colour."""
    near = np.abs(np.asarray(picture)[..., :3].astype(int) - colour).max(axis=2) < 24
    return float(near.mean())
