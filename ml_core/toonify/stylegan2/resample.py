"""FIR resampling of StyleGAN2 (Karras 2020, section 2 and appendix B; after Zhang 2019)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name every torch reader knows

BINOMIAL = (1.0, 3.0, 3.0, 1.0)


def fir_kernel(gain: float = 1.0) -> Tensor:
    """(4, 4) float32 separable binomial low-pass filter whose sum is ``gain``."""
    taps = torch.tensor(BINOMIAL)
    square = torch.outer(taps, taps)
    return square / square.sum() * gain


def filter_planes(x: Tensor, kernel: Tensor, pad: tuple[int, int]) -> Tensor:
    """Zero-pad (before, after) on both axes and filter every plane.

    x: (N, C, H, W); kernel: (k, k). Returns (N, C, H + before + after - k + 1, same for W).
    """
    n, c, h, w = x.shape
    planes = F.pad(x.reshape(n * c, 1, h, w), (pad[0], pad[1], pad[0], pad[1]))
    out = F.conv2d(planes, kernel.flip(0, 1)[None, None].to(x.dtype))
    return out.reshape(n, c, out.shape[2], out.shape[3])


class Blur(nn.Module):
    """Low-pass filter without change of rate; ``kernel`` is a stored buffer."""

    kernel: Tensor

    def __init__(self, pad: tuple[int, int], gain: float = 1.0) -> None:
        super().__init__()
        self.pad = pad
        self.register_buffer("kernel", fir_kernel(gain))

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, C, H, W)."""
        return filter_planes(x, self.kernel, self.pad)


class Upsample(nn.Module):
    """Doubles both sides: zeros between the samples, pad (2, 1), filter of gain 4."""

    kernel: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("kernel", fir_kernel(4.0))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, 2H, 2W)."""
        n, c, h, w = x.shape
        # A transposed convolution is the zero insertion and the filter in one; padding 1 is (2, 1) above.
        out = F.conv_transpose2d(
            x.reshape(n * c, 1, h, w), self.kernel[None, None].to(x.dtype), stride=2, padding=1
        )
        return out.reshape(n, c, 2 * h, 2 * w)
