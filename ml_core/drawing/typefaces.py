"""The fonts of captions: two shipped ones, a colour emoji font where the system has one.

Loading goes through an empty font manager, so neither fontconfig nor installed fonts change a sticker;
the only exceptions are the named fallback files, for letters that the shipped fonts do not have.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import skia

FONT_DIR = Path(__file__).parent / "fonts"
ROUND = "NanumSquareRoundEB.ttf"
HANDWRITING = "EmotoonHandwriting.ttf"
EMOJI_FONTS = (
    Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"),
    Path("/usr/share/fonts/noto/NotoColorEmoji.ttf"),
    Path("/usr/share/fonts/google-noto-emoji/NotoColorEmoji.ttf"),
)
FALLBACK_FONTS = (
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"),
    Path("/usr/share/fonts/TTF/DejaVuSans-Bold.ttf"),
)
EM = 100.0
"""Size at which glyph outlines are taken; captions scale them."""


class Typeface:
    """Glyph outlines of one font file at ``EM`` size."""

    def __init__(self, typeface: skia.Typeface) -> None:
        self._typeface = typeface
        self._font = skia.Font(typeface, EM)

    def glyph(self, char: str) -> tuple[skia.Path, float] | None:
        """Outline (baseline at y 0) and advance of one character, or None where the font lacks it."""
        index = self._typeface.unicharToGlyph(ord(char))
        if not index:
            return None
        path = self._font.getPath(index)
        return path if path is not None else skia.Path(), float(self._font.getWidths([index])[0])


class FontBook:
    """Fonts, opened when first needed and kept as long as the book is."""

    def __init__(
        self,
        *,
        emoji_fonts: tuple[Path, ...] = EMOJI_FONTS,
        fallback_fonts: tuple[Path, ...] = FALLBACK_FONTS,
    ) -> None:
        self._emoji_fonts = emoji_fonts
        self._fallback_fonts = fallback_fonts
        self._faces: dict[Path, Typeface | None] = {}

    @cached_property
    def _manager(self) -> skia.FontMgr:
        return skia.FontMgr.New_Custom_Empty()

    def _face(self, path: Path) -> Typeface | None:
        if path not in self._faces:
            typeface = self._manager.makeFromFile(str(path)) if path.is_file() else None
            self._faces[path] = Typeface(typeface) if typeface is not None else None
        return self._faces[path]

    def glyph(self, char: str, *, font: str) -> tuple[skia.Path, float] | None:
        """Outline and advance at ``EM`` size from ``font``, else from another font, else None."""
        for path in (FONT_DIR / font, FONT_DIR / ROUND, *self._fallback_fonts):
            face = self._face(path)
            found = face.glyph(char) if face is not None else None
            if found is not None:
                return found
        return None

    @cached_property
    def _emoji_shaper(self) -> tuple[skia.textlayout.FontCollection, skia.Unicode] | None:
        for path in self._emoji_fonts:
            typeface = self._manager.makeFromFile(str(path)) if path.is_file() else None
            if typeface is not None:
                provider = skia.textlayout.TypefaceFontProvider()
                provider.registerTypeface(typeface, "emoji")
                collection = skia.textlayout.FontCollection()
                collection.setDefaultFontManager(provider)
                return collection, skia.Unicodes.ICU.Make()
        return None

    def emoji(self, cluster: str, side: int) -> skia.Image | None:
        """An emoji sequence as a square picture of ``side`` pixels; None if no emoji font has it."""
        if self._emoji_shaper is None:
            return None
        collection, unicode = self._emoji_shaper
        style = skia.textlayout.TextStyle()
        style.setFontFamilies(["emoji"])
        style.setFontSize(side * 0.8)
        builder = skia.textlayout.ParagraphBuilder.make(skia.textlayout.ParagraphStyle(), collection, unicode)
        builder.pushStyle(style)
        builder.addText(cluster)
        paragraph = builder.Build()
        paragraph.layout(10.0 * side)
        surface = skia.Surface(side, side)
        paragraph.paint(
            surface.getCanvas(), (side - paragraph.LongestLine) / 2.0, (side - paragraph.Height) / 2.0
        )
        image = surface.makeImageSnapshot()
        return image if image.toarray()[..., 3].any() else None
