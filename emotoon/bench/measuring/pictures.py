"""Measures on finished pictures: closed loops, clear captions, clean cut-outs, kept skin tones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from emotoon.bench.measuring.faces import Subject
from ml_core.animation.motion import Motion, loop_phases, sample
from ml_core.animation.puppet import Puppet
from ml_core.drawing.caption import Caption
from ml_core.drawing.ink import surface_over
from ml_core.face import topology
from ml_core.face.crop import cut_portrait
from ml_core.face.exposure import lab_of
from ml_core.face.geometry import cut
from ml_core.pipeline import compose
from ml_core.toonify.anatomy import anatomy
from ml_core.types import PORTRAIT_SIDE, REGIONS, CaptionSpec, FaceAnalysis, Image, ToonPortrait

OPAQUE = 127
SURE_SKIN = 200
FACE, FEATURE = 0.9, 0.05


def loop_closure(puppet: Puppet, motion: Motion, toon: ToonPortrait, caption: str) -> float:
    """Mean difference, 0..1, between the frame of phase 0 and the frame of phase 1, all layers included."""
    pose = sample(motion, loop_phases(motion.frames))
    end = pose.values.copy()
    end[0] = sample(motion, np.array([1.0])).values[0]
    written = Caption(CaptionSpec(caption, motion.caption_style, motion.caption_colour), size=puppet.size)
    frames = []
    for values, phase in ((pose.values, 0.0), (end, 1.0)):
        ((picture, face),) = puppet.frames(replace(pose, values=values), only=[0])
        frames.append(compose(picture, face, motion, toon.palette, written, phase).astype(np.float64))
    return float(np.abs(frames[0] - frames[1]).mean() / 255)


def fold_overs(puppet: Puppet, motion: Motion) -> int:
    """Triangles of face and hair that turn over anywhere in the loop."""
    return puppet.fold_overs(sample(motion, loop_phases(motion.frames)))


def caption_overlap(puppet: Puppet, motion: Motion, caption: str, frames: Sequence[int]) -> float:
    """Largest share of the face oval, over some frames, that letters or their outline cover."""
    written = Caption(CaptionSpec(caption, motion.caption_style, motion.caption_colour), size=puppet.size)
    pose = sample(motion, loop_phases(motion.frames))
    worst = 0.0
    for index, (picture, face) in zip(frames, puppet.frames(pose, only=frames), strict=True):
        letters = np.zeros_like(picture)
        surface = surface_over(letters)
        written.draw(surface.getCanvas(), index / motion.frames)
        oval = np.zeros(picture.shape[:2], np.uint8)
        outline = np.round(face.landmarks[list(topology.FACE_OVAL), :2]).astype(np.int32)
        cv2.fillPoly(oval, [outline], 1)
        covered = float((letters[..., 3][oval > 0] > OPAQUE).sum())
        worst = max(worst, covered / max(1, int(oval.sum())))
    return worst


def background_leak(subject: Subject, toon: ToonPortrait) -> float | None:
    """Share of the cut-out that is wall; None where nobody knows the wall."""
    if subject.wall is None:
        return None
    analysis = toon.analysis
    shown = np.repeat(subject.wall.astype(np.uint8)[..., None] * 255, 3, axis=2)
    wall = cut(shown, analysis.to_portrait, PORTRAIT_SIDE)[..., 0] > OPAQUE
    # beyond the photo nothing is known
    person = (toon.texture[..., 3] > OPAQUE) & analysis.valid
    return float((person & wall).sum() / max(1, int(person.sum())))


def skin_change(photo: Image, toon: ToonPortrait) -> NDArray[np.float64]:
    """(3,) median Lab of bare facial skin in the cartoon, less that of the photo as it was given."""
    analysis = toon.analysis
    before = cut_portrait(photo, analysis.to_portrait).image
    where = _bare_skin(analysis) & analysis.valid
    after = np.ascontiguousarray(toon.texture[..., :3])
    medians = [np.median(lab_of(picture)[where], axis=0) for picture in (after, before)]
    return np.asarray(medians[0] - medians[1], np.float64)


def _bare_skin(analysis: FaceAnalysis) -> NDArray[np.bool_]:
    face = anatomy(analysis.landmarks, analysis.matte.shape)
    sure = analysis.regions[REGIONS.index("skin")] > SURE_SKIN
    return np.asarray(sure & (face.oval > FACE) & (face.features < FEATURE) & (face.lids < FEATURE))
