"""From a sentence to templates, by meaning; the index lies under var/ and is replaced atomically."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from emotoon import ml
from emotoon.catalog.files import catalog_read
from emotoon.catalog.models import TalkingHeadTemplate


@dataclass(frozen=True)
class TemplateHit:
    """One answer. ``probability`` is calibrated: of answers given 0.8, four in five are right."""

    template: TalkingHeadTemplate
    probability: float
    nearest_label: str
    signals: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.template.template_id,
            "title": self.template.title_ko,
            "score": round(self.probability, 4),
        }


@dataclass(frozen=True)
class TemplateSearch:
    """``confidence`` is sure (pick it), likely (show three) or unsure (ask)."""

    confidence: str
    hits: tuple[TemplateHit, ...]


def index_build() -> str:
    """Build the search index from the published templates and put it in place. Returns its version."""
    return ml.search_index_build(_texts())


def texts_of_files() -> list[ml.TemplateText]:
    """The words of the catalog files, without a database: for training and measuring."""
    return _texts_of(TalkingHeadTemplate(template_id=f.template_id, **f.fields) for f in catalog_read())


def _texts() -> list[ml.TemplateText]:
    return _texts_of(TalkingHeadTemplate.objects.published())


def _texts_of(templates: Iterable[TalkingHeadTemplate]) -> list[ml.TemplateText]:
    rows = list(templates)
    shown = {row.template_id for row in rows}
    return [
        ml.TemplateText(
            id=row.template_id,
            title=row.title_ko,
            labels=tuple(row.labels),
            messages=tuple(message for register in row.messages.values() for message in register),
            hard_negatives=tuple(
                (negative["text"], negative["belongs"])
                for negative in row.hard_negatives
                if negative["belongs"] in shown  # the template it belongs to may be withdrawn
            ),
            covers=row.covers,
            emoji=tuple(row.emoji),
            category=row.category,
        )
        for row in rows
    ]


def index_is_current() -> bool:
    """Whether the index in place was built from the catalog as it is now."""
    return ml.search_index_version() == ml.search_catalog_version(_texts())


def template_search(*, sentence: str, k: int = 5) -> TemplateSearch:
    """The k best published templates, best first."""
    result = ml.search(ml.sentence_check(sentence), k=k)
    rows = TalkingHeadTemplate.objects.published().in_bulk(
        [hit.template_id for hit in result.hits], field_name="template_id"
    )
    hits = [
        TemplateHit(rows[hit.template_id], hit.probability, hit.nearest_label, hit.signals)
        for hit in result.hits
        if hit.template_id in rows
    ]
    return TemplateSearch(result.confidence, tuple(hits))
