"""Lips that follow sound, on frames whose mesh is known (Prajwal 2020, published inference)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ml_core.speech.wav2lip.faces import face_input
from ml_core.speech.wav2lip.generator import FACE_SIDE, Generator
from ml_core.speech.wav2lip.sound import SAMPLE_RATE, Sound, mel_chunks, mel_spectrogram
from ml_core.torch_batches import finite
from ml_core.types import Image

SMOOTHED_FRAMES = 5
"""Boxes are averaged over this frame and the next four, so that they do not tremble."""
CHIN_SHARE = 0.06
"""Of the face's height: the published box ends 10 px below a detector's chin."""
SHORTEST_S = 0.2
SILENCE = 1e-4
"""Noise under silent sound: a spectrogram of exact zeros is at its clip everywhere."""

Box = tuple[int, int, int, int]


def face_boxes(landmarks: NDArray[np.float32], height: int, width: int) -> list[Box]:
    """Smoothed x0, y0, x1, y1 of every frame, inside the picture. landmarks: (F, 468, 2 or 3) pixels."""
    low, high = landmarks[..., :2].min(1), landmarks[..., :2].max(1)
    high[:, 1] += CHIN_SHARE * (high[:, 1] - low[:, 1])
    raw = np.concatenate([low, high], 1)
    count = len(raw)
    starts = [min(i, max(0, count - SMOOTHED_FRAMES)) for i in range(count)]
    smooth = np.stack([raw[s : s + SMOOTHED_FRAMES].mean(0) for s in starts]).round().astype(int)
    limits = np.array([width, height, width, height])
    return [(int(a), int(b), int(c), int(d)) for a, b, c, d in np.clip(smooth, 0, limits)]


def prepared(wave: Sound) -> Sound:
    """At least 0.2 s long and never exactly silent. wave: (n,) float32 mono at 16 kHz."""
    missing = max(0, int(SHORTEST_S * SAMPLE_RATE) + 1 - len(wave))
    padded = np.pad(wave.astype(np.float32), (0, missing))
    noise = np.random.default_rng(0).standard_normal(len(padded)).astype(np.float32)
    return padded + np.float32(SILENCE) * noise


class LipSync:
    """Wav2Lip on one device. feather: soft border in sides of the box (published: 0, a visible edge)."""

    def __init__(
        self, network: Generator, device: str = "cpu", *, batch: int = 16, feather: float = 0.06
    ) -> None:
        self.device = torch.device(device)
        self.network = network.to(self.device).eval()
        self.batch = batch
        self.cover = _soft_square(feather)

    def frames_of(self, wave: Sound, fps: float) -> int:
        """How many frames :meth:`speak` gives for this sound."""
        return len(mel_chunks(mel_spectrogram(prepared(wave)), fps))

    def speak(
        self, frames: Sequence[Image], landmarks: NDArray[np.float32], wave: Sound, fps: float
    ) -> Iterator[Image]:
        """As many frames as the sound lasts; a shorter video is repeated.

        frames: (H, W, 3) uint8 RGB each; landmarks: (F, 468, 2 or 3); wave: (n,) float32 mono, 16 kHz.
        """
        chunks = mel_chunks(mel_spectrogram(prepared(wave)), fps)
        boxes = face_boxes(np.asarray(landmarks, np.float32), *frames[0].shape[:2])
        for start in range(0, len(chunks), self.batch):
            part = chunks[start : start + self.batch]
            chosen = [(start + i) % len(frames) for i in range(len(part))]
            faces = self._lips([frames[i] for i in chosen], [boxes[i] for i in chosen], part)
            for index, face in zip(chosen, faces, strict=True):
                yield self._laid(frames[index], boxes[index], face)

    @torch.no_grad()
    def _lips(self, frames: list[Image], boxes: list[Box], chunks: list[Sound]) -> list[Image]:
        """(96, 96, 3) uint8 RGB each. The network sees BGR."""
        crops = []
        for frame, (x0, y0, x1, y1) in zip(frames, boxes, strict=True):
            cut = frame[y0:y1, x0:x1, ::-1]
            small = cv2.resize(np.ascontiguousarray(cut), (FACE_SIDE, FACE_SIDE))
            crops.append(np.asarray(small, np.uint8))
        mel = torch.from_numpy(np.stack(chunks))[:, None].to(self.device)
        out = finite(self.network(mel, torch.from_numpy(face_input(crops)).to(self.device)), "Wav2Lip")
        pictures = (out * 255.0).to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
        return [np.ascontiguousarray(picture[..., ::-1]) for picture in pictures]

    def _laid(self, frame: Image, box: Box, face: Image) -> Image:
        x0, y0, x1, y1 = box
        size = (x1 - x0, y1 - y0)
        cover = cv2.resize(self.cover, size)[..., None]
        drawn = cv2.resize(face, size).astype(np.float32)
        out = frame.copy()
        out[y0:y1, x0:x1] = np.round(drawn * cover + frame[y0:y1, x0:x1] * (1.0 - cover))
        return out


def _soft_square(feather: float) -> NDArray[np.float32]:
    """(96, 96): 1 inside, falling to 0 over ``feather`` of the side."""
    if feather <= 0:
        return np.ones((FACE_SIDE, FACE_SIDE), np.float32)
    steps = np.minimum(np.arange(FACE_SIDE), FACE_SIDE - 1 - np.arange(FACE_SIDE)) / (feather * FACE_SIDE)
    return np.clip(np.minimum(steps[:, None], steps[None]), 0.0, 1.0).astype(np.float32)
