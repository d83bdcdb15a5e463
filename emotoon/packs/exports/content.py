"""What a pack holds, before it is made into files: plain values, no database rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from emotoon.ml.export import Certificate, Clip


@dataclass(frozen=True)
class StickerContent:
    """One sticker. load: makes or reads its frames; a pack's frames together would fill the memory.

    title_ko, title_en: of its template. emoji: best first. keywords: words to find it by.
    """

    load: Callable[[], Clip]
    is_still: bool
    sentence: str
    title_ko: str
    title_en: str
    emoji: tuple[str, ...] = ("🙂",)
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True)
class PackContent:
    """identifier: ASCII, the pack's public id. cover: index of the sticker that icons are made from."""

    identifier: str
    title_ko: str
    title_en: str
    author: str
    stickers: tuple[StickerContent, ...]
    cover: int = 0


@dataclass(frozen=True)
class PackFile:
    """One finished file. sticker: its index in the pack, None for an icon."""

    path: str
    data: bytes
    certificate: Certificate
    given_up: tuple[str, ...]
    sticker: int | None = None


@dataclass(frozen=True)
class PackArchive:
    """The zip and what was checked about every picture in it."""

    name: str
    data: bytes
    target: str
    files: tuple[PackFile, ...]

    @property
    def ok(self) -> bool:
        return all(file.certificate.ok for file in self.files)

    def as_dict(self) -> dict[str, object]:
        """The certificate of the whole pack, for JSON and for keeping."""
        return {
            "ok": self.ok,
            "target": self.target,
            "bytes": len(self.data),
            "files": [
                {**file.certificate.as_dict(), "path": file.path, "given_up": list(file.given_up)}
                for file in self.files
            ],
        }
