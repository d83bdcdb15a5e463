"""Is a folder of drawings fit to train a style on? One style, saturation, background, alignment, duplicates.

All measures are made on the pictures alone, without a network that would have to be downloaded, and work
on drawings that no face detector finds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ml_core.training.style.kid import RandomFeatures, features_of
from ml_core.training.style.pictures import Pictures, picture_files, read_picture, to_tensor

SIDE = 64
"""Pictures are judged at this size."""
FEWEST = 50
"""ADA's authors train on 100 pictures at least; below this the result repeats its training set."""
SAME_PICTURE = 3.5
"""Mean difference in grey levels at 32 px below which two files hold one drawing: above it lie other people
in the same style, below it JPEG and scaling."""
REACH = 12
"""Pixels at 64 px that a face is searched away from its place."""
OUTLIER = 4.5
"""Robust deviations (median and MAD) beyond which a picture stands apart."""
MAD_TO_SIGMA = 1.4826
PALE, GARISH = 0.08, 0.85
LARGEST_SHIFT = 0.08
"""Of the side: how far a face may lie from where the others are."""
PLAIN_ROUGHNESS = 2.0
"""Grey levels a pixel: a border that changes less is a plain background, shaded or not."""
TWO_STYLES = 0.4
"""Silhouette of a split in two beyond which there are two styles, not one."""
SMALLEST_SHARE = 0.12


@dataclass(frozen=True)
class DatasetReport:
    """pictures: how many. problems: code -> sentence saying what to do. outliers: code -> files.

    measures: mean saturation, share of plain backgrounds, median misalignment, split score.
    """

    pictures: int
    measures: Mapping[str, float]
    problems: Mapping[str, str]
    outliers: Mapping[str, tuple[str, ...]]

    @property
    def fit(self) -> bool:
        """Nothing was found that has to be mended first."""
        return not self.problems


def check_dataset(folder: Path) -> DatasetReport:
    """Judges every picture below ``folder``.

    Raises DatasetInvalid ``dataset_empty`` or ``picture_unreadable``.
    """
    files = picture_files(folder)
    pictures = np.stack([read_picture(path, SIDE) for path in files])
    return judge(pictures, [str(path.relative_to(folder)) for path in files])


def judge(pictures: Pictures, names: list[str]) -> DatasetReport:
    """pictures: (N, 64, 64, 3) uint8 RGB; names: one per picture."""
    saturation = np.array([_saturation(picture) for picture in pictures])
    plain = np.array([_border_roughness(picture) < PLAIN_ROUGHNESS for picture in pictures])
    shifts = misalignment(pictures)
    features = _style_features(pictures)
    split, smaller = split_in_two(features)
    copies = duplicates(pictures)
    measures = {
        "saturation": float(saturation.mean()),
        "plain_backgrounds": float(plain.mean()),
        "misalignment": float(np.median(shifts)),
        "split": split,
    }
    outliers = {
        "saturation": _named(names, _apart(saturation)),
        "misaligned": _named(names, shifts > LARGEST_SHIFT),
        "style": _named(names, smaller if split > TWO_STYLES else _apart(_distance_to_middle(features))),
        "duplicates": tuple(f"{names[a]} = {names[b]}" for a, b in copies),
    }
    problems = _problems(len(pictures), measures, outliers)
    return DatasetReport(len(pictures), measures, problems, {k: v for k, v in outliers.items() if v})


def _problems(
    count: int, measures: Mapping[str, float], outliers: Mapping[str, tuple[str, ...]]
) -> dict[str, str]:
    few = 0.1 * count
    found = {
        "too_few": (count < FEWEST, f"{count} pictures are few; gather at least {FEWEST}, better 100."),
        "duplicates": (bool(outliers["duplicates"]), "Some pictures repeat others; remove the copies."),
        "pale": (measures["saturation"] < PALE, "The pictures are nearly grey; the style will be too."),
        "garish": (
            measures["saturation"] > GARISH,
            "Nearly all colours are fully saturated; check the export.",
        ),
        "mixed_backgrounds": (
            SMALLEST_SHARE < measures["plain_backgrounds"] < 1 - SMALLEST_SHARE,
            "Plain and busy backgrounds are mixed; cut the figures out or keep one kind.",
        ),
        "misaligned": (
            len(outliers["misaligned"]) > few,
            "Many faces lie elsewhere than the others; align them.",
        ),
        "two_styles": (measures["split"] > TWO_STYLES, "The pictures fall into two styles; train on one."),
    }
    return {code: sentence for code, (holds, sentence) in found.items() if holds}


def _named(names: list[str], chosen: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(name for name, mark in zip(names, chosen, strict=True) if mark)


def _apart(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Farther from the median than OUTLIER robust deviations."""
    away = np.abs(values - np.median(values))
    deviation = MAD_TO_SIGMA * np.median(away)
    return np.asarray(away > OUTLIER * max(float(deviation), 1e-6), np.bool_)


def _saturation(picture: NDArray[np.uint8]) -> float:
    return float(cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)[..., 1].mean() / 255.0)


def _border_roughness(picture: NDArray[np.uint8]) -> float:
    """Mean slope along the border of the upper half, where no shoulders are, in grey levels a pixel."""
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0, 0), 1.5).astype(np.float32)
    slope = np.hypot(np.gradient(grey, axis=0), np.gradient(grey, axis=1))[: SIDE // 2]
    ring = SIDE // 10
    return float(
        np.concatenate([slope[:ring].ravel(), slope[:, :ring].ravel(), slope[:, -ring:].ravel()]).mean()
    )


def misalignment(pictures: Pictures) -> NDArray[np.float64]:
    """(N,) distance, in sides, from where each picture's structure fits the median picture's best.

    Edges are compared, so that colours do not matter; shifts up to REACH are searched. The mean would be
    blurred by the very pictures that lie elsewhere.
    """
    edges = np.stack([_edges(picture) for picture in pictures])
    middle = np.median(edges, axis=0)[REACH:-REACH, REACH:-REACH]
    shifts = []
    for edge in edges:
        fit = cv2.matchTemplate(edge, middle, cv2.TM_CCOEFF_NORMED)
        y, x = np.unravel_index(int(fit.argmax()), fit.shape)
        shifts.append(np.hypot(x - REACH, y - REACH) / SIDE)
    return np.array(shifts, np.float64)


def _edges(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (0, 0), 1.5).astype(np.float32)
    slope = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    return np.asarray(cv2.GaussianBlur(slope, (0, 0), 2.5) / max(float(slope.mean()), 1.0), np.float32)


def _style_features(pictures: Pictures) -> NDArray[np.float64]:
    """(N, F) strengths of random filters over the whole picture: texture and line, not who is drawn."""
    grid = features_of(to_tensor(pictures), RandomFeatures())
    per_map = grid.reshape(len(grid), -1, 16).mean(2).double().numpy()
    deviation = per_map.std(0)
    return np.asarray((per_map - per_map.mean(0)) / np.maximum(deviation, 1e-9), np.float64)


def _distance_to_middle(features: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.norm(features - np.median(features, 0), axis=1), np.float64)


def split_in_two(features: NDArray[np.float64]) -> tuple[float, NDArray[np.bool_]]:
    """How cleanly the pictures fall into two groups, and who is in the smaller.

    The score is the mean silhouette (Rousseeuw 1987) of a 2-means split along the first principal axis's
    halves; 0 when one group would be a mere handful.
    """
    count = len(features)
    centred = torch.from_numpy(features - features.mean(0))
    axis = torch.linalg.svd(centred, full_matrices=False).Vh[0].numpy()
    member = (features @ axis) > np.median(features @ axis)
    for _ in range(20):
        if member.all() or not member.any():
            return 0.0, np.zeros(count, np.bool_)
        centres = np.stack([features[~member].mean(0), features[member].mean(0)])
        away = np.linalg.norm(features[:, None] - centres[None], axis=2)
        again = away[:, 1] < away[:, 0]
        if (again == member).all():
            break
        member = again
    smaller = member if member.sum() * 2 <= count else ~member
    if smaller.sum() < SMALLEST_SHARE * count:
        return 0.0, np.zeros(count, np.bool_)
    return _silhouette(features, smaller), smaller


def _silhouette(features: NDArray[np.float64], member: NDArray[np.bool_]) -> float:
    squares = (features**2).sum(1)
    away = np.sqrt(np.maximum(squares[:, None] + squares[None] - 2 * features @ features.T, 0))
    inside = np.where(member[:, None] == member[None], away, 0).sum(1)
    own = np.where(member, member.sum(), (~member).sum())
    other = np.where(member[:, None] != member[None], away, 0).sum(1) / (len(member) - own)
    mine = inside / np.maximum(own - 1, 1)
    return float(np.mean((other - mine) / np.maximum(np.maximum(other, mine), 1e-9)))


def duplicates(pictures: Pictures) -> list[tuple[int, int]]:
    """Index pairs that show the same drawing, up to recompression and scaling."""
    small = np.stack([cv2.resize(p, (SIDE // 2, SIDE // 2), interpolation=cv2.INTER_AREA) for p in pictures])
    flat = small.reshape(len(small), -1).astype(np.int16)
    found = []
    for index in range(len(flat) - 1):
        away = np.abs(flat[index + 1 :] - flat[index]).mean(1)
        found += [(index, index + 1 + int(other)) for other in np.flatnonzero(away < SAME_PICTURE)]
    return found
