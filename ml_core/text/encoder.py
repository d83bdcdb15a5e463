"""Sentence encoders: ours in numpy alone, published ones through sentence-transformers.

``NumpyEncoder`` reads the folder that ``SentenceTransformer(folder)`` reads (StaticEmbedding, Normalize)
and gives the same vectors without torch, transformers or tokenizers: subwords of a Unigram model (Kudo
2018, section 3.2, best path only) over decomposed Hangul, averaged, normalised.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from ml_core.errors import WeightsUnavailable

ENCODER_DIR = Path(__file__).parent / "encoder_ko"
"""The encoder shipped with the repository."""
EMBEDDED = "embedded"
_UNKNOWN_PENALTY = 10.0
"""What tokenizers subtracts from the lowest score for a letter outside the vocabulary."""
# White_Space of Unicode as Rust's char::is_whitespace has it; str.split() would also cut at U+001C..U+001F.
_WHITESPACE = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


class Encoder(Protocol):
    """Turns texts into unit vectors. ``name`` identifies the weights; indexes are versioned by it."""

    name: str
    dimension: int
    reads_normalised: bool
    """True: give it the output of ``normalise``; false: the text as typed."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(N, dimension) float32, rows of length 1 (0 for a text without a known piece)."""
        ...


class UnigramTokenizer:
    """Best segmentation under a Unigram model: the same ids as ``tokenizers`` gives for tokenizer.json."""

    def __init__(self, document: dict[str, Any]) -> None:
        model = document["model"]
        if model["type"] != "Unigram" or document["pre_tokenizer"] != {"type": "WhitespaceSplit"}:
            raise WeightsUnavailable(
                "encoder_unknown", "tokenizer.json is not of the kind train_encoder writes."
            )
        self._pieces: dict[str, tuple[int, float]] = {
            form: (index, score) for index, (form, score) in enumerate(model["vocab"])
        }
        self._unknown = int(model["unk_id"])
        self._unknown_score = min(score for _, score in model["vocab"]) - _UNKNOWN_PENALTY
        self._longest = max(map(len, self._pieces))
        self.size = len(self._pieces)

    def ids(self, text: str) -> list[int]:
        """Piece ids of a text, whitespace-separated words one after the other."""
        decomposed = "".join(letter.lower() for letter in unicodedata.normalize("NFKD", text))
        return [index for word in _WHITESPACE.split(decomposed) if word for index in self._word(word)]

    def _word(self, word: str) -> list[int]:
        """Viterbi over the word. Ties keep the earlier start, as tokenizers does."""
        length = len(word)
        best: list[float | None] = [None] * (length + 1)
        best[0] = 0.0
        came: list[tuple[int, int]] = [(0, 0)] * (length + 1)
        for start in range(length):
            base = best[start]
            if base is None:
                continue
            for end in range(start + 1, min(start + self._longest, length) + 1):
                piece = self._pieces.get(word[start:end])
                index, score = piece or (self._unknown, self._unknown_score)
                if piece is None and end > start + 1:
                    continue
                standing = best[end]
                if standing is None or base + score > standing:
                    best[end], came[end] = base + score, (start, index)
        return self._path(came, length)

    def _path(self, came: list[tuple[int, int]], end: int) -> list[int]:
        found: list[int] = []
        while end:
            end, index = came[end]
            if index != self._unknown or not found or found[-1] != self._unknown:  # runs of unknowns are one
                found.append(index)
        return found[::-1]


class NumpyEncoder:
    """Our encoder. Thread safe: nothing changes after loading."""

    reads_normalised = True

    def __init__(self, tokenizer: UnigramTokenizer, vectors: NDArray[np.float32], name: str) -> None:
        self.tokenizer = tokenizer
        self.vectors = vectors
        self.name = name
        self.dimension = int(vectors.shape[1])

    @classmethod
    def load(cls, path: Path | str = ENCODER_DIR) -> NumpyEncoder:
        """Read tokenizer.json and model.safetensors of a folder. Raises WeightsUnavailable."""
        folder = Path(path)
        try:
            document = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
            vectors = load_file(folder / "model.safetensors")["embedding.weight"]
        except (OSError, KeyError, ValueError) as error:
            raise WeightsUnavailable(
                "encoder_missing", f"No sentence encoder in {folder}: run manage.py train_encoder."
            ) from error
        digest = hashlib.sha256(vectors.tobytes()).hexdigest()[:12]
        return cls(UnigramTokenizer(document), vectors, f"{EMBEDDED}-{digest}")

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(N, D) float32 unit rows: mean of the piece vectors, normalised."""
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in zip(rows, texts, strict=True):
            ids = self.tokenizer.ids(text)
            if ids:
                mean = self.vectors[ids].mean(axis=0)
                row[:] = mean / max(float(np.linalg.norm(mean)), 1e-12)
        return rows


class TorchEncoder:
    """Any sentence-transformers model, such as jhgan/ko-sbert-nli. Imports torch when built."""

    reads_normalised = False

    def __init__(self, spec: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - torch only when asked for
        except ImportError as error:
            raise WeightsUnavailable(
                "torch_missing", f"The encoder {spec} needs torch and sentence-transformers: run make setup."
            ) from error
        try:
            self._model = SentenceTransformer(spec, device="cpu")
        except (OSError, ValueError) as error:
            raise WeightsUnavailable(
                "encoder_missing", f"The encoder {spec} is neither a folder nor downloadable: {error}"
            ) from error
        self.name = spec
        self.dimension = int(self._model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(N, D) float32 unit rows."""
        rows = self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(rows, np.float32)


def load_encoder(spec: str = EMBEDDED) -> Encoder:
    """``embedded`` for the shipped encoder, else a sentence-transformers id or folder; a folder that
    ``train_encoder --recipe transformer`` wrote is read without torch.

    Raises WeightsUnavailable (``encoder_missing``, ``torch_missing``).
    """
    if spec == EMBEDDED:
        return NumpyEncoder.load()
    return _light_transformer(spec) or TorchEncoder(spec)


def encoder_name(spec: str = EMBEDDED) -> str:
    """``load_encoder(spec).name``, without importing torch."""
    if spec == EMBEDDED:
        return NumpyEncoder.load().name
    light = _light_transformer(spec)
    return light.name if light else spec


def _light_transformer(spec: str) -> Encoder | None:
    from ml_core.text.transformer import NumpyTransformer, is_light  # noqa: PLC0415 - it builds on this module

    return NumpyTransformer.load(spec) if is_light(spec) else None
