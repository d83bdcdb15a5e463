"""The only writers of people, allowances and consents."""

from __future__ import annotations

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from emotoon.accounts.models import ConsentRecord, DailyUse, User
from emotoon.core.errors import InvalidInput, QuotaExceeded

CONSENT_WORDING_VERSION = "2026-11"
"""Changes whenever the sentence that people agree to changes (see the create page)."""


def user_create(*, email: str, password: str, display_name: str = "") -> User:
    if User.objects.filter(email=email.lower()).exists():
        raise InvalidInput(
            "email_taken", _("There is already an account with this e-mail. Please log in."), field="email"
        )
    return User.objects.create_user(email, password, display_name=display_name)


def choices_learn(*, user: User, on: bool) -> None:
    """Whether suggestions may look at the person's own earlier stickers. Off for everybody at first."""
    user.learns_from_choices = on
    user.save(update_fields=["learns_from_choices"])


def quota_take(*, user: User, stickers: int = 1) -> None:
    """Count stickers against today's allowance. Call inside the transaction that creates them.

    The condition is in the UPDATE itself, so that two requests at once cannot both take the last one.
    """
    limit = settings.DAILY_STICKERS if user.daily_stickers is None else user.daily_stickers
    use, _created = DailyUse.objects.get_or_create(user=user, day=timezone.localdate())
    taken = DailyUse.objects.filter(pk=use.pk, stickers__lte=limit - stickers).update(
        stickers=F("stickers") + stickers
    )
    if not taken:
        raise QuotaExceeded(
            "quota_exceeded",
            _("You have made all of today's stickers. New ones are possible after midnight."),
            limit=limit,
        )


def consent_check(*, subject: str) -> None:
    """Refuse before any work is done for a face nobody has agreed to."""
    if subject not in ConsentRecord.Subject.values:
        raise InvalidInput(
            "consent_missing",
            _("Please confirm that this is your face, or that the person agreed."),
            field="consent",
        )


def consent_record(*, user: User, subject: str) -> ConsentRecord:
    """Write down that the person may use this face. Without it no photo is accepted."""
    consent_check(subject=subject)
    return ConsentRecord.objects.create(user=user, subject=subject, wording_version=CONSENT_WORDING_VERSION)
