"""The default engine on the service's device: torch draws the puppet, and numba takes over visibly."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import pytest

from ml_core import device
from ml_core.backends import Backends, choose
from ml_core.face.analyser import FaceAnalyser
from ml_core.face.archive import analysis_to_bytes
from ml_core.model_store import ModelStore, NoModels
from ml_core.pipeline import StickerRequest, sticker_clips
from tests import faces

NOD = 'id = "nod"\nduration_s = 0.5\nfps = 8\n[tracks]\n"head.pitch" = [[0.0, 0.0], [0.5, 8.0], [1.0, 0.0]]\n'


@dataclass(frozen=True)
class On(NoModels):
    """What an operation is handed where the service owns that device; ``cpu:0`` is torch's own CPU."""

    device: str


@pytest.fixture(scope="module")
def request_():
    analysis = analysis_to_bytes(FaceAnalyser().analyse(faces.astronaut()))
    return StickerRequest(analysis, NOD, "", size=96)


def made(request, models):
    ((clip, used),) = sticker_clips([request], lambda *_: None, models)
    return clip.frames.astype(int), used


@pytest.fixture(scope="module")
def usual(request_):
    frames, used = made(request_, NoModels())
    assert used.fallbacks == ()
    return frames


@pytest.mark.torch
def test_a_sticker_is_drawn_on_the_device(request_, usual, monkeypatch):
    from ml_core.animation import torch_warp

    batches, draw = [], torch_warp.draw_frames
    monkeypatch.setattr(
        torch_warp, "draw_frames", lambda *given: batches.append(len(given[1][0])) or draw(*given)
    )
    frames, used = made(request_, On("cpu:0"))
    assert batches == [4], "all frames in one batch"
    assert used.fallbacks == ()
    assert 0 < np.abs(frames - usual).mean() < 0.5, "another rounding, the same picture"


@pytest.mark.torch
def test_without_memory_there_the_cpu_draws_and_it_is_told(request_, usual, monkeypatch):
    from ml_core.animation import torch_warp

    def full(*_):
        raise torch_warp.torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    monkeypatch.setattr(torch_warp, "draw_frames", full)
    frames, used = made(request_, On("cpu:0"))
    assert (frames == usual).all()
    assert [(each.wanted, each.used, each.code) for each in used.fallbacks] == [
        ("puppet (GPU)", "puppet", "out_of_memory")
    ]


def test_without_torch_the_cpu_draws_and_it_is_told(request_, usual, monkeypatch):
    monkeypatch.setitem(sys.modules, "ml_core.animation.torch_warp", None)
    frames, used = made(request_, On("cuda"))
    assert (frames == usual).all()
    assert [each.code for each in used.fallbacks] == ["torch_missing"]


def test_a_promised_device_that_is_not_there(monkeypatch):
    monkeypatch.setattr(device, "_driver_present", lambda: False)
    with ModelStore({}, device="cuda").lease() as models:
        used = choose(Backends(), models).used
    assert [each.code for each in used.fallbacks] == ["no_gpu"]
