"""Vector effects around the face: tears, hearts, flames, ... Each is a noun of the catalog's motions.

Options of a cue: ``size`` (1 = designed size) for all; ``count`` (hearts, sparkles, music_notes,
confetti, flowers, snow); ``colour`` as #rrggbb (hearts, sparkles, rays, shock_lines, speed_lines,
question, exclamation); ``side`` left or right, the subject's own (sweat); ``hold`` = 1 keeps a cue
over the whole loop from popping in and out at its ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import skia

from ml_core.drawing.anchors import Anchors
from ml_core.drawing.effects.feeling import FEELING
from ml_core.drawing.effects.joy import JOY
from ml_core.drawing.effects.temper import TEMPER
from ml_core.drawing.effects.thought import THOUGHT
from ml_core.drawing.effects.weather import WEATHER
from ml_core.drawing.scene import Act, LayerName, named, perform
from ml_core.types import EffectCue, FaceFrame, Palette

EFFECTS: Mapping[str, Act] = {**FEELING, **JOY, **TEMPER, **THOUGHT, **WEATHER}


def draw_effects(
    canvas: skia.Canvas,
    cues: Sequence[EffectCue],
    phase: float,
    face: FaceFrame,
    palette: Palette,
    *,
    layer: LayerName,
) -> None:
    """Draw the effects that are on at ``phase`` (0..1 of the loop).

    canvas: over premultiplied RGBA pixels (``ml_core.drawing.ink.surface_over``). layer: ``behind`` is drawn
    before the puppet, ``front`` after it; an effect may have both. Raises MotionInvalid (``unknown_effect``).
    """
    anchors = Anchors(face)
    for cue in cues:
        act = named(EFFECTS, cue.name, "effect")
        perform(act, cue, canvas, phase, anchors, palette, layer=layer)
