"""A pack for a messenger: refused at once with every reason, or made and checked by a job."""

from __future__ import annotations

import io
import zipfile

import cv2
import numpy as np
import pytest

from emotoon.core.errors import EmotoonError, InvalidInput, NotFound
from emotoon.core.storage import file_read, file_store
from emotoon.jobs.models import Job, JobState
from emotoon.jobs.worker import Worker
from emotoon.ml.export import Clip, encode
from emotoon.packs.exporting import pack_export_get, pack_export_request, pack_targets
from emotoon.packs.models import PackExport
from emotoon.packs.services import pack_add
from tests.factories import PackFactory, StickerFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pack():
    pack = PackFactory()
    pack_add(pack=pack, sticker=StickerFactory(owner=pack.owner))
    return pack


def bouncing_ball() -> bytes:
    frames = np.full((12, 512, 512, 4), (255, 255, 255, 0), np.uint8)
    for index, frame in enumerate(frames):
        height = int(120 * abs(np.sin(np.pi * index / 12)))
        cv2.circle(frame, (256, 380 - height), 90, (240, 90, 60, 255), -1, cv2.LINE_AA)
    return encode(Clip(frames, fps=12.0), "webm").data


def test_a_pack_becomes_a_checked_archive(pack):
    rendition = pack.items.get().sticker.renditions.get(format="webp")
    rendition.format = "webm"
    rendition.key = file_store(folder="stickers", data=bouncing_ball(), extension="webm")
    rendition.save()
    export = pack_export_request(pack=pack, target="telegram_video")
    assert Worker().run_one()
    export.refresh_from_db()
    assert export.job.state == JobState.DONE, export.job.error_detail
    assert export.certificate["ok"]
    archive = zipfile.ZipFile(io.BytesIO(file_read(key=export.key)))
    assert archive.testzip() is None
    assert len([name for name in archive.namelist() if name.endswith(".webm")]) >= 1
    assert export.bytes == len(file_read(key=export.key))


def test_what_is_missing_is_said_at_once(pack):
    with pytest.raises(InvalidInput) as caught:
        pack_export_request(pack=pack, target="kakao_anim")
    assert "23" in str(caught.value.message)
    assert not Job.objects.filter(kind="pack_export").exists()
    assert not PackExport.objects.exists()


def test_an_unknown_messenger_is_refused(pack):
    with pytest.raises(EmotoonError) as caught:
        pack_export_request(pack=pack, target="carrier_pigeon")
    assert caught.value.code == "target_unknown"


def test_an_export_belongs_to_the_owner_of_the_pack(pack):
    export = pack_export_request(pack=pack, target="telegram_video")
    assert pack_export_get(owner=pack.owner, public_id=export.public_id) == export
    with pytest.raises(NotFound):
        pack_export_get(owner=UserFactory(), public_id=export.public_id)


def test_targets_are_named_for_people():
    targets = dict(pack_targets())
    assert "텔레그램" in targets["telegram_video"]
    assert len(targets) >= 10
