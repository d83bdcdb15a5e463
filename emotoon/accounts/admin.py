"""People, their allowance, and what they agreed to."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from emotoon.accounts.models import ConsentRecord, DailyUse, User


class DailyUseInline(admin.TabularInline):
    model = DailyUse
    fields = readonly_fields = ("day", "stickers")
    ordering = ("-day",)
    extra = 0
    max_num = 0
    can_delete = False


@admin.register(User)
class PersonAdmin(UserAdmin):
    list_display = ("email", "display_name", "daily_stickers", "stickers_today", "is_staff", "is_active")
    list_filter = ("is_staff", "is_superuser", "is_active")
    list_editable = ("daily_stickers",)
    search_fields = ("email", "display_name", "public_id")
    ordering = ("-date_joined",)
    readonly_fields = ("public_id", "date_joined", "last_login")
    inlines = (DailyUseInline,)
    fieldsets = (
        (None, {"fields": ("public_id", "email", "password", "display_name")}),
        (_("Allowance"), {"fields": ("daily_stickers",)}),
        (_("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("Times"), {"fields": ("date_joined", "last_login")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "password1", "password2")}),)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Rows alone would go, and the person's files would stay; accounts are closed by ``is_active``."""
        return False

    @admin.display(description=_("stickers today"))
    def stickers_today(self, person: User) -> int:
        use = person.daily_uses.filter(day=timezone.localdate()).first()
        return use.stickers if use else 0


@admin.register(ConsentRecord)
class ConsentAdmin(admin.ModelAdmin):
    """A ledger: read, never written by hand."""

    list_display = ("given_at", "user", "subject", "wording_version", "revoked_at")
    list_filter = ("subject", "wording_version")
    list_select_related = ("user",)
    search_fields = ("user__email", "public_id")
    date_hierarchy = "given_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ConsentRecord | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ConsentRecord | None = None) -> bool:
        return False
