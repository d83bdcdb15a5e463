"""A pack as one zip: stickers, icons, manifests, texts, and a page that shows them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from types import MappingProxyType
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from emotoon.core.errors import InvalidInput
from emotoon.ml.export import (
    Clip,
    Credentials,
    Fitted,
    Icon,
    Target,
    export,
    load_targets,
    refused,
    still_target,
)
from emotoon.packs.exports.content import PackArchive, PackContent, PackFile, StickerContent
from emotoon.packs.exports.manifests import manifests_for
from emotoon.packs.exports.preview import preview_page
from emotoon.packs.exports.rules import pack_require
from emotoon.packs.exports.wording import AI_NOTICE_FILE, ai_notice

PREVIEW_FILE = "preview.html"
MOST_ARCHIVE_BYTES = 200_000_000
"""For messengers that name no limit: what a job may put into storage."""
_STILL_AT_REST = (1980, 1, 1, 0, 0, 0)
"""The same date in every entry, so that the same pack gives the same bytes."""
_EXTENSIONS = MappingProxyType({"png": ".png", "apng": ".png", "webm": ".webm"})
OnProgress = Callable[[int], None]


def pack_archive(
    content: PackContent,
    target: Target,
    *,
    credentials: Credentials | None = None,
    threads: int = 2,
    on_progress: OnProgress = lambda percent: None,
) -> PackArchive:
    """Make every file, check it, and zip it.

    on_progress: called with 0..100 from this thread; it may raise to stop the work.
    Raises InvalidInput (pack_count, pack_mixed, ..., pack_too_large) and ExportRefused for a sticker that
    cannot be made within the limits.
    """
    pack_require(content, target)
    files: list[PackFile] = []
    jobs = [*_sticker_jobs(content, target), *_icon_jobs(content, target)]

    def make(job: _Job) -> PackFile:
        with refused():
            return _file(job, export(job.clip, job.target, credentials=credentials if job.signed else None))

    with ThreadPoolExecutor(threads) as pool:
        for done, file in enumerate(pool.map(make, jobs), start=1):
            files.append(file)
            on_progress(round(100 * done / len(jobs)))
    finished = tuple(files)
    data = _zipped(content, target, finished)
    limit = (target.pack.zip_bytes if target.pack else None) or MOST_ARCHIVE_BYTES
    if len(data) > limit:
        message = _("The zip has %(size)d bytes; at most %(limit)d are allowed.")
        raise InvalidInput("pack_too_large", message % {"size": len(data), "limit": limit}, field="pack")
    return PackArchive(f"{content.identifier}_{target.name}.zip", data, target.name, finished)


class _Job:
    """One file to make."""

    def __init__(self, path: str, clip: Clip, target: Target, *, sticker: int | None, signed: bool) -> None:
        self.path, self.clip, self.target, self.sticker, self.signed = path, clip, target, sticker, signed


def _sticker_jobs(content: PackContent, target: Target) -> list[_Job]:
    stills = load_targets()[target.pack.stills] if target.pack and target.pack.stills else None
    jobs = []
    for index, sticker in enumerate(content.stickers):
        chosen = stills if stills is not None and sticker.is_still else target
        path = f"{index + 1:02}{chosen.extension}"
        jobs.append(_Job(path, sticker.clip, chosen, sticker=index, signed=True))
    return jobs


def _icon_jobs(content: PackContent, target: Target) -> list[_Job]:
    cover: StickerContent = content.stickers[content.cover]
    icons = target.pack.icons if target.pack else ()
    # Icons are small and some may have 16 KB at most: they carry the plain mark only.
    return [
        _Job(
            f"{icon.name}{_EXTENSIONS[icon.format]}",
            cover.clip,
            icon_target(icon, target, still=cover.is_still),
            sticker=None,
            signed=False,
        )
        for icon in icons
    ]


def icon_target(icon: Icon, target: Target, *, still: bool) -> Target:
    """The icon as a target of its own: animated like its pack where the messenger says so."""
    if icon.format != target.format or not target.animated or still:
        return still_target(f"{target.name}:{icon.name}", icon.size, icon.bytes)
    anywhere = replace(target.limits, side=None, within=None, one_side_min=None, square=None)
    limits = replace(anywhere, sizes=(icon.size,), bytes=icon.bytes)
    return replace(
        target, name=f"{target.name}:{icon.name}", limits=limits, fit=replace(target.fit, bytes=None)
    )


def _file(job: _Job, fitted: Fitted) -> PackFile:
    return PackFile(job.path, fitted.file.data, fitted.certificate, fitted.given_up, job.sticker)


def _zipped(content: PackContent, target: Target, files: tuple[PackFile, ...]) -> bytes:
    marks = frozenset(mark for file in files for mark in file.certificate.marks)
    texts = [
        *manifests_for(content, target, files),
        (AI_NOTICE_FILE, ai_notice(marks)),
        (PREVIEW_FILE, preview_page(content, target, files)),
    ]
    out = BytesIO()
    with ZipFile(out, "w") as archive:
        for file in files:
            archive.writestr(ZipInfo(file.path, _STILL_AT_REST), file.data, ZIP_STORED)
        for name, text in texts:
            archive.writestr(ZipInfo(name, _STILL_AT_REST), text.encode(), ZIP_DEFLATED)
    return out.getvalue()
