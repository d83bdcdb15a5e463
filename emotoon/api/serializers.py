"""What comes in and what goes out; the OpenAPI schema is made of these."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from emotoon import ml
from emotoon.accounts.models import ConsentRecord
from emotoon.catalog.models import TalkingHeadTemplate
from emotoon.core.private_files import CONTENT_TYPES
from emotoon.jobs.models import Job, JobState
from emotoon.packs.models import StickerPack
from emotoon.stickers.models import Portrait, Rendition, Sticker
from emotoon.stickers.services import DEFAULT_FORMATS

DIGITAL_SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's word for a photo that algorithms redrew; the same mark is inside every file."""
MAX_TYPED = 10_000
STATUSES = {
    JobState.QUEUED: "queued",
    JobState.RUNNING: "processing",
    JobState.DONE: "succeeded",
    JobState.FAILED: "failed",
    JobState.DEAD: "failed",
    JobState.CANCELLED: "canceled",
}
"""The words that asynchronous media services agree on."""


class Parsed(serializers.Serializer[Any]):
    """Input only: checked and read, never written by the serializer itself."""


class TokenWish(Parsed):
    email = serializers.EmailField()
    password = serializers.CharField(max_length=128, trim_whitespace=False)


class TokenGiven(serializers.Serializer[Any]):
    token = serializers.CharField(help_text="Shown once; only its hash is kept.")
    expires_at = serializers.DateTimeField()


class PortraitWish(Parsed):
    photo = serializers.FileField(help_text="JPEG, PNG or WebP, at most 10 MB.")
    consent = serializers.ChoiceField(choices=ConsentRecord.Subject.choices)
    face_index = serializers.IntegerField(required=False, min_value=0, max_value=99)


class PortraitOut(serializers.ModelSerializer[Portrait]):
    id = serializers.CharField(source="public_id")
    consent = serializers.CharField(source="consent.subject")
    faces = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4),
        help_text="x, y, width, height in pixels, best face first.",
    )
    photo_url = serializers.SerializerMethodField()

    class Meta:
        model = Portrait
        fields = ("id", "consent", "width", "height", "faces", "face_index", "photo_url", "created_at")

    def get_photo_url(self, portrait: Portrait) -> str:
        return reverse("api:portrait_photo", args=[portrait.public_id])


class TemplateOut(serializers.ModelSerializer[TalkingHeadTemplate]):
    id = serializers.CharField(source="template_id")
    title = serializers.CharField(help_text="In the caller's language.")
    emoji = serializers.ListField(child=serializers.CharField())
    caption = serializers.CharField(source="default_caption")

    class Meta:
        model = TalkingHeadTemplate
        fields = ("id", "kind", "title", "category", "emoji", "caption")


class TemplatesWish(Parsed):
    category = serializers.CharField(required=False, max_length=24)


class CategoryOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    title = serializers.CharField(help_text="In the caller's language.")
    emoji = serializers.CharField()
    templates = serializers.IntegerField(help_text="Published talking heads of this category.")


class SearchWish(Parsed):
    sentence = serializers.CharField(max_length=MAX_TYPED)
    k = serializers.IntegerField(required=False, default=5, min_value=1, max_value=20)


class HitOut(serializers.Serializer[Any]):
    template = TemplateOut()
    score = serializers.FloatField(source="probability", help_text="Calibrated: 0.8 is right 4 times in 5.")
    nearest_label = serializers.CharField()


class SearchOut(serializers.Serializer[Any]):
    confidence = serializers.ChoiceField(choices=["sure", "likely", "unsure"])
    hits = HitOut(many=True)
    pictures = HitOut(many=True, help_text="Pictures with a place for the face, for what the hits mean.")


class StickerWish(Parsed):
    portrait = serializers.CharField(max_length=32)
    sentence = serializers.CharField(max_length=MAX_TYPED)
    template = serializers.CharField(required=False, allow_null=True, max_length=40)
    style = serializers.CharField(required=False, default="cel", max_length=24)  # type: ignore[assignment]
    strength = serializers.FloatField(required=False, default=1.0, min_value=0, max_value=1)
    caricature = serializers.FloatField(
        required=False, min_value=0, max_value=1, help_text="0 true to life, 1 chibi."
    )
    parts = serializers.DictField(
        child=serializers.FloatField(min_value=0, max_value=1),
        required=False,
        help_text="How much cartoon, part by part: eyes, mouth, skin, hair, clothes, background.",
    )
    recolour = serializers.DictField(
        child=serializers.CharField(max_length=7), required=False, help_text="hair, lips, clothes: #rrggbb."
    )
    glasses = serializers.BooleanField(required=False, allow_null=True, help_text="null: as in the photo.")
    formats = serializers.ListField(
        child=serializers.ChoiceField(choices=ml.format_names()),
        required=False,
        default=list(DEFAULT_FORMATS),
        min_length=1,
        max_length=len(ml.format_names()),
    )


class FileOut(serializers.ModelSerializer[Rendition]):
    id = serializers.CharField(source="public_id")
    url = serializers.SerializerMethodField()
    content_type = serializers.SerializerMethodField()
    certificate = serializers.DictField(
        read_only=True,
        help_text="target, ok, checks (name, ok, limit, found), marks, given_up; {}: made for no messenger.",
    )

    class Meta:
        model = Rendition
        fields = (
            "id", "format", "content_type", "url", "width", "height", "frames", "duration_s", "bytes",
            "certificate",
        )  # fmt: skip

    def get_url(self, file: Rendition) -> str:
        return reverse("api:file", args=[file.public_id])

    def get_content_type(self, file: Rendition) -> str:
        return CONTENT_TYPES[file.format]


class FailureOut(serializers.Serializer[Any]):
    code = serializers.CharField(source="error_code")
    detail = serializers.SerializerMethodField()
    params = serializers.DictField(source="error_params")

    def get_detail(self, job: Job) -> str:
        return str(ml.message_for(job.error_code))


class RunnerUpOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    title = serializers.CharField()
    score = serializers.FloatField()


class StickerOut(serializers.ModelSerializer[Sticker]):
    id = serializers.CharField(source="public_id")
    url = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()
    stage = serializers.CharField(source="job.stage")
    progress = serializers.IntegerField(source="job.progress", help_text="percent")
    queue_position = serializers.IntegerField(source="job.queue_position", allow_null=True)
    portrait = serializers.CharField(source="portrait.public_id")
    template = TemplateOut()
    runners_up = RunnerUpOut(many=True)
    look = serializers.DictField(
        source="look_details", help_text="caricature, parts, recolour and glasses, where not the usual."
    )
    backend = serializers.DictField(
        source="backends",
        help_text="toonify, animate: the engines; fallbacks: which of them stood in, and why.",
    )
    error = serializers.SerializerMethodField()
    files = FileOut(source="renditions", many=True)
    ai_generated = serializers.SerializerMethodField()
    digital_source_type = serializers.SerializerMethodField()
    finished_at = serializers.DateTimeField(source="job.finished_at", allow_null=True)

    class Meta:
        model = Sticker
        fields = (
            "id", "url", "status", "stage", "progress", "queue_position", "error", "portrait", "sentence",
            "template", "template_score", "runners_up", "style", "strength", "look", "backend", "files",
            "ai_generated", "digital_source_type", "created_at", "finished_at",
        )  # fmt: skip

    def get_url(self, sticker: Sticker) -> str:
        return reverse("api:sticker", args=[sticker.public_id])

    @extend_schema_field(serializers.ChoiceField(choices=sorted(set(STATUSES.values()))))
    def get_status(self, sticker: Sticker) -> str:
        return STATUSES[JobState(sticker.job.state)]

    @extend_schema_field(FailureOut(allow_null=True))
    def get_error(self, sticker: Sticker) -> dict[str, Any] | None:
        failed = STATUSES[JobState(sticker.job.state)] == "failed"
        return FailureOut(sticker.job).data if failed else None

    def get_ai_generated(self, sticker: Sticker) -> bool:
        return True

    def get_digital_source_type(self, sticker: Sticker) -> str:
        return DIGITAL_SOURCE_TYPE


class TitleWish(Parsed):
    title = serializers.CharField(max_length=200, allow_blank=True)


class StickerChoice(Parsed):
    sticker = serializers.CharField(max_length=32)


class OrderWish(Parsed):
    stickers = serializers.ListField(child=serializers.CharField(max_length=32), max_length=200)


class PackOut(serializers.ModelSerializer[StickerPack]):
    id = serializers.CharField(source="public_id")
    url = serializers.SerializerMethodField()
    cover = serializers.CharField(source="cover.public_id", allow_null=True, default=None)
    stickers = serializers.SerializerMethodField(help_text="Ids in order.")
    ai_generated = serializers.SerializerMethodField()

    class Meta:
        model = StickerPack
        fields = (
            "id", "url", "title", "state", "review_reason", "cover", "stickers", "ai_generated", "created_at"
        )  # fmt: skip

    def get_url(self, pack: StickerPack) -> str:
        return reverse("api:pack", args=[pack.public_id])

    def get_stickers(self, pack: StickerPack) -> list[str]:
        return [item.sticker.public_id for item in pack.items.all()]

    def get_ai_generated(self, pack: StickerPack) -> bool:
        return True


class ProblemOut(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = serializers.ListField(child=serializers.DictField(), required=False)  # type: ignore[assignment]
    params = serializers.DictField(required=False)
