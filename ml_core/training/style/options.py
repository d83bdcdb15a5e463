"""What a fine-tuning run is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Precision = Literal["fp32", "bf16"]


@dataclass(frozen=True)
class TrainOptions:
    """Defaults are those of the papers for 256 px and more.

    images: pictures shown to the discriminator in all. batch: per step over all processes.
    freeze_d: blocks of the discriminator left as they are. ada: adapt the augmentation probability;
    ada_images: images in which p may climb from 0 to 1. r1: gamma. path_weight: 0 turns path length off.
    ema_half_life: in images. mixing: probability of style mixing. mirror: also train on mirrored pictures.
    snapshot_every: images between checkpoint, grid and KID; kid_samples: generated pictures measured.
    """

    images: int
    batch: int = 16
    learning_rate: float = 0.002
    freeze_d: int = 0
    ada: bool = False
    ada_target: float = 0.6
    ada_images: int = 500_000
    r1: float = 10.0
    r1_every: int = 16
    path_weight: float = 2.0
    path_every: int = 4
    ema_half_life: int = 10_000
    mixing: float = 0.9
    mirror: bool = True
    precision: Precision = "fp32"
    seed: int = 0
    snapshot_every: int = 20_000
    kid_samples: int = 1000
