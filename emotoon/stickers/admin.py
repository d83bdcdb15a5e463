"""Stickers for operators. Photos are private: the panel shows that they exist, never what is on them."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from emotoon.stickers.models import Appeal, Portrait, Rendition, Sticker


class _LookOnly:
    """Rows that only services write."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class RenditionInline(_LookOnly, admin.TabularInline):
    model = Rendition
    fields = readonly_fields = ("format", "width", "height", "frames", "duration_s", "bytes")
    extra = 0


@admin.register(Sticker)
class StickerAdmin(_LookOnly, admin.ModelAdmin):
    list_display = ("public_id", "owner", "template", "style", "state", "stood_in", "created_at")
    list_filter = ("job__state", "style")
    readonly_fields = ("stood_in",)
    list_select_related = ("owner", "template", "job")
    search_fields = ("public_id", "owner__email", "template__template_id")
    inlines = (RenditionInline,)

    @admin.display(description=_("stood in"))
    def stood_in(self, sticker: Sticker) -> str:
        return " ".join(sticker.fallback_notes) or "-"

    @admin.display(description=_("state"), ordering="job__state")
    def state(self, sticker: Sticker) -> str:
        return str(sticker.job.get_state_display())


@admin.register(Portrait)
class PortraitAdmin(_LookOnly, admin.ModelAdmin):
    list_display = ("public_id", "owner", "consent", "width", "height", "created_at")
    list_select_related = ("owner", "consent__user")
    search_fields = ("public_id", "owner__email")
    fields = ("public_id", "owner", "consent", "width", "height", "face_index", "created_at")


@admin.register(Appeal)
class AppealAdmin(admin.ModelAdmin):
    """A curator reads the sentence and decides; everything else about it stays as it was asked."""

    list_display = ("sentence", "category", "decision", "owner", "created_at")
    list_filter = ("decision", "category")
    list_editable = ("decision",)
    list_select_related = ("owner",)
    readonly_fields = ("public_id", "owner", "sentence", "category", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
