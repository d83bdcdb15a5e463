"""The model card written beside the encoder: what it is, from what, under which licence."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from ml_core.training.sentence.sources import SOURCES

_USED_FOR_MODERATION_ONLY = {"APEACH", "Curse-detection-data"}
_USED_FOR_MODERATION = {"BEEP!", "APEACH", "Curse-detection-data", "Chatbot_data"}

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


_MODERATION_CARD = """# Moderation model

`rules.toml` is own writing (Apache-2.0, like the code). `model.safetensors` holds the weights of a linear
classifier over hashed n-grams with the classes none, offensive and hate, trained by
`python manage.py train_moderator --data DIR` on {rows:.0f} rows, of which {harmless_rows:.0f} are harmless
chat or catalog messages. Blocked from a probability of offence of {threshold}; macro-F1 on held-out BEEP!
training rows {held_out_beep_macro_f1}. The BEEP! development set was left out of training.

It learns from news comments and chat and repeats their blind spots: new insults, irony and slurs spelled in
new ways pass, and words that hateful comments use often raise the score of harmless sentences. That is why
people can rephrase or appeal.

The weights are published under **CC BY-SA 4.0** with attribution to the authors of:

| set | published at | licence as stated there |
|---|---|---|
{sources}
"""

_USED_FOR_EMOTIONS = {"KOTE", "GoEmotions-Korean"}

_EMOTIONS_CARD = """# Emotion classifier

`emotions.toml` is own writing (Apache-2.0, like the code): {emotions} emotions and the labels of the public
sets that count as each. `model.safetensors` holds the weights of a softmax regression over hashed n-grams,
words and negations, trained by `python manage.py train_emotions --data DIR` on {rows} rows.

| on a fifth of the rows, held out | KOTE | GoEmotions-Korean |
|---|---|---|
| strongest emotion is one that the annotators named | {kote_strongest_named} | {goemotions_strongest_named} |
| ... if the commonest is always named | {kote_strongest_named_usual} | {goemotions_strongest_named_usual} |
| cross-entropy | {kote_cross_entropy} | {goemotions_cross_entropy} |
| ... if the average is always answered | {kote_cross_entropy_usual} | {goemotions_cross_entropy_usual} |

It learns from comments on news, films and goods and from machine-translated English: it hears complaints
more often than friends mean them, and it knows no irony. The search uses it as one weak signal among others.

Both sets ask for attribution at most; the weights are published under the repository's **Apache-2.0**, with
attribution to the authors of:

| set | published at | licence as stated there |
|---|---|---|
{sources}
"""


def emotions_card(measures: Mapping[str, Any]) -> str:
    """Markdown; ``measures`` as ``train_emotions`` returns them."""
    return _EMOTIONS_CARD.format(sources=_rows(_USED_FOR_EMOTIONS), **measures)


def moderation_card(measures: Mapping[str, float]) -> str:
    """Markdown; ``measures`` as ``train_moderator`` returns them."""
    return _MODERATION_CARD.format(sources=_rows(_USED_FOR_MODERATION), **measures)


def model_card(measures: Mapping[str, Any]) -> str:
    """Markdown; ``measures`` has ``korsts_dev``, ``korsts_test``, ``pieces`` and ``dimension``."""
    names = {source.name for source in SOURCES} - _USED_FOR_MODERATION_ONLY
    return _CARD.format(sources=_rows(names), **measures)


_TRANSFORMER_CARD = """---
language: ko
license: cc-by-sa-4.0
library_name: sentence-transformers
pipeline_tag: sentence-similarity
---

# A small Korean transformer encoder

{pieces} morpheme-like pieces over decomposed Hangul, {layers} layers of {dimension} numbers, mean of the last
layer; float16. Read by `SentenceTransformer(folder)` and, with the same numbers, by
`ml_core.text.transformer.NumpyTransformer` (numpy only).

| measure | value |
|---|---|
| KorSTS development, Spearman | {korsts_dev} |
| KorSTS test, Spearman | {korsts_test} |

`python manage.py train_encoder --recipe transformer --data DIR`: masked-language pre-training on the texts
below, then graded similarity, inference, paraphrase clusters, question and answer, emotions, intents,
ratings, sentiment. The KorSTS test set, the BEEP! development set and their sentences were left out.

Published under **CC BY-SA 4.0**, with attribution to the authors of:

| set | published at | licence as stated there |
|---|---|---|
{sources}
"""


def transformer_card(measures: Mapping[str, Any], layers: int) -> str:
    """Markdown; ``measures`` as for ``model_card``."""
    names = {source.name for source in SOURCES} - _USED_FOR_MODERATION_ONLY
    return _TRANSFORMER_CARD.format(sources=_rows(names), layers=layers, **measures)


def _rows(names: Set[str]) -> str:
    kept = (source for source in SOURCES if source.name in names)
    return "\n".join(f"| {source.name} | {source.url} | {source.licence} |" for source in kept)
