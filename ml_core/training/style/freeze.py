"""FreezeD (Mo, Cho & Shin 2020, "Freeze the Discriminator"): keep the discriminator's early layers."""

from __future__ import annotations

from torch import nn

from ml_core.toonify.stylegan2.discriminator import Discriminator


def freeze_discriminator(discriminator: Discriminator, layers: int) -> list[nn.Parameter]:
    """Stops training of the first ``layers`` blocks, finest resolution first; returns what still trains.

    Block 0 is the 1x1 from RGB, then one block per halving. Raises ValueError when there are fewer.
    """
    if not 0 <= layers <= len(discriminator.convs):
        raise ValueError(f"freeze-d must be 0..{len(discriminator.convs)} here, not {layers}")
    for block in list(discriminator.convs)[:layers]:
        block.requires_grad_(False)
    return [parameter for parameter in discriminator.parameters() if parameter.requires_grad]
