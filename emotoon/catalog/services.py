"""Loading the catalog, and finding a template for a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from emotoon.catalog.files import TemplateFile
from emotoon.catalog.models import TalkingHeadTemplate
from emotoon.core.errors import NotFound


@dataclass(frozen=True)
class CatalogLoad:
    created: int
    updated: int
    unchanged: int
    kept: int
    """Rows edited in the admin panel, which a load never overwrites."""


@transaction.atomic
def catalog_load(*, files: Iterable[TemplateFile]) -> CatalogLoad:
    """Write the files into the database. Running it again changes nothing."""
    rows = {row.template_id: row for row in TalkingHeadTemplate.objects.all()}
    created = updated = unchanged = kept = 0
    for file in files:
        row = rows.get(file.template_id)
        if row is None:
            TalkingHeadTemplate.objects.create(
                template_id=file.template_id, source_digest=file.digest, **file.fields
            )
            created += 1
        elif row.is_edited:
            kept += 1
        elif row.source_digest == file.digest:
            unchanged += 1
        else:
            for name, value in file.fields.items():
                setattr(row, name, value)
            row.source_digest = file.digest
            row.save()
            updated += 1
    return CatalogLoad(created, updated, unchanged, kept)


def template_get(*, template_id: str) -> TalkingHeadTemplate:
    try:
        return TalkingHeadTemplate.objects.published().get(template_id=template_id)
    except TalkingHeadTemplate.DoesNotExist:
        raise NotFound(
            "unknown_template", _("There is no template “%(id)s”.") % {"id": template_id}, id=template_id
        ) from None
