"""Private files: the permission check is here, the bytes come from storage."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from emotoon.core.storage import file_read
from emotoon.stickers.rendering import EXTENSIONS
from emotoon.stickers.services import portrait_get, rendition_get
from emotoon.web.requests import OwnerRequest, for_owner

CONTENT_TYPES = {
    "webp": "image/webp",
    "webm": "video/webm",
    "mp4": "video/mp4",
    "apng": "image/apng",
    "gif": "image/gif",
    "png": "image/png",
}
SANDBOX = "default-src 'none'; sandbox"
"""Whatever a file turns out to hold, opened as a page it can do nothing."""


def _private(data: bytes, content_type: str) -> HttpResponse:
    response = HttpResponse(data, content_type=content_type)
    response["Content-Security-Policy"] = SANDBOX
    return response


@require_GET
@for_owner
@cache_control(private=True, max_age=86_400, immutable=True)
def rendition(request: OwnerRequest, public_id: str) -> HttpResponse:
    file = rendition_get(owner=request.user, public_id=public_id)
    response = _private(file_read(key=file.key), CONTENT_TYPES[file.format])
    if "download" in request.GET:
        name = f"{file.sticker.template.template_id}.{EXTENSIONS[file.format]}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET
@for_owner
@cache_control(private=True, max_age=3600)
def photo(request: OwnerRequest, public_id: str) -> HttpResponse:
    portrait = portrait_get(owner=request.user, public_id=public_id)
    return _private(file_read(key=portrait.photo_key), "image/jpeg")
