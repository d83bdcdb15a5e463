"""The model card written beside the encoder: what it is, from what, under which licence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ml_core.training.sentence.sources import SOURCES

_USED_FOR_MODERATION_ONLY = {"APEACH", "Curse-detection-data"}

_CARD = """---
language: ko
license: cc-by-sa-4.0
library_name: sentence-transformers
pipeline_tag: sentence-similarity
---

# encoder_ko: a small Korean sentence encoder

{pieces} morpheme-like pieces over decomposed Hangul, {dimension} numbers each; a sentence is the normalised
mean of its pieces. Read by `SentenceTransformer("ml_core/text/encoder_ko")` and, with the same numbers, by
`ml_core.text.encoder.NumpyEncoder` (numpy only).

Made for matching short chat messages to scenes. It does not see word order; for long or subtle texts use a
transformer (`EMOTOON_ENCODER=jhgan/ko-sbert-nli`).

| measure | value |
|---|---|
| KorSTS development, Spearman | {korsts_dev} |
| KorSTS test, Spearman | {korsts_test} |

The KorSTS test set and the BEEP! development set, and every sentence that occurs in them, were left out of
all training.

## How it was trained
`python manage.py train_encoder --data DIR`: a Unigram vocabulary seeded with the morphemes Kiwi finds;
co-occurrence vectors (PPMI, SVD); then, one batch after the other, graded similarity, inference,
paraphrase clusters, question and answer, emotions, intents, ratings, sentiment. One thread of a CPU.

## Sources and licence
The vectors are derived from the sets below, some of them share-alike: they are published under
**CC BY-SA 4.0**, with attribution to these authors. The vocabulary also counts the words of emotoon's own
catalog. The analyser Kiwi (kiwipiepy, LGPL v3) is used as a tool and not contained.

| set | published at | licence as stated there |
|---|---|---|
{sources}
"""


def model_card(measures: Mapping[str, Any]) -> str:
    """Markdown; ``measures`` has ``korsts_dev``, ``korsts_test``, ``pieces`` and ``dimension``."""
    rows = [
        f"| {source.name} | {source.url} | {source.licence} |"
        for source in SOURCES
        if source.name not in _USED_FOR_MODERATION_ONLY
    ]
    return _CARD.format(sources="\n".join(rows), **measures)
