from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from ml_core.errors import ModelUnavailable, OutOfMemory, WeightsUnavailable
from ml_core.model_store import ModelSpec, ModelStore

MB = 1_000_000


class Shelf:
    """Arrays of so many megabytes as models; remembers what was loaded, in order."""

    def __init__(self):
        self.loads = []

    def spec(self, name, megabytes=1, **options):
        def load(path, device):
            self.loads.append(name)
            return np.zeros(megabytes * MB, np.uint8)

        return ModelSpec(load, **options)


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def store(shelf):
    specs = {name: shelf.spec(name, 4) for name in "abcd"} | {"giant": shelf.spec("giant", 30)}
    return ModelStore(specs, budget_mb=10)


def use(store, *names):
    for name in names:
        with store.lease() as models:
            models[name]


def names(store):
    return [model.name for model in store.status().models]


def test_a_model_is_loaded_on_first_need_and_measured(store, shelf):
    assert (shelf.loads, store.status().device) == ([], "")
    use(store, "a", "a")
    assert shelf.loads == ["a"]
    (status,) = store.status().models
    assert (status.megabytes, status.used, status.in_use) == (4.0, 2, False)
    assert store.status().device == "cpu"


def test_the_least_recently_used_goes_first(store, shelf):
    use(store, "a", "b", "a", "c")
    assert names(store) == ["a", "c"], "b was used longest ago"
    use(store, "d")
    assert names(store) == ["c", "d"]
    assert store.status().evictions == 2
    use(store, "a")
    assert shelf.loads == ["a", "b", "c", "d", "a"]


def test_what_is_in_use_is_never_evicted(store):
    with store.lease() as models:
        for name in "abc":
            models[name]
        assert names(store) == ["a", "b", "c"], "12 MB in use at once, beyond the budget of 10"
        assert store.evict_idle() == 0
        assert all(model.in_use for model in store.status().models)
    assert store.evict_idle() == 3
    assert names(store) == []


def test_a_model_larger_than_the_budget_is_loaded_alone(store):
    use(store, "a", "b", "giant")
    assert names(store) == ["giant"]


def test_one_lease_pins_once_however_often_it_asks(store):
    with store.lease() as models:
        assert models["a"] is models["a"]
    assert not store.status().models[0].in_use
    assert store.status().models[0].used == 1


def test_a_failing_load_is_typed_and_poisons_nothing(shelf):
    tries = []

    def load(path, device):
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("size mismatch for conv1.weight")
        return np.zeros(MB, np.uint8)

    store = ModelStore({"flaky": ModelSpec(load), "a": shelf.spec("a")})
    with pytest.raises(ModelUnavailable, match="size mismatch") as caught:
        use(store, "flaky")
    assert caught.value.code == "model_load_failed"
    use(store, "a", "flaky")
    assert names(store) == ["a", "flaky"]


def test_missing_weights_pass_with_their_own_words(tmp_path):
    def locate(name: str) -> Path:
        raise WeightsUnavailable("weights_missing", f"{name} is not on this machine")

    store = ModelStore({"x": ModelSpec(lambda path, device: 1, weights="wav2lip")}, locate=locate)
    with pytest.raises(WeightsUnavailable, match="wav2lip is not on this machine"):
        use(store, "x")


def test_the_loader_is_given_the_located_path(tmp_path):
    weights = tmp_path / "net.onnx"
    weights.write_bytes(b"x" * MB)
    store = ModelStore(
        {"net": ModelSpec(lambda path, device: (path.name, device), weights="net")},
        locate=lambda name: tmp_path / f"{name}.onnx",
    )
    with store.lease() as models:
        assert models["net"] == ("net.onnx", "cpu")
    assert store.status().models[0].megabytes == 1.0, "no tensors to count: the file's size"


def test_loading_without_memory_evicts_what_is_idle_and_tries_again(shelf, caplog):
    def load(path, device):
        if names(store):
            raise MemoryError("no room")
        return np.zeros(MB, np.uint8)

    store = ModelStore({"a": shelf.spec("a"), "big": ModelSpec(load)})
    use(store, "a")
    with caplog.at_level(logging.WARNING):
        use(store, "big")
    assert names(store) == ["big"]
    assert "no room" in caplog.text


def test_a_model_that_never_fits_is_out_of_memory_and_the_store_lives_on(shelf):
    def load(path, device):
        raise MemoryError("no room")

    store = ModelStore({"a": shelf.spec("a"), "big": ModelSpec(load)})
    with pytest.raises(OutOfMemory):
        use(store, "big")
    use(store, "a")
    assert names(store) == ["a"]


def test_an_unknown_model_names_the_known_ones(store):
    with pytest.raises(ModelUnavailable, match="giant"):
        use(store, "nobody")


def test_warming_up_runs_the_model_once(shelf):
    warmed = []
    store = ModelStore({"a": shelf.spec("a", warm_up=lambda model: warmed.append(len(model)))})
    store.warm_up("a")
    assert (warmed, names(store)) == ([MB], ["a"])


@pytest.mark.torch
def test_a_network_is_measured_by_its_tensors():
    import torch

    network = torch.nn.Sequential(torch.nn.Linear(100, 50), torch.nn.BatchNorm1d(50))
    bundle = {"first": network, "again": network, "table": np.zeros(10, np.float64)}
    store = ModelStore({"net": ModelSpec(lambda path, device: bundle)})
    use(store, "net")
    numbers = 100 * 50 + 50 + 4 * 50
    assert store.status().models[0].megabytes == pytest.approx((numbers * 4 + 8 + 80) / MB)
