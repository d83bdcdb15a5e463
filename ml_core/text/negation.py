"""Which words of a message are negated, and of what kind they are.

"안 무서워" is not about fear. The scope of Korean negation is short: 안 and 못 negate the predicate that
follows, -지 않다/말다/못하다 the one they are built on, 없다 and 아니다 the noun before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_PREFIXES = {"안": "not", "않": "not", "못": "cant"}
_AUXILIARY = re.compile("^(.+?)지(?:는|도|를|만)?(않|안|말|마|못)?")
_KINDS = {"않": "not", "안": "not", "말": "dont", "마": "dont", "못": "cant"}
_ABSENT = re.compile("^(.*?)(?:이|가|은|는|도|을|를)?(없|아니|아냐|아닌)")
_ABSENT_KINDS = {"없": "none", "아니": "isnt", "아냐": "isnt", "아닌": "isnt"}
OTHER = "other"


@dataclass(frozen=True)
class Negations:
    """words: positions of negated words among the whitespace-separated ones. marks: ``kind:group``."""

    words: frozenset[int]
    marks: tuple[str, ...]


def find_negations(text: str, polarity: Mapping[str, tuple[str, ...]]) -> Negations:
    """Negated words of a normalised text. ``polarity`` maps a group to stems (lexicon/polarity.toml)."""
    words = text.split()
    hits: list[tuple[int, str]] = []
    for position, word in enumerate(words):
        following = words[position + 1] if position + 1 < len(words) else ""
        hit = (
            _prefixed(position, word, following, polarity)
            or _auxiliary(position, word, following, polarity)
            or _absent(position, words, polarity)
        )
        if hit:
            hits.append(hit)
    return Negations(
        frozenset(position for position, _ in hits), tuple(dict.fromkeys(mark for _, mark in hits))
    )


def _prefixed(
    position: int, word: str, following: str, polarity: Mapping[str, tuple[str, ...]]
) -> tuple[int, str] | None:
    kind = _PREFIXES.get(word[0]) if word else None
    if kind is None:
        return None
    if len(word) == 1:
        return (position + 1, f"{kind}:{_group(following, polarity)}") if following else None
    group = _group(word[1:], polarity)
    return None if group == OTHER else (position, f"{kind}:{group}")


def _auxiliary(
    position: int, word: str, following: str, polarity: Mapping[str, tuple[str, ...]]
) -> tuple[int, str] | None:
    match = _AUXILIARY.match(word)
    if match is None:
        return None
    sign = match[2] or (following[:1] if match.end() == len(word) else "")
    kind = _KINDS.get(sign)
    return (position, f"{kind}:{_group(word, polarity)}") if kind else None


def _absent(
    position: int, words: list[str], polarity: Mapping[str, tuple[str, ...]]
) -> tuple[int, str] | None:
    match = _ABSENT.match(words[position])
    if match is None:
        return None
    noun_position = position if match[1] else position - 1
    noun = match[1] or (words[position - 1] if position else "")
    return (max(noun_position, 0), f"{_ABSENT_KINDS[match[2]]}:{_group(noun, polarity)}")


def _group(word: str, polarity: Mapping[str, tuple[str, ...]]) -> str:
    """The group with the longest stem that begins the word; else ``other``."""
    best, length = OTHER, 0
    for group, stems in polarity.items():
        for stem in stems:
            if len(stem) > length and word.startswith(stem):
                best, length = group, len(stem)
    return best
