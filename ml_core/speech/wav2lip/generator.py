"""Wav2Lip generator: a masked face and 0.2 s of sound -> the same face with fitting lips.

Prajwal, Mukhopadhyay, Namboodiri & Jawahar 2020, section 4.1.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

FACE_SIDE = 96
FIRST_WIDTH = 16
MEL_BANDS = 80
MEL_STEP = 16
"""Mel frames that belong to one video frame's sound: 0.2 s."""


class Conv(nn.Module):
    """Convolution, batch norm, ReLU; ``residual`` adds the input before the ReLU."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        kernel: int = 3,
        stride: int | tuple[int, int] = 1,
        pad: int = 1,
        residual: bool = False,
    ) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.Conv2d(inputs, outputs, kernel, stride, pad), nn.BatchNorm2d(outputs)
        )
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, inputs, H, W)."""
        out: Tensor = self.conv_block(x)
        return torch.relu(out + x if self.residual else out)


class Deconv(nn.Module):
    """Transposed 3x3 convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int, *, stride: int = 2, pad: int = 1) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.ConvTranspose2d(inputs, outputs, 3, stride, pad, output_padding=1 if stride == 2 else 0),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, inputs, H, W)."""
        out: Tensor = self.conv_block(x)
        return torch.relu(out)


def _same(width: int, count: int) -> list[nn.Module]:
    return [Conv(width, width, residual=True) for _ in range(count)]


def _face_encoder(narrow: int) -> nn.ModuleList:
    """Eight feature maps: 96, 48, 24, 12, 6, 3 and 1 px."""
    wide = 512 // narrow
    stages = [nn.Sequential(Conv(6, FIRST_WIDTH // narrow, kernel=7, pad=3))]
    for inputs, outputs, residuals in ((16, 32, 2), (32, 64, 3), (64, 128, 2), (128, 256, 2), (256, 512, 1)):
        first = Conv(inputs // narrow, outputs // narrow, stride=2)
        stages.append(nn.Sequential(first, *_same(outputs // narrow, residuals)))
    stages.append(nn.Sequential(Conv(wide, wide, pad=0), Conv(wide, wide, kernel=1, pad=0)))
    return nn.ModuleList(stages)


def _audio_encoder(narrow: int) -> nn.Sequential:
    """(80, 16) -> (27, 16) -> (9, 6) -> (3, 3) -> (1, 1)."""
    a, b, c, d, e = (width // narrow for width in (32, 64, 128, 256, 512))
    return nn.Sequential(
        Conv(1, a),
        *_same(a, 2),
        Conv(a, b, stride=(3, 1)),
        *_same(b, 2),
        Conv(b, c, stride=3),
        *_same(c, 2),
        Conv(c, d, stride=(3, 2)),
        *_same(d, 1),
        Conv(d, e, pad=0),
        Conv(e, e, kernel=1, pad=0),
    )


def _face_decoder(narrow: int) -> nn.ModuleList:
    """Mirror of the encoder; its output is concatenated after each block."""
    wide = 512 // narrow
    stages = [
        nn.Sequential(Conv(wide, wide, kernel=1, pad=0)),
        nn.Sequential(Deconv(2 * wide, wide, stride=1, pad=0), *_same(wide, 1)),
    ]
    for inputs, outputs in ((1024, 512), (768, 384), (512, 256), (320, 128), (160, 64)):
        stages.append(
            nn.Sequential(Deconv(inputs // narrow, outputs // narrow), *_same(outputs // narrow, 2))
        )
    return nn.ModuleList(stages)


class Generator(nn.Module):
    """Sound and face -> face. 36.3 M parameters. narrow: divides every width; 1 is the published network."""

    def __init__(self, narrow: int = 1) -> None:
        super().__init__()
        self.face_encoder_blocks = _face_encoder(narrow)
        self.audio_encoder = _audio_encoder(narrow)
        self.face_decoder_blocks = _face_decoder(narrow)
        self.output_block = nn.Sequential(
            Conv(80 // narrow, 32 // narrow), nn.Conv2d(32 // narrow, 3, 1), nn.Sigmoid()
        )

    def forward(self, mel: Tensor, faces: Tensor) -> Tensor:
        """mel: (B, 1, 80, 16) in -4..4; faces: (B, 6, 96, 96) BGR in 0..1, the first three channels
        with their lower half blank. Returns (B, 3, 96, 96) BGR in 0..1.

        Sequences: mel (B, T, 1, 80, 16), faces (B, 6, T, 96, 96) -> (B, 3, T, 96, 96).
        """
        if faces.dim() == 5:
            return self._sequence(mel, faces)
        skips: list[Tensor] = []
        x = faces
        for block in self.face_encoder_blocks:
            x = block(x)
            skips.append(x)
        x = self.audio_encoder(mel)
        for block in self.face_decoder_blocks:
            x = torch.cat([block(x), skips.pop()], 1)
        out: Tensor = self.output_block(x)
        return out

    def _sequence(self, mel: Tensor, faces: Tensor) -> Tensor:
        batch, steps = mel.shape[:2]
        flat_mel = mel.transpose(0, 1).flatten(0, 1)
        flat_faces = faces.permute(2, 0, 1, 3, 4).flatten(0, 1)
        out = self(flat_mel, flat_faces).unflatten(0, (steps, batch))
        video: Tensor = out.permute(1, 2, 0, 3, 4)
        return video
