"""A refused sentence can be looked at by a curator, whose word counts for this person and this sentence."""

from __future__ import annotations

import pytest
from django.urls import reverse

from emotoon.core.errors import InvalidInput, QuotaExceeded
from emotoon.stickers import appeals
from emotoon.stickers.appeals import appeal_record, sentence_allow
from emotoon.stickers.models import Appeal
from tests.factories import StickerFactory, UserFactory

pytestmark = pytest.mark.django_db

REFUSED = "이 병신아"


def test_an_allowed_appeal_counts_for_this_person_and_sentence():
    owner, other = UserFactory(), UserFactory()
    asked = appeal_record(owner=owner, sentence=REFUSED)
    assert (asked.category, asked.decision) == ("harassment", "waiting")
    with pytest.raises(InvalidInput):
        sentence_allow(owner=owner, sentence=REFUSED)
    Appeal.objects.update(decision=Appeal.Decision.ALLOWED)
    sentence_allow(owner=owner, sentence=REFUSED)
    with pytest.raises(InvalidInput):
        sentence_allow(owner=other, sentence=REFUSED)


def test_asking_again_is_the_same_appeal():
    owner = UserFactory()
    assert appeal_record(owner=owner, sentence=REFUSED) == appeal_record(owner=owner, sentence=f" {REFUSED} ")


@pytest.mark.parametrize(
    ("sentence", "code"), [("생일 축하해", "appeal_needless"), ("여고생 벗은 사진", "appeal_impossible")]
)
def test_some_sentences_cannot_be_appealed(sentence, code):
    with pytest.raises(InvalidInput) as refusal:
        appeal_record(owner=UserFactory(), sentence=sentence)
    assert refusal.value.code == code


def test_only_so_many_wait_at_once(monkeypatch):
    monkeypatch.setattr(appeals, "OPEN_AT_MOST", 1)
    owner = UserFactory()
    appeal_record(owner=owner, sentence=REFUSED)
    with pytest.raises(QuotaExceeded):
        appeal_record(owner=owner, sentence=f"{REFUSED} 진짜")


def test_appeals_go_with_the_account():
    owner = UserFactory()
    appeal_record(owner=owner, sentence=REFUSED)
    owner.delete()
    assert not Appeal.objects.exists()


def test_the_page_says_what_happens(client):
    owner = UserFactory()
    client.force_login(owner)
    page = client.post(reverse("web:appeal"), {"sentence": REFUSED}, headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert "We will look at it" in page.content.decode()
    assert Appeal.objects.owned_by(owner).count() == 1


@pytest.mark.parametrize(
    ("language", "why", "offer"),
    [
        ("en", "This could hurt somebody.", "Please look at it"),
        ("ko", "누군가 상처받을 수 있는 말이에요.", "검토"),
    ],
)
def test_a_refused_pack_name_says_why_and_offers_an_appeal(client, language, why, offer):
    owner = UserFactory()
    client.force_login(owner)
    sticker = StickerFactory(owner=owner)
    for address in (reverse("web:packs"), reverse("web:sticker_to_pack", args=[sticker.public_id])):
        page = client.post(address, {"title": REFUSED}, headers={"Accept-Language": language})
        assert page.status_code == 422
        assert why in page.content.decode()
        assert offer in page.content.decode()
        assert f'formaction="{reverse("web:appeal")}"' in page.content.decode()
    assert not owner.packs.exists()
    asked = client.post(reverse("web:appeal"), {"title": REFUSED}, headers={"Accept-Language": language})
    assert asked.status_code == 200
    assert f'href="{reverse("web:packs")}"' in asked.content.decode()
    assert Appeal.objects.owned_by(owner).get().sentence == REFUSED


def test_where_nothing_is_to_weigh_no_appeal_is_offered(client):
    client.force_login(UserFactory())
    page = client.post(reverse("web:packs"), {"title": "여고생 벗은 사진"})
    assert page.status_code == 422
    assert reverse("web:appeal") not in page.content.decode()


def test_a_curator_decides_in_the_admin_panel(admin_client):
    asked = appeal_record(owner=UserFactory(), sentence=REFUSED)
    page = admin_client.get(reverse("admin:stickers_appeal_changelist"))
    assert REFUSED in page.content.decode()
    admin_client.post(reverse("admin:stickers_appeal_change", args=[asked.pk]), {"decision": "allowed"})
    asked.refresh_from_db()
    assert asked.decision == "allowed"
