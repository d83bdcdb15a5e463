"""Which engine works, and that a missing one is replaced visibly and never silently."""

from __future__ import annotations

import functools
import logging

import pytest

from ml_core.backends import ANIMATORS, TOONIFIERS, Backends, choose, network_models
from ml_core.errors import LookInvalid
from ml_core.model_store import ModelStore
from ml_core.weights import weights_path


def store_of(folder, *, commercial_mode: bool = True) -> ModelStore:
    locate = functools.partial(weights_path, folder=folder, commercial_mode=commercial_mode)
    return ModelStore(network_models(locate), locate=locate)


def chosen_in(folder, wanted: Backends, **options):
    with store_of(folder, **options).lease() as models:
        return choose(wanted, models).used


def test_our_own_engines_stand_first_and_need_no_models(tmp_path):
    assert (next(iter(TOONIFIERS)), next(iter(ANIMATORS))) == ("cartoon", "puppet")
    used = chosen_in(tmp_path, Backends())
    assert (used.toonify, used.animate, used.fallbacks) == ("cartoon", "puppet", ())


def test_missing_and_forbidden_weights_are_told_and_logged(tmp_path, caplog):
    with caplog.at_level(logging.WARNING, logger="ml_core.backends.choice"):
        used = chosen_in(tmp_path, Backends("stylegan2", "liveportrait"))
    assert (used.toonify, used.animate) == ("cartoon", "puppet")
    assert [(each.stage, each.wanted, each.used, each.code) for each in used.fallbacks] == [
        ("toonify", "stylegan2", "cartoon", "weights_not_commercial"),
        ("animate", "liveportrait", "puppet", "weights_missing"),
    ]
    assert "stylegan2 cannot be used, cartoon takes over" in caplog.text
    research = chosen_in(tmp_path, Backends("animegan2"), commercial_mode=False)
    assert [each.code for each in research.fallbacks] == ["weights_missing"]


def test_an_unknown_engine_is_refused():
    with pytest.raises(LookInvalid, match="puppet, liveportrait"):
        Backends(animate="marionette")


@pytest.mark.torch
def test_another_networks_file_leads_to_our_own_engine(tmp_path):
    import torch

    from tests.tiny_weights import announce

    torch.save({"weight": torch.ones(3)}, tmp_path / "face_paint_512_v2.pt")
    announce(tmp_path, "animegan2-face-paint-512-v2", "face_paint_512_v2.pt")
    used = chosen_in(tmp_path, Backends("animegan2"))
    assert used.toonify == "cartoon"
    assert used.fallbacks[0].code == "weights_wrong_network"


@pytest.mark.torch
def test_a_photo_model_without_its_toon_model_is_not_enough(tmp_path):
    from tests import tiny_networks

    tiny_networks.stylegan2_pair(tmp_path)
    (tmp_path / "stylegan2-toon.pt").unlink()
    used = chosen_in(tmp_path, Backends("stylegan2"))
    assert [each.code for each in used.fallbacks] == ["weights_missing"]


@pytest.mark.torch
def test_unrelated_models_are_not_blended(tmp_path):
    from ml_core.toonify.stylegan2.checkpoint import NetworkShape
    from tests import tiny_networks

    tiny_networks.stylegan2_pair(tmp_path, toon=NetworkShape(16, 16, 2, 1, 16))
    used = chosen_in(tmp_path, Backends("stylegan2"))
    assert [each.code for each in used.fallbacks] == ["weights_unrelated"]
