"""The networks to be measured, with random weights (the weights do not change the speed)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy.spatial import Delaunay
from torch import Tensor, nn

from ml_core.animation.liveportrait.appearance import VOLUME_CHANNELS, VOLUME_DEPTH
from ml_core.animation.liveportrait.dense_motion import KEY_POINTS
from ml_core.animation.liveportrait.retarget import stitch
from ml_core.animation.liveportrait.weights import LivePortraitNetworks, untrained_networks
from ml_core.animation.torch_warp import BATCH, TorchLayer, draw_frames
from ml_core.face.topology import REFERENCE, TRIANGLES
from ml_core.speech.wav2lip.generator import Generator as Wav2LipGenerator
from ml_core.toonify.animegan2.generator import Generator as AnimeGenerator
from ml_core.toonify.stylegan2.checkpoint import NetworkShape

LIVEPORTRAIT_AT_ONCE = 32
"""Of 512 frames: the moved copies of the volume and W's 142 channels take about 1 GB a frame in float32."""
TOKENS = 32
"""Length of a chat sentence in word pieces, rounded up."""


@dataclass(frozen=True)
class Subject:
    """One thing to measure. module: what may be compiled; inputs: of one call; items: frames, pictures or
    sentences per call.
    """

    name: str
    unit: str
    module: nn.Module
    inputs: tuple[Tensor, ...]
    items: int
    compiles: bool = True
    """Whether it may run in other forms, and torch.compile can make one graph of it."""
    at_once: int = 0
    """Items that share one call of the module; 0: all of them."""

    @property
    def chunk(self) -> int:
        return min(self.items, self.at_once or self.items)

    def megabytes(self, answer_bytes: float) -> float:
        """Least memory traffic: weights and inputs once in, the answer once out; shared inputs count once."""
        inputs = sum(tensor.untyped_storage().nbytes() for tensor in self.inputs)
        weights = sum(parameter.nbytes for parameter in self.module.parameters())
        return (weights + inputs + answer_bytes) / 1e6


class LivePortraitFrame(nn.Module):
    """What one animated frame costs: motion of the driving frame, stitching, warping, generator."""

    def __init__(self, networks: LivePortraitNetworks, with_motion: bool) -> None:
        super().__init__()
        self.motion = networks.motion if with_motion else None
        self.stitching = networks.retargeters.stitching
        self.warping = networks.warping
        self.generator = networks.generator

    def forward(self, feature: Tensor, source: Tensor, driving: Tensor, picture: Tensor) -> Tensor:
        """feature: (B, 32, 16, S, S); key points (B, 21, 3); picture: (B, 3, 256, 256). -> (B, 3, 8S, 8S)."""
        if self.motion is not None:
            driving = driving + self.motion(picture)["exp"].reshape(-1, KEY_POINTS, 3) * 1e-3
        warped = self.warping(feature, source, stitch(self.stitching, source, driving))
        out: Tensor = self.generator(warped.feature)
        return out


class SentenceEncoder(nn.Module):
    """A ko-sbert sized BERT with mean pooling."""

    def __init__(self, tiny: bool) -> None:
        super().__init__()
        # transformers takes seconds to import and only this measurement needs it
        from transformers import BertConfig, BertModel  # noqa: PLC0415

        config = BertConfig()
        if tiny:
            config = BertConfig(
                hidden_size=64, num_hidden_layers=2, num_attention_heads=2, intermediate_size=128
            )
        self.bert = BertModel(config, add_pooling_layer=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, TOKENS) int64 -> (B, hidden)."""
        pooled: Tensor = self.bert(tokens).last_hidden_state.mean(1)
        return pooled


class PuppetSheets(nn.Module):
    """The meshes of one puppet: a face of 852 triangles before a grid of 1,152, textures of 600 x 600."""

    def __init__(self, size: int, device: torch.device) -> None:
        super().__init__()
        side, ticks = 600, np.linspace(0, 600, 25)
        grid = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
        face = np.asarray(REFERENCE[:, :2] * 160.0 + side / 2, np.float64)
        texture = np.random.default_rng(1).integers(0, 256, (side, side, 4), np.uint8)
        texture[..., 3] = 255
        name = str(device)
        cells = Delaunay(grid).simplices.astype(np.int32)
        self.size = size
        self.layers = [
            TorchLayer.of(grid, cells, texture, name),
            TorchLayer.of(face, TRIANGLES, texture, name),
        ]
        self.rest = [
            torch.from_numpy(points * size / side).to(device, torch.float32) for points in (grid, face)
        ]

    def forward(self, shift: Tensor) -> Tensor:
        """shift: (F, 1, 2) canvas pixels -> (F, size, size, 4) uint8."""
        return draw_frames(self.layers, [points + shift for points in self.rest], self.size)


def _puppet(device: torch.device, tiny: bool, batch: int) -> Subject:
    size = 64 if tiny else 512
    shift = torch.rand(batch, 1, 2, device=device) * 20
    return Subject(f"puppet_{size}", "frames", PuppetSheets(size, device), (shift,), batch, compiles=False)


def _stylegan2(device: torch.device, tiny: bool, batch: int) -> Subject:
    shape = NetworkShape(64, style_dim=64, n_mlp=2, widest=32) if tiny else NetworkShape(1024)
    network = shape.generator().to(device).eval().requires_grad_(False)
    w_plus = torch.randn(batch, network.rows, shape.style_dim, device=device)
    return Subject(f"stylegan2_{shape.size}", "images", network, (w_plus,), batch)


def _liveportrait(device: torch.device, tiny: bool, batch: int) -> Subject:
    side = 32 if tiny else 64
    frame = LivePortraitFrame(untrained_networks().to(device), with_motion=not tiny).requires_grad_(False)
    inputs = (
        # one source drives all frames: its volume is shared, not stored 512 times (4 GB)
        torch.randn(1, VOLUME_CHANNELS, VOLUME_DEPTH, side, side, device=device).expand(
            batch, -1, -1, -1, -1
        ),
        torch.randn(batch, KEY_POINTS, 3, device=device) * 0.2,
        torch.randn(batch, KEY_POINTS, 3, device=device) * 0.2,
        torch.rand(batch, 3, 256, 256, device=device),
    )
    return Subject(
        f"liveportrait_{8 * side}", "frames", frame.eval(), inputs, batch, at_once=LIVEPORTRAIT_AT_ONCE
    )


def _animegan2(device: torch.device, tiny: bool, batch: int) -> Subject:
    side = 64 if tiny else 512
    network = AnimeGenerator().to(device).eval().requires_grad_(False)
    return Subject(
        f"animegan2_{side}", "images", network, (torch.rand(batch, 3, side, side, device=device),), batch
    )


def _wav2lip(device: torch.device, tiny: bool, batch: int) -> Subject:
    network = Wav2LipGenerator().to(device).eval().requires_grad_(False)
    inputs = (torch.randn(batch, 1, 80, 16, device=device), torch.rand(batch, 6, 96, 96, device=device))
    return Subject("wav2lip", "frames", network, inputs, batch)


def _sentences(device: torch.device, tiny: bool, batch: int) -> Subject:
    network = SentenceEncoder(tiny).to(device).eval().requires_grad_(False)
    return Subject(
        "sentence_encoder",
        "sentences",
        network,
        (torch.zeros(batch, TOKENS, dtype=torch.int64, device=device),),
        batch,
    )


SUBJECTS: dict[str, tuple[Callable[[torch.device, bool, int], Subject], int]] = {
    "stylegan2": (_stylegan2, 8),
    "liveportrait": (_liveportrait, 512),
    "animegan2": (_animegan2, 8),
    "wav2lip": (_wav2lip, 64),
    "sentences": (_sentences, 256),
    "puppet": (_puppet, BATCH),
}
"""Name -> builder and batch on a GPU; a CPU is measured one by one."""
