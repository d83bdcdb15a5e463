"""Hashed features of the moderation classifier: words, syllable n-grams inside words, jamo n-grams across."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from ml_core.text.jamo import letters
from ml_core.text.normalise import normalise

_SYLLABLE_SIZES = (2, 3)
_JAMO_SIZES = (3, 4, 5, 6)


def hashed_features(text: str, buckets: int) -> NDArray[np.int64]:
    """Sorted distinct bucket numbers of a text; ``buckets`` is a power of two (Weinberger et al. 2009)."""
    found: set[str] = set()
    plain = normalise(text)
    for word in plain.split():
        found.add(f"w{word}")
        body = f"_{word}_"
        for size in _SYLLABLE_SIZES:
            found.update(f"s{body[start : start + size]}" for start in range(len(body) - size + 1))
    stream = letters(plain.replace(" ", ""))
    for size in _JAMO_SIZES:
        found.update(f"j{stream[start : start + size]}" for start in range(len(stream) - size + 1))
    return np.array(sorted({zlib.crc32(feature.encode()) & (buckets - 1) for feature in found}), np.int64)
