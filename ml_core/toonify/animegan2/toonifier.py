"""AnimeGANv2 as a toonify back end: one forward pass over the portrait frame."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from ml_core.toonify.animegan2.generator import Generator, paint
from ml_core.toonify.stylegan2.toonifier import as_portrait
from ml_core.torch_batches import finite
from ml_core.torch_weights import install, read_checkpoint, state_under
from ml_core.types import FaceAnalysis, Image, ToonPortrait

PAINTED_SIDE = 512
"""Side the face weights were trained at."""


def load_generator(path: Path) -> Generator:
    """Raises WeightsUnavailable: ``weights_missing``, ``weights_corrupt``, ``weights_wrong_network``."""
    network = Generator().eval().requires_grad_(False)
    install(network, state_under(read_checkpoint(path), ()), "AnimeGANv2")
    return network


def face_to_paint(network: Generator, image: Image, side: int = PAINTED_SIDE) -> Image:
    """(S, S, 3) uint8 RGB square -> the same size, drawn at ``side`` and truncated to 8 bit, as published."""
    device = next(network.parameters()).device
    small = cv2.resize(image, (side, side), interpolation=cv2.INTER_LANCZOS4)
    x: Tensor = (
        torch.from_numpy(np.asarray(small).transpose(2, 0, 1).copy())[None].float().to(device) / 255 * 2 - 1
    )
    out = (finite(paint(network, x)[0], "AnimeGANv2") * 0.5 + 0.5).clamp(0, 1) * 255
    drawn = out.to(torch.uint8).permute(1, 2, 0).cpu().numpy()
    return np.asarray(cv2.resize(drawn, image.shape[1::-1], interpolation=cv2.INTER_AREA), np.uint8)


class AnimeGan2Toonifier:
    """Draws the whole portrait frame at ``side`` pixels; the strength mixes the drawing with the photo."""

    def __init__(
        self, network: Generator, *, style: str = "anime", device: str = "cpu", side: int = PAINTED_SIDE
    ) -> None:
        self.network = network.to(torch.device(device))
        self.side = side
        self.style = style

    def toonify(self, analysis: FaceAnalysis, strength: float = 1.0) -> ToonPortrait:
        """strength: 0 the photo, 1 the drawing."""
        drawn = face_to_paint(self.network, analysis.image, self.side).astype(np.float32)
        mixed = analysis.image + strength * (drawn - analysis.image)
        return as_portrait(analysis, np.asarray(np.round(mixed), np.uint8), self.style, strength)
