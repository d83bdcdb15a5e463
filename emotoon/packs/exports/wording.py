"""Words that travel inside exported packs. They are in both languages, whatever language the person reads."""

from __future__ import annotations

import unicodedata

from emotoon.packs.exports.content import PackContent, StickerContent

AI_NOTICE_FILE = "AI-GENERATED.txt"
_ACCESSIBILITY = {
    "ko": "{title} 모습의 만화 스티커. 글자: {sentence}",
    "en": "Cartoon sticker, {title}. Text: {sentence}",
}
_ELLIPSIS = "…"


def accessibility_text(sticker: StickerContent, language: str, limit: int | None = None) -> str:
    """What a screen reader says. language: "ko" or "en". Cut at ``limit`` characters."""
    title = sticker.title_ko if language == "ko" else sticker.title_en
    return shortened(_ACCESSIBILITY[language].format(title=title, sentence=sticker.sentence), limit)


def accessibility_both(sticker: StickerContent, limit: int | None = None) -> str:
    """Korean, then English where the limit leaves room for all of it."""
    korean = accessibility_text(sticker, "ko", limit)
    both = f"{korean} / {accessibility_text(sticker, 'en')}"
    return both if limit is None or len(both) <= limit else korean


def pack_title(content: PackContent, limit: int | None = None) -> str:
    return shortened(content.title_ko.strip() or content.title_en.strip(), limit)


def sticker_name(sticker: StickerContent, limits: tuple[int, int] | None) -> str:
    """A name within the messenger's length: the sentence, filled up with the template's title."""
    low, high = limits or (1, 64)
    name = " ".join(sticker.sentence.split()) or sticker.title_ko
    if len(name) < low:
        name = f"{name} {sticker.title_ko}".strip().ljust(low, "!")
    return shortened(name, high)


def keywords_within(sticker: StickerContent, limit: int | None) -> tuple[str, ...]:
    """Keywords in order until their letters together reach ``limit``."""
    taken: list[str] = []
    for word in dict.fromkeys(sticker.keywords):
        if limit is not None and sum(map(len, taken)) + len(word) > limit:
            break
        taken.append(word)
    return tuple(taken[:20])


def shortened(text: str, limit: int | None) -> str:
    """At most ``limit`` characters, composed Hangul counted as one, with an ellipsis where it was cut."""
    text = unicodedata.normalize("NFC", text)
    return text if limit is None or len(text) <= limit else text[: limit - 1].rstrip() + _ELLIPSIS


def ai_notice(marks: frozenset[str]) -> str:
    """The text file that says how the pictures were made and how they are marked."""
    lines = [
        "이 꾸러미의 그림은 emotoon이 AI로 생성했습니다.",
        "The pictures in this pack were generated with AI by emotoon.",
        "",
        "digital source type: http://cv.iptc.org/newscodes/digitalsourcetype/"
        "compositeWithTrainedAlgorithmicMedia",
        f"파일에 있는 표시 / marks in the files: {', '.join(sorted(marks)) or 'none'}",
    ]
    if "c2pa" in marks:
        lines += [
            "C2PA 서명은 자체 서명 개발 인증서로 만들어 '신뢰할 수 없음'으로 표시될 수 있습니다.",
            "C2PA manifests signed with a self-signed development certificate read as 'untrusted'.",
        ]
    return "\n".join(lines) + "\n"
