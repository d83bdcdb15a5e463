"""Resources of version 1. A breaking change becomes version 2 beside it."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.permissions import AllowAny

from emotoon.api.views import packs, portraits, stickers, templates, tokens, unknown

app_name = "api"

urlpatterns = [
    path(
        "schema/",
        SpectacularAPIView.as_view(authentication_classes=(), permission_classes=(AllowAny,)),
        name="schema",
    ),
    path("tokens/", tokens.Tokens.as_view(), name="tokens"),
    path("tokens/current/", tokens.CurrentToken.as_view(), name="token_current"),
    path("portraits/", portraits.Portraits.as_view(), name="portraits"),
    path("portraits/<slug:public_id>/", portraits.OnePortrait.as_view(), name="portrait"),
    path("portraits/<slug:public_id>/photo/", portraits.PortraitPhoto.as_view(), name="portrait_photo"),
    path("templates/", templates.Templates.as_view(), name="templates"),
    path("templates/categories/", templates.Categories.as_view(), name="template_categories"),
    path("templates/search/", templates.TemplateSearch.as_view(), name="template_search"),
    path("templates/<slug:template_id>/", templates.OneTemplate.as_view(), name="template"),
    path("stickers/", stickers.Stickers.as_view(), name="stickers"),
    path("stickers/<slug:public_id>/", stickers.OneSticker.as_view(), name="sticker"),
    path("stickers/<slug:public_id>/cancel/", stickers.StickerCancel.as_view(), name="sticker_cancel"),
    path("files/<slug:public_id>/", stickers.File.as_view(), name="file"),
    path("packs/", packs.Packs.as_view(), name="packs"),
    path("packs/<slug:public_id>/", packs.OnePack.as_view(), name="pack"),
    path("packs/<slug:public_id>/stickers/", packs.PackStickers.as_view(), name="pack_stickers"),
    path(
        "packs/<slug:public_id>/stickers/<slug:sticker_id>/", packs.PackSticker.as_view(), name="pack_sticker"
    ),
    path("packs/<slug:public_id>/order/", packs.PackOrder.as_view(), name="pack_order"),
    path("packs/<slug:public_id>/cover/", packs.PackCover.as_view(), name="pack_cover"),
    path("packs/<slug:public_id>/submit/", packs.PackSubmit.as_view(), name="pack_submit"),
    path("packs/<slug:public_id>/zip/", packs.PackZip.as_view(), name="pack_zip"),
    re_path("", unknown.Unknown.as_view(), name="unknown"),
]
