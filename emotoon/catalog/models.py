"""Talking-head templates: what is said, and how it is acted out."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class TemplateQuerySet(models.QuerySet["TalkingHeadTemplate"]):
    def published(self) -> TemplateQuerySet:
        return self.filter(is_published=True)

    def talking_heads(self) -> TemplateQuerySet:
        return self.filter(kind=TalkingHeadTemplate.Kind.TALKING_HEAD)

    def pictures(self) -> TemplateQuerySet:
        return self.filter(kind=TalkingHeadTemplate.Kind.PICTURE)


class TalkingHeadTemplate(models.Model):
    """One situation: sentences that mean it, captions, and the motion that acts it.

    A template of the second kind is a picture: ``picture`` says where faces are put in, and nothing is acted.
    Loaded from ``emotoon/catalog/templates/*.toml`` and ``motions/*.toml``, ``pictures/*.toml`` and
    ``pictures/layouts/*.toml`` by ``load_catalog``; a row edited in the admin panel is left alone by later
    loads (``is_edited``).
    """

    class Kind(models.TextChoices):
        TALKING_HEAD = "talking_head", _("talking head")
        PICTURE = "picture", _("picture")

    template_id = models.SlugField(_("id"), max_length=40, unique=True)
    covers = models.SlugField(_("refines"), max_length=40, blank=True)
    title_ko = models.CharField(_("title in Korean"), max_length=60)
    title_en = models.CharField(_("title in English"), max_length=60)
    category = models.CharField(_("category"), max_length=24)
    emoji = models.JSONField(_("emoji"), default=list)
    labels = models.JSONField(_("label sentences"), default=list)
    captions = models.JSONField(_("captions"), default=dict)
    messages = models.JSONField(_("example messages"), default=dict)
    hard_negatives = models.JSONField(_("messages that belong elsewhere"), default=list)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.TALKING_HEAD)
    motion = models.TextField(_("motion"), blank=True, help_text=_("TOML; see docs/motions.md."))
    picture = models.TextField(
        _("picture"), blank=True, help_text=_("TOML: where the faces go; see docs/pictures.md.")
    )
    is_published = models.BooleanField(_("published"), default=True)
    is_edited = models.BooleanField(_("edited here"), default=False)
    source_digest = models.CharField(max_length=64, blank=True, editable=False)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering = ("category", "template_id")

    def __str__(self) -> str:
        return f"{self.title_ko} ({self.template_id})"

    @property
    def title(self) -> str:
        return self.title_en if (get_language() or "ko").startswith("en") else self.title_ko

    @property
    def is_picture(self) -> bool:
        return self.kind == self.Kind.PICTURE

    @property
    def default_caption(self) -> str:
        variants: list[Any] = (
            self.captions.get("banmal") or self.captions.get("jondaetmal") or [self.title_ko]
        )
        return str(variants[0])
