"""From a sentence to templates, by meaning; the index lies under var/ and is replaced atomically."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from emotoon import ml
from emotoon.catalog.files import catalog_read
from emotoon.catalog.models import TalkingHeadTemplate

MEANINGS = 3
"""Talking heads whose meaning pictures may have."""
LEAST_MEANT = 0.25
"""Probability below which a meaning is no reason to offer a picture."""
AIMED = 3.0
"""Evidence of a picture's own words (signal ``intent``, a logit) from which it is offered, whatever the
talking heads mean. Among few pictures the probability says little: one of them is always the nearest."""
MOST_PICTURES = 2
"""Pictures offered beside the talking heads."""
MOST_INDEXED = 1000
"""All pictures: there are few, and only those of the right meaning are looked at."""


@dataclass(frozen=True)
class TemplateHit:
    """One answer. ``probability`` is calibrated: of answers given 0.8, four in five are right."""

    template: TalkingHeadTemplate
    probability: float
    nearest_label: str
    signals: Mapping[str, float]
    emotions: Mapping[str, float]
    """Emotions that speak for it most."""

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.template.template_id,
            "title": self.template.title_ko,
            "score": round(self.probability, 4),
        }


@dataclass(frozen=True)
class TemplateSearch:
    """``confidence`` is sure (pick it), likely (show three) or unsure (ask).

    pictures: templates of the second kind for what ``hits`` mean. They are offered beside the talking
    heads and never take a talking head's place. emotions: the strongest of the sentence, with their shares.
    """

    confidence: str
    hits: tuple[TemplateHit, ...]
    pictures: tuple[TemplateHit, ...]
    emotions: Mapping[str, float]


def index_build() -> str:
    """Build the search indexes from the published templates and put them in place. Returns the main
    version."""
    pictures = _picture_texts()
    if pictures:
        ml.search_index_build(pictures, shelf=ml.PICTURES)
    return ml.search_index_build(_texts())


def texts_of_files() -> list[ml.TemplateText]:
    """The words of the catalog files, without a database: for training and measuring."""
    return _texts_of(TalkingHeadTemplate(template_id=f.template_id, **f.fields) for f in catalog_read())


def _texts() -> list[ml.TemplateText]:
    return _texts_of(TalkingHeadTemplate.objects.published().talking_heads())


def _picture_texts() -> list[ml.TemplateText]:
    return _texts_of(TalkingHeadTemplate.objects.published().pictures())


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
    """Whether the indexes in place were built from the catalog as it is now."""
    pictures = _picture_texts()
    if pictures and ml.search_index_version(shelf=ml.PICTURES) != ml.search_catalog_version(pictures):
        return False
    return ml.search_index_version() == ml.search_catalog_version(_texts())


FAVOUR = 0.6
"""Most that a person's habit adds to the logit of a template: it decides between near ties and no more."""
CANDIDATES = 10
"""Templates among which habit may choose."""


def template_search(
    *, sentence: str, k: int = 5, favourites: Mapping[str, float] = MappingProxyType({})
) -> TemplateSearch:
    """The k best published templates, best first, and pictures for what they mean.

    ``favourites`` (template id -> 0..1, see stickers.favourites) reorder the answers unless they are sure.
    """
    sentence = ml.sentence_check(sentence)
    result = ml.search(sentence, k=max(k, CANDIDATES if favourites else MEANINGS))
    rows = TalkingHeadTemplate.objects.published().in_bulk(
        [hit.template_id for hit in result.hits], field_name="template_id"
    )
    hits = [
        TemplateHit(rows[hit.template_id], hit.probability, hit.nearest_label, hit.signals, hit.emotions)
        for hit in result.hits
        if hit.template_id in rows
    ]
    if favourites and result.confidence != "sure":
        hits.sort(key=lambda hit: -_favoured(hit, favourites))
    pictures = _pictures_for(sentence, hits[:MEANINGS])
    return TemplateSearch(result.confidence, tuple(hits[:k]), pictures, result.emotions)


def _favoured(hit: TemplateHit, favourites: Mapping[str, float]) -> float:
    """Logit of the hit's probability and of the habit together; the probability itself stays what it is."""
    chance = min(max(hit.probability, 1e-6), 1 - 1e-6)
    return math.log(chance / (1 - chance)) + FAVOUR * favourites.get(hit.template.template_id, 0.0)


def _pictures_for(sentence: str, hits: Sequence[TemplateHit]) -> tuple[TemplateHit, ...]:
    """Pictures that the sentence is aimed at by their own words, then those that cover what the best talking
    heads mean, the likeliest meaning first.

    For a meaning the probability is the talking head's: it is calibrated, and the meaning is the same. Two
    pictures of one meaning are ordered by their own words.
    """
    meant: dict[str, float] = {}
    for hit in hits:
        if hit.probability < LEAST_MEANT:
            continue
        base = hit.template.covers or hit.template.template_id
        meant[base] = max(meant.get(base, 0.0), hit.probability)
    rows = {row.template_id: row for row in TalkingHeadTemplate.objects.published().pictures()}
    if not rows or ml.search_index_version(shelf=ml.PICTURES) is None:
        return ()
    found: list[TemplateHit] = []
    for near in ml.search(sentence, k=MOST_INDEXED, shelf=ml.PICTURES).hits:
        row = rows.get(near.template_id)
        aimed = near.probability if near.signals["intent"] >= AIMED else 0.0
        if row is not None and (probability := max(aimed, meant.get(row.covers, 0.0))):
            found.append(TemplateHit(row, probability, near.nearest_label, near.signals, near.emotions))
    found.sort(key=lambda hit: (hit.signals["intent"] < AIMED, -hit.probability))
    return tuple(found[:MOST_PICTURES])
