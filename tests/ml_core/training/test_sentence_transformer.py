"""The transformer recipe on a tiny configuration: it learns, and both readers of its folder agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ml_core.errors import TargetUnmet, WeightsUnavailable
from ml_core.text.encoder import encoder_name, load_encoder
from ml_core.text.transformer import NumpyTransformer
from ml_core.training.sentence import tasks
from tests.ml_core.text.corpus_small import TEMPLATES
from tests.ml_core.training.sentence_shelf import SENTENCES, write_shelf

TEXTS = (*SENTENCES[:6], "생일 축하해", "밥", "공원에서 노래를 부른다 " * 20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    pytest.importorskip("kiwipiepy")
    from ml_core.training.sentence.transformer import TransformerRecipe, train_transformer

    data = write_shelf(tmp_path_factory.mktemp("shelf"))
    out = tmp_path_factory.mktemp("transformer")
    recipe = TransformerRecipe(
        vocabulary=200,
        layers=2,
        width=32,
        heads=2,
        inner=64,
        longest=24,
        batch=16,
        pretrain_steps=22,
        steps=22,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "_CLUSTER_BATCH", 8)
        patch.setattr(tasks, "_GRADED_BATCH", 16)
        measures = train_transformer(data, TEMPLATES, out, seed=3, recipe=recipe)
        assert measures["dimension"] == 32
        with pytest.raises(TargetUnmet) as late:
            train_transformer(data, TEMPLATES, out / "late", time_budget=0.0, recipe=recipe)
    assert late.value.code == "training_too_slow"
    return out


@pytest.mark.torch
def test_both_readers_of_the_folder_agree(folder: Path) -> None:
    sentence_transformers = pytest.importorskip("sentence_transformers")
    theirs = sentence_transformers.SentenceTransformer(str(folder), device="cpu").encode(list(TEXTS))
    ours = load_encoder(str(folder))
    assert isinstance(ours, NumpyTransformer)
    np.testing.assert_allclose(ours.encode(TEXTS), theirs, atol=2e-5)
    assert encoder_name(str(folder)) == ours.name
    assert ours.encode([""]).sum() == 0


@pytest.mark.torch
def test_masked_pieces_are_learned() -> None:
    torch = pytest.importorskip("torch")
    from ml_core.training.sentence.transformer import PieceTransformer, TransformerRecipe

    torch.manual_seed(0)
    recipe = TransformerRecipe(layers=1, width=32, heads=2, inner=64, longest=8)
    model = PieceTransformer(recipe, pieces=12)
    rows = [[1, 2, 3, 4, 5, 6]] * 16
    random = np.random.default_rng(0)
    optimiser = torch.optim.Adam(model.parameters(), lr=5e-3)
    losses = []
    for _ in range(60):
        loss = model.masked_loss(rows, random)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert np.mean(losses[-10:]) < 0.5 * np.mean(losses[:5])


@pytest.mark.torch
def test_the_card_names_sources_and_licence(folder: Path) -> None:
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "CC BY-SA 4.0" in card
    assert "KorSTS" in card


def test_a_folder_without_weights_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="--recipe transformer"):
        NumpyTransformer.load(tmp_path)
