"""What the search knows about one template: its words, nothing about its motion."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class TemplateText:
    """The words of one talking-head template.

    labels describe the scene ("생일 축하를 받아 고마워 하고 있다"); messages are what people type, in any
    register; hard_negatives are look-alikes, (message, id of the template it belongs to);
    covers is the base id this template refines, or "" for a base template.
    """

    id: str
    title: str
    labels: tuple[str, ...]
    messages: tuple[str, ...] = ()
    hard_negatives: tuple[tuple[str, str], ...] = ()
    covers: str = ""
    emoji: tuple[str, ...] = ()
    category: str = ""


def corpus_digest(templates: Sequence[TemplateText]) -> str:
    """Version of a corpus: 16 hexadecimal digits that change with any word of it."""
    rows = [asdict(template) for template in templates]
    document = json.dumps(rows, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(document.encode()).hexdigest()[:16]
