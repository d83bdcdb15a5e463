"""Every format: frames, delays, loops, alpha, and looks."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ml_core.encoding.containers import open_container
from ml_core.encoding.decoding import video_facts
from ml_core.encoding.encode import FORMATS, encode
from ml_core.encoding.timing import CENTISECOND, MILLISECOND, on_clock, picked
from ml_core.errors import ClipInvalid
from ml_core.types import Clip
from tests.ml_core.encoding.seen import alpha_error, decoded, similarity

ANIMATED = ("webp", "webm", "mp4", "apng", "gif")
LEAST_SIMILARITY = {"webp": 0.97, "webm": 0.95, "mp4": 0.95, "apng": 0.995, "gif": 0.97}


@pytest.mark.parametrize("format", ANIMATED)
@pytest.mark.parametrize("name", ["nod", "glow", "confetti"])
def test_looks_like_its_source(drawn: dict[str, Clip], name: str, format: str) -> None:
    clip = drawn[name]
    made = decoded(encode(clip, format).data)
    assert len(made) == len(clip.frames)
    if (format, name) == ("gif", "glow"):
        assert similarity(clip.frames, made) > 0.8  # one-bit alpha cannot hold a glow
        return
    assert similarity(clip.frames, made) > LEAST_SIMILARITY[format]
    if format != "mp4":
        assert alpha_error(clip.frames, made) < 3


@pytest.mark.parametrize("format", ["webp", "apng", "gif"])
@pytest.mark.parametrize("loops", [0, 1, 3])
def test_delays_are_equal_and_loops_are_written(nod: Clip, format: str, loops: int) -> None:
    made = encode(nod, format, loops=loops)
    container = open_container(made.data)
    assert len(set(container.delays)) == 1
    assert container.loops == loops
    assert sum(container.delays) == pytest.approx(1.0, rel=0.015)
    assert made.duration_s == pytest.approx(float(sum(container.delays)))


def test_identical_frames_stay_frames() -> None:
    """Other encoders merge them into one longer delay."""
    still = np.full((6, 32, 32, 4), (200, 30, 30, 255), np.uint8)
    still[:, :8] = (255, 255, 255, 0)
    for format in ("webp", "apng", "gif", "webm"):
        made = encode(Clip(still, 10.0), format)
        assert len(decoded(made.data)) == made.frames == 6


@pytest.mark.parametrize("format", ["webm", "mp4"])
def test_video_has_exact_rate_and_no_sound(nod: Clip, format: str) -> None:
    facts = video_facts(encode(nod, format).data)
    assert (facts.rate, facts.audio) == (Fraction(12), False)
    assert facts.seconds == pytest.approx(1.0, abs=0.002)


def test_png_is_the_poster_without_loss(nod: Clip) -> None:
    made = encode(replace(nod, poster=5), "png", colours=None)
    assert made.frames == 1
    assert np.array_equal(decoded(made.data)[0], nod.frames[5])


def test_full_colour_apng_is_lossless(nod: Clip) -> None:
    assert np.array_equal(decoded(encode(nod, "apng", colours=None).data), nod.frames)


@pytest.mark.parametrize("format", ["webm", "mp4"])
def test_odd_sides_become_even(format: str) -> None:
    clip = Clip(np.full((3, 31, 45, 4), 255, np.uint8), 10.0)
    made = encode(clip, format)
    assert (made.width, made.height) == (46, 32)
    assert decoded(made.data).shape == (3, 32, 46, 4)


def test_better_quality_costs_more_and_looks_better(drawn: dict[str, Clip]) -> None:
    clip = drawn["grain"]
    poor, good = (encode(clip, "webp", quality=quality).data for quality in (20, 90))
    assert len(poor) < len(good)
    assert similarity(clip.frames, decoded(poor)) < similarity(clip.frames, decoded(good))


@pytest.mark.parametrize(
    ("clip", "code"),
    [
        (Clip(np.zeros((0, 8, 8, 4), np.uint8), 10.0), "clip_empty"),
        (Clip(np.zeros((2, 8, 8, 3), np.uint8), 10.0), "clip_shape"),
        (Clip(np.zeros((2, 8, 8, 4), np.float32), 10.0), "clip_shape"),  # type: ignore[arg-type]
        (Clip(np.zeros((2, 8, 8, 4), np.uint8), 0.0), "clip_rate"),
        (Clip(np.zeros((2, 8, 8, 4), np.uint8), 10.0, poster=2), "clip_poster"),
    ],
)
def test_bad_clips_are_refused(clip: Clip, code: str) -> None:
    with pytest.raises(ClipInvalid) as caught:
        encode(clip, "webp")
    assert caught.value.code == code


def test_unknown_words_are_refused(nod: Clip) -> None:
    with pytest.raises(ClipInvalid, match="webp, webm"):
        encode(nod, "bmp")
    with pytest.raises(ClipInvalid, match="fast or good"):
        encode(nod, "webm", effort="best")


@pytest.mark.parametrize("format", FORMATS)
def test_one_frame_is_enough(format: str) -> None:
    clip = Clip(np.full((1, 16, 16, 4), 128, np.uint8), 10.0)
    assert len(decoded(encode(clip, format).data)) == 1


@given(
    frames=st.integers(1, 400),
    length=st.fractions(Fraction(1, 10), 12, max_denominator=1001),
    clock=st.sampled_from([MILLISECOND, CENTISECOND]),
)
@settings(max_examples=200, deadline=None)
def test_delays_are_whole_ticks_and_sum_right(frames: int, length: Fraction, clock: Fraction) -> None:
    if length / frames < 2 * clock:
        return  # faster than any viewer
    timing = on_clock(length, frames, clock)
    assert (timing.delay / clock).denominator == 1
    assert 1 <= timing.frames <= frames
    assert abs(timing.frames * timing.delay - length) <= max(length / 50, timing.delay / 2 + clock)


@given(length=st.integers(1, 60), wanted=st.integers(1, 90), first=st.integers(0, 59))
@settings(max_examples=100, deadline=None)
def test_picked_frames_step_evenly_over_the_seam(length: int, wanted: int, first: int) -> None:
    frames = np.zeros((length, 1, 1, 4), np.uint8)
    frames[:, 0, 0, 0] = np.arange(length)
    first %= length
    chosen = picked(Clip(frames, 10.0), wanted, first)[:, 0, 0, 0].astype(int)
    steps = np.diff(np.append(chosen, chosen[0])) % length
    assert len(chosen) == wanted
    assert chosen[0] == first
    if wanted <= length:
        steps = np.where(steps == 0, length, steps) if wanted == 1 else steps
        assert steps.sum() == length
        assert set(steps) <= {length // wanted, -(-length // wanted)}


@given(
    frames=st.integers(2, 7),
    width=st.integers(2, 40),
    height=st.integers(2, 40),
    rate=st.sampled_from([5.0, 12.5, 24.0, 29.97]),
    format=st.sampled_from(["webp", "apng", "gif"]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_size_and_rate_survives(frames: int, width: int, height: int, rate: float, format: str) -> None:
    rng = np.random.default_rng(frames * 1000 + width)
    pixels = rng.integers(0, 256, (frames, height, width, 4), np.uint8)
    made = encode(Clip(pixels, rate), format)
    container = open_container(made.data)
    assert (container.width, container.height) == (width, height)
    assert len(container.delays) == made.frames == len(decoded(made.data))
    assert len(set(container.delays)) == 1


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_gif_rectangles_rebuild_every_frame(data: st.DataObject) -> None:
    """Cutting frames to what changed must not change a pixel, whatever appears or vanishes."""
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    frames = np.zeros((6, 12, 14, 4), np.uint8)
    frames[..., :3] = 255
    for frame in frames:
        x, y = rng.integers(0, 10, 2)
        frame[y : y + rng.integers(0, 6), x : x + rng.integers(1, 5)] = (
            rng.integers(0, 2) * 200,
            40,
            90,
            255,
        )
    made = decoded(encode(Clip(frames, 10.0), "gif").data)
    assert np.array_equal(made[..., 3], frames[..., 3])
    shown = frames[..., 3] == 255
    assert np.abs(made[shown].astype(int) - frames[shown]).max(initial=0) <= 4
