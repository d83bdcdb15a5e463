"""The example that FFfusion publishes for ko-sbert, where its weights are.

That is a folder named by EMOTOON_KO_SBERT, or the hub cache.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from ml_core.errors import WeightsUnavailable
from ml_core.text.encoder import Encoder, TorchEncoder, load_encoder
from ml_core.text.sentence_model import SentenceModels, model_folder, readable_encoder

SPEC = os.environ.get("EMOTOON_KO_SBERT", "jhgan/ko-sbert-nli")
SENTENCE = "한 남자가 파스타를 먹는다."
PUBLISHED = [0.7417, 0.6684, 0.1089, 0.0717, 0.0244]
# The corpus of the semantic search example that ko-sbert's own page translates.
CORPUS = [
    "한 남자가 음식을 먹는다.",
    "한 남자가 빵 한 조각을 먹는다.",
    "그 여자가 아이를 돌본다.",
    "한 남자가 말을 탄다.",
    "한 여자가 바이올린을 연주한다.",
    "두 남자가 수레를 숲 솦으로 밀었다.",
    "한 남자가 담으로 싸인 땅에서 백마를 타고 있다.",
    "원숭이 한 마리가 드럼을 연주한다.",
    "치타 한 마리가 먹이 뒤에서 달리고 있다.",
]


@pytest.mark.torch
@pytest.mark.parametrize("runtime", ["torch", "onnx"])
def test_the_published_example_comes_out(runtime: str, tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers")
    from huggingface_hub.constants import HF_HUB_CACHE

    models = SentenceModels(tmp_path / "weights", Path(HF_HUB_CACHE), tmp_path / "exports", False)
    try:
        folder = model_folder(SPEC, models)
    except WeightsUnavailable as error:
        pytest.skip(f"ko-sbert's published example is NOT checked: {error}")
    model: Encoder = TorchEncoder(str(folder))
    if runtime == "onnx":
        model = load_encoder(readable_encoder(SPEC, models, may_export=True))
    scores = np.sort(model.encode(CORPUS) @ model.encode([SENTENCE])[0])[::-1]
    np.testing.assert_allclose(scores[:5], PUBLISHED, atol=2e-3)
