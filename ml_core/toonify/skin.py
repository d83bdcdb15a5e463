"""Skin: one base tone that is the person's own, stepped by the light, with folds, cheeks and closed lids."""

from __future__ import annotations

import numpy as np

from ml_core.toonify.anatomy import CHEEKS, Anatomy
from ml_core.toonify.colour import Colour, Field, LabImage, mix, smoothstep, vector
from ml_core.toonify.flow import grid
from ml_core.toonify.keying import Keys
from ml_core.toonify.smoothing import blur, rounded
from ml_core.toonify.study import MID_SKIN, Study, glasses_zone
from ml_core.toonify.styles import Style
from ml_core.toonify.windows import window_around

SKIN_SHIFT_LIMIT = 6.0
"""Bound on the Lab distance between the photo's skin tone and the cartoon's base tone, for everyone alike."""
BRIGHTEN = 4.5
"""Cartoons are a little lighter than photographs; the same for every skin."""
PLEASANT_CHROMA, PLEASANT_HUE = 27.0, np.deg2rad(54.0)
"""Centre of the skin locus under daylight (Xiao et al. 2017 measured hue angles of 50 to 65 degrees)."""
PULL = 0.5

BANGS_REACH, BANGS_RELIEF = 0.16, -3.0
"""How far below the hair the photo's shading is not believed, and the darkest relief it then keeps."""
HAIR_SHADOW = 0.055
"""Drop of the shadow that hair casts on the forehead, units."""
LID_BLUR, LID_REACH = 0.06, 0.2
"""Units over which the light on closed lids is smoothed, and around them that this looks at."""
BLUSH_SIZE = (0.22, 0.13)
CAST = 14.0
"""Relief of a cast shadow: well inside the first shadow tone, short of the second."""

Shades = tuple[float, float]


def base_tone(skin: Colour, style: Style) -> Colour:
    """The flat tone of the cartoon's skin: the photo's, at most SKIN_SHIFT_LIMIT away."""
    chroma = float(np.hypot(skin[1], skin[2]))
    hue = float(np.arctan2(skin[2], skin[1])) if chroma > 4.0 else PLEASANT_HUE
    wanted_chroma = (chroma + PULL * (PLEASANT_CHROMA - chroma)) * style.skin_chroma
    wanted_hue = hue + PULL * (PLEASANT_HUE - hue)
    wanted = vector(
        [skin[0] + BRIGHTEN, wanted_chroma * np.cos(wanted_hue), wanted_chroma * np.sin(wanted_hue)]
    )
    shift = wanted - skin
    length = float(np.linalg.norm(shift))
    return np.asarray(skin + shift * min(1.0, SKIN_SHIFT_LIMIT / max(length, 1e-6)), np.float32)


def room(tone: Colour) -> Shades:
    """How far one full step of shadow and of light may go on this skin, in L.

    Shadow takes more from light skin, light gives more to dark skin: so each is modelled by what shows on it.
    """
    lightness = float(tone[0])
    return 3.5 + 0.09 * lightness, 4.0 + 0.10 * (100.0 - lightness)


def forehead(sitter: Study) -> Field:
    """Flesh above the brows, fading out at them."""
    unit = sitter.face.unit
    rows = np.arange(sitter.face.shape[0], dtype=np.float32)[:, None]
    brow_line = float(sitter.face.points[[105, 334], 1].mean())
    above = 1.0 - smoothstep(rows, brow_line - 0.12 * unit, brow_line + 0.02 * unit)
    return np.asarray(sitter.layers.flesh * above, np.float32)


def bangs(sitter: Study) -> Field:
    """The forehead just below the hair, where skin shines through strands."""
    hair = blur(sitter.layers.hair * sitter.layers.alpha, BANGS_REACH * sitter.face.unit)
    return np.asarray(forehead(sitter) * smoothstep(hair, 0.04, 0.25), np.float32)


def cast_shadows(sitter: Study) -> Field:
    """Shadows a cartoon always has: the jaw's on the neck and the hair's on the forehead, 0..1."""
    face, unit = sitter.face, sitter.face.unit
    jaw = rounded(face.below_jaw * sitter.layers.neck * (1.0 - face.oval), 0.02 * unit)
    dropped = np.roll(
        blur(sitter.layers.hair * sitter.layers.alpha, 0.02 * unit), round(HAIR_SHADOW * unit), axis=0
    )
    return np.asarray(np.maximum(jaw, smoothstep(dropped, 0.4, 0.6) * forehead(sitter)), np.float32)


def shaded_relief(sitter: Study, keys: Keys) -> Field:
    """Relief with compressed shadows, without the photo's patches under bangs, with cast shadows."""
    relief = np.where(sitter.relief < 0, sitter.relief * keys.relief_gain, sitter.relief)
    relief = relief + (np.maximum(relief, BANGS_RELIEF) - relief) * bangs(sitter)
    return np.asarray(relief - CAST * cast_shadows(sitter), np.float32)


def steps(relief: Field, style: Style, shades: Shades) -> Field:
    """Lightness added to the base tone: a sum of soft steps. A few clean tones instead of a gradient."""
    shadow, light = shades
    total = np.zeros_like(relief)
    for tone in style.tones:
        if tone.threshold < 0:
            edge = smoothstep(-relief, -tone.threshold - style.softness, -tone.threshold + style.softness)
            total += edge * np.float32(tone.depth * shadow)
        else:
            edge = smoothstep(relief, tone.threshold - style.softness, tone.threshold + style.softness)
            total += edge * np.float32(tone.depth * light)
    return total


def tinted(tone: Colour, lightness: Field) -> LabImage:
    """Skin of ``tone`` with lightness moved by a field: shadows turn redder, as light under skin does."""
    shadow = np.maximum(-lightness, 0.0)
    return np.asarray(
        np.dstack([tone[0] + lightness, tone[1] + 0.28 * shadow, tone[2] + 0.10 * shadow]), np.float32
    )


def folds(sitter: Study) -> Field:
    """Nostrils, smile lines, ears and strong wrinkles, 0..1: where the photo is darker than bare skin.

    Fine wrinkles of forehead and eye corners count less: age shows, but no face is aged by its cartoon.
    """
    scale = float(np.clip(sitter.analysis.skin_lab[0] / MID_SKIN, 0.5, 1.2))
    depth = sitter.shading - sitter.base[..., 0]
    folds_ = smoothstep(depth, 6.0 * scale, 17.0 * scale)
    face = sitter.face
    nose_zone = blur(face.nose, 0.05 * face.unit)
    rows = np.arange(face.shape[0], dtype=np.float32)[:, None]
    upper = 1.0 - smoothstep(rows, float(face.points[[117, 346], 1].mean()), float(face.points[2, 1]))
    calm = 0.75 - 0.40 * upper + 0.4 * nose_zone
    hidden = np.maximum(blur(face.features, 0.02 * face.unit) * (1.0 - nose_zone), face.lids)
    hidden = np.maximum(hidden, bangs(sitter))
    if sitter.analysis.glasses:
        hidden = np.maximum(hidden, glasses_zone(face))
    return np.asarray(
        np.clip(folds_ * calm * (1.0 - np.clip(hidden * 1.3, 0, 1)), 0, 1) * sitter.layers.flesh, np.float32
    )


def blush(face: Anatomy) -> Field:
    """Two soft ovals on the cheeks, 0..1."""
    x, y = grid(face.shape)
    total = np.zeros(face.shape, np.float32)
    for upper, lower in CHEEKS:
        cx, cy = face.points[upper] * 0.65 + face.points[lower] * 0.35
        total += np.exp(
            -(((x - cx) / (BLUSH_SIZE[0] * face.unit)) ** 2) - ((y - cy) / (BLUSH_SIZE[1] * face.unit)) ** 2
        )
    return np.asarray(total * face.oval, np.float32)


def painted_skin(sitter: Study, keys: Keys, style: Style) -> LabImage:
    """All flesh, without brows, lips and lines."""
    tone = base_tone(keys.skin, style)
    shades = room(tone)
    lightness = steps(shaded_relief(sitter, keys), style, shades)
    skin = tinted(tone, lightness)
    skin = skin + (blush(sitter.face) * np.float32(style.blush))[..., None] * vector([-2.5, 13.0, 3.5])
    skin = mix(skin, beard_tone(tone, keys), beard_cover(sitter, keys))
    crease = vector([max(tone[0] - 3.2 * shades[0], tone[0] * 0.42), tone[1] + 7.0, tone[2] + 2.0])
    skin = mix(skin, crease, folds(sitter) * np.float32(style.creases))
    return _closed_lids(skin, lightness, tone, sitter.face)


def _closed_lids(skin: LabImage, lightness: Field, tone: Colour, face: Anatomy) -> LabImage:
    """Paint the eyes over as closed lids: eyes and lashes are drawn later, on every frame."""
    window = window_around(face.lids > 0, LID_REACH * face.unit)
    if window is None:
        return skin
    calm = blur(lightness[window], LID_BLUR * face.unit) * 0.6 - 2.5
    lid = tinted(np.asarray(tone + vector([0.0, 2.5, 0.5]), np.float32), calm)
    skin = skin.copy()
    skin[window] = mix(skin[window], lid, face.lids[window])
    return skin


def beard_cover(sitter: Study, keys: Keys) -> Field:
    """Coverage of the beard, 0..1: the dark part of the zone where one can grow."""
    amount = float(keys.beard[0])
    if amount < 0.05:
        return np.zeros(sitter.face.shape, np.float32)
    scale = float(np.clip(keys.skin[0] / MID_SKIN, 0.5, 1.2))
    dark = keys.skin[0] - blur(sitter.base[..., 0], 0.012 * sitter.face.unit)
    return np.asarray(
        sitter.face.beard * smoothstep(dark, 8.0 * scale, 20.0 * scale) * amount * 0.85, np.float32
    )


def beard_tone(tone: Colour, keys: Keys) -> Colour:
    """Between stubble and hair: the brows' colour is what facial hair has."""
    colour = keys.brows * 0.6 + tone * 0.4
    colour[0] = min(colour[0], tone[0] - 10.0)
    return np.asarray(colour, np.float32)
