"""Packs: gather, order, download."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from emotoon.core.errors import InvalidInput
from emotoon.core.storage import file_read
from emotoon.packs.exporting import pack_export_get, pack_export_request, pack_targets
from emotoon.packs.models import PackState, StickerPack
from emotoon.packs.services import (
    pack_add,
    pack_cover_set,
    pack_create,
    pack_delete,
    pack_file_name,
    pack_get,
    pack_move,
    pack_remove,
    pack_reorder,
    pack_zip,
)
from emotoon.stickers.appeals import is_appealable
from emotoon.stickers.services import sticker_get
from emotoon.web.forms import PackForm
from emotoon.web.requests import OwnerRequest, for_owner


@require_http_methods(["GET", "POST"])
@for_owner
def index(request: OwnerRequest) -> HttpResponse:
    form = PackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            pack = pack_create(owner=request.user, title=form.cleaned_data["title"])
        except InvalidInput as refusal:
            return _packs_page(request, form, refusal)
        return redirect("web:pack", pack.public_id)
    return _packs_page(request, form)


def _packs_page(request: OwnerRequest, form: PackForm, refusal: InvalidInput | None = None) -> HttpResponse:
    """All packs, and the form for a new one with what was wrong about it."""
    if refusal is not None:
        form.add_error(refusal.field or None, str(refusal.message))
    packs = StickerPack.objects.owned_by(request.user).prefetch_related("items__sticker__renditions")
    appealable = refusal is not None and is_appealable(refusal)
    context = {"packs": packs, "form": form, "appealable": appealable}
    return render(request, "web/packs.html", context, status=422 if form.errors else 200)


@require_GET
@for_owner
def detail(request: OwnerRequest, public_id: str) -> HttpResponse:
    pack = pack_get(owner=request.user, public_id=public_id)
    items = pack.items.select_related("sticker").prefetch_related("sticker__renditions")
    context = {
        "pack": pack,
        "items": items,
        "targets": pack_targets(),
        "exports": pack.exports.select_related("job"),
    }
    return render(request, "web/pack.html", context)


@require_POST
@for_owner
def export(request: OwnerRequest, public_id: str) -> HttpResponse:
    """Ask for the pack in one messenger's form."""
    pack = pack_get(owner=request.user, public_id=public_id)
    pack_export_request(pack=pack, target=request.POST.get("target", ""))
    return redirect("web:pack", public_id)


@require_GET
@for_owner
def export_status(request: OwnerRequest, public_id: str) -> HttpResponse:
    row = pack_export_get(owner=request.user, public_id=public_id)
    return render(request, "web/fragments/export.html", {"export": row})


@require_GET
@for_owner
def export_download(request: OwnerRequest, public_id: str) -> HttpResponse:
    row = pack_export_get(owner=request.user, public_id=public_id)
    return _zip(file_read(key=row.key), row.file_name)


@require_POST
@for_owner
def add_sticker(request: OwnerRequest, public_id: str) -> HttpResponse:
    """Put a sticker into a chosen pack, or into a new one with the given name."""
    form = PackForm(request.POST)
    if not form.is_valid():
        return redirect("web:sticker", public_id)
    sticker = sticker_get(owner=request.user, public_id=public_id)
    chosen = form.cleaned_data["pack"]
    if chosen:
        pack = pack_get(owner=request.user, public_id=chosen)
    else:
        try:
            pack = pack_create(owner=request.user, title=form.cleaned_data["title"])
        except InvalidInput as refusal:
            return _packs_page(request, form, refusal)
    pack_add(pack=pack, sticker=sticker)
    return redirect("web:pack", pack.public_id)


@require_POST
@for_owner
def remove_sticker(request: OwnerRequest, public_id: str) -> HttpResponse:
    pack = pack_get(owner=request.user, public_id=public_id)
    pack_remove(pack=pack, sticker=sticker_get(owner=request.user, public_id=request.POST.get("sticker", "")))
    return redirect("web:pack", public_id)


@require_POST
@for_owner
def reorder(request: OwnerRequest, public_id: str) -> HttpResponse:
    pack = pack_get(owner=request.user, public_id=public_id)
    pack_reorder(pack=pack, sticker_ids=request.POST.getlist("sticker"))
    return redirect("web:pack", public_id)


@require_POST
@for_owner
def cover(request: OwnerRequest, public_id: str) -> HttpResponse:
    pack = pack_get(owner=request.user, public_id=public_id)
    pack_cover_set(
        pack=pack, sticker=sticker_get(owner=request.user, public_id=request.POST.get("sticker", ""))
    )
    return redirect("web:pack", public_id)


@require_POST
@for_owner
def submit(request: OwnerRequest, public_id: str) -> HttpResponse:
    pack_move(pack=pack_get(owner=request.user, public_id=public_id), to=PackState.SUBMITTED)
    return redirect("web:pack", public_id)


@require_POST
@for_owner
def delete(request: OwnerRequest, public_id: str) -> HttpResponse:
    pack_delete(pack=pack_get(owner=request.user, public_id=public_id))
    return redirect("web:packs")


@require_GET
@for_owner
def download(request: OwnerRequest, public_id: str) -> HttpResponse:
    pack = pack_get(owner=request.user, public_id=public_id)
    return _zip(pack_zip(pack=pack), pack_file_name(pack=pack))


def _zip(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type="application/zip")
    response["Content-Disposition"] = f"attachment; filename=\"emotoon.zip\"; filename*=UTF-8''{quote(name)}"
    return response
