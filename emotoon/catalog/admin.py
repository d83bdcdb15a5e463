"""Templates: what is said and how it is acted, with a preview on the operator's own portrait."""

from __future__ import annotations

import hashlib

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from emotoon import ml
from emotoon.catalog.models import TalkingHeadTemplate
from emotoon.core.errors import EmotoonError
from emotoon.core.storage import file_read

PREVIEW_SIDE = 320
PREVIEW_STYLE = "cel"


class TemplateForm(forms.ModelForm):
    class Meta:
        model = TalkingHeadTemplate
        fields = "__all__"  # noqa: DJ007 - the panel is for operators; fieldsets name what is shown

    def clean_motion(self) -> str:
        motion: str = self.cleaned_data["motion"]
        if not motion:
            return motion  # a picture has none; ``clean`` looks for one of the two
        try:
            ml.motion_check(motion=motion)
        except EmotoonError as error:
            # The engine's own sentence names the line; people who edit TOML read it better than ours.
            raise ValidationError(str(error.__cause__ or error.message)) from error
        return motion

    def clean_picture(self) -> str:
        picture: str = self.cleaned_data["picture"]
        if picture:
            try:
                ml.picture_check(picture=picture)
            except EmotoonError as error:
                raise ValidationError(str(error.__cause__ or error.message)) from error
        return picture

    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean()
        values = self.cleaned_data
        wanted = "picture" if values.get("kind") == TalkingHeadTemplate.Kind.PICTURE else "motion"
        if not values.get(wanted) and wanted not in self.errors:
            self.add_error(wanted, _("A template of this kind needs this text."))
        return cleaned


@admin.register(TalkingHeadTemplate)
class TemplateAdmin(admin.ModelAdmin):
    form = TemplateForm
    list_display = (
        "template_id", "kind", "faces", "title_ko", "title_en", "category", "is_published", "is_edited"
    )  # fmt: skip
    list_filter = ("kind", "is_published", "is_edited", "category")
    search_fields = ("template_id", "title_ko", "title_en", "covers", "labels")
    readonly_fields = ("preview",)
    fieldsets = (
        (None, {"fields": ("preview", "template_id", "kind", "covers", "is_published", "is_edited")}),
        (_("Words"), {"fields": ("title_ko", "title_en", "category", "emoji", "captions")}),
        (_("Meaning"), {"fields": ("labels", "messages", "hard_negatives")}),
        (_("Acting"), {"fields": ("motion", "picture")}),
    )

    @admin.display(description=_("emoji"))
    def faces(self, template: TalkingHeadTemplate) -> str:
        return " ".join(template.emoji)

    @admin.display(description=_("preview"))
    def preview(self, template: TalkingHeadTemplate) -> SafeString:
        if template._state.adding:
            return format_html("–")
        # The address changes with what is shown, so that browsers never keep an old picture.
        shown = template.motion + template.picture + template.default_caption
        version = hashlib.sha256(shown.encode()).hexdigest()[:12]
        address = reverse("admin:catalog_template_preview", args=[template.pk])
        return format_html(
            '<figure><img src="{}?v={}" width="{}" height="{}" alt="{}">'
            "<figcaption>{} {}</figcaption></figure>",
            address, version, PREVIEW_SIDE, PREVIEW_SIDE,
            _("Upload a photo on the create page to see previews on it."),
            self.faces(template), template.default_caption,
        )  # fmt: skip

    def save_model(
        self, request: HttpRequest, obj: TalkingHeadTemplate, form: forms.ModelForm, change: bool
    ) -> None:
        """What is edited here is kept by later loads, unless the person says otherwise."""
        if change and form.changed_data and "is_edited" not in form.changed_data:
            obj.is_edited = True
        super().save_model(request, obj, form, change)
        told = _("The search follows with the next `manage.py load_catalog`.")
        self.message_user(request, told, messages.INFO)

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:pk>/preview/",
            self.admin_site.admin_view(require_GET(self.picture)),
            name="catalog_template_preview",
        )
        return [own, *super().get_urls()]

    def picture(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The template's peak, acted by the operator's own latest portrait; nobody else's face is used."""
        template = self.get_object(request, str(pk))
        portrait = request.user.portraits.first()  # type: ignore[union-attr]
        if template is None or portrait is None:
            raise Http404
        if not self.has_view_permission(request, template):
            raise PermissionDenied
        order = ml.StickerOrder(
            analysis=file_read(key=portrait.analysis_key),
            motion=template.motion,
            picture=template.picture,
            caption=template.default_caption,
            look=ml.look_read(style=PREVIEW_STYLE),
            formats=("png",),
            size=PREVIEW_SIDE,
        )
        (still,) = ml.sticker_render(order=order, on_progress=_quietly).files
        response = HttpResponse(still.data, content_type="image/png")
        response["Cache-Control"] = "private, max-age=86400"
        return response


def _quietly(stage: str, percent: int) -> None:
    """Nobody watches a preview being made."""
