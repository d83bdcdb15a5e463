"""Make again every picture that the site and the documents show, from the public-domain astronaut."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from PIL import Image as Pil

from emotoon import ml
from emotoon.bench.picture_sheet import picture_sheet_write
from emotoon.bench.portraits import portrait_bytes
from emotoon.catalog.files import catalog_read
from emotoon.core.commands import EmotoonCommand

STATIC = Path("emotoon/web/static/web")
EXAMPLE = ("bday_wish", "생일 축하해!!")
EXAMPLE_SIDE = 384
THUMBNAIL_SIDE = 240


class Command(EmotoonCommand):
    help = __doc__

    def handle(self, **_: Any) -> None:
        with self.failing_clearly():
            (photo,) = portrait_bytes([]).values()
            analysis = ml.photo_examine(data=photo, isolated=False).analysis
            motions = {file.template_id: file.fields["motion"] for file in catalog_read()}
            template, sentence = EXAMPLE
            order = ml.StickerOrder(
                analysis=analysis,
                motion=motions[template],
                caption=sentence,
                formats=("webp",),
                size=EXAMPLE_SIDE,
            )
            (example,) = ml.sticker_render(order=order, on_progress=_quietly).files
            _write("example.webp", example.data)
            for style in ml.style_names():
                order = ml.StickerOrder(
                    analysis=analysis,
                    motion=motions["hello"],
                    caption="",
                    look=ml.look_read(style=style),
                    formats=("png",),
                )
                (still,) = ml.sticker_render(order=order, on_progress=_quietly).files
                _write(f"styles/{style}.webp", _thumbnail(still.data))
            sheet = settings.BASE_DIR / "docs" / "pictures" / "picture_templates.webp"
            picture_sheet_write(analysis=analysis, out=sheet)
        docs = settings.BASE_DIR / "docs"
        call_command("contact_sheet", out=docs / "contact_sheet.webp", cell=170)
        call_command("contact_sheet", out=docs / "templates.webp", styles="cel", templates="all", cell=150)


def _write(name: str, data: bytes) -> None:
    path = settings.BASE_DIR / STATIC / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _thumbnail(png: bytes) -> bytes:
    small = io.BytesIO()
    picture = Pil.open(io.BytesIO(png)).resize((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Pil.Resampling.LANCZOS)
    picture.save(small, "WEBP", quality=80)
    return small.getvalue()


def _quietly(stage: str, percent: int) -> None:
    """Nobody waits for these."""
