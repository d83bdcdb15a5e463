"""The two interfaces, the engines behind them, and the choice with its visible fallbacks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ml_core.animation.motion import Motion
from ml_core.backends.driving import Driving
from ml_core.errors import DeviceMissing, LookInvalid, ModelUnavailable, OutOfMemory, WeightsUnavailable
from ml_core.model_store import Models, NoModels
from ml_core.toonify.look import ToonLook
from ml_core.types import FaceAnalysis, FaceFrame, ToonPortrait

logger = logging.getLogger(__name__)

Stage = Literal["toonify", "animate", "swap"]


class Toonifier(Protocol):
    """Draws analysed faces; geometry stays that of the photo."""

    def __call__(
        self, analyses: Sequence[FaceAnalysis], looks: Sequence[ToonLook]
    ) -> Sequence[ToonPortrait]: ...


@dataclass(frozen=True)
class Performance:
    """What is acted. motion: length, rate, effects, lettering, and the acting unless ``driving`` is given.

    driving: in the form that the animator prepared it in.
    """

    motion: Motion
    driving: Any = None


class Animator(Protocol):
    """Lets a drawn face act."""

    def perform(self, motion: Motion, driving: Driving | None) -> Performance:
        """A template's motion, or a driving one with the template's effects and lettering.

        Raises ClipInvalid or MotionInvalid for a driving motion that cannot be acted.
        """
        ...

    def frames(
        self, toon: ToonPortrait, performance: Performance, *, size: int, has_caption: bool
    ) -> Iterable[tuple[NDArray[np.uint8], FaceFrame]]:
        """Premultiplied (size, size, 4) uint8 RGBA and where the face is, once per frame of the loop.

        A Sequence may be asked for any frame by any thread, one at a time; anything else is gone through
        once, here.
        """
        ...


@dataclass(frozen=True)
class Backends:
    """The engines that are wanted, by name: keys of TOONIFIERS and ANIMATORS.

    Raises LookInvalid (``backend_unknown``).
    """

    toonify: str = "cartoon"
    animate: str = "puppet"

    def __post_init__(self) -> None:
        for name, known in ((self.toonify, TOONIFIERS), (self.animate, ANIMATORS)):
            if name not in known:
                raise LookInvalid("backend_unknown", f"{name!r} is none of: {', '.join(known)}.", name=name)


@dataclass(frozen=True)
class Fallback:
    """Why our own engine stood in. code: of the failure (weights_missing, ...); reason: English, for logs."""

    stage: Stage
    wanted: str
    used: str
    code: str
    reason: str


@dataclass(frozen=True)
class Used:
    """What really drew and animated."""

    toonify: str = "cartoon"
    animate: str = "puppet"
    fallbacks: tuple[Fallback, ...] = ()


@dataclass(frozen=True)
class Chosen:
    """Engines ready for work, and what was chosen."""

    toonifier: Toonifier
    animator: Animator
    used: Used = field(default_factory=Used)


def _cartoon(models: Models) -> Toonifier:
    from ml_core.backends.own import cartoon

    return cartoon


def _stylegan2(models: Models) -> Toonifier:
    from ml_core.backends.networks import LayerSwap

    return LayerSwap(models)


def _animegan2(models: Models) -> Toonifier:
    from ml_core.backends.networks import FaceToPaint

    return FaceToPaint(models)


def _puppet(models: Models) -> Animator:
    from ml_core.backends.own import PuppetAnimator

    return PuppetAnimator(models.device)


def _liveportrait(models: Models) -> Animator:
    from ml_core.backends.networks import NeuralAnimator

    return NeuralAnimator(models)


TOONIFIERS: Mapping[str, Callable[[Models], Toonifier]] = {
    "cartoon": _cartoon,
    "stylegan2": _stylegan2,
    "animegan2": _animegan2,
}
ANIMATORS: Mapping[str, Callable[[Models], Animator]] = {"puppet": _puppet, "liveportrait": _liveportrait}
"""Name -> maker, the first of each needing no weights. A maker loads its models through ``Models``."""

OWN = Backends()
CANNOT_BE_HAD = (WeightsUnavailable, ModelUnavailable, OutOfMemory, DeviceMissing)
"""What leads to our own engine taking over, besides a package that is not installed; all carry a code."""


def choose(wanted: Backends, models: Models) -> Chosen:
    """The engines of these names; where one cannot be had, our own takes over and ``used`` says so.

    Only missing, forbidden or unusable weights, a missing torch and a missing device lead to a fallback.
    """
    fallbacks: list[Fallback] = []
    toonifier, drawn_by = _or_own("toonify", wanted.toonify, TOONIFIERS, models, fallbacks)
    animator, animated_by = _or_own("animate", wanted.animate, ANIMATORS, models, fallbacks)
    return Chosen(toonifier, animator, Used(drawn_by, animated_by, tuple(fallbacks)))


def on_cpu(chosen: Chosen, error: Exception) -> Chosen:
    """After a puppet on a GPU ran out of memory: on the CPU. Raises ``error`` where that is no help."""
    from ml_core.backends.own import PuppetAnimator

    if not isinstance(chosen.animator, PuppetAnimator) or chosen.animator.device == "cpu":
        raise error
    fallback = fallen_back("animate", _on_gpu(OWN.animate), OWN.animate, "out_of_memory", str(error))
    used = replace(chosen.used, fallbacks=(*chosen.used.fallbacks, fallback))
    return replace(chosen, animator=PuppetAnimator(), used=used)


def _or_own(
    stage: Stage,
    wanted: str,
    makers: Mapping[str, Callable[[Models], Any]],
    models: Models,
    fallbacks: list[Fallback],
) -> tuple[Any, str]:
    own = next(iter(makers))
    try:
        return makers[wanted](models), wanted
    except ImportError as error:
        code, reason = "torch_missing", f"{error}; install what requirements/full.txt names."
    except CANNOT_BE_HAD as error:
        code, reason = error.code, str(error)
    if wanted != own:
        fallbacks.append(fallen_back(stage, wanted, own, code, reason))
        return _or_own(stage, own, makers, models, fallbacks)
    fallbacks.append(fallen_back(stage, _on_gpu(own), own, code, reason))
    return makers[own](NoModels()), own


def _on_gpu(engine: str) -> str:
    return f"{engine} (GPU)"


def fallen_back(stage: Stage, wanted: str, used: str, code: str, reason: str) -> Fallback:
    """A ``Fallback``, told to the operator too."""
    logger.warning("%s: %s cannot be used, %s takes over: %s", stage, wanted, used, reason)
    return Fallback(stage, wanted, used, code, reason)
