from datetime import timedelta

import pytest
from django.utils import timezone

from emotoon.accounts.models import ConsentRecord, DailyUse
from emotoon.accounts.services import consent_record, quota_take, user_create
from emotoon.core.errors import InvalidInput, QuotaExceeded
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_an_address_is_one_person_however_it_is_typed():
    user = user_create(email="Kim@Example.com", password="a long password")
    assert user.email == "kim@example.com"
    assert user.check_password("a long password")
    with pytest.raises(InvalidInput, match="로그인"):
        user_create(email="KIM@example.com", password="another password")


def test_the_allowance_is_counted_and_ends():
    user = UserFactory(daily_stickers=2)
    quota_take(user=user)
    quota_take(user=user)
    with pytest.raises(QuotaExceeded):
        quota_take(user=user)
    assert DailyUse.objects.get(user=user).stickers == 2


def test_nobody_takes_more_than_is_left():
    user = UserFactory(daily_stickers=2)
    with pytest.raises(QuotaExceeded):
        quota_take(user=user, stickers=3)
    quota_take(user=user, stickers=2)


def test_a_new_day_is_a_new_allowance():
    user = UserFactory(daily_stickers=1)
    quota_take(user=user)
    DailyUse.objects.update(day=timezone.localdate() - timedelta(days=1))
    quota_take(user=user)


@pytest.mark.parametrize("subject", ["", "my neighbour", "SELF"])
def test_no_photo_without_consent(subject):
    with pytest.raises(InvalidInput) as caught:
        consent_record(user=UserFactory(), subject=subject)
    assert caught.value.field == "consent"
    assert not ConsentRecord.objects.exists()
