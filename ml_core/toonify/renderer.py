"""Our cartoon renderer: paint an analysed photo in a style, as much as wanted, where wanted.

Order of work, as a painter's: study (measure), block in flesh, hair and clothes, features, ink, finish in the
style's medium; then the picture is laid over the photo by region and strength.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from ml_core.toonify import clothes, eyes, features, hair, lines, screentone, skin, watercolour
from ml_core.toonify.bust import as_bust
from ml_core.toonify.colour import Field, LabImage, lab_from_rgb, mix, rgb_from_lab, smoothstep, vector
from ml_core.toonify.flow import edge_tangents
from ml_core.toonify.keying import Keys, keys_of
from ml_core.toonify.layers import region
from ml_core.toonify.look import ToonLook
from ml_core.toonify.palette import palette
from ml_core.toonify.smoothing import blur
from ml_core.toonify.study import Study, study
from ml_core.toonify.styles import Medium, Style
from ml_core.toonify.windows import analysis_within, window_around
from ml_core.types import REGIONS, FaceAnalysis, Image, ToonPortrait

MARGIN = 12
"""Pixels around the person that are painted too, so that colour is bled outside the matte."""
REACH = 0.2
"""Units around a material's shape that it is painted on: its blurs should see what is there."""
TRACE = 1e-4
"""Coverage that cannot be seen."""
TENSOR_BLUR = 3.6
LINE_SIGMA = 1.2
FAINTEST_INK = 0.004
"""Half a step of eight bits."""
LINE_DARKENING = np.asarray([0.42, 1.05, 1.05], np.float32)
LINE_CONTRAST = 0.7
"""Lines are at least this much darker than what they lie on: coloured ink must show on dark skin too."""
REGION_BLUR = 1.5
FAINTEST_EDGE = 0.15
"""Edges of the photo weaker than this are not drawn."""
LINE_SKIN = 0.10
"""Share of photo edges drawn inside the face: its features have their own strokes."""
SPOT_CHEEKS = (-6.0, 26.0, 9.0)
"""Manga covers are black and white with one spot colour: cheeks, and lips (see features.py)."""
JAW_REACH = 0.07
"""Units around the neck within which the jaw is drawn."""
DARK_SCREEN = 0.5
"""Ink coverage of hair from which its light strands are left white."""


def toonify(analysis: FaceAnalysis, look: ToonLook, *, with_eyes: bool = False) -> ToonPortrait:
    """Cartoon of one analysed face.

    with_eyes: draw eyes and mouth too. A puppet draws its own on every frame and needs closed lids.
    Returns a texture of the same size and geometry as ``analysis.image``, its alpha cut to a bust.
    Deterministic. About 0.2 s for the portrait frame of 600 x 600 on one core.
    """
    if look.glasses is not None:
        analysis = dataclasses.replace(analysis, glasses=look.glasses)
    # A sticker is a bust: what is cut away need not be painted, and the pen follows the cut.
    bust = dataclasses.replace(analysis, matte=as_bust(analysis.matte, analysis.landmarks))
    sitter, origin = measured(bust, look)
    return painted(analysis, sitter, keys_of(sitter), look, origin, with_eyes=with_eyes)


def measured(analysis: FaceAnalysis, look: ToonLook) -> tuple[Study, tuple[int, int]]:
    """The study of the part of the portrait frame that holds the person, and that part's x, y."""
    near, origin = _cropped(analysis)
    return study(near, look.painting, dict(look.recolour), look.amount("hair")), origin


def painted(
    analysis: FaceAnalysis,
    sitter: Study,
    tones: Keys,
    look: ToonLook,
    origin: tuple[int, int],
    *,
    with_eyes: bool,
) -> ToonPortrait:
    """Paint a study with given keys (a clip shares them) and put it back into the portrait frame."""
    style = look.painting
    tone = skin.base_tone(tones.skin, style)
    brows = features.brow_cover(sitter, tone)
    picture = _picture(sitter, tones, style, origin, brows)
    if with_eyes:
        picture = features.with_lips(picture, sitter, tones, style)
        picture = eyes.with_mouth(eyes.with_open_eyes(picture, sitter, style), sitter, tones, style)
    blended = _over_photo(picture, sitter, look, with_eyes=with_eyes)
    alpha = _alpha(sitter, look.amount("background"))
    near = np.dstack([rgb_from_lab(blended), np.round(alpha * 255.0).astype(np.uint8)])
    return ToonPortrait(
        texture=_pasted(near, analysis, origin, look.amount("background")),
        palette=palette(near, sitter, style, brows, features.lip_tone(tones, style)),
        style=look.style,
        strength=look.strength,
        eye_scale=1.0 + (style.eye_scale - 1.0) * look.amount("eyes"),
        analysis=analysis,
        lips=0.0 if with_eyes else look.amount("lips"),
        caricature=look.caricature,
    )


def _cropped(analysis: FaceAnalysis) -> tuple[FaceAnalysis, tuple[int, int]]:
    """The analysis cut to the person: less to paint. Returns it with the cut's x, y in the portrait frame."""
    window = window_around(analysis.matte > 0.02, MARGIN, phase=1)
    if window is None:
        return analysis, (0, 0)
    return analysis_within(analysis, window), (window[1].start, window[0].start)


def _picture(sitter: Study, tones: Keys, style: Style, origin: tuple[int, int], brows: Field) -> LabImage:
    """The full cartoon in Lab. brows: their coverage."""
    if style.medium is Medium.SCREENTONE:
        return _inked(sitter, tones, style, origin, brows)
    picture = _blocked_in(sitter, tones, style, brows)
    blocks = sitter.layers
    if style.medium is Medium.WATERCOLOUR:
        picture = watercolour.washed(picture, blocks, sitter.face.unit, origin)
    if style.line > 0:
        return _with_lines(picture, _ink(sitter, style), style)
    return picture


def _blocked_in(sitter: Study, tones: Keys, style: Style, brows: Field) -> LabImage:
    """Cloth, then hair, then flesh, each painted in its own window and laid over what is there.

    They cover everything between them, so painting over in this order is their sum.
    """
    blocks, reach = sitter.layers, REACH * sitter.face.unit
    shown = blocks.alpha > 0
    picture = sitter.base.copy()
    head = window_around(shown & (blocks.hair > TRACE), reach)
    other = np.zeros_like(blocks.hair)
    if head is not None:
        other[head] = hair.unlike_hair(sitter.within(head), tones)
    body = window_around(shown & ((blocks.cloth > TRACE) | (other * blocks.hair > TRACE)), reach)
    if body is not None:
        picture[body] = clothes.painted_cloth(sitter.within(body), tones, style)
    if head is not None:
        locks = hair.painted_hair(hair.drawn_locks(sitter, tones, style, head), tones, style)
        locks = mix(locks, picture[head], other[head])
        share = blocks.hair[head] / np.maximum(1.0 - blocks.flesh[head], 1e-6)
        picture[head] = mix(picture[head], locks, share)
    face = window_around(shown & (blocks.flesh > TRACE), reach)
    if face is not None:
        near = sitter.within(face)
        flesh = features.with_brows(skin.painted_skin(near, tones, style), brows[face], tones, style)
        picture[face] = mix(picture[face], flesh, blocks.flesh[face])
    return picture


def _ink(sitter: Study, style: Style) -> Field:
    """All lines of the drawing, 0..1."""
    blocks, face, width = sitter.layers, sitter.face, style.line_width
    lightness = sitter.base[..., 0] * np.float32(0.01)
    where = np.asarray(blocks.flesh * LINE_SKIN + blocks.hair * style.strands + blocks.cloth, np.float32)
    edges = lines.flow_lines(
        blur(lightness, 0.8),
        edge_tangents(lightness, TENSOR_BLUR),
        LINE_SIGMA,
        (where > FAINTEST_EDGE) & (blocks.alpha > 0),
    )
    drawn = smoothstep(edges * where, FAINTEST_EDGE, 0.6)
    # Hair ends on clothes where the photo says so; a border without an edge is the segmentation's guess.
    seen = smoothstep(blur(lines.edge_strength(lightness), 2.5), 0.010, 0.030)
    borders = np.maximum(
        lines.contour(blocks.flesh, width * 0.8) * (0.35 + 0.65 * seen),
        lines.contour(blocks.hair, width * 0.8) * seen * 0.9,
    )
    inside = blocks.alpha > 0.97
    chin = np.maximum(
        lines.jaw_line(face, width * 1.1) * blocks.flesh * _over_neck(sitter) * 0.9,
        lines.nose_lines(face, width) * 0.9,
    )
    outer = lines.silhouette(blocks.alpha, width * 1.25)
    return np.asarray(np.maximum.reduce([drawn, borders * inside, chin, outer]), np.float32)


def _over_neck(sitter: Study) -> Field:
    """0..1: near the neck. A jaw is drawn where it stands before one; across a cheek it would be a scar."""
    face = sitter.face
    neck = blur(sitter.layers.neck * (1.0 - face.oval), JAW_REACH * face.unit)
    return smoothstep(neck, 0.06, 0.25)


def _with_lines(picture: LabImage, ink: Field, style: Style) -> LabImage:
    """Coloured ink: the style's own, tinted with a dark version of what it lies on."""
    drawn = np.flatnonzero(ink > FAINTEST_INK)
    picture = np.array(picture, np.float32, order="C")
    flat = picture.reshape(-1, 3)
    local = flat[drawn]
    colour = vector(style.line_lab) * (1.0 - style.line_tint) + local * (LINE_DARKENING * style.line_tint)
    colour[:, 0] = np.minimum(colour[:, 0], local[:, 0] * LINE_CONTRAST)
    flat[drawn] = local + (colour - local) * (ink.reshape(-1)[drawn] * style.line)[:, None]
    return picture


def _inked(sitter: Study, tones: Keys, style: Style, origin: tuple[int, int], brows: Field) -> LabImage:
    """Manga: screens, solid blacks, pen lines, and one spot colour on the cheeks."""
    blocks, face = sitter.layers, sitter.face
    base = screentone.skin_screen(float(tones.skin[0]))
    flesh = screentone.skin_coverage(skin.shaded_relief(sitter, tones), base, style.softness)
    flesh = np.maximum(flesh, 0.7 * skin.beard_cover(sitter, tones))
    flesh = flesh * (1.0 - face.lids) + base * face.lids
    drawn = hair.drawn_locks(sitter, tones, style)
    locks = screentone.tone_coverage(hair.painted_hair(drawn, tones, style)[..., 0])
    locks = np.where(locks > DARK_SCREEN, locks - locks * np.maximum(drawn.strokes, 0.0), locks)
    cloth = screentone.tone_coverage(clothes.painted_cloth(sitter, tones, style)[..., 0])
    other = hair.unlike_hair(sitter, tones)
    locks = locks * (1.0 - other) + cloth * other
    coverage = np.select([blocks.flesh > 0.5, blocks.hair > 0.5], [flesh, locks], cloth).astype(np.float32)
    pen = np.maximum.reduce(
        [
            _ink(sitter, style),
            brows * blocks.flesh,
            np.maximum(-drawn.strokes, 0.0) * blocks.hair * (1.0 - other),
            smoothstep(skin.folds(sitter), 0.35, 0.7) * np.float32(style.creases),
        ]
    )
    pen = np.asarray(pen, np.float32)
    coverage = coverage * (1.0 - screentone.halo(pen * blocks.flesh, coverage) * blocks.flesh)
    wash = np.minimum(coverage, base) * (blocks.flesh > 0.5)
    ink = np.maximum(screentone.over_wash(coverage, np.asarray(wash, np.float32), origin), pen)
    lightness = screentone.PAPER + (screentone.BLACK - screentone.PAPER) * ink
    picture = np.dstack([lightness, np.zeros_like(lightness), np.zeros_like(lightness)])
    cheeks = skin.blush(face)[..., None] * vector(SPOT_CHEEKS) * blocks.flesh[..., None]
    return np.asarray(picture + cheeks, np.float32)


def _over_photo(picture: LabImage, sitter: Study, look: ToonLook, *, with_eyes: bool) -> LabImage:
    """Lay the picture over the photo, by region and strength. with_eyes: those of the photo may show."""
    if all(look.amount(name) == 1.0 for name in REGIONS):
        return picture
    blocks, regions = sitter.layers, sitter.analysis.regions
    amount = blocks.flesh * look.amount("skin") + blocks.hair * look.amount("hair")
    amount = amount + blocks.cloth * look.amount("clothes")
    for name in ("neck", "brows", "lips", "eyes"):
        part = blur(region(regions, name), REGION_BLUR)
        if name == "eyes":
            part = np.maximum(part, sitter.face.lids)
        amount = amount + (look.amount(name) - amount) * part
    if look.amount("background") < 1.0:
        amount = amount * blocks.alpha
    photo = lab_from_rgb(sitter.analysis.image)
    if not with_eyes:
        photo = eyes.without_eyes(photo, sitter)
    return mix(photo, picture, np.asarray(amount, np.float32))


def _alpha(sitter: Study, background: float) -> Field:
    """Coverage of the texture: the silhouette, and what of the photo's background is to stay."""
    kept = (1.0 - background) * sitter.analysis.valid
    return np.asarray(np.maximum(sitter.layers.alpha, kept), np.float32)


def _pasted(near: Image, analysis: FaceAnalysis, origin: tuple[int, int], background: float) -> Image:
    """The painted cut in the full portrait frame; colour around it is the photo's."""
    left, top = origin
    kept = np.round(255.0 * (1.0 - background) * analysis.valid).astype(np.uint8)
    texture = np.dstack([analysis.image, kept])
    texture[top : top + near.shape[0], left : left + near.shape[1]] = near
    return texture
