"""How the published networks come to be in a ModelStore. Loaders import torch when they are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ml_core.model_store import Locate, ModelSpec

PHOTO_WEIGHTS, TOON_WEIGHTS = "stylegan2-ffhq", "stylegan2-toon"
"""Names in the manifest: the model that photos are projected into, and the one tuned from it."""
BLEND_RESOLUTIONS = (4, 8, 16, 32, 64)
"""All that ``blend_strength`` answers."""


def blend_model(resolution: int) -> str:
    """Name of the blend whose toon layers begin there."""
    return f"stylegan2-blend-{resolution}"


def network_models(locate: Locate) -> Mapping[str, ModelSpec]:
    """Specs by name: stylegan2-photo, stylegan2-blend-N, animegan2, liveportrait, wav2lip,
    insightface, inswapper.

    locate: finds the two files that a blend is made of; the other files are found by the store.
    """
    blends = {
        blend_model(resolution): ModelSpec(_blend(locate, resolution)) for resolution in BLEND_RESOLUTIONS
    }
    return {
        "stylegan2-photo": ModelSpec(_photo, PHOTO_WEIGHTS),
        **blends,
        "animegan2": ModelSpec(_animegan2, "animegan2-face-paint-512-v2"),
        "liveportrait": ModelSpec(_liveportrait, "liveportrait"),
        "wav2lip": ModelSpec(_wav2lip, "wav2lip"),
        "insightface": ModelSpec(_insightface, "buffalo_l"),
        "inswapper": ModelSpec(_inswapper, "inswapper_128"),
    }


def _photo(path: Path | None, device: str) -> Any:
    from ml_core.toonify.stylegan2.checkpoint import load_generator
    from ml_core.toonify.stylegan2.toonifier import StyleGan2Toonifier, no_blends

    return StyleGan2Toonifier(load_generator(_given(path)), no_blends, device=device)


def _blend(locate: Locate, resolution: int) -> Callable[[Path | None, str], Any]:
    def load(_: Path | None, device: str) -> Any:
        from ml_core.toonify.stylegan2.checkpoint import load_generator
        from ml_core.toonify.stylegan2.toonifier import Blends, BlendStrength

        blends = Blends(load_generator(locate(PHOTO_WEIGHTS)), load_generator(locate(TOON_WEIGHTS)), device)
        return blends(BlendStrength(resolution))

    return load


def _animegan2(path: Path | None, device: str) -> Any:
    from ml_core.toonify.animegan2.toonifier import AnimeGan2Toonifier, load_generator

    return AnimeGan2Toonifier(load_generator(_given(path)), device=device)


def _liveportrait(path: Path | None, device: str) -> Any:
    import torch

    from ml_core.animation.liveportrait.animator import LivePortraitAnimator
    from ml_core.animation.liveportrait.weights import load_networks

    half = torch.float16 if device == "cuda" else None
    return LivePortraitAnimator(load_networks(_given(path)), device, half)


def _wav2lip(path: Path | None, device: str) -> Any:
    from ml_core.speech.wav2lip.lipsync import LipSync
    from ml_core.speech.wav2lip.weights import load_generator

    return LipSync(load_generator(_given(path)), device)


def _insightface(path: Path | None, device: str) -> Any:
    from ml_core.face.insightface_backend import InsightFaces

    return InsightFaces(_given(path))


def _inswapper(path: Path | None, device: str) -> Any:
    from ml_core.swap.inswapper import load_inswapper

    return load_inswapper(_given(path))


def _given(path: Path | None) -> Path:
    assert path is not None  # every spec above that reads one file names its weights
    return path
