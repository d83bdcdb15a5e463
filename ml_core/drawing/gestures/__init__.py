"""Drawn hands and props in the person's skin tone and the style's line.

Options of a cue: ``size`` (1 = designed size) for all; ``side`` left or right, the subject's own hand
(one-handed gestures; left is on the picture's right and the default); ``both`` = 1 (wave, thumbs_up,
ok_sign, v_sign); ``kind`` fork, spoon or chopsticks (fork); ``colour`` as #rrggbb (flag); ``hold`` = 1
keeps a cue over the whole loop from popping in and out at its ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import skia

from ml_core.drawing.anchors import Anchors
from ml_core.drawing.gestures.bare import BARE
from ml_core.drawing.gestures.company import COMPANY
from ml_core.drawing.gestures.household import HOUSEHOLD
from ml_core.drawing.gestures.office import OFFICE
from ml_core.drawing.gestures.party import PARTY
from ml_core.drawing.gestures.tableware import TABLEWARE
from ml_core.drawing.gestures.travel import TRAVEL
from ml_core.drawing.scene import Act, LayerName, named, perform
from ml_core.types import FaceFrame, GestureCue, Palette

GESTURES: Mapping[str, Act] = {**BARE, **COMPANY, **TABLEWARE, **OFFICE, **PARTY, **HOUSEHOLD, **TRAVEL}


def draw_gestures(
    canvas: skia.Canvas,
    cues: Sequence[GestureCue],
    phase: float,
    face: FaceFrame,
    palette: Palette,
    *,
    layer: LayerName,
) -> None:
    """Draw the hands and props that are there at ``phase`` (0..1 of the loop).

    canvas: over premultiplied RGBA pixels (``ml_core.drawing.ink.surface_over``). layer: ``behind`` is drawn
    before the puppet, ``front`` after it. Raises MotionInvalid (``unknown_gesture``).
    """
    anchors = Anchors(face)
    for cue in cues:
        act = named(GESTURES, cue.name, "gesture")
        perform(act, cue, canvas, phase, anchors, palette, layer=layer)
