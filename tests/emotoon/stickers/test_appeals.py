"""A refused sentence can be looked at by a curator, whose word counts for this person and this sentence."""

from __future__ import annotations

import pytest
from django.urls import reverse

from emotoon.core.errors import InvalidInput, QuotaExceeded
from emotoon.stickers import appeals
from emotoon.stickers.appeals import appeal_record, sentence_allow
from emotoon.stickers.models import Appeal
from tests.factories import UserFactory

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


def test_a_curator_decides_in_the_admin_panel(admin_client):
    asked = appeal_record(owner=UserFactory(), sentence=REFUSED)
    page = admin_client.get(reverse("admin:stickers_appeal_changelist"))
    assert REFUSED in page.content.decode()
    admin_client.post(reverse("admin:stickers_appeal_change", args=[asked.pk]), {"decision": "allowed"})
    asked.refresh_from_db()
    assert asked.decision == "allowed"
