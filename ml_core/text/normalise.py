"""From what a person typed to the text the encoder and the search read.

Two steps: ``check_sentence`` refuses what cannot be a sentence and returns it cleaned for storage;
``normalise`` folds the ways of typing (runs, elongation, emoji, initialisms) into plain words.
"""

from __future__ import annotations

import re
import unicodedata

from ml_core.errors import SentenceRejected
from ml_core.text.lexicon import Lexicon

SENTENCE_LIMIT = 200
"""Letters of a sticker's sentence: a caption of more cannot be read, and chat bubbles end long before."""
HARD_LIMIT = 4000
"""Code points looked at before anything else is done: a pasted book costs nothing."""

# Zero-width and bidirectional controls, the byte order mark, soft hyphen, Hangul fillers, tags.
# The zero-width joiner and the variation selectors stay where they hold an emoji together, and only there.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]"
    "|(?<![\u2190-\u2bff\u3030\u303d\u3297\u3299\ufe0f\U0001f000-\U0001faff])[\u200d\ufe00-\ufe0f]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SPACE = re.compile(r"\s+")
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff]")

# Laughing and crying letters, alone or glued to a syllable; two are kept, any longer run means the same.
_LAUGH = re.compile("[ㅋᄏ]{2,}|[ㅋㄱㅎ]*ㅋ[ㅋㄱㅎ]*ㅋ[ㅋㄱㅎ]*")
_GIGGLE = re.compile("ㅎ{2,}")
_CRY = re.compile("[ㅠㅜ]+(?:[._ ]*[ㅠㅜ]+)*|[Tㅜㅠ]_+[Tㅜㅠ]")
_WORD_LAUGH = re.compile("([하호히헤크키푸])\\1{2,}")
_RUN = re.compile(r"(.)\1{2,}")
_BARE_VOWELS = re.compile("(?<=[가-힣])[ㅏ-ㅛㅝ-ㅟㅢㅣ]+")
_TILDE = re.compile("[~〜～∼]+")
_DOTS = re.compile(r"(?:\.{2,}|…+|·{2,}|,{2,})")
_HEART = re.compile("[♡♥❤]+(?!\u200d)")
_SMILE = re.compile(r"\^{2}|\^[_.oㅁ]\^|:\)+|:D|=\)|:-\)")
_FROWN = re.compile(r":\(+|:-\(|T\.T|;_;|:'\(")

_SYLLABLE_FIRST, _SYLLABLE_LAST = 0xAC00, 0xD7A3
_VOWELS, _CODAS = 21, 28
_IEUNG = 11
"""Index of the silent initial consonant ㅇ among the nineteen."""
_SAME_VOWEL = {
    0: (0, 2),
    2: (0, 2),
    4: (4, 6),
    6: (4, 6),
    8: (8, 12),
    12: (8, 12),
    13: (13, 17),
    17: (13, 17),
}
"""A stretched syllable may drop its glide: 야아아, 여어어, 요오오, 유우우."""
_STRETCH = 2
"""A silent-initial copy of the vowel is elongation from the second one on: 배고파아아, not 아이, 어어."""


def check_sentence(text: str, limit: int = SENTENCE_LIMIT) -> str:
    """Clean what a person typed, or say why it cannot be used.

    Returns NFC text without invisible or control characters, whitespace folded, stripped. Emoji alone
    and laughter alone are sentences. Raises SentenceRejected: ``empty`` (nothing visible), ``too_long``
    (params ``limit`` and ``length``), ``no_words`` (punctuation only).
    """
    if len(text) > HARD_LIMIT:
        raise _too_long(len(text), limit)
    cleaned = clean(text)
    if not cleaned:
        raise SentenceRejected("empty", "The sentence is empty: write a few words or an emoji.")
    if len(cleaned) > limit:
        raise _too_long(len(cleaned), limit)
    if not any(_carries_meaning(letter) for letter in cleaned) and not _FACE.search(cleaned):
        raise SentenceRejected(
            "no_words", "The sentence has only punctuation: write a few words or an emoji."
        )
    return cleaned


def clean(text: str) -> str:
    """NFC, without invisible and control characters, whitespace folded to single spaces."""
    joined = "".join(letter for letter in text if not 0xD800 <= ord(letter) <= 0xDFFF)
    visible = _CONTROL.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", joined)))
    return _SPACE.sub(" ", visible).strip()


def normalise(text: str, lexicon: Lexicon | None = None) -> str:
    """Fold ways of typing into plain words; the same for sentences, messages and labels.

    NFKC letters, runs of ㅋ, ㅎ, ㅠ cut to two, stretched syllables shortened, tildes and dots to spaces.
    With a lexicon, initialisms and English words are replaced, spelling is standardised, slang gets its
    meaning beside it, and emoji become their Korean names (Unicode CLDR). Never raises.
    """
    text = _SKIN.sub("", clean(text[:HARD_LIMIT])).replace("\ufe0f", "")
    text = _fold_faces(text)
    if lexicon is not None:
        text = lexicon.spell_emoji(text)
    text = text.replace("\u200d", "")
    text = _compatible(text)
    text = _CRY.sub(" ㅠㅠ ", _GIGGLE.sub(" ㅎㅎ ", _LAUGH.sub(" ㅋㅋ ", text)))
    text = _WORD_LAUGH.sub(r"\1\1", _BARE_VOWELS.sub("", text))
    text = _shorten_stretch(_TILDE.sub(" ", text))
    text = _RUN.sub(r"\1\1", _DOTS.sub(" .. ", text)).lower()
    if lexicon is not None:
        text = lexicon.explain(_SPACE.sub(" ", text))
    return _SPACE.sub(" ", text).strip()


def _fold_faces(text: str) -> str:
    text = _HEART.sub(" 하트 ", text)
    return _FROWN.sub(" ㅠㅠ ", _SMILE.sub(" ㅎㅎ ", text))


def _compatible(text: str) -> str:
    """Full-width and styled Latin letters to plain ones; bare Hangul consonants stay as they are typed."""
    return "".join(
        unicodedata.normalize("NFKC", letter)
        if ord(letter) > 0x2000 and not _is_bare_jamo(letter)
        else letter
        for letter in text
    )


def _is_bare_jamo(letter: str) -> bool:
    return "\u3131" <= letter <= "\u318e"


def _shorten_stretch(text: str) -> str:
    """배고파아아아 -> 배고파, 가자아아 -> 가자, 요오오 -> 요; single vowels stay (아이, 좋아)."""
    kept: list[str] = []
    position = 0
    while position < len(text):
        kept.append(text[position])
        end = position + 1
        while end < len(text) and _stretches(text[position], text[end]):
            end += 1
        position = end if end - position - 1 >= _STRETCH else position + 1
    return "".join(kept)


def _stretches(base: str, letter: str) -> bool:
    first, second = ord(base), ord(letter)
    if not (_SYLLABLE_FIRST <= first <= _SYLLABLE_LAST and _SYLLABLE_FIRST <= second <= _SYLLABLE_LAST):
        return False
    first, second = first - _SYLLABLE_FIRST, second - _SYLLABLE_FIRST
    vowel, coda = first // _CODAS % _VOWELS, first % _CODAS
    if coda or second % _CODAS or second // (_CODAS * _VOWELS) != _IEUNG:
        return False
    return second // _CODAS % _VOWELS in _SAME_VOWEL.get(vowel, (vowel,))


_FACE = re.compile(f"{_SMILE.pattern}|{_FROWN.pattern}")
"""Punctuation that speaks by itself: smileys drawn with signs."""


def _carries_meaning(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category[0] in "LN" or category == "So"


def _too_long(length: int, limit: int) -> SentenceRejected:
    return SentenceRejected(
        "too_long", f"The sentence has {length} letters: at most {limit} fit.", limit=limit, length=length
    )
