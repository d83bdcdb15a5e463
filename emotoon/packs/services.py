"""The only writers of packs."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from emotoon.accounts.models import User
from emotoon.core.errors import Conflict, InvalidInput, NotFound
from emotoon.core.storage import file_read
from emotoon.packs.models import TRANSITIONS, PackItem, PackState, StickerPack
from emotoon.stickers.appeals import sentence_allow
from emotoon.stickers.models import Sticker
from emotoon.stickers.rendering import EXTENSIONS

MAX_STICKERS = 120
"""The most any messenger takes in one pack (Telegram)."""


def pack_create(*, owner: User, title: str) -> StickerPack:
    """Raises InvalidInput for a title that is empty, long, or refused by the moderator (see appeals)."""
    return StickerPack.objects.create(owner=owner, title=_checked_title(title, owner))


def pack_rename(*, pack: StickerPack, title: str) -> None:
    """Raises InvalidInput as ``pack_create``."""
    pack.title = _checked_title(title, pack.owner)
    pack.save(update_fields=["title"])


def _checked_title(title: str, owner: User) -> str:
    title = " ".join(title.split())
    if not title:
        raise InvalidInput("empty_title", _("Please give the pack a name."), field="title")
    if len(title) > 60:
        raise InvalidInput("long_title", _("The name may have at most 60 letters."), field="title")
    sentence_allow(owner=owner, sentence=title, field="title")
    return title


def pack_get(*, owner: User, public_id: str) -> StickerPack:
    pack = StickerPack.objects.owned_by(owner).filter(public_id=public_id).first()
    if pack is None:
        raise NotFound("pack_not_found", _("This pack is not there."))
    found: StickerPack = pack
    return found


def pack_add(*, pack: StickerPack, sticker: Sticker) -> PackItem:
    """Put a finished sticker at the end. Adding it twice changes nothing; the first one is the cover."""
    if sticker.owner_id != pack.owner_id:
        raise NotFound("sticker_not_found", _("This sticker is not there."))
    if not sticker.is_ready:
        raise Conflict("sticker_not_ready", _("The sticker is not finished yet."))
    with transaction.atomic():
        # The lock on the pack orders rival additions, so that no two get the same place.
        pack = StickerPack.objects.select_for_update().get(pk=pack.pk)
        existing = PackItem.objects.filter(pack=pack, sticker=sticker).first()
        if existing:
            return existing
        if pack.items.count() >= MAX_STICKERS:
            raise Conflict("pack_full", _("A pack holds at most %d stickers.") % MAX_STICKERS)
        last = pack.items.aggregate(last=Max("position"))["last"]
        item = PackItem.objects.create(pack=pack, sticker=sticker, position=0 if last is None else last + 1)
        if pack.cover_id is None:
            pack.cover = sticker
            pack.save(update_fields=["cover"])
        return item


def pack_remove(*, pack: StickerPack, sticker: Sticker) -> None:
    with transaction.atomic():
        pack.items.filter(sticker=sticker).delete()
        if pack.cover_id == sticker.pk:
            first = pack.items.select_related("sticker").first()
            pack.cover = first.sticker if first else None
            pack.save(update_fields=["cover"])


def pack_reorder(*, pack: StickerPack, sticker_ids: Sequence[str]) -> None:
    """Put the stickers in the given order; every sticker of the pack must be named once."""
    with transaction.atomic():
        items = {item.sticker.public_id: item for item in pack.items.select_related("sticker")}
        if sorted(sticker_ids) != sorted(items):
            raise InvalidInput("bad_order", _("The order must name every sticker of the pack once."))
        for position, sticker_id in enumerate(sticker_ids):
            items[sticker_id].position = position
        PackItem.objects.bulk_update(items.values(), ["position"])


def pack_cover_set(*, pack: StickerPack, sticker: Sticker) -> None:
    if not pack.items.filter(sticker=sticker).exists():
        raise InvalidInput("cover_not_in_pack", _("The cover must be one of the pack's stickers."))
    pack.cover = sticker
    pack.save(update_fields=["cover"])


def pack_move(*, pack: StickerPack, to: PackState, reason: str = "") -> None:
    """Submit, approve, send back. Refuses what the states do not allow."""
    before = PackState(pack.state)
    if to not in TRANSITIONS[before]:
        raise Conflict(
            "pack_state",
            _("A pack that is “%(before)s” cannot become “%(after)s”.")
            % {"before": before.label, "after": to.label},
        )
    if to == PackState.SUBMITTED and not pack.items.exists():
        raise Conflict("pack_empty", _("Please put at least one sticker into the pack first."))
    if to == PackState.REJECTED and not reason.strip():
        raise InvalidInput("reason_missing", _("Please say why, so that it can be mended."), field="reason")
    moved = StickerPack.objects.filter(pk=pack.pk, state=before).update(state=to, review_reason=reason)
    if not moved:
        raise Conflict("pack_changed", _("Somebody else has just changed this pack. Please look again."))
    pack.refresh_from_db()


def pack_delete(*, pack: StickerPack) -> None:
    """Stickers stay; only the pack goes."""
    pack.delete()


def pack_zip(*, pack: StickerPack) -> bytes:
    """All files of the pack in one archive, numbered in order, with the AI notice beside them."""
    items = list(pack.items.select_related("sticker").prefetch_related("sticker__renditions"))
    if not items:
        raise Conflict("pack_empty", _("Please put at least one sticker into the pack first."))
    buffer = io.BytesIO()
    # Stored, not deflated: every file inside is compressed already.
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for number, item in enumerate(items, start=1):
            for rendition in item.sticker.renditions.all():
                folder = "still" if rendition.format == "png" else rendition.format
                name = f"{folder}/{number:02d}.{EXTENSIONS[rendition.format]}"
                archive.writestr(name, file_read(key=rendition.key))
        notice = gettext(
            "These stickers were generated by AI (emotoon) from a photo, with the owner's consent."
        )
        archive.writestr("README.txt", f"{pack.title}\n\n{notice}\nAI로 생성됨 / AI-generated\n")
    return buffer.getvalue()


def pack_file_name(*, pack: StickerPack) -> str:
    """A download name that every system accepts: letters, digits, Hangul, hyphens."""
    return (re.sub(r"[^\w가-힣]+", "-", pack.title).strip("-") or "emotoon")[:60] + ".zip"
