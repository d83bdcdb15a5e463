"""From a sentence to templates, by meaning; the index lies under var/ and is replaced atomically."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
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
    rows = sorted(templates, key=lambda row: row.template_id)  # files and database alike: one version
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


FAVOUR = 0.6
"""Most that a person's habit adds to the logit of a template: it decides between near ties and no more."""
CANDIDATES = 10
"""Templates among which habit may choose."""


def template_search(
    *, sentence: str, k: int = 5, favourites: Mapping[str, float] = MappingProxyType({})
) -> TemplateSearch:
    """The k best published templates, best first.

    ``favourites`` (template id -> 0..1, see stickers.favourites) reorder the answers unless they are sure.
    """
    result = ml.search(ml.sentence_check(sentence), k=max(k, CANDIDATES) if favourites else k)
    rows = TalkingHeadTemplate.objects.published().in_bulk(
        [hit.template_id for hit in result.hits], field_name="template_id"
    )
    hits = [
        TemplateHit(rows[hit.template_id], hit.probability, hit.nearest_label, hit.signals)
        for hit in result.hits
        if hit.template_id in rows
    ]
    if favourites and result.confidence != "sure":
        hits.sort(key=lambda hit: -_favoured(hit, favourites))
    return TemplateSearch(result.confidence, tuple(hits[:k]))


def _favoured(hit: TemplateHit, favourites: Mapping[str, float]) -> float:
    """Logit of the hit's probability and of the habit together; the probability itself stays what it is."""
    chance = min(max(hit.probability, 1e-6), 1 - 1e-6)
    return math.log(chance / (1 - chance)) + FAVOUR * favourites.get(hit.template.template_id, 0.0)
