"""Rows for tests: people, templates, portraits, finished stickers."""

from __future__ import annotations

import factory

from emotoon.accounts.models import ConsentRecord, User
from emotoon.catalog.models import TalkingHeadTemplate
from emotoon.core.storage import file_store
from emotoon.jobs.models import Job, JobState
from emotoon.packs.models import PackExport, StickerPack
from emotoon.stickers.models import Portrait, Rendition, Sticker


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    password = factory.django.Password("a long password")


class TemplateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = TalkingHeadTemplate
        django_get_or_create = ("template_id",)

    template_id = "hello"
    title_ko = "인사"
    title_en = "Hello"
    category = "greet"
    emoji = ("👋",)
    labels = ("반갑게 인사하고 있다",)
    motion = 'id = "hello"\nduration_s = 1.0\n'


class PortraitFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Portrait

    owner = factory.SubFactory(UserFactory)
    consent = factory.LazyAttribute(
        lambda row: ConsentRecord.objects.create(user=row.owner, subject="self", wording_version="test")
    )
    photo_key = factory.Sequence(
        lambda n: file_store(folder="portraits", data=f"photo {n}".encode(), extension="jpg")
    )
    analysis_key = factory.Sequence(
        lambda n: file_store(folder="analyses", data=f"analysis {n}".encode(), extension="npz")
    )
    width = 640
    height = 480
    faces = ((1.0, 2.0, 3.0, 4.0),)


class JobFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Job

    owner = factory.SubFactory(UserFactory)
    kind = "sticker"
    state = JobState.DONE


class StickerFactory(factory.django.DjangoModelFactory):
    """A finished sticker with a still and an animation."""

    class Meta:
        model = Sticker
        skip_postgeneration_save = True

    owner = factory.SubFactory(UserFactory)
    portrait = factory.SubFactory(PortraitFactory, owner=factory.SelfAttribute("..owner"))
    template = factory.SubFactory(TemplateFactory)
    job = factory.SubFactory(JobFactory, owner=factory.SelfAttribute("..owner"))
    sentence = factory.Sequence(lambda n: f"안녕 {n}")
    style = "cel"
    formats = ("webp", "png")

    @factory.post_generation
    def renditions(self, create, extracted, **kwargs):
        for name in self.formats:
            data = f"{name} of {self.public_id}".encode()
            Rendition.objects.create(
                sticker=self,
                format=name,
                key=file_store(folder="stickers", data=data, extension=name),
                width=512,
                height=512,
                frames=1 if name == "png" else 24,
                duration_s=0.0 if name == "png" else 1.0,
                bytes=len(data),
            )


class PackFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = StickerPack

    owner = factory.SubFactory(UserFactory)
    title = "우리 팩"


class PackExportFactory(factory.django.DjangoModelFactory):
    """A finished export."""

    class Meta:
        model = PackExport

    pack = factory.SubFactory(PackFactory)
    target = "telegram_video"
    job = factory.SubFactory(JobFactory, owner=factory.SelfAttribute("..pack.owner"), kind="pack_export")
    file_name = "pack.zip"
    key = factory.LazyFunction(lambda: file_store(folder="exports", data=b"PK", extension="zip"))
    certificate = factory.LazyFunction(lambda: {"ok": True})
