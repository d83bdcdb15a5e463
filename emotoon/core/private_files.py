"""Answers that carry somebody's private file: a link that expires on S3, the bytes elsewhere."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect

from emotoon.core.storage import file_link, file_read

CONTENT_TYPES = {
    "webp": "image/webp",
    "webm": "video/webm",
    "mp4": "video/mp4",
    "apng": "image/apng",
    "gif": "image/gif",
    "png": "image/png",
    "jpg": "image/jpeg",
}
SANDBOX = "default-src 'none'; sandbox"
"""Whatever a file turns out to hold, opened as a page it can do nothing."""


def private_file(*, key: str, format: str, download_name: str = "") -> HttpResponse:
    """Call only after the permission check. ``download_name``: save under it instead of showing."""
    content_type = CONTENT_TYPES[format]
    link = file_link(key=key, content_type=content_type, download_name=download_name)
    if link is not None:
        redirect = HttpResponseRedirect(link)
        redirect["Cache-Control"] = "private, no-store"
        return redirect
    return private_bytes(key=key, format=format, download_name=download_name)


def private_bytes(*, key: str, format: str, download_name: str = "") -> HttpResponse:
    """The file itself, whatever the storage: pages show it from their own origin."""
    response = HttpResponse(file_read(key=key), content_type=CONTENT_TYPES[format])
    response["Content-Security-Policy"] = SANDBOX
    response["Cache-Control"] = "private, max-age=3600"
    if download_name:
        response["Content-Disposition"] = f'attachment; filename="{download_name}"'
    return response
