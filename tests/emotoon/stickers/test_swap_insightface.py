"""swap_face through InsightFace: models from the weights folder, loaded once by the service's store."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from django.core.management import call_command
from PIL import Image

from emotoon import ml
from tests.faces import astronaut, grace_hopper
from tests.tiny_weights import announce

pytestmark = pytest.mark.torch
pytest.importorskip("insightface")


@pytest.fixture
def weights(settings, tmp_path):
    from tests.ml_core.face.insightface_models import buffalo, inswapper

    folder = settings.WEIGHTS_DIR = tmp_path / "weights"
    settings.LICENCE_MODE = "research"
    buffalo(folder / "buffalo_l")
    inswapper(folder / "inswapper_128.onnx")
    announce(folder, "buffalo_l", "buffalo_l", commercial=False)
    announce(folder, "inswapper_128", "inswapper_128.onnx", commercial=False)
    ml.engine_stop()
    yield folder
    ml.engine_stop()


def test_both_models_are_loaded_once_and_swap(weights, tmp_path):
    for name, picture in (("me.png", grace_hopper()), ("meme.png", astronaut())):
        Image.fromarray(picture).save(tmp_path / name)
    me, meme, made = (str(tmp_path / name) for name in ("me.png", "meme.png", "out.png"))
    told = io.StringIO()
    for _ in range(2):
        told = io.StringIO()
        call_command(
            "swap_face", me, meme, backend="insightface", out=tmp_path / made, as_json=True, stdout=told
        )
    told = json.loads(told.getvalue())
    assert told["faces_swapped"] == [0]
    assert told["backend"] == {"swap": "insightface", "fallbacks": []}
    shown = np.asarray(Image.open(made).convert("RGB")).astype(int)
    changed = np.abs(shown - astronaut()).max(axis=2) > 8
    assert 0.005 < changed.mean() < 0.6
    status = ml.engine_status()
    assert status is not None
    assert {model.name: model.used for model in status.store.models} == {"insightface": 2, "inswapper": 2}
