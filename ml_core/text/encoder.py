"""Sentence encoders: ours in numpy alone; published ones, see ``sentence_model``.

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
    """A sentence-transformers folder in torch: what exports are made from and proven by. Never fetches."""

    reads_normalised = False

    def __init__(self, folder: str) -> None:
        try:
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - torch only when asked for
        except ImportError as error:
            raise WeightsUnavailable(
                "torch_missing", f"Reading {folder} needs torch and sentence-transformers: run make setup."
            ) from error
        if not Path(folder).is_dir():
            raise WeightsUnavailable("encoder_missing", f"There is no folder {folder}.", name=folder)
        try:
            self.model = SentenceTransformer(folder, device="cpu", local_files_only=True)
        except Exception as error:  # damaged files raise the libraries' own classes, KeyError, ...
            raise WeightsUnavailable(
                "encoder_missing",
                f"{folder} does not hold a sentence-transformers model: {type(error).__name__}: {error}",
                name=folder,
            ) from error
        self.name = folder
        self.dimension = int(self.model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(N, D) float32 unit rows."""
        rows = self.model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(rows, np.float32)


def load_encoder(spec: str = EMBEDDED) -> Encoder:
    """``embedded`` for the shipped encoder, else a folder that is read without torch: what ``train_encoder``
    wrote, or an ONNX export. See ``sentence_model.readable_encoder`` for everything else.

    Raises WeightsUnavailable (``encoder_missing``, ``encoder_not_exported``, ``onnxruntime_missing``).
    """
    from ml_core.text.onnx_encoder import OnnxEncoder, read_card  # noqa: PLC0415 - they build on this module
    from ml_core.text.transformer import NumpyTransformer, is_light  # noqa: PLC0415

    if spec == EMBEDDED:
        return NumpyEncoder.load()
    if read_card(spec) is not None:
        return OnnxEncoder.load(spec)
    return NumpyTransformer.load(spec) if is_light(spec) else NumpyEncoder.load(spec)


def encoder_name(spec: str = EMBEDDED) -> str:
    """``load_encoder(spec).name``, without opening an export."""
    from ml_core.text.onnx_encoder import card_name, read_card  # noqa: PLC0415 - it builds on this module

    card = read_card(spec)
    return load_encoder(spec).name if card is None else card_name(card)


def is_readable(spec: str) -> bool:
    """Whether ``spec`` is a folder for ``load_encoder``."""
    from ml_core.text.onnx_encoder import read_card  # noqa: PLC0415 - they build on this module
    from ml_core.text.transformer import is_light  # noqa: PLC0415

    if read_card(spec) is not None or is_light(spec):
        return True
    modules = Path(spec) / "modules.json"  # the recipe of the shipped encoder
    return modules.is_file() and "StaticEmbedding" in modules.read_text(encoding="utf-8")
