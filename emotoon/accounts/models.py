"""People, their daily allowance, and the ledger of what they agreed to."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from emotoon.core.ids import PublicId


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Logs in with an e-mail address, kept in lower case."""

    public_id = models.CharField(max_length=32, unique=True, default=PublicId("usr"), editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    display_name = models.CharField(_("name"), max_length=40, blank=True)
    learns_from_choices = models.BooleanField(
        _("suggest what I chose before"),
        default=False,
        help_text=_("Off unless the person switches it on. Only their own stickers are looked at."),
    )
    is_staff = models.BooleanField(_("may use the admin panel"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    daily_stickers = models.PositiveIntegerField(
        _("stickers a day"), null=True, blank=True, help_text=_("Empty: the site's default.")
    )
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return self.email


class DailyUse(models.Model):
    """How many stickers a person asked for on one day, counted in the transaction that takes them."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="daily_uses")
    day = models.DateField()
    stickers = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="one_daily_use_a_day")]

    def __str__(self) -> str:
        return f"{self.user} {self.day}: {self.stickers}"


class ConsentRecord(models.Model):
    """Who agreed to what, when, and whether it still holds. Rows are closed, never rewritten."""

    class Subject(models.TextChoices):
        SELF = "self", _("my own face")
        PERMITTED = "permitted", _("somebody who agreed")

    public_id = models.CharField(max_length=32, unique=True, default=PublicId("cns"), editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consents")
    subject = models.CharField(max_length=16, choices=Subject)
    wording_version = models.CharField(max_length=16)
    given_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user}: {self.subject} {self.given_at:%Y-%m-%d}"
