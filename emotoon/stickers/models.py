"""A portrait is a private photo with its analysis; a sticker is what was asked for and what came of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from emotoon import ml
from emotoon.core.ids import PublicId


class OwnedQuerySet(models.QuerySet[Any]):
    """Rows of private things: every read outside the admin panel starts with ``owned_by``."""

    def owned_by(self, user: Any) -> OwnedQuerySet:
        return self.filter(owner=user.pk)


class Portrait(models.Model):
    """A photo, stored without its metadata, and what face analysis found in it."""

    public_id = models.CharField(max_length=32, unique=True, default=PublicId("por"), editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="portraits")
    consent = models.ForeignKey("accounts.ConsentRecord", on_delete=models.PROTECT, related_name="portraits")
    photo_key = models.CharField(max_length=200)
    analysis_key = models.CharField(max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    faces = models.JSONField(default=list, help_text=_("boxes x, y, width, height in the photo, best first"))
    face_index = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("portrait")
        verbose_name_plural = _("portraits")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.public_id


class Sticker(models.Model):
    """What was asked for. How far it is stands in its job; its files are Renditions."""

    public_id = models.CharField(max_length=32, unique=True, default=PublicId("stk"), editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="stickers")
    portrait = models.ForeignKey(Portrait, on_delete=models.CASCADE, related_name="stickers")
    template = models.ForeignKey(
        "catalog.TalkingHeadTemplate", on_delete=models.PROTECT, related_name="stickers"
    )
    job = models.OneToOneField("jobs.Job", on_delete=models.PROTECT, related_name="sticker")
    sentence = models.CharField(_("sentence"), max_length=200)
    style = models.CharField(_("style"), max_length=24)
    strength = models.FloatField(_("strength"), default=1.0)
    look_details = models.JSONField(
        _("look"),
        default=dict,
        blank=True,
        help_text=_("caricature, parts, colours and glasses, as asked for"),
    )
    formats = models.JSONField(default=list)
    backends = models.JSONField(
        _("engines"),
        default=dict,
        blank=True,
        help_text=_("what drew and animated, and what stood in for what"),
    )
    template_score = models.FloatField(null=True, blank=True)
    runners_up = models.JSONField(default=list)
    idempotency_key = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("sticker")
        verbose_name_plural = _("stickers")
        ordering = ("-created_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "idempotency_key"],
                name="one_sticker_per_idempotency_key",
                condition=~models.Q(idempotency_key=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.sentence} ({self.public_id})"

    @property
    def look(self) -> ml.Look:
        return ml.look_read(style=self.style, strength=self.strength, **self.look_details)

    @property
    def fallback_notes(self) -> list[str]:
        return ml.fallback_notes(self.backends)

    @property
    def state(self) -> str:
        return self.job.state

    @property
    def is_ready(self) -> bool:
        return self.job.state == "done"


class Rendition(models.Model):
    """One file of a sticker, unique by its format."""

    public_id = models.CharField(max_length=32, unique=True, default=PublicId("ren"), editable=False)
    sticker = models.ForeignKey(Sticker, on_delete=models.CASCADE, related_name="renditions")
    format = models.CharField(max_length=16)
    key = models.CharField(max_length=200)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    frames = models.PositiveIntegerField()
    duration_s = models.FloatField()
    bytes = models.PositiveIntegerField()
    certificate = models.JSONField(
        default=dict, blank=True, help_text=_("what the check found; empty: made for no messenger")
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sticker", "format"], name="one_rendition_per_format")]

    def __str__(self) -> str:
        return f"{self.sticker_id} {self.format}"

    @property
    def certificate_text(self) -> ml.FileLines | None:
        """What was checked, for people, in the language in force; None for a file of no messenger."""
        return ml.file_text(self.certificate) if self.certificate else None


class Appeal(models.Model):
    """A sentence that the moderator refused and its writer wants a curator to look at."""

    class Decision(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ALLOWED = "allowed", _("allowed")
        REFUSED = "refused", _("stays refused")

    public_id = models.CharField(max_length=32, unique=True, default=PublicId("apl"), editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="appeals")
    sentence = models.CharField(_("sentence"), max_length=200)
    category = models.CharField(_("refused as"), max_length=24)
    decision = models.CharField(_("decision"), max_length=8, choices=Decision, default=Decision.WAITING)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ("-created_at",)
        constraints = [models.UniqueConstraint(fields=["owner", "sentence"], name="one_appeal_per_sentence")]

    def __str__(self) -> str:
        return f"{self.sentence} ({self.get_decision_display()})"
