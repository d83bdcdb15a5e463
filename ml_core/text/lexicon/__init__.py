"""What short forms, slang and emoji mean: data (TOML, TSV) beside this file, and the reader of it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LEXICON_DIR = Path(__file__).parent
"""The tables shipped with the repository."""

_CONSONANTS = re.compile("[ㄱ-ㅎㅡㅗ]+")
_REPEATED = re.compile("(.{2,}?)\\1+")
_LETTER = "[가-힣ㄱ-ㅣ]"
_EMOJI_KEYWORDS = 5
"""Keywords added to the name of an emoji that stands alone: enough to say what it is used for."""
_HANGUL = re.compile("[가-힣]")


@dataclass(frozen=True)
class Lexicon:
    """Immutable tables with their compiled patterns. Build with ``Lexicon.load``.

    initialisms, slang, spelling, english: form -> plain words. emoji: character(s) -> (name, keywords).
    polarity: group -> stems (see polarity.toml), used by ml_core.text.negation.
    """

    initialisms: Mapping[str, str]
    slang: Mapping[str, str]
    spelling: Mapping[str, str]
    english: Mapping[str, str]
    emoji: Mapping[str, tuple[str, tuple[str, ...]]]
    polarity: Mapping[str, tuple[str, ...]]
    slang_pattern: re.Pattern[str]
    spelling_pattern: re.Pattern[str]
    english_pattern: re.Pattern[str]
    emoji_pattern: re.Pattern[str]

    @classmethod
    def load(cls, folder: Path = LEXICON_DIR) -> Lexicon:
        """Read slang.toml, polarity.toml and emoji_ko.tsv of a folder. Raises OSError, KeyError."""
        tables = tomllib.loads((folder / "slang.toml").read_text(encoding="utf-8"))
        plain = {name: {form: row[0] for form, row in table.items()} for name, table in tables.items()}
        polarity = tomllib.loads((folder / "polarity.toml").read_text(encoding="utf-8"))
        emoji = _read_emoji(folder / "emoji_ko.tsv")
        return cls(
            initialisms=plain["initialism"],
            slang=plain["slang"],
            spelling=plain["spelling"],
            english=plain["english"],
            emoji=emoji,
            polarity={group: tuple(stems) for group, stems in polarity.items()},
            slang_pattern=_any_of(plain["slang"]),
            spelling_pattern=_any_of(plain["spelling"]),
            english_pattern=re.compile(rf"(?<![a-z])(?:{_alternatives(plain['english'])})(?![a-z])"),
            emoji_pattern=re.compile(_alternatives(emoji)),
        )

    def spell_emoji(self, text: str) -> str:
        """Emoji to words. Beside Hangul only the name is written; alone, what it is used for as well."""
        alone = not _HANGUL.search(text)
        seen: set[str] = set()

        def words(match: re.Match[str]) -> str:
            if match[0] in seen:
                return " "
            seen.add(match[0])
            name, keywords = self.emoji[match[0]]
            return f" {' '.join((name, *keywords[:_EMOJI_KEYWORDS]) if alone else (name,))} "

        return self.emoji_pattern.sub(words, text)

    def emoji_in(self, text: str) -> tuple[str, ...]:
        """The distinct known emoji of a text in order, without variation selectors."""
        found = self.emoji_pattern.findall(text.replace("\ufe0f", ""))
        return tuple(dict.fromkeys(found))

    def explain(self, text: str) -> str:
        """Lower case in. English and initialisms replaced, spelling standardised, slang glossed."""
        text = self.english_pattern.sub(lambda m: f" {self.english[m[0]]} ", text.replace("’", "'"))
        text = _CONSONANTS.sub(lambda m: self._initialism(m[0]), text)
        text = self.spelling_pattern.sub(lambda m: self.spelling[m[0]], text)
        return self._gloss(text)

    def _initialism(self, run: str) -> str:
        """The meaning of a run of consonants; ㅊㅋㅊㅋㅊㅋ is ㅊㅋ said three times. Unknown runs stay."""
        meaning = self.initialisms.get(run)
        if meaning is None:
            repeated = _REPEATED.fullmatch(run)
            meaning = self.initialisms.get(repeated[1]) if repeated else None
        return meaning or run

    def _gloss(self, text: str) -> str:
        parts: list[str] = []
        position = 0
        for match in self.slang_pattern.finditer(text):
            if match.end() <= position:
                continue
            end = text.find(" ", match.end())
            end = len(text) if end < 0 else end
            parts += [text[position:end], " ", self.slang[match[0]]]
            position = end
        return "".join([*parts, text[position:]])


def _read_emoji(path: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    table: dict[str, tuple[str, tuple[str, ...]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            continue
        character, name, keywords = line.split("\t")
        table[character] = (name, tuple(keyword for keyword in keywords.split(",") if keyword))
    return table


def _alternatives(forms: Mapping[str, object]) -> str:
    return "|".join(re.escape(form) for form in sorted(forms, key=lambda form: (-len(form), form)))


def _any_of(forms: Mapping[str, str]) -> re.Pattern[str]:
    """Longest form first. Single letters match only as a whole word: 콜 is no part of 콜라."""
    longer = {form: "" for form in forms if len(form) > 1}
    single = {form: "" for form in forms if len(form) == 1}
    pattern = _alternatives(longer)
    if single:
        pattern += f"|(?<!{_LETTER})(?:{_alternatives(single)})(?!{_LETTER})"
    return re.compile(pattern)
