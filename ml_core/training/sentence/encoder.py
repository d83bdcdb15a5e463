"""Training of the sentence encoder that ml_core.text ships: vocabulary, first vectors, tasks, files."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file

from ml_core.errors import TargetUnmet
from ml_core.text.corpus import TemplateText
from ml_core.text.encoder import NumpyEncoder
from ml_core.text.evaluation import evaluate_sts
from ml_core.training.sentence.card import model_card
from ml_core.training.sentence.corpus import corpus_texts, encoder_of
from ml_core.training.sentence.pretrain import cooccurrence_vectors
from ml_core.training.sentence.sources import Shelf
from ml_core.training.sentence.tasks import SCHEDULE, PieceMean, Tasks
from ml_core.training.sentence.vocabulary import build_tokenizer

DIMENSION = 128
"""100,000 labels of 128 numbers are 51 MB: one pass over them stays under 10 ms on one core."""
VOCABULARY = 26_000
STEPS = 6_600
_VECTOR_RATE = 2e-3
_HEAD_RATE = 5e-3
_LOWEST_RATE = 0.02
"""The rate falls linearly to this share of itself."""
_CHECK_EVERY = 200
MODULES = [
    {
        "idx": 0,
        "name": "0",
        "path": "",
        "type": "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding",
    },
    {
        "idx": 1,
        "name": "1",
        "path": "1_Normalize",
        "type": "sentence_transformers.base.modules.normalize.Normalize",
    },
]
SETTINGS = {
    "model_type": "SentenceTransformer",
    "prompts": {"query": "", "document": ""},
    "default_prompt_name": None,
    "similarity_fn_name": "cosine",
}


def train_encoder(
    data_dir: Path,
    templates: Sequence[TemplateText],
    out_dir: Path,
    *,
    seed: int = 0,
    time_budget: float = 1800.0,
    steps: int = STEPS,
    vocabulary: int = VOCABULARY,
) -> dict[str, Any]:
    """Train on the public files of ``data_dir`` and write a sentence-transformers folder.

    The templates' words count for the vocabulary and the co-occurrences only, never as labels: the search
    learns those itself, and its held-out scores stay honest. One thread, same result for the same seed. The
    number of steps is fixed, so a machine that cannot make them within ``time_budget`` seconds gets
    TargetUnmet (``training_too_slow``) instead of a different model. Returns the measures of the card.
    """
    started = time.monotonic()
    with _one_thread(seed):
        shelf = Shelf(data_dir)
        texts = corpus_texts(shelf, templates)
        document = build_tokenizer(texts, vocabulary)
        pieces = [form for form, _ in document["model"]["vocab"]]
        encode = encoder_of(document)
        vectors = cooccurrence_vectors(encode(texts), len(pieces), DIMENSION, seed)
        model = PieceMean(vectors)
        tasks = Tasks(shelf, encode, DIMENSION, seed)
        _train(model, tasks, steps, started + time_budget)
        trained = model.bag.weight.detach().numpy().astype(np.float32)
    trained[0] = 0.0  # an unknown letter says nothing
    measures = _write(out_dir, document, trained, data_dir)
    return {**measures, "seconds": round(time.monotonic() - started), "seed": seed, "steps": steps}


def _train(model: PieceMean, tasks: Tasks, steps: int, deadline: float) -> None:
    optimiser = torch.optim.Adam(
        [
            {"params": model.parameters(), "lr": _VECTOR_RATE},
            {"params": tasks.parameters(), "lr": _HEAD_RATE},
        ]
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: max(_LOWEST_RATE, 1 - step / steps))
    for step in range(steps):
        if step % _CHECK_EVERY == 0 and time.monotonic() > deadline:
            raise TargetUnmet(
                "training_too_slow",
                f"Only {step} of {steps} steps fit the time budget: allow more time or an idle core.",
            )
        loss = tasks.loss(SCHEDULE[step % len(SCHEDULE)], model)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()


def _write(
    out_dir: Path, document: dict[str, Any], vectors: NDArray[np.float32], data_dir: Path
) -> dict[str, Any]:
    (out_dir / "1_Normalize").mkdir(parents=True, exist_ok=True)
    (out_dir / "tokenizer.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    save_file({"embedding.weight": vectors}, out_dir / "model.safetensors")
    (out_dir / "model.safetensors").chmod(0o644)  # safetensors writes 0600
    (out_dir / "modules.json").write_text(json.dumps(MODULES, indent=2) + "\n", encoding="utf-8")
    normalise_settings = json.dumps({"module_input_name": "sentence_embedding"})
    (out_dir / "1_Normalize" / "config.json").write_text(normalise_settings + "\n", encoding="utf-8")
    settings = json.dumps(SETTINGS, indent=2) + "\n"
    (out_dir / "config_sentence_transformers.json").write_text(settings, encoding="utf-8")
    encoder = NumpyEncoder.load(out_dir)
    measures: dict[str, Any] = {
        f"korsts_{part}": round(float(evaluate_sts(encoder, data_dir / f"korsts_{part}.tsv")["spearman"]), 4)
        for part in ("dev", "test")
    }
    measures |= {"pieces": int(vectors.shape[0]), "dimension": int(vectors.shape[1])}
    (out_dir / "README.md").write_text(model_card(measures), encoding="utf-8")
    return measures


@contextmanager
def _one_thread(seed: int) -> Iterator[None]:
    """One thread was ten times faster than two on such small batches, and is what makes runs equal."""
    threads = torch.get_num_threads()
    state = torch.get_rng_state()
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_rng_state(state)
