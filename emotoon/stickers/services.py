"""The only writers of portraits and stickers. Pages, API, admin and bots call these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from emotoon import ml
from emotoon.accounts.models import User
from emotoon.accounts.services import consent_check, consent_record, quota_take
from emotoon.catalog.models import TalkingHeadTemplate
from emotoon.catalog.search import template_search
from emotoon.catalog.services import template_get
from emotoon.core.errors import Conflict, InvalidInput, NotFound
from emotoon.core.storage import file_store, files_delete
from emotoon.jobs.models import Job
from emotoon.jobs.services import job_cancel, job_enqueue
from emotoon.stickers.appeals import sentence_allow
from emotoon.stickers.favourites import template_favourites
from emotoon.stickers.models import Portrait, Rendition, Sticker

DEFAULT_FORMATS = ("webp", "webm", "png")
"""What every sticker gets: for chats and pages, for Telegram, and a still for lists."""


def portrait_create(*, owner: User, data: bytes, consent: str, face_index: int | None = None) -> Portrait:
    """Check a photo, find its faces, and keep it without its metadata.

    Nothing is stored unless the photo is usable: a refusal leaves no row and no file behind.
    The photo is decoded and analysed in a child process with limits on memory and time.
    """
    if len(data) > settings.MAX_PHOTO_BYTES:
        raise InvalidInput(
            "too_many_bytes", _("The photo is larger than 10 MB. Please choose a smaller one."), field="photo"
        )
    consent_check(subject=consent)
    examined = ml.photo_examine(data=data, face_index=face_index)
    photo_key = file_store(folder="portraits", data=examined.photo, extension="jpg")
    analysis_key = file_store(folder="analyses", data=examined.analysis, extension="npz")
    with transaction.atomic():
        record = consent_record(user=owner, subject=consent)
        return Portrait.objects.create(
            owner=owner,
            consent=record,
            photo_key=photo_key,
            analysis_key=analysis_key,
            width=examined.width,
            height=examined.height,
            faces=[list(box) for box in examined.faces],
            face_index=examined.face_index,
        )


def portrait_get(*, owner: User, public_id: str) -> Portrait:
    """Somebody else's portrait looks exactly like one that does not exist."""
    portrait: Portrait | None = Portrait.objects.owned_by(owner).filter(public_id=public_id).first()
    if portrait is None:
        raise NotFound("portrait_not_found", _("This photo is not there. Please upload it again."))
    return portrait


def portrait_delete(*, portrait: Portrait) -> None:
    """Delete a photo, what was found in it, and every sticker made of it."""
    stickers = Sticker.objects.filter(portrait=portrait)
    keys = [portrait.photo_key, portrait.analysis_key]
    keys += Rendition.objects.filter(sticker__in=stickers).values_list("key", flat=True)
    jobs = list(stickers.values_list("job_id", flat=True))
    with transaction.atomic():
        stickers.delete()
        Job.objects.filter(pk__in=jobs).delete()  # a worker that has one in hand loses its lease
        portrait.delete()
    files_delete(keys=_unreferenced(keys))


def _unreferenced(keys: Sequence[str]) -> list[str]:
    """Keys are content hashes, so two rows may share a file: it stays while one of them is left."""
    used = set(Rendition.objects.filter(key__in=keys).values_list("key", flat=True))
    used |= set(Portrait.objects.filter(photo_key__in=keys).values_list("photo_key", flat=True))
    used |= set(Portrait.objects.filter(analysis_key__in=keys).values_list("analysis_key", flat=True))
    return [key for key in dict.fromkeys(keys) if key not in used]


def sticker_request(
    *,
    owner: User,
    portrait: Portrait,
    sentence: str,
    template: TalkingHeadTemplate | None = None,
    look: ml.Look | None = None,
    formats: Sequence[str] = DEFAULT_FORMATS,
    idempotency_key: str = "",
) -> Sticker:
    """Accept one sticker: its row and its job are written together, or neither is.

    Without a template the search picks one; its score and the runners-up are kept.
    The same idempotency key gives back the same sticker; with other wishes it is an error.
    """
    sentence = ml.sentence_check(sentence)
    ml.formats_check(formats=formats)
    look = look or ml.look_read()
    if portrait.owner_id != owner.pk:
        raise NotFound("portrait_not_found", _("This photo is not there. Please upload it again."))
    wish = {
        "portrait": portrait,
        "sentence": sentence,
        "style": look.style,
        "strength": look.strength,
        "look_details": ml.look_details(look),
        "formats": list(formats),
    }
    earlier = _earlier(owner, idempotency_key)
    if earlier is not None:
        return _same_or_conflict(earlier, wish, template)
    sentence_allow(owner=owner, sentence=sentence)
    score, runners_up = None, []
    if template is None:
        found = template_search(sentence=sentence, k=5, favourites=template_favourites(owner=owner))
        template, score = found.hits[0].template, found.hits[0].probability
        runners_up = [hit.as_json() for hit in found.hits[1:]]
    try:
        with transaction.atomic():
            quota_take(user=owner)
            job = job_enqueue(owner=owner, kind="sticker", payload={})
            return Sticker.objects.create(
                **wish,
                owner=owner,
                template=template,
                job=job,
                template_score=score,
                runners_up=runners_up,
                idempotency_key=idempotency_key,
            )
    except IntegrityError:
        # The same key arrived twice at once: the other request won.
        earlier = _earlier(owner, idempotency_key)
        if earlier is None:
            raise
        return _same_or_conflict(earlier, wish, template)


def sticker_submit(
    *,
    owner: User,
    photo: bytes | None,
    portrait_id: str,
    consent: str,
    sentence: str,
    template_id: str,
    look: ml.Look,
) -> Sticker:
    """What the create page does in one step: a new photo or an earlier portrait, and a sentence.

    Everything that can be refused without the photo is refused before the photo is kept.
    """
    sentence = ml.sentence_check(sentence)
    template = template_get(template_id=template_id) if template_id else None
    sentence_allow(owner=owner, sentence=sentence)
    if photo is not None:
        portrait = portrait_create(owner=owner, data=photo, consent=consent)
    elif portrait_id:
        portrait = portrait_get(owner=owner, public_id=portrait_id)
    else:
        raise InvalidInput("photo_missing", _("Please choose a photo of a face."), field="photo")
    return sticker_request(owner=owner, portrait=portrait, sentence=sentence, template=template, look=look)


def _earlier(owner: User, idempotency_key: str) -> Sticker | None:
    if not idempotency_key:
        return None
    return Sticker.objects.owned_by(owner).filter(idempotency_key=idempotency_key).first()


def _same_or_conflict(
    earlier: Sticker, wish: Mapping[str, Any], template: TalkingHeadTemplate | None
) -> Sticker:
    same = all(getattr(earlier, name) == value for name, value in wish.items())
    if not same or (template is not None and template.pk != earlier.template_id):
        raise Conflict(
            "idempotency_key_reused", _("This idempotency key was already used for another request.")
        )
    return earlier


def sticker_get(*, owner: User, public_id: str) -> Sticker:
    sticker = (
        Sticker.objects.owned_by(owner).select_related("job", "template").filter(public_id=public_id).first()
    )
    if sticker is None:
        raise NotFound("sticker_not_found", _("This sticker is not there."))
    found: Sticker = sticker
    return found


def rendition_get(*, owner: User, public_id: str) -> Rendition:
    files = Rendition.objects.select_related("sticker__template").filter(sticker__owner=owner)
    file = files.filter(public_id=public_id).first()
    if file is None:
        raise NotFound("file_missing", _("The file is no longer there."))
    return file


def sticker_cancel(*, sticker: Sticker) -> None:
    job_cancel(job=sticker.job)


def sticker_delete(*, sticker: Sticker) -> None:
    keys = list(sticker.renditions.values_list("key", flat=True))
    job = sticker.job
    with transaction.atomic():
        sticker.delete()
        job.delete()
    files_delete(keys=_unreferenced(keys))
