"""The one door to stored files: private by default, reached by links that expire.

Local files under ``var/media`` or an S3 bucket, chosen by settings; callers see no difference.
Keys hold a content hash, so writing twice is harmless and nothing is ever overwritten with other bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from emotoon.core.errors import NotFound, StorageUnavailable


def file_key(*, folder: str, data: bytes, extension: str) -> str:
    """``folder/ab/abcdef....ext``: internal names only, never anything a person typed."""
    digest = hashlib.sha256(data).hexdigest()
    return f"{folder}/{digest[:2]}/{digest}.{extension}"


def file_store(*, folder: str, data: bytes, extension: str) -> str:
    """Store bytes and return their key. Stored before the row that points at them."""
    key = file_key(folder=folder, data=data, extension=extension)
    try:
        if not default_storage.exists(key):
            default_storage.save(key, ContentFile(data))
    except OSError as error:
        raise _unavailable() from error
    return key


def file_read(*, key: str) -> bytes:
    try:
        with default_storage.open(key) as stream:
            data: bytes = stream.read()
            return data
    except FileNotFoundError:
        raise NotFound("file_missing", _("The file is no longer there.")) from None
    except OSError as error:
        raise _unavailable() from error


def file_link(*, key: str, content_type: str, download_name: str = "") -> str | None:
    """A link straight to the file that expires by itself, or None where files are served by the site."""
    if not getattr(default_storage, "querystring_auth", False):
        return None
    parameters = {"ResponseContentType": content_type}
    if download_name:
        parameters["ResponseContentDisposition"] = f'attachment; filename="{download_name}"'
    try:
        link: str = default_storage.url(key, parameters=parameters)  # type: ignore[call-arg]
        return link
    except OSError as error:
        raise _unavailable() from error


def storage_check() -> None:
    """Raises OSError with one plain sentence unless files can be kept."""
    check = getattr(default_storage, "check", None)
    if check is not None:
        check()


def files_delete(*, keys: Iterable[str]) -> None:
    """Deleting what is already gone is not an error: deletion is repeated until it has happened."""
    for key in keys:
        try:
            default_storage.delete(key)
        except OSError as error:
            raise _unavailable() from error


def _unavailable() -> StorageUnavailable:
    return StorageUnavailable(
        "storage_unavailable", _("Files cannot be stored right now. Please try again in a minute.")
    )
