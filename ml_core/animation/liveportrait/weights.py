"""Loads the published LivePortrait files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from ml_core.animation.liveportrait.appearance import FIRST_WIDTH, AppearanceFeatureExtractor
from ml_core.animation.liveportrait.drive import Retargeters
from ml_core.animation.liveportrait.motion_extractor import MotionExtractor
from ml_core.animation.liveportrait.retarget import KeypointMlp
from ml_core.animation.liveportrait.spade import SpadeGenerator, fold_spectral_norm
from ml_core.animation.liveportrait.warping import WarpingModule
from ml_core.errors import WeightsUnavailable
from ml_core.torch_weights import install, read_checkpoint, state_under

BASE = "base_models"
RETARGETING = Path("retargeting_models") / "stitching_retargeting_module"
SUFFIXES = (".safetensors", ".pth")
RETARGETER_KEYS = {"stitching": "retarget_shoulder", "lip": "retarget_mouth", "eye": "retarget_eye"}


@dataclass(frozen=True)
class LivePortraitNetworks:
    """F, M, W, G and the three networks of S, in eval mode, spectral norm folded."""

    appearance: AppearanceFeatureExtractor
    motion: MotionExtractor
    warping: WarpingModule
    generator: SpadeGenerator
    retargeters: Retargeters

    def modules(self) -> tuple[nn.Module, ...]:
        """All seven."""
        s = self.retargeters
        return (self.appearance, self.motion, self.warping, self.generator, s.stitching, s.lip, s.eye)

    def to(self, device: torch.device | str) -> LivePortraitNetworks:
        """Moves all networks, in place, and returns itself."""
        for module in self.modules():
            module.to(device)
        return self


def untrained_networks(seed: int = 0, narrow: int = 1) -> LivePortraitNetworks:
    """Networks with random weights, for speed measurements and tests. narrow: divides every width."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _ready(fresh_networks(narrow))


def load_networks(folder: Path) -> LivePortraitNetworks:
    """Reads the official layout: ``base_models/*.pth`` and
    ``retargeting_models/stitching_retargeting_module.pth`` (or the same as .safetensors).

    The widths are read from the files. Raises WeightsUnavailable: ``weights_missing``, ``weights_corrupt``,
    ``weights_wrong_network``.
    """
    networks = fresh_networks(_narrowing(folder))
    base = {
        "appearance_feature_extractor": networks.appearance,
        "motion_extractor": networks.motion,
        "warping_module": networks.warping,
        "spade_generator": networks.generator,
    }
    for name, module in base.items():
        install(module, state_under(read_checkpoint(_file(folder / BASE / name)), ()), name)
    content = read_checkpoint(_file(folder / RETARGETING))
    for name, key in RETARGETER_KEYS.items():
        # A .safetensors file has no nesting: there the key is a prefix of the names.
        flat = {n.removeprefix(f"{key}."): v for n, v in content.items() if n.startswith(f"{key}.")}
        install(getattr(networks.retargeters, name), state_under(flat or content, (key,)), name)
    return _ready(networks)


def fresh_networks(narrow: int = 1) -> LivePortraitNetworks:
    """As they are before training, spectral norm not yet folded: what the published files hold."""
    mlps = {name: KeypointMlp(name) for name in RETARGETER_KEYS}
    return LivePortraitNetworks(
        AppearanceFeatureExtractor(narrow),
        MotionExtractor(narrow),
        WarpingModule(narrow),
        SpadeGenerator(narrow),
        Retargeters(**mlps),
    )


def _narrowing(folder: Path) -> int:
    """By how much the networks of these files are narrower than the published ones (1)."""
    state = state_under(read_checkpoint(_file(folder / BASE / "appearance_feature_extractor")), ())
    first = state.get("first.conv.weight")
    width = 0 if first is None else first.shape[0]
    if not width or FIRST_WIDTH % width:
        raise WeightsUnavailable(
            "weights_wrong_network", f"{folder / BASE} holds no LivePortrait appearance feature extractor."
        )
    return FIRST_WIDTH // width


def _ready(networks: LivePortraitNetworks) -> LivePortraitNetworks:
    fold_spectral_norm(networks.generator)
    for module in networks.modules():
        module.eval().requires_grad_(False)
    return networks


def _file(stem: Path) -> Path:
    """The first existing spelling, else the published one, so that the error names it."""
    found = [stem.with_suffix(suffix) for suffix in SUFFIXES]
    return next((path for path in found if path.is_file()), found[-1])
