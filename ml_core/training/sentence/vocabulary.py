"""The encoder's subwords: what a morphological analyser knows, frozen into a Unigram table.

Kiwi (Lee 2024, "Kiwi: Developing a Korean Morphological Analyzer Based on Statistical Language Models
and Skip-Bigram") cuts a corpus into morphemes; their written forms, decomposed to jamo, seed a Unigram
model (Kudo 2018, "Subword Regularization", section 3.2). Two rounds of hard EM on the corpus settle the
scores, then the table is pruned. Web workers need the table only, not the analyser.
"""

from __future__ import annotations

import json
import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

UNKNOWN = "<unk>"
PIECE_LETTERS = 10
"""Longest piece in jamo: about four syllables. Whole words were tried as pieces too: KorSTS fell by 0.03,
because 기타를 and 기타가 then share nothing."""
ANALYSED = 90_000
"""Sentences given to the analyser: 40 s; the other counts come from the words themselves."""
_MIN_COUNT = 4
_ROUNDS = 2
_SPARE = 1.6
"""Seeds kept per final piece: EM needs a choice."""


def decompose(text: str) -> str:
    """The normaliser of tokenizer.json: NFKD, each letter lowered."""
    return "".join(letter.lower() for letter in unicodedata.normalize("NFKD", text))


def build_tokenizer(texts: Sequence[str], size: int) -> dict[str, Any]:
    """A ``tokenizer.json`` document with at most ``size`` pieces learned from normalised ``texts``.

    Every text is counted; the analyser reads an even sample of ANALYSED of them. Deterministic.
    """
    from tokenizers import Tokenizer  # noqa: PLC0415 - training only; the product never imports it

    words = Counter(word for text in texts for word in decompose(text).split())
    counts = _seed(texts[:: max(1, len(texts) // ANALYSED)], words)
    alphabet = {letter for word, count in words.items() if count >= _MIN_COUNT for letter in word}
    for round_number in range(_ROUNDS + 1):
        limit = size if round_number == _ROUNDS else int(size * _SPARE)
        document = _document(_prune(counts, alphabet, limit))
        if round_number == _ROUNDS:
            break
        tokenizer = Tokenizer.from_str(json.dumps(document))
        counts = _recount(tokenizer, words)
    return document


def _seed(texts: Sequence[str], words: Counter[str]) -> Counter[str]:
    from kiwipiepy import Kiwi  # noqa: PLC0415 - 512 MB of memory: training only

    kiwi = Kiwi(num_workers=1)
    counts: Counter[str] = Counter()
    for tokens in kiwi.tokenize(texts):
        for token in tokens:
            form = decompose(token.form)
            if " " in form or len(form) > PIECE_LETTERS:
                continue
            counts[form] += 1
            for fused in _fused(form):
                counts[fused] += 1
    return counts


def _fused(form: str) -> Iterable[str]:
    """Written forms of an ending that melts into the stem: 었어 is also ᆻ어."""
    if len(form) > 2 and form[0] == "\u110b" and form[1] in "\u1161\u1165\u116f\u1167\u1174\u1173":
        yield form[2:]


def _recount(tokenizer: Any, words: Counter[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    forms = sorted(words)
    for form, encoding in zip(forms, tokenizer.encode_batch(forms), strict=True):
        for piece in encoding.tokens:
            counts[piece] += words[form]
    return counts


def _prune(counts: Counter[str], alphabet: set[str], size: int) -> dict[str, float]:
    singles = {letter: max(counts.get(letter, 0), 1) for letter in sorted(alphabet)}
    longer = [(form, count) for form, count in counts.items() if len(form) > 1 and count >= _MIN_COUNT]
    longer.sort(key=lambda pair: (-pair[1], pair[0]))
    kept = {**singles, **dict(longer[: max(size - len(singles) - 1, 0)])}
    total = math.log(sum(kept.values()))
    return {form: math.log(count) - total for form, count in kept.items()}


def _document(scores: dict[str, float]) -> dict[str, Any]:
    vocabulary = [[UNKNOWN, 0.0], *([form, round(score, 5)] for form, score in scores.items())]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKD"}, {"type": "Lowercase"}]},
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "Unigram", "unk_id": 0, "vocab": vocabulary, "byte_fallback": False},
    }
