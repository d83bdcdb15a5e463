"""Where the clip of an export comes from: a file of the person's own, or a sticker made here."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile

from django.utils.translation import gettext as _

from emotoon.core.errors import NotFound
from emotoon.core.storage import file_read
from emotoon.ml.export import Clip, clip_read
from emotoon.stickers.models import Rendition

_BEST_FIRST = ("webm", "webp", "apng", "gif", "mp4", "png")
"""Order in which a sticker's stored files are taken: smooth colour with soft alpha before palettes."""


def clip_find(name: str) -> Clip:
    """The clip behind ``name``: a path that exists, else the public id of a sticker.

    Raises NotFound (source_unknown), ExportRefused for an unreadable file.
    """
    path = Path(name)
    if path.exists():
        return _from_file(path)
    return sticker_clip(public_id=name)


def sticker_clip(*, public_id: str) -> Clip:
    """The best stored file of a sticker, decoded. Raises NotFound (source_unknown)."""
    formats = dict(Rendition.objects.filter(sticker__public_id=public_id).values_list("format", "key"))
    best = next((name for name in _BEST_FIRST if name in formats), None)
    if best is None:
        message = _("%(name)s is neither a file nor a finished sticker.")
        raise NotFound("source_unknown", message % {"name": public_id})
    with NamedTemporaryFile() as stream:
        stream.write(file_read(key=formats[best]))
        stream.flush()
        return clip_read(Path(stream.name))


def _from_file(path: Path) -> Clip:
    try:
        return clip_read(path)
    except OSError as error:
        message = _("The file %(path)s cannot be read: %(reason)s")
        raise NotFound("source_unreadable", message % {"path": path, "reason": error.strerror}) from error
