from django.urls import path

from emotoon.web.views import accounts, files, packs, pages, stickers

app_name = "web"

urlpatterns = [
    path("", pages.landing, name="landing"),
    path("sign-up/", accounts.sign_up, name="sign_up"),
    path("log-in/", accounts.LogIn.as_view(), name="log_in"),
    path("log-out/", accounts.LogOut.as_view(), name="log_out"),
    path("account/choices/", accounts.learn_choices, name="learn_choices"),
    path("create/", stickers.create, name="create"),
    path("create/appeal/", stickers.appeal, name="appeal"),
    path("create/suggestions/", stickers.suggestions, name="suggestions"),
    path("stickers/", stickers.mine, name="stickers"),
    path("stickers/<slug:public_id>/", stickers.detail, name="sticker"),
    path("stickers/<slug:public_id>/status/", stickers.status, name="sticker_status"),
    path("stickers/<slug:public_id>/cancel/", stickers.cancel, name="sticker_cancel"),
    path("stickers/<slug:public_id>/delete/", stickers.delete, name="sticker_delete"),
    path("stickers/<slug:public_id>/pack/", packs.add_sticker, name="sticker_to_pack"),
    path("files/<slug:public_id>/", files.rendition, name="rendition"),
    path("portraits/<slug:public_id>/photo/", files.photo, name="photo"),
    path("portraits/<slug:public_id>/delete/", stickers.portrait_remove, name="portrait_delete"),
    path("packs/", packs.index, name="packs"),
    path("packs/<slug:public_id>/", packs.detail, name="pack"),
    path("packs/<slug:public_id>/download/", packs.download, name="pack_download"),
    path("packs/<slug:public_id>/order/", packs.reorder, name="pack_order"),
    path("packs/<slug:public_id>/cover/", packs.cover, name="pack_cover"),
    path("packs/<slug:public_id>/remove/", packs.remove_sticker, name="pack_remove"),
    path("packs/<slug:public_id>/exports/", packs.export, name="pack_export"),
    path("exports/<slug:public_id>/", packs.export_status, name="export_status"),
    path("exports/<slug:public_id>/download/", packs.export_download, name="export_download"),
    path("packs/<slug:public_id>/submit/", packs.submit, name="pack_submit"),
    path("packs/<slug:public_id>/delete/", packs.delete, name="pack_delete"),
]
