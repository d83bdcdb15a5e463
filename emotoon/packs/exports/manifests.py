"""The description each messenger wants beside the pictures. One function per messenger's way.

Sources: WhatsApp/stickers contents.json (sample app); Signal sticker pack manifest (SignalService
StickerResources.proto: title, author, cover, stickers); Telegram Bot API createNewStickerSet and
InputSticker; LINE Creators Market file names (01.png, main.png, tab.png).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from emotoon.ml.export import PackRules, Target
from emotoon.packs.exports.content import PackContent, PackFile
from emotoon.packs.exports.wording import (
    accessibility_both,
    accessibility_text,
    keywords_within,
    pack_title,
    sticker_name,
)

Manifest = tuple[str, str]
"""File name and text."""


def manifests_for(content: PackContent, target: Target, files: tuple[PackFile, ...]) -> tuple[Manifest, ...]:
    """The messenger's own manifest, then one list of names and texts that is the same for all."""
    rules = target.pack or PackRules()
    own = _WRITERS[rules.manifest](content, target, rules, files)
    return (*own, ("stickers.json", _json(_everything(content, rules, files))))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _stickers(files: tuple[PackFile, ...]) -> list[tuple[int, PackFile]]:
    return [(file.sticker, file) for file in files if file.sticker is not None]


def _icon(files: tuple[PackFile, ...], name: str) -> str:
    return next((file.path for file in files if file.sticker is None and file.path.startswith(name)), "")


def _everything(content: PackContent, rules: PackRules, files: tuple[PackFile, ...]) -> dict[str, Any]:
    return {
        "identifier": content.identifier,
        "title": {"ko": content.title_ko, "en": content.title_en},
        "author": content.author,
        "ai_generated": True,
        "stickers": [
            {
                "file": file.path,
                "name": sticker_name(content.stickers[index], rules.name_chars),
                "emoji": list(content.stickers[index].emoji[: (rules.emoji or (1, 3))[1]]),
                "keywords": list(keywords_within(content.stickers[index], rules.tags_chars)),
                "accessibility": {
                    language: accessibility_text(content.stickers[index], language, rules.accessibility_chars)
                    for language in ("ko", "en")
                },
            }
            for index, file in _stickers(files)
        ],
    }


def _plain(
    content: PackContent, target: Target, rules: PackRules, files: tuple[PackFile, ...]
) -> tuple[Manifest, ...]:
    return ()


def _whatsapp(
    content: PackContent, target: Target, rules: PackRules, files: tuple[PackFile, ...]
) -> tuple[Manifest, ...]:
    most = (rules.emoji or (1, 3))[1]
    pack = {
        "identifier": content.identifier,
        "name": pack_title(content, 128),
        "publisher": content.author[:128],
        "tray_image_file": _icon(files, "tray"),
        "image_data_version": "1",
        "avoid_cache": False,
        "publisher_email": "",
        "publisher_website": "",
        "privacy_policy_website": "",
        "license_agreement_website": "",
        "animated_sticker_pack": target.animated,
        "stickers": [
            {
                "image_file": file.path,
                "emojis": list(content.stickers[index].emoji[:most]),
                "accessibility_text": accessibility_both(content.stickers[index], rules.accessibility_chars),
            }
            for index, file in _stickers(files)
        ],
    }
    contents = {"android_play_store_link": "", "ios_app_store_link": "", "sticker_packs": [pack]}
    return (("contents.json", _json(contents)),)


def _signal(
    content: PackContent, target: Target, rules: PackRules, files: tuple[PackFile, ...]
) -> tuple[Manifest, ...]:
    stickers = [
        {
            "id": number,
            "emoji": content.stickers[index].emoji[0],
            "contentType": "image/apng",
            "file": file.path,
        }
        for number, (index, file) in enumerate(_stickers(files))
    ]
    cover = {
        "id": len(stickers),
        "emoji": content.stickers[content.cover].emoji[0],
        "contentType": "image/png",
        "file": _icon(files, "cover"),
    }
    manifest = {"title": pack_title(content), "author": content.author, "cover": cover, "stickers": stickers}
    return (("manifest.json", _json(manifest)),)


_TELEGRAM_FORMATS = {"webm": "video", "png": "static", "webp": "static"}


def _telegram(
    content: PackContent, target: Target, rules: PackRules, files: tuple[PackFile, ...]
) -> tuple[Manifest, ...]:
    most = (rules.emoji or (1, 20))[1]
    body = {
        "name": f"{content.identifier}_by_<bot username>",
        "title": pack_title(content, 64),
        "sticker_type": "custom_emoji" if target.name == "telegram_emoji" else "regular",
        "needs_repainting": False,
        "thumbnail": _icon(files, "thumbnail"),
        "stickers": [
            {
                "sticker": file.path,
                "format": _TELEGRAM_FORMATS[target.format],
                "emoji_list": list(content.stickers[index].emoji[:most]),
                "keywords": list(keywords_within(content.stickers[index], rules.keywords_chars)),
            }
            for index, file in _stickers(files)
        ],
    }
    return (("telegram.json", _json(body)),)


_WRITERS: Mapping[str, Callable[..., tuple[Manifest, ...]]] = MappingProxyType(
    {"plain": _plain, "line": _plain, "whatsapp": _whatsapp, "signal": _signal, "telegram": _telegram}
)
"""LINE reads nothing but the file names."""
