"""Our own engines behind the interfaces: the cartoon renderer and the puppet. No weights, no torch."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ml_core.animation.capture import DrivingFrames, motion_from_landmarks
from ml_core.animation.motion import Motion
from ml_core.animation.puppet import ActedFrame, Puppet, puppet_frames, puppet_loop
from ml_core.backends.choice import Performance
from ml_core.backends.driving import Driving, DrivingCapture
from ml_core.errors import MotionInvalid
from ml_core.toonify.look import ToonLook
from ml_core.toonify.renderer import toonify
from ml_core.types import FaceAnalysis, ToonPortrait


def cartoon(analyses: Sequence[FaceAnalysis], looks: Sequence[ToonLook]) -> list[ToonPortrait]:
    """The cartoon renderer, one face after the other."""
    return [toonify(analysis, look) for analysis, look in zip(analyses, looks, strict=True)]


class PuppetAnimator:
    """The mesh puppet. A driving video becomes tracks, as ``capture_motion`` makes them."""

    def __init__(self, device: str = "cpu") -> None:
        """device: where the sheets are drawn, cpu or a torch device. Raises ImportError without torch."""
        if device != "cpu":
            importlib.import_module("ml_core.animation.torch_warp")
        self.device = device

    def perform(self, motion: Motion, driving: Driving | None) -> Performance:
        if driving is None:
            return Performance(motion)
        if isinstance(driving, DrivingCapture):
            raise MotionInvalid(
                "capture_needs_liveportrait",
                "Only LivePortrait can play this captured motion; film a driving video for the puppet.",
            )
        filmed = motion_from_landmarks(
            DrivingFrames(driving.landmarks, driving.irises, driving.fps), motion.id
        )
        return Performance(
            replace(
                filmed,
                effects=motion.effects,
                gestures=motion.gestures,
                caption_style=motion.caption_style,
                caption_colour=motion.caption_colour,
            )
        )

    def frames(
        self, toon: ToonPortrait, performance: Performance, *, size: int, has_caption: bool
    ) -> Iterable[ActedFrame]:
        """On a CPU in any order; a device draws many at once, in its owner's thread."""
        puppet = Puppet(toon, size=size, device=self.device)
        if self.device == "cpu":
            return puppet_loop(puppet, performance.motion, has_caption=has_caption)
        return puppet_frames(puppet, performance.motion, has_caption=has_caption)
