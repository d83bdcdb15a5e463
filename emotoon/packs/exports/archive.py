"""A pack as one zip: stickers, icons, manifests, texts, and a page that shows them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from io import BytesIO
from types import MappingProxyType
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from emotoon.core.errors import InvalidInput
from emotoon.ml.export import (
    ClipMaterial,
    Credentials,
    Icon,
    Target,
    export,
    load_targets,
    refused,
    still_target,
)
from emotoon.packs.exports.content import PackArchive, PackContent, PackFile
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
    jobs = _jobs(content, target)

    def make(index: int) -> list[PackFile]:
        """The files of one sticker: its frames are held only as long as this takes."""
        with refused():
            material = ClipMaterial(content.stickers[index].load())
            return [_file(job, material, credentials) for job in jobs if job.source == index]

    files: list[PackFile] = []
    with ThreadPoolExecutor(threads) as pool:
        for done, made in enumerate(pool.map(make, range(len(content.stickers))), start=1):
            files += made
            on_progress(round(100 * done / len(content.stickers)))
    # Stickers in their order, then the icons.
    files.sort(key=lambda file: file.sticker is None)
    finished = tuple(files)
    data = _zipped(content, target, finished)
    limit = (target.pack.zip_bytes if target.pack else None) or MOST_ARCHIVE_BYTES
    if len(data) > limit:
        message = _("The zip has %(size)d bytes; at most %(limit)d are allowed.")
        raise InvalidInput("pack_too_large", message % {"size": len(data), "limit": limit}, field="pack")
    return PackArchive(f"{content.identifier}_{target.name}.zip", data, target.name, finished)


@dataclass(frozen=True)
class _Job:
    """One file to make. source: index of the sticker whose frames it shows; icon: it is no sticker."""

    path: str
    target: Target
    source: int
    icon: bool = False


def _jobs(content: PackContent, target: Target) -> list[_Job]:
    stills = load_targets()[target.pack.stills] if target.pack and target.pack.stills else None
    jobs = []
    for index, sticker in enumerate(content.stickers):
        chosen = stills if stills is not None and sticker.is_still else target
        jobs.append(_Job(f"{index + 1:02}{chosen.extension}", chosen, index))
    cover = content.stickers[content.cover]
    for icon in target.pack.icons if target.pack else ():
        made = icon_target(icon, target, still=cover.is_still)
        jobs.append(_Job(f"{icon.name}{_EXTENSIONS[icon.format]}", made, content.cover, icon=True))
    return jobs


def icon_target(icon: Icon, target: Target, *, still: bool) -> Target:
    """The icon as a target of its own: animated like its pack where the messenger says so."""
    if icon.format != target.format or not target.animated or still:
        return still_target(f"{target.name}:{icon.name}", icon.size, icon.bytes)
    anywhere = replace(target.limits, side=None, within=None, one_side_min=None, square=None)
    limits = replace(anywhere, sizes=(icon.size,), bytes=icon.bytes)
    # Few bytes for a small picture: smoothness goes before sharpness, which is what a list shows.
    order = tuple(sorted(target.fit.give_up, key=lambda knob: knob != "frames"))
    fit = replace(target.fit, bytes=None, give_up=order)
    return replace(target, name=f"{target.name}:{icon.name}", limits=limits, fit=fit)


def _file(job: _Job, material: ClipMaterial, credentials: Credentials | None) -> PackFile:
    # Icons are small and some may have 16 KB at most: they carry the plain mark only.
    keys = None if job.icon else credentials
    fitted = export(material.clip, job.target, credentials=keys, material=material)
    sticker = None if job.icon else job.source
    return PackFile(job.path, fitted.file.data, fitted.certificate, fitted.given_up, sticker)


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
