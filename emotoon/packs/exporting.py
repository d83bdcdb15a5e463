"""Packs for messengers: what is wrong is said when it is asked for; the files are made by a job."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from emotoon.accounts.models import User
from emotoon.core.errors import NotFound
from emotoon.core.storage import file_store
from emotoon.jobs.models import Job
from emotoon.jobs.services import Claim, job_enqueue
from emotoon.jobs.worker import Progress
from emotoon.packs.models import PackExport, StickerPack

if TYPE_CHECKING:
    from emotoon.packs.exports.content import PackContent, StickerContent
    from emotoon.stickers.models import Sticker


def pack_targets() -> list[tuple[str, str]]:
    """Messengers that take whole packs: (name, title in the person's language)."""
    from emotoon.ml.export import load_targets

    language = "en" if (get_language() or "ko").startswith("en") else "ko"
    targets = load_targets().values()
    return [(target.name, target.title[language]) for target in targets if target.pack is not None]


def pack_export_request(*, pack: StickerPack, target: str) -> PackExport:
    """Accept the export of a pack for one messenger.

    Raises InvalidInput (pack_count, pack_mixed, ...) with everything that stands in the way, at once.
    """
    from emotoon.ml.export import targets_named
    from emotoon.packs.exports.rules import pack_require

    (wanted,) = targets_named([target])
    pack_require(_content(pack, side=0), wanted)
    with transaction.atomic():
        job = job_enqueue(owner=pack.owner, kind="pack_export", payload={}, priority=Job.Priority.PACK)
        return PackExport.objects.create(pack=pack, target=target, job=job)


def pack_export_get(*, owner: User, public_id: str) -> PackExport:
    exports = PackExport.objects.select_related("pack", "job").filter(pack__owner=owner)
    export = exports.filter(public_id=public_id).first()
    if export is None:
        raise NotFound("export_not_found", _("This export is not there."))
    return export


def pack_export_run(*, claim: Claim, progress: Progress) -> Callable[[], None]:
    """The job: every file made, checked and zipped; the returned function writes the result."""
    from emotoon.ml.export import development_credentials, render_side, targets_named
    from emotoon.packs.exports.archive import pack_archive

    export = PackExport.objects.select_related("pack__owner").get(job_id=claim.job_id)
    (target,) = targets_named([export.target])
    progress("analysing", 2)
    content = _content(export.pack, side=render_side([target]))
    archive = pack_archive(
        content,
        target,
        credentials=development_credentials(settings.VAR_DIR / "credentials"),
        on_progress=lambda percent: progress("encoding", 10 + percent * 85 // 100),
    )
    progress("storing", 96)
    key = file_store(folder="exports", data=archive.data, extension="zip")

    def commit() -> None:
        PackExport.objects.filter(pk=export.pk).update(
            key=key, file_name=archive.name, bytes=len(archive.data), certificate=archive.as_dict()
        )

    return commit


def _content(pack: StickerPack, *, side: int) -> PackContent:
    """side: pixels of the canvas that clips are rendered at when they are asked for."""
    from emotoon.packs.exports.content import PackContent

    items = pack.items.select_related("sticker__template", "sticker__portrait")
    stickers = [item.sticker for item in items.prefetch_related("sticker__renditions")]
    cover = next((index for index, sticker in enumerate(stickers) if sticker.pk == pack.cover_id), 0)
    return PackContent(
        identifier=pack.public_id,
        title_ko=pack.title,
        title_en=pack.title,
        author=pack.owner.display_name or "emotoon",
        stickers=tuple(_sticker_content(sticker, side) for sticker in stickers),
        cover=cover,
    )


def _sticker_content(sticker: Sticker, side: int) -> StickerContent:
    from emotoon.packs.exports.content import StickerContent
    from emotoon.packs.exports.sources import sticker_clip

    template = sticker.template
    return StickerContent(
        load=partial(sticker_clip, sticker=sticker, side=side),
        is_still=max((file.frames for file in sticker.renditions.all()), default=1) == 1,
        sentence=sticker.sentence,
        title_ko=template.title_ko,
        title_en=template.title_en,
        emoji=tuple(template.emoji),
        keywords=(template.title_ko, *sticker.sentence.split(), template.title_en),
    )
