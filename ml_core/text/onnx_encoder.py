"""A published sentence encoder without torch: its ONNX export, run by onnxruntime, read by tokenizers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml_core.errors import WeightsUnavailable

MODEL, TOKENIZER, CARD = "model.onnx", "tokenizer.json", "card.json"
_BATCH = 32


def read_card(folder: Path | str) -> dict[str, Any] | None:
    """What ``onnx_export`` noted beside an export, None where there is none that can be read."""
    try:
        card = json.loads((Path(folder) / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return card if isinstance(card, dict) and "sha256" in card else None


def card_name(card: dict[str, Any]) -> str:
    """The name that indexes are versioned by: the model and what exactly was exported."""
    return f"{card['model']}-{card['sha256'][:12]}"


class OnnxEncoder:
    """Implements ``ml_core.text.encoder.Encoder`` on a folder that ``onnx_export`` wrote. Thread safe."""

    reads_normalised = False

    def __init__(self, session: Any, tokenizer: Any, card: dict[str, Any]) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._inputs: list[str] = card["inputs"]
        self.name = card_name(card)
        self.dimension = int(card["dimension"])

    @classmethod
    def load(cls, folder: Path | str) -> OnnxEncoder:
        """Raises WeightsUnavailable: ``encoder_not_exported``, ``onnxruntime_missing``."""
        folder = Path(folder)
        card = read_card(folder)
        if card is None:
            raise _unreadable(folder, "there is none")
        try:
            import onnxruntime  # noqa: PLC0415 - only where such an encoder is chosen
            from tokenizers import Tokenizer  # noqa: PLC0415
        except ImportError as error:
            raise WeightsUnavailable(
                "onnxruntime_missing",
                "This encoder needs onnxruntime and tokenizers: pip install -r requirements/encoder.txt.",
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # web workers share the cores
        try:
            session = onnxruntime.InferenceSession(
                str(folder / MODEL), options, providers=["CPUExecutionProvider"]
            )
            tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:  # both libraries raise classes of their own, not all public
            raise _unreadable(folder, str(error)) from error
        tokenizer.enable_truncation(card["max_length"])
        tokenizer.enable_padding(pad_id=card["pad_id"], pad_token=card["pad_token"])
        return cls(session, tokenizer, card)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(N, D) float32 unit rows."""
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), _BATCH):
            read = self._tokenizer.encode_batch(list(texts[start : start + _BATCH]))
            given = {
                "input_ids": [one.ids for one in read],
                "attention_mask": [one.attention_mask for one in read],
                "token_type_ids": [one.type_ids for one in read],
            }
            feed = {name: np.array(given[name], np.int64) for name in self._inputs}
            rows[start : start + len(read)] = self._session.run(None, feed)[0]
        unit: NDArray[np.float32] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        return unit


def _unreadable(folder: Path, reason: str) -> WeightsUnavailable:
    return WeightsUnavailable(
        "encoder_not_exported",
        f"The ONNX export in {folder} cannot be read ({reason}): run `manage.py models export-onnx`.",
    )
