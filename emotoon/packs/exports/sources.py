"""Where the clip of an export comes from: a file of the person's own, or a sticker made here."""

from __future__ import annotations

import logging
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.utils.translation import gettext as _

from emotoon import ml
from emotoon.core.errors import InvalidInput, NotFound
from emotoon.core.storage import file_read
from emotoon.ml.export import Clip, clip_read
from emotoon.ml.refusals import RenderingFailed
from emotoon.stickers.models import Sticker

logger = logging.getLogger(__name__)

_BEST_FIRST = ("webm", "webp", "apng", "gif", "mp4", "png")
"""Order in which a sticker's stored files are taken: smooth colour with soft alpha before palettes."""


def clip_find(name: str, *, side: int) -> Clip:
    """The clip behind ``name``: a path that exists, else the public id of a sticker.

    Raises NotFound (source_unknown), ExportRefused for an unreadable file.
    """
    path = Path(name)
    if path.exists():
        return _from_file(path)
    rows = Sticker.objects.select_related("portrait", "template").prefetch_related("renditions")
    sticker = rows.filter(public_id=name).first()
    if sticker is None:
        raise _unknown(name)
    return sticker_clip(sticker=sticker, side=side)


def sticker_clip(*, sticker: Sticker, side: int) -> Clip:
    """The frames of a finished sticker, ``side`` pixels wide: rendered again, as it was ordered.

    Its stored files lost detail to their codecs; they are read where the portrait's analysis is no longer
    readable, for pictures, and where only a still was wanted. Raises NotFound (source_unknown).
    """
    files = {file.format: file for file in sticker.renditions.all()}
    best = next((name for name in _BEST_FIRST if name in files), None)
    if best is None:
        raise _unknown(sticker.public_id)
    if not sticker.template.picture and any(file.frames > 1 for file in files.values()):
        try:
            return _rendered(sticker, side)
        except (InvalidInput, NotFound, RenderingFailed) as error:
            if isinstance(error, RenderingFailed) and not error.permanent:
                raise
            logger.warning("sticker %s: stored file instead of frames (%s)", sticker.public_id, error.code)
    with NamedTemporaryFile() as stream:
        stream.write(file_read(key=files[best].key))
        stream.flush()
        return clip_read(Path(stream.name))


def _rendered(sticker: Sticker, side: int) -> Clip:
    order = ml.StickerOrder(
        analysis=file_read(key=sticker.portrait.analysis_key),
        motion=sticker.template.motion,
        caption=sticker.sentence,
        look=sticker.look,
        size=side,
    )
    return ml.clip_of_sticker(order=order)


def _unknown(name: str) -> NotFound:
    message = _("%(name)s is neither a file nor a finished sticker.")
    return NotFound("source_unknown", message % {"name": name})


def _from_file(path: Path) -> Clip:
    try:
        return clip_read(path)
    except OSError as error:
        message = _("The file %(path)s cannot be read: %(reason)s")
        raise NotFound("source_unreadable", message % {"path": path, "reason": error.strerror}) from error
