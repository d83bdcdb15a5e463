"""Ordered stickers with a name and a cover."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from emotoon.core.ids import PublicId
from emotoon.ml.certificates import CertificateText, certificate_text, messenger_title
from emotoon.stickers.models import OwnedQuerySet


class PackState(models.TextChoices):
    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("in review")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("sent back")


TRANSITIONS: dict[PackState, frozenset[PackState]] = {
    PackState.DRAFT: frozenset({PackState.SUBMITTED}),
    PackState.SUBMITTED: frozenset({PackState.APPROVED, PackState.REJECTED, PackState.DRAFT}),
    PackState.APPROVED: frozenset({PackState.DRAFT}),
    PackState.REJECTED: frozenset({PackState.SUBMITTED, PackState.DRAFT}),
}


class StickerPack(models.Model):
    public_id = models.CharField(max_length=32, unique=True, default=PublicId("pck"), editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="packs")
    title = models.CharField(_("title"), max_length=60)
    cover = models.ForeignKey(
        "stickers.Sticker", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=16, choices=PackState, default=PackState.DRAFT)
    review_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("pack")
        verbose_name_plural = _("packs")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.title


class PackItem(models.Model):
    """One sticker's place in a pack."""

    pack = models.ForeignKey(StickerPack, on_delete=models.CASCADE, related_name="items")
    sticker = models.ForeignKey("stickers.Sticker", on_delete=models.CASCADE, related_name="pack_items")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["pack", "sticker"], name="sticker_once_per_pack"),
        ]

    def __str__(self) -> str:
        return f"{self.pack_id}#{self.position}"


class PackExport(models.Model):
    """A pack made ready for one messenger: how far it is stands in its job, the result here."""

    public_id = models.CharField(max_length=32, unique=True, default=PublicId("exp"), editable=False)
    pack = models.ForeignKey(StickerPack, on_delete=models.CASCADE, related_name="exports")
    target = models.CharField(max_length=32)
    job = models.OneToOneField("jobs.Job", on_delete=models.PROTECT, related_name="pack_export")
    file_name = models.CharField(max_length=120, blank=True)
    key = models.CharField(max_length=200, blank=True)
    bytes = models.PositiveIntegerField(default=0)
    certificate = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("pack export")
        verbose_name_plural = _("pack exports")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.pack_id} {self.target}"

    @property
    def target_title(self) -> str:
        """The messenger's name in the language in force."""
        return messenger_title(self.target)

    @property
    def certificate_text(self) -> CertificateText:
        """What was checked, for people; in the language in force."""
        return certificate_text(self.certificate)
