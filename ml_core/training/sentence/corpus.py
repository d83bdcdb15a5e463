"""What both recipes read: every text of the public files and the catalog, and the way to piece ids."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ml_core.text.corpus import TemplateText
from ml_core.text.normalise import normalise
from ml_core.training.sentence.sources import Shelf
from ml_core.training.sentence.tasks import Encode


def corpus_texts(shelf: Shelf, templates: Sequence[TemplateText]) -> list[str]:
    """Every text once, normalised."""
    texts: list[str] = []
    for pair in [*shelf.similar_pairs(), *shelf.inferences()]:
        texts += [pair.first, pair.second]
    texts += [text for group in shelf.clusters() for text in group]
    texts += [text for exchange in shelf.exchanges() for text in exchange]
    for _, rows in [*shelf.emotions().values(), shelf.intents(), shelf.ratings(), shelf.sentiments()]:
        texts += [row.text for row in rows]
    texts += shelf.comments()
    texts += [text for template in templates for text in (*template.labels, *template.messages)]
    return list(dict.fromkeys(normalise(text) for text in texts))


def encoder_of(document: dict[str, Any]) -> Encode:
    """From texts to lists of piece ids."""
    from tokenizers import Tokenizer  # noqa: PLC0415 - training only; thirty times faster than ours

    tokenizer = Tokenizer.from_str(json.dumps(document))

    def encode(texts: Sequence[str]) -> list[list[int]]:
        """Piece ids; a text without any gets the unknown piece, so that no mean is empty."""
        encodings = tokenizer.encode_batch([normalise(text) for text in texts])
        return [encoding.ids or [0] for encoding in encodings]

    return encode
