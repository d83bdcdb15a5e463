"""Exports a sentence-transformers model once, whatever follows its transformer included, and proves it."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from ml_core.errors import MlError, WeightsUnavailable
from ml_core.text.encoder import TorchEncoder
from ml_core.text.onnx_encoder import CARD, MODEL, TOKENIZER, OnnxEncoder

LEAST_COSINE = 0.9999
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_OPSET = 17
_TEXTS = 64
_EXAMPLES = ["안녕", "반가워요 여러분"]
"""Two lengths, so that the graph is traced with padding in it."""


def export_onnx(source: Path, out: Path, model: str) -> dict[str, Any]:
    """Write ``out`` (replaced whole): model.onnx, tokenizer.json, card.json. Returns the card.

    ``source``: a sentence-transformers folder; ``model``: what indexes are named after. Imports torch.
    Raises WeightsUnavailable: ``torch_missing``, ``encoder_missing``, ``encoder_unknown`` (no fast
    tokenizer), ``export_failed``, and ``export_differs`` when a vector of random Korean text differs
    (cosine below 0.9999); what was in ``out`` then stays.
    """
    published = TorchEncoder(str(source))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".export-") as making:
            folder = Path(making) / "export"
            folder.mkdir()
            card = _write(published, folder, model)
            card["least_cosine"] = _prove(published, folder, model)
            card["source"] = source_stamp(source)
            (folder / CARD).write_text(json.dumps(card, ensure_ascii=False), encoding="utf-8")
            shutil.rmtree(out, ignore_errors=True)
            folder.rename(out)
    except MlError:
        raise
    except Exception as error:  # the exporter raises whatever its many passes raise; the disk may be full
        raise WeightsUnavailable(
            "export_failed",
            f"{model} could not be exported to {out}: {type(error).__name__}: {error}",
            name=model,
        ) from error
    return card


def source_stamp(source: Path) -> list[list[Any]]:
    """Names, sizes and times of the model's files: another stamp asks for another export."""
    files = sorted(path for path in source.rglob("*") if path.is_file())
    stats = [(path.relative_to(source).as_posix(), path.stat()) for path in files]
    return [[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats]


def random_korean(count: int, seed: int = 0) -> list[str]:
    """Random syllables, jamo, Latin, marks and emoji, from one letter to far beyond any model's length."""
    random = np.random.default_rng(seed)
    odd_letters = [*"ㅋㅠㅎㅇ!?.,~ AbZ019😀🎂", *"   "]
    texts = []
    for _ in range(count):
        length = int(random.choice([1, 5, 12, 30, 80, 700]))
        letters = [chr(code) for code in random.integers(0xAC00, 0xD7A4, length)]
        for place in np.flatnonzero(random.random(length) < 0.3):
            letters[place] = str(random.choice(odd_letters))
        texts.append("".join(letters))
    return texts


def _prove(published: TorchEncoder, folder: Path, model: str) -> float:
    """The least cosine between the vectors of both."""
    texts = random_korean(_TEXTS) + _EXAMPLES
    cosines = (published.encode(texts) * OnnxEncoder.load(folder).encode(texts)).sum(axis=1)
    least = float(cosines.min())
    if not least >= LEAST_COSINE:  # NaN is refused too
        raise WeightsUnavailable(
            "export_differs",
            f"The ONNX export of {model} is not the same model (cosine {least:.6f}, at least "
            f"{LEAST_COSINE} is asked); it was thrown away.",
            name=model,
        )
    return least


def _write(published: TorchEncoder, folder: Path, model: str) -> dict[str, Any]:
    network = published.model
    tokenizer = getattr(network, "tokenizer", None)
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if tokenizer is None or backend is None:
        raise WeightsUnavailable("encoder_unknown", f"{model} has no tokenizer that `tokenizers` can run.")
    read = tokenizer(_EXAMPLES, padding=True, return_tensors="pt")
    given = {name: read[name] for name in _INPUTS if name in read}
    _trace(network, given, folder / MODEL)
    backend.save(str(folder / TOKENIZER))
    with (folder / MODEL).open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    card = {
        "model": model,
        "sha256": sha256,
        "inputs": list(given),
        "dimension": published.dimension,
        "max_length": int(network.max_seq_length or tokenizer.model_max_length),
        "pad_id": tokenizer.pad_token_id,
        "pad_token": tokenizer.pad_token,
    }
    (folder / CARD).write_text(json.dumps(card), encoding="utf-8")
    return card


def _trace(network: Any, given: dict[str, Any], path: Path) -> None:
    """Transformer, pooling and whatever follows, as one function of token ids. given: name -> (N, L) ids."""
    import torch  # noqa: PLC0415 - only the process that exports

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, *ids: torch.Tensor) -> torch.Tensor:
            features: dict[str, Any] = dict(zip(given, ids, strict=True))
            for module in self.network:
                features = module(features)
            vector: torch.Tensor = features["sentence_embedding"]
            return vector

    axes = {name: {0: "text", 1: "token"} for name in given}
    with torch.no_grad(), warnings.catch_warnings():
        # Of the TorchScript exporter itself and of what it traces; the vectors are compared afterwards.
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", torch.jit.TracerWarning)  # type: ignore[attr-defined]
        warnings.filterwarnings("ignore", "Exporting aten::index operator", UserWarning)
        torch.onnx.export(
            Whole().eval(),
            tuple(given.values()),
            str(path),
            input_names=list(given),
            output_names=["sentence_embedding"],
            dynamic_axes={**axes, "sentence_embedding": {0: "text"}},
            opset_version=_OPSET,
            dynamo=False,  # the other exporter needs onnxscript
        )
