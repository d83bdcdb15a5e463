"""Forms of a text in which hidden words show: signs out, letters put together, spaced syllables joined."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_NOISE = re.compile(r"(?<=[가-힣])[0-9._\-*~^!@#/|,·]+(?=[가-힣])")
"""Signs slipped between two syllables to hide a word."""
_SPACED = re.compile("(?<![가-힣])[가-힣](?: [가-힣](?![가-힣]))+")
"""Syllables that stand alone, one after the other: 느 금 마."""
_INITIALS, _VOWELS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ", "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_LOOSE = re.compile(f"[{_INITIALS}][{_VOWELS}](?:[{_FINALS[1:]}](?![{_VOWELS}]))?")


@dataclass(frozen=True)
class View:
    """A form of the text and, for each of its letters, the position in the cleaned text."""

    text: str
    positions: Sequence[int]

    def without(self, hidden: set[int]) -> View:
        """Letters at these places of the view taken out."""
        kept = [place for place in range(len(self.text)) if place not in hidden]
        return View("".join(self.text[place] for place in kept), [self.positions[place] for place in kept])


def views_of(text: str) -> dict[str, tuple[View, ...]]:
    """``plain``: as typed, lower case. ``words``: without noise, and once more with everything joined."""
    plain = View("".join(_folded(letter) for letter in text), range(len(text)))
    noise = {place for match in _NOISE.finditer(plain.text) for place in range(*match.span())}
    words = plain.without(noise)
    joined = _composed(words)
    spaces = {
        place
        for match in _SPACED.finditer(joined.text)
        for place in range(*match.span())
        if joined.text[place] == " "
    }
    joined = joined.without(spaces)
    return {"plain": (plain,), "words": (words,) if joined.text == words.text else (words, joined)}


def _composed(view: View) -> View:
    """ㅂㅕㅇ to 병; the syllable stands where its first letter stood."""
    letters: list[str] = []
    positions: list[int] = []
    place = 0
    for match in _LOOSE.finditer(view.text):
        letters += [*view.text[place : match.start()], _syllable(match[0])]
        positions += [*view.positions[place : match.start()], view.positions[match.start()]]
        place = match.end()
    return View("".join([*letters, *view.text[place:]]), [*positions, *view.positions[place:]])


def _syllable(loose: str) -> str:
    initial, vowel = _INITIALS.index(loose[0]), _VOWELS.index(loose[1])
    return chr(0xAC00 + (initial * 21 + vowel) * 28 + (_FINALS.index(loose[2]) if len(loose) > 2 else 0))


def _folded(letter: str) -> str:
    """Lower case; full-width forms to plain ones; always one letter for one letter."""
    folded = unicodedata.normalize("NFKC", letter).lower() if "\uff00" < letter < "\uffef" else letter.lower()
    return folded if len(folded) == 1 else letter
