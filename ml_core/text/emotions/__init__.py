"""Which emotions a message carries: a small linear classifier over the features that the search computes.

Emotions and the labels they were learned from are data (``emotions.toml``); ``model.safetensors`` is trained
by ml_core.training.sentence.emotions. Features are hashed (Weinberger et al. 2009, "Feature Hashing for Large
Scale Multitask Learning"), so the weights depend neither on the catalog nor on the encoder.
"""

from __future__ import annotations

import hashlib
import tomllib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from ml_core.errors import WeightsUnavailable

EMOTIONS_DIR = Path(__file__).parent
"""Table and weights shipped with the repository."""
MODEL_FILE = "model.safetensors"
_SMOOTHING = 2.0
"""Average messages added to each template's own, so that few messages make no strong profile."""


@dataclass(frozen=True)
class Emotion:
    """kote, goemotions: the labels of the public sets that count as it."""

    name: str
    kote: tuple[int, ...]
    goemotions: tuple[str, ...]


def read_emotions(folder: Path = EMOTIONS_DIR) -> tuple[Emotion, ...]:
    """The table, in the order of the classifier's columns. Raises OSError, KeyError."""
    table = tomllib.loads((folder / "emotions.toml").read_text(encoding="utf-8"))
    return tuple(Emotion(name, tuple(row["kote"]), tuple(row["goemotions"])) for name, row in table.items())


@dataclass(frozen=True)
class EmotionClassifier:
    """weights: (buckets, E) float32; bias: (E,). version: changes with the weights. Thread safe."""

    emotions: tuple[Emotion, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    version: str

    @classmethod
    def load(cls, folder: Path = EMOTIONS_DIR) -> EmotionClassifier:
        """Read emotions.toml and model.safetensors. Raises WeightsUnavailable (``emotions_missing``)."""
        try:
            emotions = read_emotions(folder)
            version = emotions_version(folder)
            arrays = load_file(folder / MODEL_FILE)
            weights, bias = arrays["weights"].astype(np.float32), arrays["bias"]
        except (OSError, KeyError, ValueError) as error:
            raise WeightsUnavailable(
                "emotions_missing", f"No emotion classifier in {folder}: run manage.py train_emotions."
            ) from error
        if weights.shape[1] != len(emotions):
            raise WeightsUnavailable(
                "emotions_missing",
                f"{folder}: emotions.toml has {len(emotions)} emotions, the weights {weights.shape[1]}: "
                "run manage.py train_emotions.",
            )
        return cls(emotions, weights, bias, version)

    def shares(self, features: Mapping[str, float]) -> NDArray[np.float32]:
        """(E,) how much of each emotion a message carries, sum 1. features: see ``features.raw_features``."""
        buckets, values = hashed(features, len(self.weights))
        logits = values @ self.weights[buckets] + self.bias
        powers = np.exp(logits - logits.max())
        result: NDArray[np.float32] = powers / powers.sum()
        return result


def hashed(features: Mapping[str, float], buckets: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Bucket numbers, which may repeat, and values whose sums per bucket have length 1.

    ``buckets`` is a power of two.
    """
    numbers = np.fromiter(map(zlib.crc32, map(str.encode, features)), np.int64, len(features))
    numbers &= buckets - 1
    values = np.fromiter(features.values(), np.float64, len(features))
    sums = np.bincount(numbers, values, minlength=buckets)
    length = max(float(np.sqrt(sums @ sums)), 1e-12)
    return numbers, (values / length).astype(np.float32)


def leanings(shares: NDArray[np.float32], owners: NDArray[np.int64], templates: int) -> NDArray[np.float32]:
    """(T, E) log of how much more of an emotion a template's texts carry than all texts do.

    shares: (N, E) of the texts; owners: (N,) template of each. A message's shares times these are its
    agreement with each template: the expected log-likelihood ratio of the template's profile to the average.
    """
    average = shares.mean(axis=0, dtype=np.float64)
    sums = np.zeros((templates, shares.shape[1]))
    np.add.at(sums, owners, shares)
    counts = np.bincount(owners, minlength=templates)[:, None]
    profiles = (sums + _SMOOTHING * average) / (counts + _SMOOTHING)
    result: NDArray[np.float32] = np.log(profiles / average).astype(np.float32)
    return result


def emotions_version(folder: Path = EMOTIONS_DIR) -> str:
    """Eight hexadecimal digits that change with the weights. Raises OSError."""
    return hashlib.sha256((folder / MODEL_FILE).read_bytes()).hexdigest()[:8]
