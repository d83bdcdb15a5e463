"""Captions stay in their band, loop exactly, and survive whatever people type."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import skia
from hypothesis import given, settings
from hypothesis import strategies as st

from ml_core.drawing.anchors import CAPTION_BAND
from ml_core.drawing.caption import Caption, readable
from ml_core.drawing.emoji_shapes import DRAWN_EMOJI, SIDE, emoji_sprite
from ml_core.drawing.graphemes import cleaned, graphemes, is_emoji, reading_order
from ml_core.drawing.ink import WHITE, fill_paint, grown, lean, moved, stroke_paint, surface_over
from ml_core.drawing.layout import MAX_LETTERS, MAX_LINES, set_text, shortened
from ml_core.drawing.lettering import CAPTION_STYLES
from ml_core.drawing.typefaces import HANDWRITING, FontBook
from ml_core.errors import MotionInvalid
from ml_core.types import CaptionSpec, Image

SIZE = 256
FONTS = FontBook()
SENTENCES = (
    "ㅋㅋㅋ 너무 웃겨",
    "사랑해요❤️",
    "퇴근하고 싶은데 아직도 일이 산더미예요 살려 주세요",
    "오늘도화이팅하세요여러분모두사랑합니다진짜로요",
    "Thank you so much! 100% 👍🏽",
    "👨‍👩‍👧‍👦🇰🇷1️⃣🏳️‍🌈",
    "שלום עולם مرحبا",
    "ㅠㅠ",
    "!",
    "한" * 500,
    "W" * 60,
)


def drawn(caption: Caption, phase: float, *, size: int = SIZE) -> Image:
    pixels = np.zeros((size, size, 4), np.uint8)
    surface = surface_over(pixels)
    caption.draw(surface.getCanvas(), phase)
    return pixels


def assert_inside(caption: Caption, phases: tuple[float, ...], *, size: int = SIZE) -> None:
    x0, y0, x1, y1 = caption.box
    assert x0 >= 0.0
    assert x1 <= size
    assert y1 <= size
    assert y0 >= size * (1.0 - CAPTION_BAND) - 1e-6 or caption.box == (0.0, 0.0, 0.0, 0.0)
    for phase in phases:
        alpha = drawn(caption, phase, size=size)[..., 3]
        outside = alpha.copy()
        outside[int(y0) : int(np.ceil(y1)), int(x0) : int(np.ceil(x1))] = 0
        assert not outside.any(), f"drawn outside its box at phase {phase}"


@pytest.mark.parametrize("style", sorted(CAPTION_STYLES))
@pytest.mark.parametrize("text", SENTENCES)
def test_stays_in_its_box_and_band(style: str, text: str) -> None:
    caption = Caption(CaptionSpec(text, style), size=SIZE, fonts=FONTS)
    assert_inside(caption, (0.07, 0.33, 0.62, 0.97))
    assert drawn(caption, 0.6)[..., 3].any()


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=80), style=st.sampled_from(sorted(CAPTION_STYLES)))
def test_any_text_at_all(text: str, style: str) -> None:
    caption = Caption(CaptionSpec(text, style), size=128, fonts=FONTS)
    assert_inside(caption, (0.5,), size=128)
    if not cleaned(text):
        assert caption.box == (0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\t",
        "\u200b\u200d\u2060\ufeff",
        "\u0301\u0301\u0301",
        "\x00\x07\x1b",
        "\u3164\u115f\u1160",
    ],
)
def test_invisible_text_draws_nothing(text: str) -> None:
    caption = Caption(CaptionSpec(text), size=SIZE, fonts=FONTS)
    assert not drawn(caption, 0.5).any()


@pytest.mark.parametrize("style", sorted(CAPTION_STYLES))
def test_loops_exactly_and_moves(style: str) -> None:
    caption = Caption(CaptionSpec("안녕 hello", style), size=SIZE, fonts=FONTS)
    np.testing.assert_array_equal(drawn(caption, 0.0), drawn(caption, 1.0))
    np.testing.assert_array_equal(drawn(caption, 0.41), drawn(caption, 0.41))
    frames = [drawn(caption, phase).astype(int) for phase in (0.06, 0.30, 0.52)]
    assert (frames[0] != frames[1]).any()
    if style != "typewriter":  # a typed text stands still on purpose
        assert (frames[1] != frames[2]).any()


def test_styles_look_different() -> None:
    frames = [
        drawn(Caption(CaptionSpec("안녕하세요", name), size=SIZE, fonts=FONTS), 0.4)
        for name in CAPTION_STYLES
    ]
    for i, first in enumerate(frames):
        for second in frames[i + 1 :]:
            assert (first != second).any()


def test_letters_have_the_colour_and_a_white_outline() -> None:
    pixels = drawn(Caption(CaptionSpec("가나다", "pop", (214, 36, 48)), size=SIZE, fonts=FONTS), 0.5)
    red = (np.abs(pixels[..., :3].astype(int) - (214, 36, 48)).max(axis=-1) < 3).sum()
    white = ((pixels == 255).all(axis=-1)).sum()
    assert red > 500
    assert white > 600


def test_light_colours_are_darkened_until_they_read() -> None:
    assert readable((255, 255, 255))[0] < 215
    assert readable((43, 32, 40)) == (43, 32, 40)
    pixels = drawn(Caption(CaptionSpec("가나다", "pop", (255, 250, 160)), size=SIZE, fonts=FONTS), 0.5)
    assert ((pixels[..., 3] == 255) & (pixels[..., 2] < 180)).sum() > 400


def test_long_sentences_wrap_between_words_and_end_in_an_ellipsis() -> None:
    width = 0.9
    setting = set_text(
        "퇴근하고 싶은데 일이 아직도 산더미예요", lambda _: width, width=500, height=110, largest=70
    )
    assert setting is not None
    assert 2 <= setting.lines <= MAX_LINES
    rows = ["".join(x.cluster for x in setting.letters if x.line == row) for row in range(setting.lines)]
    whole = ["퇴근하고", "싶은데", "일이", "아직도", "산더미예요"]
    assert "".join(rows) == "".join(whole)
    boundaries = {len("".join(whole[:k])) for k in range(len(whole) + 1)}
    assert len(rows[0]) in boundaries, "broken inside a word although that gains little"
    long = shortened("가나다라마바사아자차 " * 20)
    assert len([cluster for cluster in long if cluster != " "]) == MAX_LETTERS
    assert long[-1] == "…"


def test_a_long_unbroken_word_is_broken_between_syllables() -> None:
    text = "가나다라마바사아자차카타파하" * 2
    setting = set_text(text, lambda _: 0.9, width=500, height=110, largest=70)
    assert setting is not None
    assert setting.lines > 1
    assert "".join(letter.cluster for letter in setting.letters) == text


def test_graphemes_keep_sequences_whole() -> None:
    assert graphemes("👨‍👩‍👧 👍🏽🇰🇷1️⃣é각") == ["👨‍👩‍👧", " ", "👍🏽", "🇰🇷", "1️⃣", "é", "각"]
    assert graphemes("\u1112\u1161\u11ab") == ["한"], "decomposed Hangul is composed"
    assert all(is_emoji(cluster) for cluster in ("❤️", "⭐", "🎉", "🇰🇷", "1️⃣"))
    assert not any(is_emoji(cluster) for cluster in ("가", "1", "A", "ㅋ", "♥"))
    assert max(len(cluster) for cluster in graphemes("e" + "\u0301" * 400)) <= 3


def test_right_to_left_runs_are_reversed_and_others_kept() -> None:
    assert reading_order(list("가 אבג 나")) == list("가 גבא 나")
    assert reading_order(list("abc")) == list("abc")


def test_emoji_are_drawn_in_colour_with_and_without_an_emoji_font() -> None:
    bare = FontBook(emoji_fonts=(), fallback_fonts=())
    for fonts in (FONTS, bare):
        for text in ("❤️", "😂", "🎉", "🙏🏽", "🦖"):
            pixels = drawn(Caption(CaptionSpec(text), size=SIZE, fonts=fonts), 0.5)
            opaque = pixels[pixels[..., 3] == 255][:, :3].astype(int)
            assert len(opaque) > 200
            assert (opaque.max(axis=1) - opaque.min(axis=1)).max() > 60, f"{text} has no colour"


def test_letters_without_a_glyph_are_dots_not_boxes() -> None:
    bare = FontBook(emoji_fonts=(), fallback_fonts=())
    assert bare.glyph("漢", font="NanumSquareRoundEB.ttf") is None
    pixels = drawn(Caption(CaptionSpec("漢"), size=SIZE, fonts=bare), 0.5)
    dark = (pixels[..., 3] == 255) & (pixels[..., :3].max(axis=-1) < 80)
    ys, xs = np.nonzero(dark)
    assert dark.sum() == pytest.approx(np.pi / 4 * np.ptp(xs) * np.ptp(ys), rel=0.2)


def test_every_hangul_syllable_can_be_written() -> None:
    assert all(FONTS.glyph(chr(code), font="NanumSquareRoundEB.ttf") for code in range(0xAC00, 0xD7A4, 7))
    assert all(FONTS.glyph(char, font="EmotoonHandwriting.ttf") for char in "뷁쀍ㅋㅠAz9!?~")


@pytest.mark.parametrize("char", "중겐괵껫꼰퉈흰윰")
def test_fat_letters_have_no_holes(char: str) -> None:
    """Some letters of the handwriting have contours that run round both ways."""
    outline, _ = FontBook().glyph(char, font=HANDWRITING) or pytest.fail(char)
    shape, margin = moved(outline, 60.0, 120.0, scale=1.28), 100 * CAPTION_STYLES["handwritten"].weight
    fill, rim = fill_paint(WHITE), stroke_paint(WHITE, 2 * margin)
    assert covered([(lean(grown(shape, margin)), fill)]) == pytest.approx(
        covered([(shape, fill), (shape, rim)]), rel=0.02
    )


def covered(drawn: list[tuple[skia.Path, skia.Paint]]) -> float:
    pixels = np.zeros((200, 200, 4), np.uint8)
    canvas = surface_over(pixels).getCanvas()
    for path, paint in drawn:
        canvas.drawPath(path, paint)
    return float(pixels[..., 3].sum()) / 255


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(MotionInvalid, match="Choose one of") as refused:
        Caption(CaptionSpec("안녕", "comic"), size=SIZE, fonts=FONTS)
    assert refused.value.code == "unknown_caption_style"


def test_fonts_carry_their_licence() -> None:
    folder = Path(FontBook.__init__.__globals__["FONT_DIR"])
    licence = (folder / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE" in licence
    provenance = (folder / "PROVENANCE.md").read_text(encoding="utf-8")
    for font in folder.glob("*.ttf"):
        assert font.name in provenance
        assert font.stat().st_size < 1.2e6


@pytest.mark.parametrize("sign", sorted(DRAWN_EMOJI))
def test_own_emoji_fit_their_square(sign: str) -> None:
    x0, y0, x1, y1 = emoji_sprite(sign).extent()
    assert max(-x0, -y0, x1, y1) < 0.62 * SIDE, "would be cut"
    assert max(x1 - x0, y1 - y0) > 0.45 * SIDE, "too small to read"
