"""Captured driving motion as a file: what one video said, to be played on any face.

An .npz without pickles: the published templates are pickles, and opening one runs its code.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ml_core.animation.liveportrait.drive import Apertures
from ml_core.animation.liveportrait.pose import Motion
from ml_core.errors import MotionInvalid

_WIDTHS = {
    "pitch": (1,), "yaw": (1,), "roll": (1,), "t": (3,), "scale": (1,), "kp": (21, 3), "exp": (21, 3),
    "eyes": (2,), "lips": (1,),
}  # fmt: skip
LONGEST = 3000
"""Frames accepted from a file: two minutes at 25 frames a second."""


@dataclass(frozen=True)
class CapturedMotion:
    """motions, apertures: one per frame. fps: frames a second."""

    motions: tuple[Motion, ...]
    apertures: tuple[Apertures, ...]
    fps: float

    def __len__(self) -> int:
        return len(self.motions)


def write_capture(path: Path | io.BytesIO, motion: CapturedMotion) -> None:
    """Saves as .npz, float32."""
    columns = {
        name: np.concatenate([getattr(frame, name).cpu().numpy() for frame in motion.motions])
        for name in ("pitch", "yaw", "roll", "t", "scale", "kp", "exp")
    }
    for name in ("eyes", "lips"):
        columns[name] = np.concatenate([getattr(a, name).cpu().numpy() for a in motion.apertures])
    columns["fps"] = np.asarray(motion.fps, np.float32)
    np.savez_compressed(path, allow_pickle=False, **columns)


def read_capture(path: Path) -> CapturedMotion:
    """Raises MotionInvalid ``capture_invalid`` when the file is not such a capture."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MotionInvalid("capture_invalid", f"{path}: {error.strerror}.") from error
    return capture_from_bytes(data, path.name)


def capture_from_bytes(data: bytes, name: str = "the file") -> CapturedMotion:
    """Content of a capture file. Raises MotionInvalid ``capture_invalid``."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            columns = {name: np.asarray(archive[name], np.float32) for name in (*_WIDTHS, "fps")}
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise MotionInvalid(
            "capture_invalid", f"{name} is not a captured motion; capture it again."
        ) from error
    fps = float(columns.pop("fps"))
    frames = len(columns["pitch"])
    shapes = {name: (frames, *width) for name, width in _WIDTHS.items()}
    wrong = [name for name, shape in shapes.items() if columns[name].shape != shape]
    if wrong or not 1 <= frames <= LONGEST or not 1.0 <= fps <= 120.0:
        raise MotionInvalid("capture_invalid", f"{name} has {frames} frames at {fps} fps, wrong: {wrong}.")
    return CapturedMotion(*_split(columns, frames), fps)


def _split(
    columns: dict[str, NDArray[np.float32]], frames: int
) -> tuple[tuple[Motion, ...], tuple[Apertures, ...]]:
    tensors = {name: torch.from_numpy(values) for name, values in columns.items()}
    motions = [
        Motion(**{name: tensors[name][i : i + 1] for name in _WIDTHS if name not in ("eyes", "lips")})
        for i in range(frames)
    ]
    openings = [Apertures(tensors["eyes"][i : i + 1], tensors["lips"][i : i + 1]) for i in range(frames)]
    return tuple(motions), tuple(openings)


def single_frames(motion: Motion) -> Sequence[Motion]:
    """A batch of motions as one per frame."""
    fields = ("pitch", "yaw", "roll", "t", "scale", "kp", "exp")
    return [
        Motion(**{name: getattr(motion, name)[i : i + 1] for name in fields}) for i in range(len(motion.t))
    ]
