"""Published sentence encoders, by a tiny real one: found without a network, exported, read without torch."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ml_core.errors import WeightsUnavailable
from ml_core.text.encoder import TorchEncoder, encoder_name, load_encoder
from ml_core.text.onnx_encoder import CARD, MODEL
from ml_core.text.onnx_export import LEAST_COSINE, export_onnx, random_korean
from ml_core.text.sentence_model import SentenceModels, model_folder, readable_encoder
from tests.tiny_sentence_model import older_layout, save_tiny_model
from tests.tiny_weights import announce

pytestmark = pytest.mark.torch
pytest.importorskip("sentence_transformers")

ROOT = Path(__file__).parents[3]
HUB_NAME = "somebody/tiny-sbert"
SENTENCES = [
    "한 남자가 파스타를 먹는다.",
    "한 남자가 빵 한 조각을 먹는다.",
    "생일 축하해 " * 40,  # longer than the model reads
    "",
    "hello 🎂",
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def models(tmp_path: Path) -> SentenceModels:
    return SentenceModels(
        weights=tmp_path / "weights", hub_cache=tmp_path / "hub", exports=tmp_path / "encoders"
    )


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setattr(socket.socket, "connect", refused)


def put_into_cache(model: Path, models: SentenceModels, name: str = HUB_NAME) -> Path:
    """As huggingface_hub lays out what it has downloaded."""
    repository = models.hub_cache / f"models--{name.replace('/', '--')}"
    shutil.copytree(model, repository / "snapshots/abc123")
    (repository / "refs").mkdir()
    (repository / "refs/main").write_text("abc123")
    return repository / "snapshots/abc123"


@pytest.mark.parametrize(
    ("pooling", "normalise", "older"),
    [("mean", False, False), ("cls", True, False), ("mean", True, True), ("cls", False, True)],
)
def test_the_export_gives_the_vectors_of_sentence_transformers(
    tmp_path: Path, pooling: str, normalise: bool, older: bool
) -> None:
    from sentence_transformers import SentenceTransformer

    model = save_tiny_model(tmp_path, pooling=pooling, normalise=normalise)
    if older:
        older_layout(model)
    card = export_onnx(model, tmp_path / "export", "tiny")
    assert card["least_cosine"] >= LEAST_COSINE
    encoder = load_encoder(str(tmp_path / "export"))
    texts = SENTENCES + random_korean(40, seed=3)
    library = SentenceTransformer(str(model), device="cpu", local_files_only=True)
    expected = library.encode(texts, normalize_embeddings=True)
    assert encoder.dimension == expected.shape[1]
    np.testing.assert_allclose(encoder.encode(texts), expected, atol=1e-5)
    assert not encoder.reads_normalised


def test_pooling_of_the_folder_is_what_is_exported(tmp_path: Path) -> None:
    rows = {}
    for pooling in ("mean", "cls"):
        model = save_tiny_model(tmp_path / pooling, pooling=pooling)
        export_onnx(model, tmp_path / f"{pooling}-export", "tiny")
        rows[pooling] = load_encoder(str(tmp_path / f"{pooling}-export")).encode(SENTENCES[:1])[0]
    assert rows["mean"] @ rows["cls"] < 0.99


def test_an_export_that_is_another_model_is_refused_and_the_one_in_place_stays(
    tiny: Path, tmp_path: Path
) -> None:
    """Weights that overflow to NaN: no cosine can vouch for them."""
    from safetensors.numpy import load_file, save_file

    out = tmp_path / "export"
    before = export_onnx(tiny, out, "tiny")
    broken = tmp_path / "broken"
    shutil.copytree(tiny, broken)
    weights = load_file(broken / "model.safetensors")
    weights["embeddings.LayerNorm.weight"][:] = np.nan
    save_file(weights, broken / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(WeightsUnavailable) as refusal:
        export_onnx(broken, out, "tiny")
    assert refusal.value.code == "export_differs"
    assert json.loads((out / CARD).read_text())["sha256"] == before["sha256"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".export-")] == []


def test_a_graph_that_ignores_half_a_sentence_is_refused(tmp_path: Path) -> None:
    """The tokenizer that torch uses reads on where the exported one stops."""
    from ml_core.text import onnx_export

    model = save_tiny_model(tmp_path, longest=32)
    published = TorchEncoder(str(model))
    folder = tmp_path / "export"
    folder.mkdir()
    card = onnx_export._write(published, folder, "tiny")
    (folder / CARD).write_text(json.dumps(card | {"max_length": 4}), encoding="utf-8")
    with pytest.raises(WeightsUnavailable) as refusal:
        onnx_export._prove(published, folder, "tiny")
    assert refusal.value.code == "export_differs"


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    with pytest.raises(WeightsUnavailable) as refusal:
        export_onnx(tmp_path / "model", tmp_path / "export", "nothing")
    assert refusal.value.code == "encoder_missing"
    assert not (tmp_path / "export").exists()


def test_models_are_found_in_a_folder_the_weights_and_the_cache(tiny: Path, models: SentenceModels) -> None:
    assert model_folder(str(tiny), models) == tiny
    with pytest.raises(WeightsUnavailable) as refusal:
        model_folder(HUB_NAME, models)
    assert refusal.value.code == "encoder_missing"
    assert "models pull" in str(refusal.value)
    cached = put_into_cache(tiny, models)
    assert model_folder(HUB_NAME, models) == cached
    shutil.copytree(tiny, models.weights / "tiny-sbert")
    announce(models.weights, "tiny-sbert", "tiny-sbert", extra=f'hub = "{HUB_NAME}"')
    assert model_folder(HUB_NAME, models) == models.weights / "tiny-sbert"
    assert model_folder("tiny-sbert", models) == models.weights / "tiny-sbert"


def test_licences_hold_for_the_cache_and_for_exports_too(tiny: Path, models: SentenceModels) -> None:
    name = "jhgan/ko-sbert-nli"
    put_into_cache(tiny, models, name)
    research = replace(models, commercial_mode=False)
    readable_encoder(name, research, may_export=True)
    assert readable_encoder(name, research)
    with pytest.raises(WeightsUnavailable) as refusal:
        readable_encoder(name, models)
    assert refusal.value.code == "weights_not_commercial"


def test_an_export_is_made_once_and_again_when_the_model_changes(
    tmp_path: Path, models: SentenceModels
) -> None:
    model = save_tiny_model(tmp_path / "one")
    with pytest.raises(WeightsUnavailable) as refusal:
        readable_encoder(str(model), models)
    assert refusal.value.code == "encoder_not_exported"
    out = Path(readable_encoder(str(model), models, may_export=True))
    first, made = encoder_name(str(out)), (out / MODEL).stat().st_mtime_ns
    assert readable_encoder(str(model), models, may_export=True) == str(out)
    assert (out / MODEL).stat().st_mtime_ns == made
    other = save_tiny_model(tmp_path / "two", seed=1)
    shutil.copy(other / "model.safetensors", model / "model.safetensors")
    readable_encoder(str(model), models, may_export=True)
    assert encoder_name(str(out)) == load_encoder(str(out)).name != first


def test_an_export_serves_without_the_model(tiny: Path, models: SentenceModels) -> None:
    cached = put_into_cache(tiny, models)
    out = readable_encoder(HUB_NAME, models, may_export=True)
    shutil.rmtree(cached)
    assert readable_encoder(HUB_NAME, models, may_export=True) == out


def test_a_damaged_export_says_what_to_do(tiny: Path, tmp_path: Path) -> None:
    export_onnx(tiny, tmp_path / "export", "tiny")
    graph = tmp_path / "export" / MODEL
    graph.write_bytes(graph.read_bytes()[: graph.stat().st_size // 2])
    with pytest.raises(WeightsUnavailable, match="export-onnx") as refusal:
        load_encoder(str(tmp_path / "export"))
    assert refusal.value.code == "encoder_not_exported"


def test_an_export_is_read_without_torch(tiny: Path, tmp_path: Path) -> None:
    export_onnx(tiny, tmp_path / "export", "tiny")
    program = (
        "import sys\n"
        "from ml_core.text.encoder import load_encoder\n"
        "from ml_core.text.sentence_model import readable_encoder\n"
        f"print(load_encoder({str(tmp_path / 'export')!r}).encode(['한 남자가']).shape)\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'onnx'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "(1, 32)"
