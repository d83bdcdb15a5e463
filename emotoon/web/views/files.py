"""Private files of pages: the permission check is here, the bytes come from storage."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from emotoon.core.private_files import private_bytes
from emotoon.stickers.rendering import EXTENSIONS
from emotoon.stickers.services import portrait_get, rendition_get
from emotoon.web.requests import OwnerRequest, for_owner


@require_GET
@for_owner
def rendition(request: OwnerRequest, public_id: str) -> HttpResponse:
    file = rendition_get(owner=request.user, public_id=public_id)
    name = (
        f"{file.sticker.template.template_id}.{EXTENSIONS[file.format]}" if "download" in request.GET else ""
    )
    return private_bytes(key=file.key, format=file.format, download_name=name)


@require_GET
@for_owner
def photo(request: OwnerRequest, public_id: str) -> HttpResponse:
    portrait = portrait_get(owner=request.user, public_id=public_id)
    return private_bytes(key=portrait.photo_key, format="jpg")
