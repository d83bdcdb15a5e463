"""Accepting a sticker: once per idempotency key, whole or not at all; deleting leaves no file behind."""

from __future__ import annotations

import pytest

from emotoon.core.errors import Conflict, NotFound, QuotaExceeded
from emotoon.core.storage import file_read
from emotoon.jobs.models import Job
from emotoon.ml import look_read
from emotoon.stickers.models import Sticker
from emotoon.stickers.services import portrait_delete, sticker_delete, sticker_request
from tests.factories import PortraitFactory, StickerFactory, TemplateFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def wish():
    portrait = PortraitFactory()
    return {
        "owner": portrait.owner,
        "portrait": portrait,
        "sentence": "안녕",
        "template": TemplateFactory(),
        "idempotency_key": "key-1",
    }


def test_the_same_key_gives_the_same_sticker(wish):
    first = sticker_request(**wish)
    assert sticker_request(**wish) == first
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    "other",
    [
        {"sentence": "잘 가"},
        {"look": look_read(style="ink")},
        {"look": look_read(parts={"hair": 0.5})},
        {"formats": ("png",)},
    ],
)
def test_a_key_with_other_wishes_is_an_error(wish, other):
    sticker_request(**wish)
    with pytest.raises(Conflict):
        sticker_request(**(wish | other))
    assert Sticker.objects.count() == 1


def test_without_a_key_every_request_is_a_new_sticker(wish):
    wish["idempotency_key"] = ""
    assert sticker_request(**wish) != sticker_request(**wish)


def test_the_last_of_the_day_leaves_no_job_behind(wish):
    wish["owner"].daily_stickers = 0
    with pytest.raises(QuotaExceeded):
        sticker_request(**wish)
    assert not Job.objects.exists()


def test_a_deleted_sticker_takes_its_files_with_it_unless_another_needs_them():
    sticker = StickerFactory()
    shared, own = sticker.renditions.all()
    twin = StickerFactory(owner=UserFactory())
    twin.renditions.filter(format=shared.format).update(key=shared.key)
    sticker_delete(sticker=sticker)
    assert file_read(key=shared.key)
    with pytest.raises(NotFound):
        file_read(key=own.key)
    assert not Job.objects.filter(pk=sticker.job_id).exists()


def test_a_deleted_portrait_takes_its_stickers_with_it():
    sticker = StickerFactory()
    portrait, key = sticker.portrait, sticker.renditions.first().key
    portrait_delete(portrait=portrait)
    assert not Sticker.objects.exists()
    assert not Job.objects.exists()
    for gone in (key, portrait.photo_key, portrait.analysis_key):
        with pytest.raises(NotFound):
            file_read(key=gone)
