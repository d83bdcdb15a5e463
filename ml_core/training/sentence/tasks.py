"""What the encoder is taught: one task per kind of data, all through the same piece vectors.

Graded similarity (KorSTS, KLUE) by CoSENT (Su 2022) with squared error; paraphrase clusters and chatbot
exchanges by in-batch negatives (Henderson et al. 2017); emotions, intents, ratings and sentiment by linear
heads that are thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ml_core.training.sentence.sources import Labelled, Scored, Shelf

Ids = Sequence[int]
Encode = Callable[[Sequence[str]], list[list[int]]]
_SCALE = 20.0
"""Inverse temperature of cosines in the losses."""
_DROPPED = 0.1
"""Share of pieces left out of a sentence at each sight of it."""
_GRADED_BATCH = 256
_CLUSTER_BATCH = 384
_GAP = 0.05
"""Pairs whose gold scores differ by less are not ranked against each other."""
_HEAD_INPUT_SCALE = 4.0
SentenceModel = Callable[[Sequence[Ids]], Tensor]
"""Pieces of N sentences -> (N, D) unit rows."""
SCHEDULE = (
    "similar",
    "similar",
    "inferred",
    "clusters",
    "clusters",
    "exchanges",
    "goemotions",
    "kote",
    "intents",
    "ratings",
    "sentiments",
)
"""One round of batches."""


class PieceMean(nn.Module):
    """Mean of piece vectors, normalised: what StaticEmbedding and Normalize compute."""

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        super().__init__()
        self.bag = nn.EmbeddingBag(vectors.shape[0], vectors.shape[1], mode="mean")
        self.bag.weight.data = torch.from_numpy(vectors.copy())

    def forward(self, sentences: Sequence[Ids]) -> Tensor:
        """(N, D) unit rows."""
        flat = torch.tensor([index for ids in sentences for index in ids], dtype=torch.long)
        offsets = torch.from_numpy(np.cumsum([0, *(len(ids) for ids in sentences[:-1])]))
        return functional.normalize(self.bag(flat, offsets), dim=1)


@dataclass(frozen=True)
class Graded:
    """Pairs of sentences with a similarity in 0..1."""

    first: list[list[int]]
    second: list[list[int]]
    scores: NDArray[np.float32]

    @classmethod
    def of(cls, pairs: Sequence[Scored], encode: Encode) -> Graded:
        return cls(
            encode([pair.first for pair in pairs]),
            encode([pair.second for pair in pairs]),
            np.array([pair.score for pair in pairs], np.float32),
        )


class Tasks(nn.Module):
    """All data, encoded once, and the heads. ``loss(name, model)`` draws a batch and returns its loss."""

    def __init__(self, shelf: Shelf, encode: Encode, dimension: int, seed: int) -> None:
        super().__init__()
        self._random = np.random.default_rng(seed)
        self._graded = {
            "similar": Graded.of(shelf.similar_pairs(), encode),
            "inferred": Graded.of(shelf.inferences(), encode),
        }
        self._clusters = [encode(group) for group in shelf.clusters()]
        exchanges = shelf.exchanges()
        self._exchanges = (encode([a for a, _ in exchanges]), encode([b for _, b in exchanges]))
        sets: dict[str, tuple[int, list[Labelled]]] = {
            **shelf.emotions(),
            "intents": shelf.intents(),
            "ratings": shelf.ratings(),
            "sentiments": shelf.sentiments(),
        }
        self._labelled = {
            name: (encode([row.text for row in rows]), _targets(rows, count))
            for name, (count, rows) in sets.items()
        }
        self.heads = nn.ModuleDict({name: nn.Linear(dimension, count) for name, (count, _) in sets.items()})
        self.answers = nn.Linear(dimension, dimension)

    def loss(self, name: str, model: SentenceModel) -> Tensor:
        """Loss of one random batch of a task of ``SCHEDULE``."""
        if name in self._graded:
            return self._graded_loss(self._graded[name], model)
        if name == "clusters":
            return self._cluster_loss(model)
        if name == "exchanges":
            return self._exchange_loss(model)
        return self._head_loss(name, model)

    def _graded_loss(self, data: Graded, model: SentenceModel) -> Tensor:
        picks = self._random.integers(0, len(data.first), _GRADED_BATCH)
        cosines = (self._see(model, data.first, picks) * self._see(model, data.second, picks)).sum(dim=1)
        gold = torch.from_numpy(data.scores[picks]).to(self._device)
        wrong = (cosines[None, :] - cosines[:, None]) * _SCALE
        ranked = wrong[(gold[:, None] - gold[None, :]) > _GAP]
        cosent = torch.logsumexp(torch.cat([ranked, torch.zeros(1, device=self._device)]), 0)
        return 0.2 * cosent + 4.0 * functional.mse_loss(cosines, gold)

    def _cluster_loss(self, model: SentenceModel) -> Tensor:
        groups = self._random.choice(len(self._clusters), _CLUSTER_BATCH, replace=False)
        pairs = [self._random.choice(len(self._clusters[group]), 2, replace=False) for group in groups]
        sides = [
            [self._clusters[group][pair[side]] for group, pair in zip(groups, pairs, strict=True)]
            for side in (0, 1)
        ]
        everything = np.arange(_CLUSTER_BATCH)
        first, second = (self._see(model, side, everything) for side in sides)
        places = torch.arange(_CLUSTER_BATCH, device=self._device)
        return functional.cross_entropy(first @ second.T * _SCALE, places)

    def _exchange_loss(self, model: SentenceModel) -> Tensor:
        questions, replies = self._exchanges
        picks = self._random.choice(len(questions), _GRADED_BATCH, replace=False)
        asked = self._see(model, questions, picks)
        answered = functional.normalize(self.answers(self._see(model, replies, picks)), dim=1)
        return 0.5 * functional.cross_entropy(
            asked @ answered.T * _SCALE, torch.arange(_GRADED_BATCH, device=self._device)
        )

    def _head_loss(self, name: str, model: SentenceModel) -> Tensor:
        sentences, targets = self._labelled[name]
        picks = self._random.integers(0, len(sentences), _GRADED_BATCH)
        logits = self.heads[name](self._see(model, sentences, picks) * _HEAD_INPUT_SCALE)
        gold = torch.from_numpy(targets[picks]).to(self._device)
        if name in {"goemotions", "kote"}:
            return 5.0 * functional.binary_cross_entropy_with_logits(logits, gold)
        return functional.cross_entropy(logits, gold.argmax(dim=1))

    def _see(self, model: SentenceModel, sentences: Sequence[Ids], picks: NDArray[np.int64]) -> Tensor:
        """Vectors of the picked sentences, each with some pieces left out."""
        batch: list[Ids] = []
        for pick in picks:
            ids = sentences[pick]
            kept = [
                index
                for index, draw in zip(ids, self._random.random(len(ids)), strict=True)
                if draw > _DROPPED
            ]
            batch.append(kept or ids)
        return model(batch)

    @property
    def _device(self) -> torch.device:
        return self.answers.weight.device


def _targets(rows: Sequence[Labelled], count: int) -> NDArray[np.float32]:
    targets = np.zeros((len(rows), count), np.float32)
    for row, labelled in zip(targets, rows, strict=True):
        row[list(labelled.labels)] = 1.0
    return targets
