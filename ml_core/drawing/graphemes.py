"""What a reader counts as one letter: user-perceived characters, emoji sequences kept whole.

A compact form of the extended grapheme clusters of UAX #29 for the scripts that a caption can hold.
"""

from __future__ import annotations

import unicodedata

ZERO_WIDTH_JOINER = "\u200d"
EMOJI_VARIATION = "\ufe0f"
KEYCAP = "\u20e3"
_SYMBOL_EMOJI = frozenset(
    "⌚⌛⏩⏪⏫⏬⏰⏳☀☁☂☃☄☎☔☕☘☝☠☢☣☮☯☺☹♈♉♊♋♌♍♎♏♐♑♒♓♨♻♿⚓⚔⚡⚽⚾⛄⛅⛔⛪⛲⛳⛵⛺⛽✂✅✈✉✊✋✌✍✨❄❌❎❓❔❕❗❣❤➕➖➗⬛⬜⭐⭕"
)
_MAX_MARKS = 2
"""Combining marks kept on one letter; more is vandalism ("zalgo"), not writing."""


def _is_extender(char: str) -> bool:
    code = ord(char)
    return (
        unicodedata.category(char) in ("Mn", "Me", "Mc")
        or 0x1F3FB <= code <= 0x1F3FF  # skin tones
        or 0xE0020 <= code <= 0xE007F  # flag tags
    )


def _is_regional(char: str) -> bool:
    return 0x1F1E6 <= ord(char) <= 0x1F1FF


def is_emoji(cluster: str) -> bool:
    """Whether a grapheme is to be drawn as a picture."""
    first = cluster[0]
    code = ord(first)
    return (
        0x1F000 <= code <= 0x1FAFF
        or first in _SYMBOL_EMOJI
        or EMOJI_VARIATION in cluster[1:]
        or KEYCAP in cluster[1:]
    )


def is_right_to_left(cluster: str) -> bool:
    """Whether a grapheme belongs to a script written from right to left."""
    return unicodedata.bidirectional(cluster[0]) in ("R", "AL")


def _joins(cluster: str, char: str) -> bool:
    """Whether ``char`` continues ``cluster``."""
    if cluster.endswith(ZERO_WIDTH_JOINER) and is_emoji(cluster):
        return True
    if _is_regional(char) and len(cluster) == 1 and _is_regional(cluster):
        return True
    return char == ZERO_WIDTH_JOINER or _is_extender(char)


def cleaned(text: str) -> str:
    """Composed (NFC), one kind of space, no control, unassigned or invisible characters but emoji joiners."""
    kept = []
    for char in unicodedata.normalize("NFC", text):
        category = unicodedata.category(char)
        if category in ("Zs", "Zl", "Zp") or char in "\t\n\r\u3164\uffa0\u115f\u1160":
            kept.append(" ")
        elif category[0] != "C" or char == ZERO_WIDTH_JOINER or 0xE0020 <= ord(char) <= 0xE007F:
            kept.append(char)
    return " ".join("".join(kept).split())


def graphemes(text: str) -> list[str]:
    """Cleaned text as a list of graphemes; a space is one of them. Stray joiners and marks are dropped."""
    clusters: list[str] = []
    for char in cleaned(text):
        if clusters and clusters[-1] != " " and _joins(clusters[-1], char):
            if len(clusters[-1]) <= _MAX_MARKS or is_emoji(clusters[-1]):
                clusters[-1] += char
        elif char != ZERO_WIDTH_JOINER and not _is_extender(char):
            clusters.append(char)
    return [cluster.rstrip(ZERO_WIDTH_JOINER) for cluster in clusters]


def reading_order(line: list[str]) -> list[str]:
    """A line in visual order: runs of right-to-left letters are reversed (UAX #9 without numbers in runs)."""
    visual: list[str] = []
    run: list[str] = []
    for cluster in [*line, ""]:
        if cluster and (is_right_to_left(cluster) or (run and cluster == " ")):
            run.append(cluster)
            continue
        tail = []
        while run and run[-1] == " ":
            tail.append(run.pop())
        visual += [*reversed(run), *tail]
        run = []
        if cluster:
            visual.append(cluster)
    return visual
