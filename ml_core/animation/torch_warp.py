"""The triangle renderer of ``ml_core.animation.warp`` on a torch device, many frames at a time.

The same rules as there (half-open scan conversion, affine texture coordinates, bilinear texels, painter's
order), turned inside out: every triangle offers the pixels of its bounding box, the last triangle that
contains a pixel keeps it (an index buffer, after Catmull 1974), and all pixels are sampled at once. Triangles
are grouped by the size of their boxes, so that little is offered in vain. Imports torch: only a puppet on a
torch device imports this.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ml_core.animation.warp import PADDING, Layer

SMALLEST_BOX = 4
NOBODY = -1
DEGENERATE = 1e-3
"""Doubled area in square pixels below which a triangle covers no pixel."""


BATCH = 16
"""Frames drawn at once: some 200 MB of index arithmetic at 512 px, and plenty of work for a GPU."""


class TorchPainter:
    """``MeshPainter`` on a torch device. One transfer each way per batch."""

    def __init__(self, layers: Sequence[Layer], size: int, device: str) -> None:
        self._size, self._device = size, device
        self._layers = [TorchLayer.of(*layer, device) for layer in layers]

    def frames(self, placed: Sequence[NDArray[np.float64]]) -> Iterator[NDArray[np.uint8]]:
        for start in range(0, len(placed[0]), BATCH):
            near = [torch.from_numpy(points[start : start + BATCH]).float() for points in placed]
            batch = draw_frames(self._layers, [points.to(self._device) for points in near], self._size)
            yield from batch.cpu().numpy()


@dataclass(frozen=True)
class TorchLayer:
    """One sheet on the device.

    uv: (N, 2) float32 pixels of the padded texture; triangles: (M, 3) int64 in painter's order;
    texture: (1, 4, H, W) float32 premultiplied, 0..255.
    """

    uv: Tensor
    triangles: Tensor
    texture: Tensor

    @classmethod
    def of(
        cls,
        uv: NDArray[np.float64],
        triangles: NDArray[np.int32],
        premultiplied: NDArray[np.uint8],
        device: str,
    ) -> TorchLayer:
        """uv: (N, 2) in pixels of the texture without padding. premultiplied: (H, W, 4)."""
        wide = np.pad(premultiplied, ((PADDING, PADDING), (PADDING, PADDING), (0, 0)))
        texture = torch.from_numpy(wide).to(device).permute(2, 0, 1)[None].float()
        return cls(
            torch.from_numpy(uv + PADDING).to(device, torch.float32),
            torch.from_numpy(triangles).to(device, torch.int64),
            texture.contiguous(),
        )


@torch.inference_mode()
def draw_frames(layers: Sequence[TorchLayer], placed: Sequence[Tensor], size: int) -> Tensor:
    """Draw all layers of all frames, the first layer at the back.

    placed: per layer (F, N, 2) float32 canvas pixels, on the layers' device. Returns (F, size, size, 4) uint8
    premultiplied, on the device.
    """
    canvas: Tensor | None = None
    for layer, vertices in zip(layers, placed, strict=True):
        drawn = _drawn(layer, vertices, size)
        # Porter-Duff over, premultiplied
        canvas = drawn if canvas is None else drawn + canvas * (1.0 - drawn[:, 3:] / 255.0)
    if canvas is None:
        raise ValueError("a puppet has at least one layer")
    return canvas.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous()


def _drawn(layer: TorchLayer, vertices: Tensor, size: int) -> Tensor:
    """One layer of all frames: (F, 4, size, size) float32 premultiplied, 0..255."""
    frames = len(vertices)
    corners = vertices[:, layer.triangles]  # (F, M, 3, 2)
    winners = _index_buffer(corners, size)
    plane = _texture_planes(corners, layer.uv[layer.triangles])
    x = torch.arange(size, device=vertices.device, dtype=torch.float32)
    chosen = winners.clamp_min(0).reshape(frames, -1, 1).expand(-1, -1, 6)
    plane = plane.gather(1, chosen).reshape(frames, size, size, 6)
    u = plane[..., 0] + plane[..., 1] * x + plane[..., 2] * x[:, None]
    v = plane[..., 3] + plane[..., 4] * x + plane[..., 5] * x[:, None]
    height, width = layer.texture.shape[2:]
    where = torch.stack([2 * u / (width - 1) - 1, 2 * v / (height - 1) - 1], dim=-1)
    flat = where.reshape(1, frames * size, size, 2)  # one picture of all frames: the texture is shared
    sampled = functional.grid_sample(layer.texture, flat, align_corners=True)
    sampled = sampled.reshape(4, frames, size, size).transpose(0, 1)
    return sampled * (winners != NOBODY)[:, None]


def _texture_planes(corners: Tensor, uv: Tensor) -> Tensor:
    """(F, M, 6): u = p0 + p1 x + p2 y and v = p3 + p4 x + p5 y inside each triangle."""
    a, ab, ac = (
        corners[..., 0, :],
        corners[..., 1, :] - corners[..., 0, :],
        corners[..., 2, :] - corners[..., 0, :],
    )
    area = ab[..., 0] * ac[..., 1] - ac[..., 0] * ab[..., 1]
    inverse = torch.where(area.abs() < DEGENERATE, torch.zeros_like(area), 1.0 / area)
    planes = []
    for axis in (0, 1):
        first, second = uv[:, 1, axis] - uv[:, 0, axis], uv[:, 2, axis] - uv[:, 0, axis]
        by_x = (first * ac[..., 1] - second * ab[..., 1]) * inverse
        by_y = (second * ab[..., 0] - first * ac[..., 0]) * inverse
        planes += [uv[:, 0, axis] - a[..., 0] * by_x - a[..., 1] * by_y, by_x, by_y]
    return torch.stack(planes, dim=-1)


def _index_buffer(corners: Tensor, size: int) -> Tensor:
    """(F, size, size) int64: the last triangle that contains each pixel, or NOBODY."""
    frames, count = corners.shape[:2]
    buffer = torch.full((frames * size * size,), NOBODY, dtype=torch.int64, device=corners.device)
    low = corners.amin(dim=2).ceil()
    extent = (corners.amax(dim=2).ceil() - low).amax(dim=(0, 2))  # (M,) over all frames
    order = torch.arange(count, device=corners.device)
    box = SMALLEST_BOX
    previous = 0
    while previous < int(extent.max()) and previous < size:
        members = order[(extent > previous) & (extent <= box)]
        if len(members):
            _offer(buffer, corners[:, members], low[:, members], members, box, size)
        previous, box = box, box * 2
    members = order[extent > previous]
    if len(members):  # larger than the canvas: offered all of it
        _offer(buffer, corners[:, members], torch.zeros_like(low[:, members]), members, size, size)
    return buffer.reshape(frames, size, size)


def _offer(buffer: Tensor, corners: Tensor, low: Tensor, members: Tensor, box: int, size: int) -> None:
    """Give ``members`` (K,) the pixels that they contain in the box x box pixels from ``low`` (F, K, 2)."""
    frames = len(corners)
    step = torch.arange(box, device=corners.device, dtype=torch.float32)
    x = (low[..., 0, None] + step)[..., None, :]  # (F, K, 1, box)
    y = (low[..., 1, None] + step)[..., :, None]  # (F, K, box, 1)
    inside = _contains(corners, x, y) & (x >= 0) & (x < size) & (y >= 0) & (y < size)
    frame = torch.arange(frames, device=corners.device)[:, None, None, None]
    at = ((frame * size + y.long()) * size + x.long())[inside]
    number = members[None, :, None, None].expand_as(inside)[inside]
    buffer.scatter_reduce_(0, at, number, reduce="amax")


def _contains(corners: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """(F, K, box, box) bool: a row enters a triangle at one edge and leaves it at another, half open."""
    crossed = torch.zeros((), dtype=torch.int8, device=x.device)
    for first, second in ((0, 1), (1, 2), (2, 0)):
        a, b = corners[..., first, :], corners[..., second, :]
        # the same order of the ends for both triangles at an edge, hence the same crossing
        swap = (a[..., 1] >= b[..., 1])[..., None]
        top, end = torch.where(swap, b, a)[..., None, None, :], torch.where(swap, a, b)[..., None, None, :]
        met = (top[..., 1] <= y) != (end[..., 1] <= y)
        slope = (end[..., 0] - top[..., 0]) / (end[..., 1] - top[..., 1])
        crossing = top[..., 0] + (y - top[..., 1]) * slope
        crossed = crossed + (met & (crossing <= x)).to(torch.int8)
    return crossed == 1
