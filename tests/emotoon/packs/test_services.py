import io
import zipfile

import pytest

from emotoon.core.errors import Conflict, InvalidInput, NotFound
from emotoon.jobs.models import JobState
from emotoon.packs.models import TRANSITIONS, PackState
from emotoon.packs.services import (
    pack_add,
    pack_cover_set,
    pack_create,
    pack_delete,
    pack_file_name,
    pack_get,
    pack_move,
    pack_remove,
    pack_rename,
    pack_reorder,
    pack_zip,
)
from emotoon.stickers.appeals import appeal_record
from emotoon.stickers.models import Appeal, Sticker
from tests.factories import PackFactory, StickerFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory()


@pytest.fixture
def pack(owner):
    return PackFactory(owner=owner)


@pytest.fixture
def full(pack, owner):
    for _ in range(3):
        pack_add(pack=pack, sticker=StickerFactory(owner=owner))
    pack.refresh_from_db()
    return pack


def order(pack):
    return [item.sticker.public_id for item in pack.items.select_related("sticker")]


@pytest.mark.parametrize("title", ["", "   ", "가" * 61])
def test_a_pack_needs_a_name(owner, title):
    with pytest.raises(InvalidInput):
        pack_create(owner=owner, title=title)


def test_a_refused_name_says_why_until_a_curator_allows_it(owner, pack):
    title = "이  병신들 모음"
    for attempt in (
        lambda: pack_create(owner=owner, title=title),
        lambda: pack_rename(pack=pack, title=title),
    ):
        with pytest.raises(InvalidInput) as refusal:
            attempt()
        assert (refusal.value.code, refusal.value.field) == ("moderated_harassment", "title")
    appeal_record(owner=owner, sentence=title)
    Appeal.objects.update(decision=Appeal.Decision.ALLOWED)
    assert pack_create(owner=owner, title=title).title == "이 병신들 모음"
    pack_rename(pack=pack, title=title)
    with pytest.raises(InvalidInput):
        pack_create(owner=UserFactory(), title=title)


def test_stickers_keep_their_order_and_the_first_is_the_cover(full):
    assert [item.position for item in full.items.all()] == [0, 1, 2]
    assert full.cover.public_id == order(full)[0]


def test_adding_twice_changes_nothing(full):
    sticker = full.items.first().sticker
    pack_add(pack=full, sticker=sticker)
    assert full.items.count() == 3


def test_an_unfinished_sticker_waits(pack, owner):
    sticker = StickerFactory(owner=owner, job__state=JobState.RUNNING)
    with pytest.raises(Conflict):
        pack_add(pack=pack, sticker=sticker)


def test_somebody_elses_sticker_is_not_there(pack):
    with pytest.raises(NotFound):
        pack_add(pack=pack, sticker=StickerFactory())


def test_reorder(full):
    wanted = order(full)[::-1]
    pack_reorder(pack=full, sticker_ids=wanted)
    assert order(full) == wanted
    for wrong in (wanted[:2], [*wanted, "stk_unknown"], [wanted[0]] * 3):
        with pytest.raises(InvalidInput):
            pack_reorder(pack=full, sticker_ids=wrong)


def test_removing_the_cover_chooses_another(full):
    pack_remove(pack=full, sticker=full.cover)
    full.refresh_from_db()
    assert full.cover.public_id == order(full)[0]


def test_the_cover_is_in_the_pack(full, owner):
    pack_cover_set(pack=full, sticker=full.items.last().sticker)
    with pytest.raises(InvalidInput):
        pack_cover_set(pack=full, sticker=StickerFactory(owner=owner))


@pytest.mark.parametrize("before", PackState)
@pytest.mark.parametrize("after", PackState)
def test_states_change_only_as_the_table_says(full, before, after):
    full.state = before
    full.save()
    if after in TRANSITIONS[before]:
        pack_move(pack=full, to=after, reason="because")
        assert full.state == after
    else:
        with pytest.raises(Conflict):
            pack_move(pack=full, to=after, reason="because")
        full.refresh_from_db()
        assert full.state == before


def test_an_empty_pack_is_not_submitted(pack):
    with pytest.raises(Conflict):
        pack_move(pack=pack, to=PackState.SUBMITTED)


def test_a_rejection_says_why(full):
    pack_move(pack=full, to=PackState.SUBMITTED)
    with pytest.raises(InvalidInput):
        pack_move(pack=full, to=PackState.REJECTED, reason="  ")


def test_a_zip_holds_every_file_in_order_and_the_ai_notice(full):
    archive = zipfile.ZipFile(io.BytesIO(pack_zip(pack=full)))
    assert archive.testzip() is None
    names = archive.namelist()
    assert [name for name in names if name.startswith("webp/")] == [f"webp/0{n}.webp" for n in (1, 2, 3)]
    first = Sticker.objects.get(public_id=order(full)[0])
    assert archive.read("webp/01.webp") == f"webp of {first.public_id}".encode()
    assert "AI-generated" in archive.read("README.txt").decode()


def test_an_empty_pack_has_nothing_to_download(pack):
    with pytest.raises(Conflict):
        pack_zip(pack=pack)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("우리 팩", "우리-팩.zip"),
        ("../../etc/passwd", "etc-passwd.zip"),
        ("🎂🎂", "emotoon.zip"),
        ('a"b\r\nc', "a-b-c.zip"),
    ],
)
def test_download_names_are_harmless(owner, title, name):
    assert pack_file_name(pack=PackFactory.build(owner=owner, title=title)) == name


def test_a_pack_belongs_to_its_owner(pack):
    with pytest.raises(NotFound):
        pack_get(owner=UserFactory(), public_id=pack.public_id)


def test_deleting_a_pack_keeps_its_stickers(full):
    pack_delete(pack=full)
    assert Sticker.objects.count() == 3
