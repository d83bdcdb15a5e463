"""Clips drawn while they are encoded: the same file, each frame once, and each failure reaches the caller."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ml_core.encoding.fitting import fit
from ml_core.encoding.lazy_clip import LazyClip
from ml_core.encoding.targets import load_targets
from ml_core.pipeline import encode_all
from ml_core.types import Clip, Image
from tests.ml_core.encoding.seen import decoded


class Stopped(Exception):
    """What a caller raises who does not want the clip any more."""


def ignore(drawn: int) -> None:
    """Nobody counts."""


class Drawing:
    """Draws the frames of a finished clip and remembers which; fails at one of them when told to."""

    def __init__(self, clip: Clip, failing: int | None = None) -> None:
        self.clip, self.failing = clip, failing
        self.order: list[int] = []

    def __call__(self, index: int, out: Image) -> None:
        self.order.append(index)
        if index == self.failing:
            raise Stopped
        out[:] = self.clip.frames[index]

    def lazily(self, on_drawn: Callable[[int], None] = ignore) -> LazyClip:
        count, height, width, channels = self.clip.frames.shape
        shape = count, height, width, channels
        return LazyClip(self, shape, fps=self.clip.fps, poster=self.clip.poster, on_drawn=on_drawn)


def test_the_file_is_that_of_the_finished_clip(nod: Clip) -> None:
    target, drawing = load_targets()["telegram_video"], Drawing(nod)
    made, usual = fit(drawing.lazily(), target), fit(nod, target)
    assert (made.level, len(made.file.data)) == (usual.level, len(usual.file.data))
    np.testing.assert_array_equal(decoded(made.file.data), decoded(usual.file.data))
    assert sorted(drawing.order) == list(range(len(nod.frames)))


def test_several_formats_draw_each_frame_once(nod: Clip) -> None:
    drawing, counts = Drawing(nod), []
    files = encode_all(drawing.lazily(counts.append), ("webp", "webm", "apng", "png"))
    assert [file.format for file in files] == ["webp", "webm", "apng", "png"]
    assert sorted(drawing.order) == list(range(len(nod.frames)))
    assert counts == list(range(1, len(nod.frames) + 1))


def test_threads_that_want_the_same_frame_get_the_same(nod: Clip) -> None:
    drawing = Drawing(nod)
    clip = drawing.lazily()
    with ThreadPoolExecutor(4) as pool:
        wholes = [pool.submit(clip.whole) for _ in range(4)]
    for whole in wholes:
        np.testing.assert_array_equal(whole.result().frames, nod.frames)
    assert drawing.order == list(range(len(nod.frames)))


@pytest.mark.parametrize("failing", [0, 3, 11])
def test_what_fails_while_drawing_reaches_the_caller(nod: Clip, failing: int) -> None:
    """The probe asks for even frames, the streams for the rest: all of them end, and nothing is drawn on."""
    before, drawing = threading.active_count(), Drawing(nod, failing)
    with pytest.raises(Stopped):
        encode_all(drawing.lazily(), ("webp", "webm"))
    assert drawing.order[-1] == failing
    assert threading.active_count() == before


def test_who_is_told_may_stop_the_drawing(nod: Clip) -> None:
    def stop(drawn: int) -> None:
        if drawn == 5:
            raise Stopped

    before, drawing = threading.active_count(), Drawing(nod)
    clip = drawing.lazily(stop)
    with pytest.raises(Stopped):
        fit(clip, load_targets()["telegram_video"])
    with pytest.raises(Stopped):
        clip.whole()
    assert len(drawing.order) == 5
    assert threading.active_count() == before
