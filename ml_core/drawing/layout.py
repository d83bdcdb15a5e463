"""Setting a caption: which letters, broken into which lines, at which size.

Korean is broken between words (eojeol) first; where that would make the letters small, between syllables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from ml_core.drawing.graphemes import graphemes, reading_order

MAX_LETTERS = 40
"""Visible letters of a caption. A sticker is read in a second at 150 pixels: beyond about 40 letters the text
is cut and ends in an ellipsis."""
MAX_LINES = 3
LEADING = 1.14
"""Distance of baselines in ems."""
ASCENT, DESCENT = 0.84, 0.20
"""Extent of Hangul and Latin letters of the shipped fonts around the baseline, in ems."""
SPACE = 0.30
"""Width of a space in ems; a little wider than the font's, since outlines eat into it."""
MORE_LINES_GAIN = 1.10
"""A further line must make the letters this much larger to be worth it."""
SYLLABLE_GAIN = 1.25
"""Breaking inside a word must make the letters this much larger to be worth it."""
_NOT_FIRST = frozenset(",.!?~…)]}\"'’”、。·ー%")

Measure = Callable[[str], float]
"""Advance of a grapheme in ems."""


@dataclass(frozen=True)
class Placed:
    """A letter of the set text: centre x and baseline y in ems from the block's top left, advance in ems."""

    cluster: str
    x: float
    baseline: float
    advance: float
    index: int
    line: int


@dataclass(frozen=True)
class Setting:
    """A set text: letters, size of an em in pixels, block width and height in ems."""

    letters: tuple[Placed, ...]
    em: float
    width: float
    height: float
    lines: int


def shortened(text: str) -> list[str]:
    """Graphemes of a text, at most ``MAX_LETTERS`` visible ones, the last an ellipsis where it was cut."""
    clusters = graphemes(text)
    visible = [index for index, cluster in enumerate(clusters) if cluster != " "]
    if len(visible) <= MAX_LETTERS:
        return clusters
    return [*clusters[: visible[MAX_LETTERS - 2] + 1], "…"]


def _words(clusters: Sequence[str]) -> list[list[str]]:
    words: list[list[str]] = [[]]
    for cluster in clusters:
        if cluster == " ":
            words.append([])
        else:
            words[-1].append(cluster)
    return [word for word in words if word]


def _syllables(clusters: Sequence[str]) -> list[list[str]]:
    """Smallest breakable units: single letters, a space or closing punctuation kept with the one before."""
    units: list[list[str]] = []
    for cluster in clusters:
        if units and (cluster == " " or cluster in _NOT_FIRST):
            units[-1].append(cluster)
        else:
            units.append([cluster])
    return units


def _joined(units: Sequence[list[str]], *, spaced: bool) -> list[str]:
    line: list[str] = []
    for unit in units:
        if line and spaced:
            line.append(" ")
        line += unit
    while line and line[-1] == " ":
        line.pop()
    return line


def _width(line: Sequence[str], measure: Measure) -> float:
    return sum(measure(cluster) for cluster in line)


def _broken(units: Sequence[list[str]], count: int, measure: Measure, *, spaced: bool) -> list[list[str]]:
    """Units in ``count`` lines whose widest line is as narrow as possible."""
    widths = [_width(unit, measure) for unit in units]
    starts = [0.0]
    for width in widths:
        starts.append(starts[-1] + width)
    gap = measure(" ") if spaced else 0.0

    def widest(cuts: tuple[int, ...]) -> float:
        edges = (0, *cuts, len(units))
        return max(starts[b] - starts[a] + gap * (b - a - 1) for a, b in pairwise(edges))

    cuts = min(combinations(range(1, len(units)), count - 1), key=widest)
    edges = (0, *cuts, len(units))
    return [_joined(units[a:b], spaced=spaced) for a, b in pairwise(edges)]


def _block(lines: Sequence[Sequence[str]], measure: Measure) -> tuple[float, float]:
    width = max(_width(line, measure) for line in lines)
    return width, ASCENT + DESCENT + LEADING * (len(lines) - 1)


def _best_lines(
    clusters: Sequence[str], measure: Measure, em_of: Callable[[float, float], float]
) -> list[list[str]]:
    """The breaking with the largest letters, preferring few lines and whole words."""
    best: list[list[str]] = []
    best_em = 0.0
    for units, spaced, gain in (
        (_words(clusters), True, MORE_LINES_GAIN),
        (_syllables(clusters), False, SYLLABLE_GAIN),
    ):
        for count in range(1, min(MAX_LINES, len(units)) + 1):
            lines = _broken(units, count, measure, spaced=spaced)
            em = em_of(*_block(lines, measure))
            if em > best_em * (gain if best else 1.0):
                best, best_em = lines, em
    return best


def set_text(text: str, measure: Measure, *, width: float, height: float, largest: float) -> Setting | None:
    """Set ``text`` into ``width`` x ``height`` pixels with letters of at most ``largest`` pixels an em.

    Returns None for a text without visible letters.
    """
    clusters = shortened(text)
    if not _words(clusters):
        return None

    def em_of(block_width: float, block_height: float) -> float:
        return min(largest, width / max(block_width, 1e-6), height / block_height)

    lines = _best_lines(clusters, measure, em_of)
    block_width, block_height = _block(lines, measure)
    letters: list[Placed] = []
    for row, line in enumerate(lines):
        x = (block_width - _width(line, measure)) / 2.0
        for cluster in reading_order(list(line)):
            advance = measure(cluster)
            if cluster != " ":
                baseline = ASCENT + LEADING * row
                letters.append(Placed(cluster, x + advance / 2.0, baseline, advance, len(letters), row))
            x += advance
    em = em_of(block_width, block_height)
    return Setting(tuple(letters), em, block_width, block_height, len(lines))
