"""Lip motion for a written sentence: Hangul syllables (and Latin letters) to a track of mouth shapes.

Korean vowels fall into few visible classes by lip rounding and jaw height (Shin, Kiaer and Cha 2013, "The
Sounds of Korean", chapter 4); of the consonants only the bilabials close the lips. Syllables are taken apart
with the arithmetic of the Unicode standard, section 3.12.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ml_core.animation.motion import Motion
from ml_core.animation.tracks import Key, Track

SPEECH_START, SPEECH_END = 0.08, 0.84
"""Part of the loop that is spoken; the rest lets the mouth come home before the loop closes."""
SYLLABLES_PER_SECOND = 7.5
"""Fast Korean speech; longer sentences are thinned to this rate, as lips would blur anyway."""
RELEASE = 0.04

MOUTHS: Mapping[str, Mapping[str, float]] = {
    "a": {"jawOpen": 0.62},
    "eo": {"jawOpen": 0.46, "mouthFunnel": 0.25},
    "o": {"jawOpen": 0.36, "mouthPucker": 0.55, "mouthFunnel": 0.45},
    "u": {"jawOpen": 0.16, "mouthPucker": 0.95, "mouthFunnel": 0.2},
    "eu": {"jawOpen": 0.12, "mouthStretch": 0.45, "mouthLowerDown": 0.3},
    "i": {"jawOpen": 0.12, "mouthStretch": 0.65, "mouthUpperUp": 0.3, "mouthLowerDown": 0.25},
    "e": {"jawOpen": 0.32, "mouthStretch": 0.45, "mouthUpperUp": 0.2},
    "closed": {"mouthPress": 0.6},
    "teeth": {"jawOpen": 0.09, "mouthStretch": 0.25, "mouthLowerDown": 0.25},
    "lip": {"jawOpen": 0.08, "mouthRollLower": 0.5, "mouthUpperUp": 0.2},
    "rest": {},
}
"""Viseme -> blendshape weights."""
CHANNELS = tuple(sorted({channel for mouth in MOUTHS.values() for channel in mouth}))

_VOWELS: tuple[tuple[str, ...], ...] = (
    ("a",), ("e",), ("i", "a"), ("i", "e"), ("eo",), ("e",), ("i", "eo"), ("i", "e"), ("o",), ("o", "a"),
    ("o", "e"), ("o", "e"), ("i", "o"), ("u",), ("u", "eo"), ("u", "e"), ("u", "i"), ("i", "u"), ("eu",),
    ("eu", "i"), ("i",),
)  # fmt: skip
"""In the order of the Unicode medial jamo, ㅏ to ㅣ."""
_CLOSING_INITIALS = frozenset({6, 7, 8, 17})  # ㅁ ㅂ ㅃ ㅍ
_TEETH_INITIALS = frozenset({9, 10, 12, 13, 14})  # ㅅ ㅆ ㅈ ㅉ ㅊ
_CLOSING_FINALS = frozenset({10, 11, 14, 16, 17, 18, 26})  # ㄻ ㄼ ㄿ ㅁ ㅂ ㅄ ㅍ
_LATIN: Mapping[str, str] = {
    "a": "a", "e": "e", "i": "i", "o": "o", "u": "u", "y": "i", "w": "u", "m": "closed", "b": "closed",
    "p": "closed", "f": "lip", "v": "lip", "s": "teeth", "z": "teeth", "c": "teeth", "j": "teeth",
    "t": "teeth", "d": "teeth", "n": "teeth", "l": "teeth",
}  # fmt: skip
_DIGITS = dict(zip("0123456789", "영일이삼사오육칠팔구", strict=True))
_JAMO: Mapping[str, str] = {"ㅋ": "a", "ㅎ": "e", "ㅠ": "u", "ㅜ": "u", "ㅡ": "eu", "ㅏ": "a", "ㅇ": "closed"}
"""Jamo written alone in messages: laughing, crying, 'ㅇㅇ'."""
_VOWEL, _GLIDE, _CONSONANT, _PAUSE = 1.0, 0.4, 0.35, 0.6
"""Relative durations."""


@dataclass(frozen=True)
class Viseme:
    """One mouth of ``MOUTHS`` and how long it lasts relative to a vowel."""

    mouth: str
    length: float


def _syllable(index: int) -> Iterator[Viseme]:
    initial, medial, final = index // 588, index % 588 // 28, index % 28
    if initial in _CLOSING_INITIALS:
        yield Viseme("closed", _CONSONANT)
    elif initial in _TEETH_INITIALS:
        yield Viseme("teeth", _CONSONANT)
    vowels = _VOWELS[medial]
    for glide in vowels[:-1]:
        yield Viseme(glide, _GLIDE)
    yield Viseme(vowels[-1], _VOWEL)
    if final in _CLOSING_FINALS:
        yield Viseme("closed", _CONSONANT)
    elif final:
        yield Viseme("teeth", _CONSONANT)


def _letter(character: str) -> tuple[Viseme, ...]:
    character = _DIGITS.get(character, character)
    index = ord(character) - 0xAC00
    if 0 <= index < 11172:
        return tuple(_syllable(index))
    lower = character.lower()
    if lower in _LATIN:
        mouth = _LATIN[lower]
        return (Viseme(mouth, _VOWEL if lower in "aeiou" else _CONSONANT),)
    if character in _JAMO:
        return (Viseme(_JAMO[character], _VOWEL),)
    return (Viseme("rest", _PAUSE),) if character.isspace() or character in ",.!?~…" else ()


def visemes_of(sentence: str) -> tuple[Viseme, ...]:
    """The mouths of a sentence in order; emoji and unknown letters are silent. Empty when nothing is said."""
    spoken = [viseme for character in sentence.strip() for viseme in _letter(character)]
    while spoken and spoken[-1].mouth == "rest":
        spoken.pop()
    return tuple(spoken)


def _thinned(visemes: tuple[Viseme, ...], most: int) -> tuple[Viseme, ...]:
    """At most ``most`` vowels, evenly chosen, each with the consonant before it."""
    vowels = [position for position, viseme in enumerate(visemes) if viseme.length == _VOWEL]
    if len(vowels) <= most:
        return visemes
    kept = {vowels[round(step * (len(vowels) - 1) / max(most - 1, 1))] for step in range(most)}
    return tuple(visemes[p] for p in range(len(visemes)) if p in kept or (p + 1 in kept and p not in vowels))


def speech_tracks(
    sentence: str, duration_s: float, *, start: float = SPEECH_START, end: float = SPEECH_END
) -> dict[str, Track]:
    """Blendshape tracks that speak ``sentence`` between two phases of a loop of ``duration_s``.

    Pair shorthands are used, so both sides move alike. Closed and at rest outside the window; empty when the
    sentence has no sound.
    """
    most = max(1, int(SYLLABLES_PER_SECOND * duration_s * (end - start)))
    visemes = _thinned(visemes_of(sentence), most)
    if not visemes:
        return {}
    total = sum(viseme.length for viseme in visemes)
    # a short greeting is not stretched over the whole loop: no syllable lasts longer than three fast ones
    stretch = min((end - start) / total, 3 / SYLLABLES_PER_SECOND / duration_s)
    at, moments = start, []
    for viseme in visemes:
        moments.append((at + viseme.length * stretch / 2, viseme.mouth))
        at += viseme.length * stretch
    moments = [(max(0.0, start - RELEASE), "rest"), *moments, (min(1.0, at + RELEASE), "rest")]
    tracks = {}
    for channel in CHANNELS:
        keys = [Key(round(phase, 4), MOUTHS[mouth].get(channel, 0.0)) for phase, mouth in moments]
        if any(key.value for key in keys):
            tracks[channel] = Track(tuple(keys))
    return tracks


def speaking(motion: Motion, sentence: str) -> Motion:
    """``motion`` with its mouth speaking ``sentence``; unchanged when nothing can be said.

    The motion's own jaw and lip tracks give way; smiles, brows and everything else stay.
    """
    tracks = speech_tracks(sentence, motion.duration_s)
    if not tracks:
        return motion
    silent = {name: track for name, track in motion.tracks.items() if name not in CHANNELS}
    return replace(motion, tracks={**silent, **tracks})
