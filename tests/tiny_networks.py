"""Tiny networks in the formats in which the real ones are published, made on the spot with random weights.

The loaders read the widths from the files, so the very code that reads the published files reads these.
"""

from __future__ import annotations

from pathlib import Path

import torch

from ml_core.animation.liveportrait.weights import fresh_networks
from ml_core.speech.wav2lip.generator import Generator as LipGenerator
from ml_core.toonify.animegan2.generator import Generator as AnimeGenerator
from ml_core.toonify.stylegan2.checkpoint import NetworkShape
from tests.tiny_weights import announce

FACES = NetworkShape(32, style_dim=16, n_mlp=2, channel_multiplier=1, widest=16)


def stylegan2_pair(folder: Path, *, toon: NetworkShape = FACES, commercial: bool = True) -> None:
    """A photo model and a toon model, as rosinality's training saves them."""
    for name, seed, shape in (("stylegan2-ffhq", 1, FACES), ("stylegan2-toon", 2, toon)):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            network = shape.generator()
        content = {"g_ema": network.state_dict(), "latent_avg": torch.zeros(shape.style_dim)}
        torch.save(content, folder / f"{name}.pt")
        announce(folder, name, f"{name}.pt", commercial=commercial)


def liveportrait(folder: Path) -> None:
    """The five published files, a sixteenth as wide."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        networks = fresh_networks(narrow=16)
    base, retargeting = folder / "liveportrait/base_models", folder / "liveportrait/retargeting_models"
    base.mkdir(parents=True)
    retargeting.mkdir()
    torch.save(networks.appearance.state_dict(), base / "appearance_feature_extractor.pth")
    torch.save(networks.motion.state_dict(), base / "motion_extractor.pth")
    torch.save(networks.warping.state_dict(), base / "warping_module.pth")
    torch.save(networks.generator.state_dict(), base / "spade_generator.pth")
    stitching = {
        key: {f"module.{name}": value for name, value in network.state_dict().items()}
        for key, network in (
            ("retarget_shoulder", networks.retargeters.stitching),
            ("retarget_mouth", networks.retargeters.lip),
            ("retarget_eye", networks.retargeters.eye),
        )
    }
    torch.save(stitching, retargeting / "stitching_retargeting_module.pth")
    announce(folder, "liveportrait", "liveportrait")


def animegan2(folder: Path) -> None:
    """The published generator is small enough as it is."""
    with torch.random.fork_rng():
        torch.manual_seed(4)
        torch.save(AnimeGenerator().state_dict(), folder / "face_paint_512_v2.pt")
    announce(folder, "animegan2-face-paint-512-v2", "face_paint_512_v2.pt")


def wav2lip(folder: Path) -> None:
    """A training checkpoint, an eighth as wide."""
    with torch.random.fork_rng():
        torch.manual_seed(5)
        state = LipGenerator(narrow=8).state_dict()
    named = {f"module.{name}": value for name, value in state.items()}
    torch.save({"state_dict": named, "global_step": 1}, folder / "wav2lip_gan.pth")
    announce(folder, "wav2lip", "wav2lip_gan.pth")
