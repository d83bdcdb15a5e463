from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ml_core.errors import WeightsUnavailable
from ml_core.text.embedding_cache import CachedEncoder
from ml_core.text.encoder import (
    EMBEDDED,
    ENCODER_DIR,
    NumpyEncoder,
    TorchEncoder,
    UnigramTokenizer,
    encoder_name,
    load_encoder,
)

ROOT = Path(__file__).parents[3]
ODD = [
    "",
    "ㅋㅋㅋㅋ",
    "가\x1c나 a\u3000b",
    "İstanbul ß Ελληνικός",
    "<unk> 안녕",
    "日本語テスト",
    "ﬁne ＡＢＣ １２３",
    "🎂🎂 생일",
    "뷁뷁뷁 쀍",
]


@pytest.fixture(scope="module")
def encoder() -> NumpyEncoder:
    return NumpyEncoder.load()


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    rows = json.loads((ROOT / "tests/data/moderation.json").read_text(encoding="utf-8"))
    return [row["text"] for row in rows] + ODD


def test_rows_are_unit_vectors_and_nothing_is_zero(encoder: NumpyEncoder) -> None:
    rows = encoder.encode(["생일 축하해", "", "퇴근하자"])
    assert rows.shape == (3, encoder.dimension)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), [1, 0, 1], atol=1e-6)


def test_meaning_is_closer_than_letters(encoder: NumpyEncoder) -> None:
    rows = encoder.encode(
        ["한 남자가 음식을 먹는다", "한 남자가 빵을 먹고 있다", "한 여자가 바이올린을 연주한다"]
    )
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.1


def test_korsts_sample_is_ranked(encoder: NumpyEncoder) -> None:
    first = encoder.encode(["비행기가 이륙하고 있다", "아이가 말을 탄다", "한 소녀가 춤을 춘다"])
    second = encoder.encode(["비행기가 떠오르고 있다", "어린이가 말을 타고 있다", "개가 눈밭을 달린다"])
    scores = (first * second).sum(axis=1)
    assert min(scores[0], scores[1]) > scores[2]


def test_the_shipped_folder_is_small_and_names_its_licence() -> None:
    size = sum(path.stat().st_size for path in ENCODER_DIR.rglob("*") if path.is_file())
    assert size <= 15_000_000
    card = (ENCODER_DIR / "README.md").read_text(encoding="utf-8")
    assert "CC BY-SA 4.0" in card
    assert "KorSTS" in card


def test_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable, match="train_encoder") as refusal:
        NumpyEncoder.load(tmp_path)
    assert refusal.value.code == "encoder_missing"


def test_the_light_path_imports_no_torch_and_stays_light() -> None:
    program = (
        "import resource, sys\n"
        "import numpy\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "from ml_core.text.encoder import load_encoder\n"
        "from ml_core.text.search import SearchIndex\n"
        "from ml_core.text.moderation import Moderator\n"
        "load_encoder().encode(['안녕']); Moderator.load().check('안녕하세요')\n"
        "heavy = {'torch', 'transformers', 'tokenizers', 'sentence_transformers'}\n"
        "heavy |= {'sklearn', 'scipy', 'kiwipiepy'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 150


def test_the_tokeniser_agrees_with_the_library(sentences: list[str]) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    document = json.loads((ENCODER_DIR / "tokenizer.json").read_text(encoding="utf-8"))
    library = tokenizers.Tokenizer.from_file(str(ENCODER_DIR / "tokenizer.json"))
    own = UnigramTokenizer(document)
    for text in sentences:
        assert own.ids(text) == library.encode(text, add_special_tokens=False).ids, text


@pytest.mark.torch
def test_sentence_transformers_gives_the_same_vectors(encoder: NumpyEncoder, sentences: list[str]) -> None:
    pytest.importorskip("sentence_transformers")
    published = TorchEncoder(str(ENCODER_DIR))
    assert published.dimension == encoder.dimension
    np.testing.assert_allclose(published.encode(sentences), encoder.encode(sentences), atol=1e-4)


@pytest.mark.torch
def test_an_unknown_model_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers")
    with pytest.raises(WeightsUnavailable) as refusal:
        TorchEncoder(str(tmp_path / "nothing"))
    assert refusal.value.code == "encoder_missing"


def test_names_tell_weights_apart(encoder: NumpyEncoder) -> None:
    assert encoder_name(EMBEDDED) == encoder.name
    assert encoder_name(str(ENCODER_DIR)) == load_encoder(str(ENCODER_DIR)).name == encoder.name
    other = NumpyEncoder(encoder.tokenizer, encoder.vectors, "other")
    assert other.name != encoder.name


class _Counting:
    """The shipped encoder, counting what it is asked for."""

    reads_normalised = True

    def __init__(self, encoder: NumpyEncoder) -> None:
        self._encoder = encoder
        self.name = encoder.name
        self.dimension = encoder.dimension
        self.asked: list[str] = []

    def encode(self, texts: list[str]) -> np.ndarray:
        self.asked += texts
        return self._encoder.encode(texts)


def test_the_cache_encodes_only_what_is_new(encoder: NumpyEncoder, tmp_path: Path) -> None:
    first, second = _Counting(encoder), _Counting(encoder)
    CachedEncoder(first, tmp_path).encode(["안녕", "잘 자", "안녕"])
    rows = CachedEncoder(second, tmp_path).encode(["잘 자", "퇴근", "안녕"])
    assert sorted(first.asked) == ["안녕", "잘 자"]
    assert second.asked == ["퇴근"]
    np.testing.assert_array_equal(rows, encoder.encode(["잘 자", "퇴근", "안녕"]))
