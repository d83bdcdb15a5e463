"""The caption of a sticker: a sentence in the bottom band of the canvas, animated letter by letter."""

from __future__ import annotations

import colorsys
import math
from dataclasses import dataclass, replace

import numpy as np
import skia

from ml_core.drawing.anchors import CAPTION_BAND
from ml_core.drawing.emoji import emoji_image
from ml_core.drawing.graphemes import is_emoji
from ml_core.drawing.ink import WHITE, fill_paint, grown, lean, mix, moved, oval
from ml_core.drawing.layout import SPACE, Placed, Setting, set_text
from ml_core.drawing.lettering import CAPTION_STYLES, CaptionStyle, LetterPose, Place
from ml_core.drawing.typefaces import EM, FontBook
from ml_core.errors import MotionInvalid
from ml_core.types import CaptionSpec, Rgb

LARGEST = 0.135
"""Largest em as a share of the canvas: a short word fills half the caption band."""
MARGIN = 0.012
"""Share of the canvas kept free at its edges."""
OUTLINE = 0.115
"""Width of the white outline in ems."""
GLOW = 0.09
"""Width of the coloured glow of neon letters outside their outline, in ems."""
EMOJI_ADVANCE = 1.12
"""Ems that an emoji takes; its picture is about one em."""
MIDDLE = 0.34
"""Height of a letter's middle above its baseline, in ems: the pivot of its motion."""
PHASES = 120
"""Phases at which the extent of the moving letters is sampled; more than any sticker has frames in a loop."""
GAMMA = 2.2
BRIGHTEST = 1.05 / 3.0 - 0.05
"""Relative luminance of a letter that stands 3 : 1 against its white outline (WCAG 2.1, 1.4.3)."""


@dataclass(frozen=True)
class _Shape:
    """A grapheme around its middle in EM units: letters have paths, an emoji has a picture.

    reach: x0, y0, x1, y1 of everything drawn, in EM units.
    """

    body: skia.Path
    outline: skia.Path
    glow: skia.Path | None
    picture: skia.Image | None
    reach: tuple[float, float, float, float]


@dataclass(frozen=True)
class _Letter:
    """A shape at its place on the canvas, pixels. swept: what it covers in the loop, ems around its place."""

    shape: _Shape
    place: Place
    x: float
    y: float
    swept: tuple[float, float, float, float]


def _luminance(colour: Rgb) -> float:
    """Relative luminance 0..1 (WCAG 2.1, after ITU-R BT.709, with its curve taken as a plain power)."""
    red, green, blue = ((part / 255.0) ** GAMMA for part in colour)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def readable(colour: Rgb) -> Rgb:
    """The colour, darkened as far as it must be to stand against a white outline."""
    excess = _luminance(colour) / BRIGHTEST
    return colour if excess <= 1.0 else mix(colour, (0, 0, 0), 1.0 - excess ** (-1.0 / GAMMA))


def _swept(shape: _Shape, style: CaptionStyle, place: Place) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1 in ems around the letter's place: everything it covers in any phase of the loop."""
    poses = np.array([style.motion(step / PHASES, place) for step in range(PHASES)])
    shift, scale, turn, stretch = poses[:, :2], poses[:, 2:3] / EM, np.deg2rad(poses[:, 3]), poses[:, 4:5]
    low, high = np.array(shape.reach[:2]), np.array(shape.reach[2:])
    size = scale * np.concatenate([1 / np.sqrt(stretch), np.sqrt(stretch)], axis=1)
    centre, half = 0.5 * (low + high) * size, 0.5 * (high - low) * size
    cos, sin = np.cos(turn), np.sin(turn)
    middle = shift + np.stack(
        [centre[:, 0] * cos - centre[:, 1] * sin, centre[:, 0] * sin + centre[:, 1] * cos], 1
    )
    cos, sin = np.abs(cos), np.abs(sin)
    around = np.stack([half[:, 0] * cos + half[:, 1] * sin, half[:, 0] * sin + half[:, 1] * cos], 1)
    x0, y0 = (middle - around).min(axis=0).tolist()
    x1, y1 = (middle + around).max(axis=0).tolist()
    return x0, y0, x1, y1


class Caption:
    """A set, animated caption. Immutable after construction; ``draw`` may be called from any thread."""

    def __init__(self, spec: CaptionSpec, *, size: int, fonts: FontBook | None = None) -> None:
        """Set ``spec.text`` for a square canvas of ``size`` pixels.

        Raises MotionInvalid (``unknown_caption_style``) for a style that is not in ``CAPTION_STYLES``.
        """
        if spec.style not in CAPTION_STYLES:
            known = ", ".join(CAPTION_STYLES)
            raise MotionInvalid(
                "unknown_caption_style",
                f"No caption style {spec.style!r}. Choose one of: {known}.",
                style=spec.style,
            )
        self._style: CaptionStyle = CAPTION_STYLES[spec.style]
        self._fonts = fonts or FontBook()
        self.size = size
        """Side of the canvas in pixels."""
        self._colour = readable(spec.colour)
        self._white, self._plain = fill_paint(WHITE), fill_paint(self._colour)
        self._shapes: dict[str, _Shape] = {}
        self._glyphs: dict[str, tuple[skia.Path, float] | None] = {}
        self._swept: dict[tuple[str, Place], tuple[float, float, float, float]] = {}
        self.em = 0.0
        """Size of the letters in canvas pixels, 0 where there are none."""
        self._letters: tuple[_Letter, ...] = ()
        self.box = (0.0, 0.0, 0.0, 0.0)
        """x0, y0, x1, y1 in canvas pixels: everything the caption covers during the loop; zeros if empty."""
        self._fit(spec.text)

    # Setting -------------------------------------------------------------------------------------

    def _glyph(self, cluster: str) -> tuple[skia.Path, float] | None:
        if cluster not in self._glyphs:
            self._glyphs[cluster] = self._fonts.glyph(cluster[0], font=self._style.font)
        return self._glyphs[cluster]

    def _advance(self, cluster: str) -> float:
        if cluster == " ":
            return SPACE
        if is_emoji(cluster):
            return EMOJI_ADVANCE
        glyph = self._glyph(cluster)
        return self._style.size * glyph[1] / EM if glyph else 0.5

    def _fit(self, text: str) -> None:
        """Set the text, then shrink it until the moving letters stay inside the band."""
        edge = MARGIN * self.size
        top, bottom = self.size * (1.0 - CAPTION_BAND), self.size - edge
        width, height = self.size - 2.0 * edge, bottom - top
        slack = 2.0 * (OUTLINE + self._style.headroom)
        setting = set_text(
            text,
            self._advance,
            width=width,
            height=height / (1.0 + slack / 1.04),
            largest=LARGEST * self.size,
        )
        if setting is None:
            return
        em = setting.em
        for _ in range(8):
            self._place(setting, em)
            x0, y0, x1, y1 = self._extent()
            ratio = min(width / (x1 - x0), height / (y1 - y0), 1.0)
            if ratio >= 1.0:
                break
            em *= ratio * 0.995
        dx = min(max(0.0, edge - x0), self.size - edge - x1) if x0 < edge or x1 > self.size - edge else 0.0
        self._shift(dx, bottom - y1)

    def _place(self, setting: Setting, em: float) -> None:
        left = (self.size - setting.width * em) / 2.0
        top = self.size - (setting.height + OUTLINE) * em
        count = max(1, len(setting.letters) - 1)
        self.em = em
        self._letters = tuple(self._letter(placed, left, top, count) for placed in setting.letters)

    def _letter(self, placed: Placed, left: float, top: float, count: int) -> _Letter:
        x = left + placed.x * self.em
        y = top + (placed.baseline - MIDDLE) * self.em
        shape, place = self._shape(placed.cluster), Place(placed.index / count, placed.index)
        key = placed.cluster, place
        if key not in self._swept:
            self._swept[key] = _swept(shape, self._style, place)
        return _Letter(shape, place, x, y, self._swept[key])

    def _shape(self, cluster: str) -> _Shape:
        if cluster not in self._shapes:
            self._shapes[cluster] = self._picture(cluster) if is_emoji(cluster) else self._drawn(cluster)
        return self._shapes[cluster]

    def _picture(self, cluster: str) -> _Shape:
        side = max(16, round(LARGEST * self.size * EMOJI_ADVANCE))
        half = 0.5 * EM * EMOJI_ADVANCE
        picture = emoji_image(cluster, side, self._fonts)
        return _Shape(skia.Path(), skia.Path(), None, picture, (-half, -half, half, half))

    def _drawn(self, cluster: str) -> _Shape:
        body = lean(self._body(self._glyph(cluster)))
        outline = lean(grown(body, OUTLINE * EM))
        glow = lean(grown(outline, GLOW * EM)) if self._style.paint == "neon" else None
        bounds = (glow or outline).computeTightBounds()
        reach = (bounds.left(), bounds.top(), bounds.right(), bounds.bottom())
        return _Shape(body, outline, glow, None, reach)

    def _body(self, glyph: tuple[skia.Path, float] | None) -> skia.Path:
        """Letter outline around its middle; a letter that no font has becomes a dot, never a box."""
        if glyph is None:
            return oval(0.0, 0.0, 0.14 * EM)
        scale = self._style.size
        body = moved(glyph[0], -glyph[1] / 2.0 * scale, MIDDLE * EM, scale=scale)
        return grown(body, self._style.weight * EM) if self._style.weight else body

    def _shift(self, dx: float, dy: float) -> None:
        self._letters = tuple(replace(letter, x=letter.x + dx, y=letter.y + dy) for letter in self._letters)
        self.box = self._extent()

    def _extent(self) -> tuple[float, float, float, float]:
        """Bounds of all letters over the loop, in pixels, with a pixel of antialiasing."""
        place = np.array([(letter.x, letter.y) for letter in self._letters])
        swept = np.array([letter.swept for letter in self._letters]) * self.em
        left, top = (place + swept[:, :2]).min(axis=0).tolist()
        right, bottom = (place + swept[:, 2:]).max(axis=0).tolist()
        return left - 1.0, top - 1.0, right + 1.0, bottom + 1.0

    # Drawing -------------------------------------------------------------------------------------

    def draw(self, canvas: skia.Canvas, phase: float) -> None:
        """Draw at ``phase`` 0..1 of the loop onto a canvas in pixels of the sticker."""
        phase %= 1.0
        poses = [(letter, self._style.motion(phase, letter.place)) for letter in self._letters]
        shown = [(letter, pose) for letter, pose in poses if pose.scale > 0.02]
        for letter, pose in shown:
            self._paint_back(canvas, letter, pose)
        for letter, pose in shown:
            self._paint_front(canvas, letter, pose, phase)

    def _enter(self, canvas: skia.Canvas, letter: _Letter, pose: LetterPose) -> None:
        canvas.save()
        canvas.translate(letter.x + pose.dx * self.em, letter.y + pose.dy * self.em)
        if pose.turn:
            canvas.rotate(pose.turn)
        scale = pose.scale * self.em / EM
        tall = math.sqrt(pose.stretch)
        canvas.scale(scale / tall, scale * tall)

    def _paint_back(self, canvas: skia.Canvas, letter: _Letter, pose: LetterPose) -> None:
        if letter.shape.picture is not None:
            return
        self._enter(canvas, letter, pose)
        if letter.shape.glow is not None:
            canvas.drawPath(letter.shape.glow, fill_paint(self._colour, 0.35 * pose.glow))
            canvas.drawPath(letter.shape.outline, fill_paint(mix((60, 56, 72), self._colour, pose.glow)))
        else:
            canvas.drawPath(letter.shape.outline, self._white)
        canvas.restore()

    def _paint_front(self, canvas: skia.Canvas, letter: _Letter, pose: LetterPose, phase: float) -> None:
        self._enter(canvas, letter, pose)
        if letter.shape.picture is not None:
            half = 0.5 * EM * EMOJI_ADVANCE
            canvas.drawImageRect(
                letter.shape.picture,
                skia.Rect(-half, -half, half, half),
                skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear),
            )
        else:
            canvas.drawPath(letter.shape.body, self._body_paint(letter, pose, phase))
        canvas.restore()

    def _body_paint(self, letter: _Letter, pose: LetterPose, phase: float) -> skia.Paint:
        if self._style.paint == "neon":
            return fill_paint(mix((150, 146, 160), (255, 255, 255), pose.glow))
        if self._style.paint == "rainbow":
            r, g, b = colorsys.hsv_to_rgb((0.09 * letter.place.index - phase) % 1.0, 0.78, 0.88)
            return fill_paint(readable((round(255 * r), round(255 * g), round(255 * b))))
        if self._style.paint == "candy":
            paint = fill_paint(self._colour)
            light, deep = readable(mix(self._colour, WHITE, 0.30)), mix(self._colour, (0, 0, 0), 0.18)
            paint.setShader(
                skia.GradientShader.MakeLinear(
                    [skia.Point(0.0, -0.45 * EM), skia.Point(0.0, 0.45 * EM)],
                    [skia.Color(*light), skia.Color(*deep)],
                )
            )
            return paint
        return self._plain
