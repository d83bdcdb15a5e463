"""The transformer recipe: masked-language pre-training, then the tasks of ``tasks.py``, then float16.

The model is a small BERT over the same morpheme-like pieces as the static encoder. Pre-training masks 15 % of
the pieces (Devlin et al. 2019); its output layer is tied to the piece vectors. Meant for a GPU; the code runs
on a CPU, where only a tiny ``TransformerRecipe`` is practical.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from ml_core.errors import TargetUnmet
from ml_core.text.corpus import TemplateText
from ml_core.text.evaluation import evaluate_sts
from ml_core.text.transformer import LIGHT, NumpyTransformer
from ml_core.training.sentence.card import transformer_card
from ml_core.training.sentence.corpus import corpus_texts, encoder_of
from ml_core.training.sentence.sources import Shelf
from ml_core.training.sentence.tasks import SCHEDULE, Ids, Tasks
from ml_core.training.sentence.vocabulary import build_tokenizer

_MASKED = 0.15
_MASKED_AS_MASK, _MASKED_AS_RANDOM = 0.8, 0.1
_RATE = 5e-4
_TASK_RATE = 1e-4
_HEAD_RATE = 2e-3
_WARM_UP = 0.06
_CHECK_EVERY = 20
_PAD = 0
"""The unknown piece fills short rows: attention never sees it there."""
MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
    {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
]


@dataclass(frozen=True)
class TransformerRecipe:
    """Sizes and steps. The defaults make 13.6 MB of float16. They were chosen for a data-centre GPU and
    have not been trained yet."""

    vocabulary: int = 14_000
    layers: int = 4
    width: int = 256
    heads: int = 4
    inner: int = 1024
    longest: int = 128
    batch: int = 256
    pretrain_steps: int = 60_000
    steps: int = 20_000


class PieceTransformer(nn.Module):
    """``forward`` as ``tasks.PieceMean``: pieces of sentences -> (N, D) unit rows."""

    def __init__(self, recipe: TransformerRecipe, pieces: int) -> None:
        super().__init__()
        from transformers import BertConfig, BertModel  # noqa: PLC0415 - this recipe only

        self.recipe = recipe
        self.config = BertConfig(
            vocab_size=pieces + 1,  # the mask comes last
            hidden_size=recipe.width,
            num_hidden_layers=recipe.layers,
            num_attention_heads=recipe.heads,
            intermediate_size=recipe.inner,
            max_position_embeddings=recipe.longest,
            type_vocab_size=1,
            hidden_act="gelu_pytorch_tanh",
            pad_token_id=_PAD,
        )
        self.bert = BertModel(self.config, add_pooling_layer=False)
        self.output_bias = nn.Parameter(torch.zeros(pieces + 1))

    @property
    def device(self) -> torch.device:
        return self.output_bias.device

    def forward(self, sentences: Sequence[Ids]) -> Tensor:
        ids, seen = self.padded(sentences)
        hidden = self.bert(input_ids=ids, attention_mask=seen).last_hidden_state
        share = seen.unsqueeze(-1).to(hidden.dtype)
        return functional.normalize((hidden * share).sum(dim=1) / share.sum(dim=1), dim=1)

    def padded(self, sentences: Sequence[Ids]) -> tuple[Tensor, Tensor]:
        """(N, L) ids and (N, L) 1 where there is a piece, cut to the longest the model reads."""
        cut = [list(ids)[: self.recipe.longest] for ids in sentences]
        length = max(map(len, cut))
        ids = torch.tensor([row + [_PAD] * (length - len(row)) for row in cut], device=self.device)
        seen = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in cut], device=self.device)
        return ids, seen

    def masked_loss(self, sentences: Sequence[Ids], random: np.random.Generator) -> Tensor:
        """Cross-entropy of the pieces that were hidden."""
        ids, seen = self.padded(sentences)
        draw = torch.from_numpy(random.random(ids.shape)).to(self.device)
        hidden_at = (draw < _MASKED) & (seen == 1)
        if not bool(hidden_at.any()):  # a batch of a few short texts
            hidden_at[:, 0] = True
        how = torch.from_numpy(random.random(ids.shape)).to(self.device)
        other = torch.from_numpy(random.integers(1, self.config.vocab_size - 1, ids.shape)).to(self.device)
        given = ids.clone()
        given[hidden_at & (how < _MASKED_AS_MASK)] = self.config.vocab_size - 1
        swap = hidden_at & (how >= _MASKED_AS_MASK) & (how < _MASKED_AS_MASK + _MASKED_AS_RANDOM)
        given[swap] = other[swap]
        state = self.bert(input_ids=given, attention_mask=seen).last_hidden_state[hidden_at]
        logits = state @ self.bert.embeddings.word_embeddings.weight.T + self.output_bias
        return functional.cross_entropy(logits, ids[hidden_at])


def train_transformer(
    data_dir: Path,
    templates: Sequence[TemplateText],
    out_dir: Path,
    *,
    seed: int = 0,
    time_budget: float = 7200.0,
    device: str = "cpu",
    recipe: TransformerRecipe | None = None,
) -> dict[str, Any]:
    """Train on the public files of ``data_dir`` and write a sentence-transformers folder.

    Same seed and device, same result on a CPU. Raises TargetUnmet (``training_too_slow``) when the
    steps do not fit ``time_budget`` seconds. Returns the measures of the card.
    """
    recipe = recipe or TransformerRecipe()
    started = time.monotonic()
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    shelf = Shelf(data_dir)
    texts = corpus_texts(shelf, templates)
    document = build_tokenizer(texts, recipe.vocabulary)
    encode = encoder_of(document)
    model = PieceTransformer(recipe, len(document["model"]["vocab"])).to(device)
    deadline = started + time_budget
    _pretrain(model, encode(texts), random, deadline)
    tasks = Tasks(shelf, encode, recipe.width, seed).to(device)
    _learn_tasks(model, tasks, deadline)
    measures = _write(out_dir, document, model, data_dir)
    return {
        **measures,
        "seconds": round(time.monotonic() - started),
        "seed": seed,
        "steps": recipe.pretrain_steps + recipe.steps,
    }


def _pretrain(
    model: PieceTransformer, rows: list[list[int]], random: np.random.Generator, deadline: float
) -> None:
    steps = model.recipe.pretrain_steps
    optimiser = torch.optim.AdamW(model.parameters(), lr=_RATE, weight_decay=0.01)
    schedule = _warm_then_linear(optimiser, steps)
    model.train()
    for step in range(steps):
        _stay_in_time(step, steps, deadline)
        picks = random.integers(0, len(rows), model.recipe.batch)
        _step(model.masked_loss([rows[pick] for pick in picks], random), optimiser, schedule, model)


def _learn_tasks(model: PieceTransformer, tasks: Tasks, deadline: float) -> None:
    steps = model.recipe.steps
    groups = [
        {"params": list(model.bert.parameters()), "lr": _TASK_RATE},
        {"params": list(tasks.parameters()), "lr": _HEAD_RATE},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    schedule = _warm_then_linear(optimiser, steps)
    for step in range(steps):
        _stay_in_time(step, steps, deadline)
        _step(tasks.loss(SCHEDULE[step % len(SCHEDULE)], model), optimiser, schedule, model)


def _step(loss: Tensor, optimiser: Any, schedule: Any, model: nn.Module) -> None:
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    schedule.step()


def _warm_then_linear(optimiser: Any, steps: int) -> Any:
    warm = max(1, int(_WARM_UP * steps))
    return torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / warm, max(0.0, 1 - step / max(steps, 1)))
    )


def _stay_in_time(step: int, steps: int, deadline: float) -> None:
    if step % _CHECK_EVERY == 0 and time.monotonic() > deadline:
        raise TargetUnmet(
            "training_too_slow",
            f"Only {step} of {steps} steps fit the time budget: allow more.",
        )


def _write(
    out_dir: Path, document: dict[str, Any], model: PieceTransformer, data_dir: Path
) -> dict[str, Any]:
    out_dir.mkdir(parents=True, exist_ok=True)
    config = {**model.config.to_dict(), "dtype": "float32", "architectures": ["BertModel"], LIGHT: 1}
    texts = {
        "tokenizer.json": json.dumps(document, ensure_ascii=False),
        "tokenizer_config.json": _json(
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "model_max_length": model.recipe.longest,
                "unk_token": "<unk>",
                "pad_token": "<unk>",
            }
        ),
        "config.json": _json(config),
        "modules.json": _json(MODULES),
        "sentence_bert_config.json": _json({"max_seq_length": model.recipe.longest, "do_lower_case": False}),
        "1_Pooling/config.json": _json(
            {"word_embedding_dimension": model.recipe.width, "pooling_mode_mean_tokens": True}
        ),
        "2_Normalize/config.json": _json({}),
    }
    for name, text in texts.items():
        (out_dir / name).parent.mkdir(exist_ok=True)
        (out_dir / name).write_text(text, encoding="utf-8")
    stored = {
        name: value.detach().cpu().half().contiguous()
        for name, value in model.bert.state_dict().items()
        if not name.endswith("_ids")
    }
    save_file(stored, out_dir / "model.safetensors", metadata={"format": "pt"})
    (out_dir / "model.safetensors").chmod(0o644)  # safetensors writes 0600
    encoder = NumpyTransformer.load(out_dir)
    measures: dict[str, Any] = {
        f"korsts_{part}": round(float(evaluate_sts(encoder, data_dir / f"korsts_{part}.tsv")["spearman"]), 4)
        for part in ("dev", "test")
    }
    measures |= {"pieces": model.config.vocab_size - 1, "dimension": model.recipe.width}
    (out_dir / "README.md").write_text(transformer_card(measures, model.recipe.layers), encoding="utf-8")
    return measures


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
