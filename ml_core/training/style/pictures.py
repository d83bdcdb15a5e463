"""The training pictures: read, brought to one size, served in random batches."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml_core.errors import DatasetInvalid

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp"})
LARGEST_FILE = 64 * 1024 * 1024

Pictures = NDArray[np.uint8]
"""(N, S, S, 3) uint8 RGB."""


def picture_files(folder: Path) -> list[Path]:
    """Picture files below ``folder``, sorted by path.

    Raises DatasetInvalid ``dataset_empty`` when there are none.
    """
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not found:
        raise DatasetInvalid("dataset_empty", f"There are no PNG, JPEG or WebP pictures below {folder}.")
    return found


def read_picture(path: Path, size: int) -> NDArray[np.uint8]:
    """(size, size, 3) uint8 RGB: middle square, area-averaged; transparency over white.

    Raises DatasetInvalid ``picture_unreadable``.
    """
    data = np.frombuffer(path.read_bytes()[:LARGEST_FILE], np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    if image is None or image.dtype != np.uint8:
        raise DatasetInvalid("picture_unreadable", f"{path} is not an 8-bit picture; remove or convert it.")
    rgb = _over_white(np.asarray(image, np.uint8))
    height, width = rgb.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = rgb[top : top + side, left : left + side]
    way = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(square, (size, size), interpolation=way), np.uint8)


def _over_white(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if image.ndim == 2:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2RGB), np.uint8)
    if image.shape[2] == 3:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
    rgba = cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA).astype(np.float32)
    alpha = rgba[..., 3:] / 255.0
    return np.asarray((rgba[..., :3] * alpha + 255.0 * (1.0 - alpha)).round(), np.uint8)


def read_pictures(folder: Path, size: int) -> Pictures:
    """All pictures below ``folder``."""
    return np.stack([read_picture(path, size) for path in picture_files(folder)])


def to_tensor(pictures: Pictures) -> Tensor:
    """(N, S, S, 3) uint8 -> (N, 3, S, S) float32 in -1..1."""
    return torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))).float() / 127.5 - 1.0


def to_pictures(images: Tensor) -> Pictures:
    """(N, 3, S, S) in -1..1 -> (N, S, S, 3) uint8, clipped."""
    scaled = (images.detach().float().clamp(-1, 1) * 127.5 + 127.5).round().to(torch.uint8)
    return np.ascontiguousarray(scaled.permute(0, 2, 3, 1).cpu().numpy())


def grid_of(pictures: Pictures, columns: int = 8, gap: int = 2) -> NDArray[np.uint8]:
    """One white-gapped sheet (H, W, 3) of N pictures, row by row."""
    n, side = len(pictures), pictures.shape[1]
    rows = -(-n // columns)
    sheet = np.full((rows * (side + gap) - gap, columns * (side + gap) - gap, 3), 255, np.uint8)
    for index, picture in enumerate(pictures):
        y, x = (index // columns) * (side + gap), (index % columns) * (side + gap)
        sheet[y : y + side, x : x + side] = picture
    return sheet


def write_png(path: Path, picture: NDArray[np.uint8]) -> None:
    """picture: (H, W, 3) uint8 RGB."""
    _, data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    path.write_bytes(data.tobytes())


class Batches:
    """Random batches with optional mirroring, reproducible from ``source``."""

    def __init__(self, pictures: Pictures, batch: int, mirror: bool, source: torch.Generator) -> None:
        self.pictures = torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)))
        self.batch = batch
        self.mirror = mirror
        self.source = source

    def draw(self) -> Tensor:
        """(batch, 3, S, S) float32 in -1..1."""
        chosen = torch.randint(len(self.pictures), (self.batch,), generator=self.source)
        images = self.pictures[chosen].float() / 127.5 - 1.0
        if not self.mirror:
            return images
        turned = torch.rand(self.batch, 1, 1, 1, generator=self.source) < 0.5
        return torch.where(turned, images.flip(3), images)
