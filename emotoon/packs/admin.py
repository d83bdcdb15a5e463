"""Review of packs: looked at, approved, or sent back with a reason, through the same service as the pages."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from emotoon.core.errors import EmotoonError
from emotoon.core.private_files import private_file
from emotoon.packs.models import TRANSITIONS, PackState, StickerPack
from emotoon.packs.services import pack_move
from emotoon.stickers.models import Rendition


@admin.register(StickerPack)
class PackAdmin(admin.ModelAdmin):
    list_display = ("title", "owner", "state", "sticker_count", "created_at")
    list_filter = ("state",)
    list_select_related = ("owner",)
    search_fields = ("title", "public_id", "owner__email")
    fields = readonly_fields = (
        "public_id", "title", "owner", "state", "review_reason", "created_at", "pictures"
    )  # fmt: skip
    change_form_template = "packs/admin/pack.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("stickers"))
    def sticker_count(self, pack: StickerPack) -> int:
        return pack.items.count()

    @admin.display(description=_("stickers"))
    def pictures(self, pack: StickerPack) -> SafeString:
        """What is reviewed: every sticker's picture with its sentence, in order."""
        items = pack.items.select_related("sticker").prefetch_related("sticker__renditions")
        shown = (
            (reverse("admin:packs_pack_picture", args=[pack.pk, file.public_id]), item.sticker.sentence)
            for item in items
            for file in item.sticker.renditions.all()
            if file.format == "webp"
        )
        figure = (
            '<figure style="display:inline-block"><img src="{}" width="160" alt="">'
            "<figcaption>{}</figcaption></figure>"
        )
        return format_html_join("", figure, shown) or format_html("–")

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                "<int:pk>/pictures/<slug:public_id>/",
                self.admin_site.admin_view(require_GET(self.picture)),
                name="packs_pack_picture",
            ),
            path(
                "<int:pk>/move/",
                self.admin_site.admin_view(require_POST(self.move)),
                name="packs_pack_move",
            ),
        ]
        return own + super().get_urls()

    def picture(self, request: HttpRequest, pk: int, public_id: str) -> HttpResponse:
        """A file of a pack that was handed in; other people's private stickers stay private."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        files = Rendition.objects.filter(sticker__pack_items__pack=pk).exclude(
            sticker__pack_items__pack__state=PackState.DRAFT
        )
        file = files.filter(public_id=public_id).first()
        if file is None:
            raise Http404
        return private_file(key=file.key, format=file.format)

    def move(self, request: HttpRequest, pk: int) -> HttpResponse:
        pack = self.get_object(request, str(pk))
        if pack is None:
            raise Http404
        if not self.has_change_permission(request, pack):
            raise PermissionDenied
        try:
            pack_move(
                pack=pack, to=PackState(request.POST["to"]), reason=request.POST.get("reason", "").strip()
            )
        except (ValueError, KeyError):
            raise Http404 from None
        except EmotoonError as error:
            self.message_user(request, str(error.message), messages.ERROR)
        else:
            self.log_change(request, pack, f"{pack.state}: {pack.review_reason}".rstrip(": "))
            self.message_user(request, _("The pack is now “%s”.") % pack.get_state_display())
        return redirect("admin:packs_stickerpack_change", pk)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, object], *args: object, **kwargs: object
    ) -> HttpResponse:
        pack = kwargs.get("obj")
        if isinstance(pack, StickerPack):
            after = TRANSITIONS[PackState(pack.state)]
            context["moves"] = [state for state in PackState if state in after]
            context["can_move"] = self.has_change_permission(request, pack)
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[arg-type]
