"""The whole pipeline: a picture and its mesh, driven by video, picture, capture or authored motion."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml_core.animation.liveportrait.authored import AuthoredSource, authored_points
from ml_core.animation.liveportrait.capture import CapturedMotion, single_frames
from ml_core.animation.liveportrait.crop import Matrix, crop, paste_back, soft_mask
from ml_core.animation.liveportrait.drive import Apertures, DriveOptions, drive, neutral_lips
from ml_core.animation.liveportrait.mesh_landmarks import (
    SOURCE_SIDE,
    apertures,
    driving_crop,
    source_crop,
)
from ml_core.animation.liveportrait.pose import Motion, key_points, refine
from ml_core.animation.liveportrait.weights import LivePortraitNetworks
from ml_core.animation.motion import Pose
from ml_core.torch_batches import finite
from ml_core.types import Image, Points

INPUT_SIDE = 256
READ_BATCH = 16
"""Driving frames read at a time."""
OUTER_EYES = (33, 263)


@dataclass(frozen=True)
class Source:
    """A face ready to be driven.

    frame: (H, W, 3) uint8 RGB; matrix: (2, 3) frame -> 512 px crop; feature: (1, 32, 16, 64, 64);
    points: (1, 21, 3) its own key points; unit: outer-eye distance in crop pixels.
    """

    frame: Image
    matrix: Matrix
    feature: Tensor
    motion: Motion
    points: Tensor
    apertures: Apertures
    unit: float


class LivePortraitAnimator:
    """precision: None for float32, else the dtype of autocast (torch.float16 on GPUs, as published).

    lip_array: (1, 21, 3) the published neutral-lip table, zeros if not given.
    """

    def __init__(
        self,
        networks: LivePortraitNetworks,
        device: str = "cpu",
        precision: torch.dtype | None = None,
        lip_array: Tensor | None = None,
    ) -> None:
        self.device = torch.device(device)
        self.networks = networks.to(self.device)
        self.precision = precision
        self.lip_array = (neutral_lips() if lip_array is None else lip_array).to(self.device)

    # ---------------------------------------------------------------- reading

    def prepare(self, image: Image, landmarks: Points) -> Source:
        """image: (H, W, 3) uint8 RGB, a photo or a toon of the same geometry; landmarks: (468, 2 or 3)."""
        matrix = source_crop(landmarks)
        face = cv2.resize(
            crop(image, matrix, SOURCE_SIDE), (INPUT_SIDE, INPUT_SIDE), interpolation=cv2.INTER_AREA
        )
        batch = self._tensor(np.asarray(face, np.uint8)[None])
        with torch.no_grad(), self._autocast():
            feature = self.networks.appearance(batch).float()
        motion = self._read(batch)
        eyes = np.asarray(landmarks, np.float32)[list(OUTER_EYES), :2]
        unit = float(np.linalg.norm(eyes[1] - eyes[0]) * np.hypot(matrix[0, 0], matrix[0, 1]))
        openings = apertures(landmarks, self.device)
        return Source(image, matrix, feature, motion, key_points(motion), openings, unit)

    def capture(
        self, frames: NDArray[np.uint8], landmarks: NDArray[np.float32], fps: float, *, cropped: bool = True
    ) -> CapturedMotion:
        """Motion of a driving video.

        frames: (F, H, W, 3) uint8 RGB; landmarks: (F, 468, 2 or 3); cropped: cut the face out, the box
        averaged over all frames; else the frames are square and used whole.
        """
        matrix = driving_crop(landmarks) if cropped else None
        motions: list[Motion] = []
        for start in range(0, len(frames), READ_BATCH):
            faces = [
                cv2.resize(
                    frame if matrix is None else crop(frame, matrix, SOURCE_SIDE),
                    (INPUT_SIDE, INPUT_SIDE),
                    interpolation=cv2.INTER_LINEAR,
                )
                for frame in frames[start : start + READ_BATCH]
            ]
            motions += single_frames(self._read(self._tensor(np.stack(faces).astype(np.uint8))))
        openings = tuple(apertures(points, self.device) for points in landmarks)
        return CapturedMotion(tuple(motions), openings, fps)

    # ---------------------------------------------------------------- driving

    @torch.no_grad()
    def points_captured(
        self, source: Source, motion: CapturedMotion, options: DriveOptions | None = None
    ) -> Tensor:
        """(F, 21, 3) key points, as published; one frame with ``driven_by_video=False`` is picture-driven."""
        return torch.cat(
            drive(
                self.networks.retargeters,
                source.motion,
                motion.motions,
                source.apertures,
                motion.apertures,
                self.lip_array,
                options or DriveOptions(),
            )
        )

    @torch.no_grad()
    def points_authored(self, source: Source, pose: Pose, *, with_expression: bool = False) -> Tensor:
        """(F, 21, 3) key points of an authored motion."""
        posed = AuthoredSource(source.motion, source.apertures, source.unit)
        return authored_points(self.networks.retargeters, posed, pose, with_expression=with_expression)

    # ---------------------------------------------------------------- drawing

    @torch.no_grad()
    def faces(self, source: Source, points: Tensor, batch: int = 1) -> Iterator[Image]:
        """(512, 512, 3) uint8 RGB crops, one per set of key points (F, 21, 3)."""
        for some in points.split(batch):
            count = len(some)
            with self._autocast():
                warped = self.networks.warping(
                    source.feature.expand(count, -1, -1, -1, -1), source.points.expand(count, -1, -1), some
                )
                pictures = self.networks.generator(warped.feature)
            bytes_ = (finite(pictures.float(), "LivePortrait").clamp(0, 1) * 255.0).to(torch.uint8)
            yield from np.ascontiguousarray(bytes_.permute(0, 2, 3, 1).cpu().numpy())

    def frames(self, source: Source, points: Tensor, batch: int = 1) -> Iterator[Image]:
        """Whole frames, (H, W, 3) uint8 RGB: the crops pasted back into the source's frame."""
        back = np.asarray(cv2.invertAffineTransform(source.matrix.astype(np.float64)), np.float32)
        mask = soft_mask(SOURCE_SIDE)
        for face in self.faces(source, points, batch):
            yield paste_back(face, back, source.frame, mask)

    # ---------------------------------------------------------------- parts

    def _read(self, batch: Tensor) -> Motion:
        with torch.no_grad(), self._autocast():
            heads = self.networks.motion(batch)
        return refine(heads)

    def _tensor(self, faces: NDArray[np.uint8]) -> Tensor:
        """(N, 256, 256, 3) uint8 -> (N, 3, 256, 256) float32 in 0..1 on the device."""
        scaled = torch.from_numpy(np.ascontiguousarray(faces.transpose(0, 3, 1, 2))).float() / 255.0
        return scaled.to(self.device)

    def _autocast(self) -> AbstractContextManager[object]:
        return torch.autocast(
            self.device.type, dtype=self.precision or torch.float16, enabled=self.precision is not None
        )
