"""The forward pass of our small transformer encoder in numpy: what SentenceTransformer computes.

A BERT (Devlin et al. 2019) without special tokens: learned positions, post-norm layers, tanh-approximated
GELU; the mean of the last layer, normalised. Weights are stored as float16 and computed in float32.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from ml_core.errors import WeightsUnavailable
from ml_core.text.encoder import UnigramTokenizer

LIGHT = "emotoon_light"
"""Key of config.json that says: read this folder without torch."""
_GELU = float(np.sqrt(2.0 / np.pi))
Array = NDArray[np.float32]
Weights = dict[str, Array]


def is_light(path: Path | str) -> bool:
    """Whether a folder holds an encoder of the transformer recipe."""
    config = Path(path) / "config.json"
    return config.is_file() and LIGHT in json.loads(config.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class _Shape:
    layers: int
    heads: int
    longest: int
    epsilon: float


class NumpyTransformer:
    """Implements ``ml_core.text.encoder.Encoder``. Thread safe: nothing changes after loading."""

    reads_normalised = True

    def __init__(self, tokenizer: UnigramTokenizer, weights: Weights, shape: _Shape, name: str) -> None:
        self._tokenizer = tokenizer
        self._weights = weights
        self._shape = shape
        self.name = name
        self.dimension = int(weights["embeddings.word_embeddings.weight"].shape[1])

    @classmethod
    def load(cls, path: Path | str) -> NumpyTransformer:
        """Read tokenizer.json, config.json and model.safetensors. Raises WeightsUnavailable."""
        folder = Path(path)
        try:
            document = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            stored = load_file(folder / "model.safetensors")
        except (OSError, ValueError) as error:
            raise WeightsUnavailable(
                "encoder_missing",
                f"No transformer in {folder}: run train_encoder --recipe transformer.",
            ) from error
        digest = hashlib.sha256()
        for key in sorted(stored):
            digest.update(stored[key].tobytes())
        shape = _Shape(
            config["num_hidden_layers"],
            config["num_attention_heads"],
            config["max_position_embeddings"],
            config["layer_norm_eps"],
        )
        weights = {key: array.astype(np.float32) for key, array in stored.items()}
        return cls(UnigramTokenizer(document), weights, shape, f"transformer-{digest.hexdigest()[:12]}")

    def encode(self, texts: Sequence[str]) -> Array:
        """(N, D) float32 unit rows; one text after the other, since messages differ in length."""
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            ids = self._tokenizer.ids(text)[: self._shape.longest]
            if ids:
                mean = self._hidden(ids).mean(axis=0)
                row[:] = mean / max(float(np.linalg.norm(mean)), 1e-12)
        return rows

    def _hidden(self, ids: Sequence[int]) -> Array:
        """(L, D) last layer of one text."""
        weights = self._weights
        state = weights["embeddings.word_embeddings.weight"][list(ids)]
        state = state + weights["embeddings.position_embeddings.weight"][: len(ids)]
        state = state + weights["embeddings.token_type_embeddings.weight"][0]
        state = self._norm(state, "embeddings.LayerNorm")
        for number in range(self._shape.layers):
            layer = f"encoder.layer.{number}"
            attended = self._dense(self._attention(state, layer), f"{layer}.attention.output.dense")
            state = self._norm(state + attended, f"{layer}.attention.output.LayerNorm")
            inner = _gelu(self._dense(state, f"{layer}.intermediate.dense"))
            state = self._norm(
                state + self._dense(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm"
            )
        return state

    def _attention(self, state: Array, layer: str) -> Array:
        heads = self._shape.heads
        query, key, value = (
            self._dense(state, f"{layer}.attention.self.{part}").reshape(len(state), heads, -1).swapaxes(0, 1)
            for part in ("query", "key", "value")
        )
        scores = query @ key.swapaxes(1, 2) / np.float32(np.sqrt(query.shape[2]))
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
        mixed = (powers / powers.sum(axis=-1, keepdims=True)) @ value
        result: Array = mixed.swapaxes(0, 1).reshape(len(state), -1)
        return result

    def _dense(self, state: Array, name: str) -> Array:
        result: Array = state @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return result

    def _norm(self, state: Array, name: str) -> Array:
        centred = state - state.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(self._shape.epsilon))
        result: Array = centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return result


def _gelu(values: Array) -> Array:
    """The tanh approximation of Hendrycks and Gimpel 2016, as torch's ``approximate="tanh"``."""
    inner = np.float32(_GELU) * (values + np.float32(0.044715) * values * values * values)
    result: Array = (np.float32(0.5) * values * (np.float32(1.0) + np.tanh(inner))).astype(np.float32)
    return result
