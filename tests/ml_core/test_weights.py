from __future__ import annotations

import pytest

from ml_core.errors import WeightsUnavailable
from ml_core.weights import manifest, weights_path


def test_the_default_engine_has_all_it_needs_and_may_be_used_by_a_business(tmp_path):
    for name in ("mediapipe-face", "sentence-encoder", "moderator"):
        assert manifest()[name].commercial
        assert weights_path(name, folder=tmp_path).exists()


def test_every_entry_names_source_and_licence():
    for entry in manifest().values():
        assert entry.kind in {"package", "repository", "file"}
        assert entry.source
        assert entry.licence


def test_non_commercial_weights_need_research_mode(tmp_path):
    (tmp_path / "inswapper_128.onnx").touch()
    with pytest.raises(WeightsUnavailable) as caught:
        weights_path("inswapper_128", folder=tmp_path)
    assert caught.value.code == "weights_not_commercial"
    assert weights_path("inswapper_128", folder=tmp_path, commercial_mode=False).exists()


@pytest.mark.parametrize(("name", "code"), [("liveportrait", "weights_missing"), ("gpt", "weights_unknown")])
def test_what_is_not_there_says_where_to_get_it(tmp_path, name, code):
    with pytest.raises(WeightsUnavailable) as caught:
        weights_path(name, folder=tmp_path)
    assert caught.value.code == code
