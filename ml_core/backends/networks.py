"""The published networks behind the interfaces. Imports torch: imported when one of them is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ml_core.animation.liveportrait.animator import LivePortraitAnimator
from ml_core.animation.liveportrait.capture import CapturedMotion, capture_from_bytes
from ml_core.animation.liveportrait.sticker import captured_frames, composed, neural_frames
from ml_core.animation.motion import Motion
from ml_core.backends.choice import Performance
from ml_core.backends.driving import Driving, DrivingCapture
from ml_core.backends.models import blend_model
from ml_core.model_store import Models
from ml_core.toonify.animegan2.toonifier import AnimeGan2Toonifier
from ml_core.toonify.look import ToonLook
from ml_core.toonify.stylegan2.generator import Generator
from ml_core.toonify.stylegan2.toonifier import BlendStrength, StyleGan2Toonifier, blend_strength
from ml_core.types import FaceAnalysis, FaceFrame, Image, ToonPortrait

FRAMES_AT_ONCE = {"cuda": 16, "cpu": 1}
"""LivePortrait frames of one batch. Activations of a frame take about 0.7 GB in half precision."""


def _as_asked(portrait: ToonPortrait, look: ToonLook) -> ToonPortrait:
    """The parts of a look that concern the puppet; styles and colours are the network's own."""
    return replace(portrait, caricature=look.caricature)


class LayerSwap:
    """StyleGAN2: the strength is where the toon model takes over. Faces are projected as one batch."""

    def __init__(self, models: Models) -> None:
        self._models = models
        shared: StyleGan2Toonifier = models["stylegan2-photo"]
        self._blended(blend_strength(1.0))  # missing toon weights are found out before any work
        self._toonifier = StyleGan2Toonifier(
            shared.photo, self._blended, encoder=shared.encoder, device=str(shared.device)
        )

    def __call__(self, analyses: Sequence[FaceAnalysis], looks: Sequence[ToonLook]) -> list[ToonPortrait]:
        drawn = self._toonifier.toonify_many(analyses, [look.strength for look in looks])
        return [_as_asked(portrait, look) for portrait, look in zip(drawn, looks, strict=True)]

    def _blended(self, how: BlendStrength) -> Generator:
        generator: Generator = self._models[blend_model(how.resolution)]
        return generator


class FaceToPaint:
    """AnimeGANv2: one pass; the strength mixes drawing and photo."""

    def __init__(self, models: Models) -> None:
        self._toonifier: AnimeGan2Toonifier = models["animegan2"]

    def __call__(self, analyses: Sequence[FaceAnalysis], looks: Sequence[ToonLook]) -> list[ToonPortrait]:
        return [
            _as_asked(self._toonifier.toonify(analysis, look.strength), look)
            for analysis, look in zip(analyses, looks, strict=True)
        ]


class NeuralAnimator:
    """LivePortrait, for our authored motions (through retargeting) and for driving ones (as published)."""

    def __init__(self, models: Models) -> None:
        self._animator: LivePortraitAnimator = models["liveportrait"]

    def perform(self, motion: Motion, driving: Driving | None) -> Performance:
        if driving is None:
            return Performance(motion)
        if isinstance(driving, DrivingCapture):
            captured = capture_from_bytes(driving.data)
        else:
            captured = self._animator.capture(driving.frames, driving.landmarks, driving.fps)
        timed = replace(motion, duration_s=len(captured) / captured.fps, fps=captured.fps, talking=False)
        return Performance(timed, captured)

    def frames(
        self, toon: ToonPortrait, performance: Performance, *, size: int, has_caption: bool
    ) -> Iterator[tuple[NDArray[np.uint8], FaceFrame]]:
        """The portrait frame fills the canvas with and without a caption."""
        batch = FRAMES_AT_ONCE[self._animator.device.type]
        captured: CapturedMotion | None = performance.driving
        if captured is not None:
            return captured_frames(self._animator, toon, captured, size=size, batch=batch)
        return neural_frames(self._animator, toon, performance.motion, size=size, batch=batch)


def blends_side_by_side(models: Models, analysis: FaceAnalysis, strengths: tuple[float, float]) -> Image:
    """The photo and two blends of one projection: (S, 3 S, 3) uint8 RGB, on white.

    Raises WeightsUnavailable.
    """
    swap = LayerSwap(models)
    drawn = swap([analysis], [ToonLook(strength=strengths[0])]) + swap(
        [analysis], [ToonLook(strength=strengths[1])]
    )
    sheets = [composed(portrait.texture, 255) for portrait in drawn]
    return np.concatenate([analysis.image, *sheets], axis=1)
