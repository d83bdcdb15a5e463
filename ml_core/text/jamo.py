"""Hangul as letters: decomposition and n-grams that survive typos, endings and missing spaces."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_COMPATIBILITY_CONSONANTS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_INITIALS = {letter: chr(0x1100 + index) for index, letter in enumerate(_COMPATIBILITY_CONSONANTS)}
_JOIN_TABLE = str.maketrans(_INITIALS)


def letters(text: str) -> str:
    """NFD: each syllable as two or three conjoining jamo; bare consonants as initials."""
    return unicodedata.normalize("NFD", text).translate(_JOIN_TABLE)


def squeeze(text: str) -> str:
    """Letters and digits only, lower case, without spaces: the form in which spacing cannot matter."""
    return "".join(letter for letter in text.lower() if letter.isalnum())


def ngrams(text: str, sizes: Iterable[int]) -> list[str]:
    """All jamo n-grams of the squeezed text between two boundary marks, with repetitions."""
    body = f"^{letters(squeeze(text))}$"
    return [body[start : start + size] for size in sizes for start in range(len(body) - size + 1)]


def near_duplicates(
    first: Iterable[str], second: Iterable[str], threshold: float = 0.6, size: int = 4
) -> list[tuple[str, str, float]]:
    """Pairs (a, b, similarity) of the two collections whose jamo n-gram sets overlap.

    Similarity is the Jaccard index of the sets of jamo ``size``-grams, 0..1; pairs at or above
    ``threshold`` are returned, most alike first. Used to keep development queries out of the catalog.
    """
    grams = [(text, frozenset(ngrams(text, (size,)))) for text in second]
    holders: dict[str, list[int]] = {}
    for index, (_, own) in enumerate(grams):
        for gram in own:
            holders.setdefault(gram, []).append(index)
    found: list[tuple[str, str, float]] = []
    for text in first:
        own = frozenset(ngrams(text, (size,)))
        shared: dict[int, int] = {}
        for gram in own:
            for index in holders.get(gram, ()):
                shared[index] = shared.get(index, 0) + 1
        for index, count in shared.items():
            other, theirs = grams[index]
            similarity = count / (len(own) + len(theirs) - count)
            if similarity >= threshold:
                found.append((text, other, similarity))
    return sorted(found, key=lambda pair: -pair[2])
