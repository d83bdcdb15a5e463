"""Files come out within the limits, whatever the clip."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emotoon.bench.drawn_clips import draw_clip
from ml_core.encoding.fitting import FILLED, fit
from ml_core.encoding.targets import Target, load_targets
from ml_core.errors import ClipInvalid, TargetUnmet
from ml_core.types import Clip
from tests.ml_core.encoding.seen import decoded, similarity

TARGETS = load_targets()


def limited(name: str, **limits: object) -> Target:
    """A target with some limits changed, to press a small clip as hard as a real one is pressed."""
    target = TARGETS[name]
    return replace(target, limits=replace(target.limits, **limits))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_every_target_is_met(nod: Clip, name: str) -> None:
    made = fit(nod, TARGETS[name])
    assert made.certificate.ok
    assert made.certificate.target == made.target == name
    assert made.encodes <= 2
    assert made.file.format == TARGETS[name].format


@pytest.mark.parametrize(
    ("name", "size", "room"),
    [
        ("whatsapp_anim", (160, 160), 40_000),
        ("telegram_emoji", (160, 160), 20_000),
        ("discord_sticker", (160, 160), 60_000),
        ("wechat", (160, 160), 60_000),
    ],
)
def test_the_byte_limit_is_used(drawn: dict[str, Clip], name: str, size: tuple[int, int], room: int) -> None:
    target = limited(name, sizes=(size,), bytes=room)
    for clip in (drawn["confetti"], drawn["grain"]):
        made = fit(clip, target)
        assert len(made.file.data) <= room
        assert made.best or len(made.file.data) >= 0.85 * room
        assert made.encodes <= 4
    assert FILLED > 0.85


def test_frames_are_given_up_before_quality_falls_below_the_floor(drawn: dict[str, Clip]) -> None:
    target = limited("whatsapp_anim", sizes=((160, 160),), bytes=27_000)
    made = fit(drawn["grain"], target)
    assert made.certificate.ok
    assert made.level >= target.fit.quality[1]
    assert any(note.startswith("frames:") for note in made.given_up)


def test_the_order_of_giving_up_is_the_targets_own(drawn: dict[str, Clip]) -> None:
    target = limited("signal_anim", square=(10, 160), bytes=45_000)
    notes = {
        order: " ".join(fit(drawn["grain"], replace(target, fit=replace(target.fit, give_up=order))).given_up)
        for order in (("colours", "frames", "size"), ("size", "frames", "colours"))
    }
    assert "colours:" in notes["colours", "frames", "size"]
    assert "size:" in notes["size", "frames", "colours"]
    assert "colours:" not in notes["size", "frames", "colours"]


def test_impossible_limits_say_so(drawn: dict[str, Clip]) -> None:
    with pytest.raises(TargetUnmet, match="shorter or calmer") as caught:
        fit(drawn["grain"], limited("whatsapp_anim", bytes=3_000))
    assert caught.value.code == "bytes_unmet"
    assert caught.value.params["target"] == "whatsapp_anim"


def test_a_wished_size_gives_way_to_the_real_limit(drawn: dict[str, Clip]) -> None:
    target = TARGETS["line_anim"]
    wishing = replace(target, fit=replace(target.fit, bytes=8_000))
    made = fit(drawn["grain"], wishing)
    assert len(made.file.data) > 8_000
    assert "bytes: more than the wished 8000" in made.given_up


def test_room_is_left_for_what_is_added(nod: Clip) -> None:
    target = limited("whatsapp_anim", sizes=((128, 128),), bytes=21_000)
    made = fit(nod, target, reserve=3_000)
    assert not made.best
    assert len(made.file.data) <= 18_000


def test_the_peak_comes_first(nod: Clip) -> None:
    clip = replace(nod, poster=3)
    made = decoded(fit(clip, limited("signal_anim", square=(10, 128))).file.data)
    ahead = [similarity(clip.frames[index : index + 1], made[:1]) for index in (0, 3, 6, 9)]
    assert int(np.argmax(ahead)) == 1


def test_line_plays_whole_seconds() -> None:
    clip = draw_clip("nod", frames=30, side=96, fps=24.0)  # 1.25 s
    made = fit(clip, TARGETS["line_anim"])
    checks = {check.name: check.found for check in made.certificate.checks}
    assert checks["whole seconds"] == "4.000 s in 3 plays"


def test_long_clips_are_sped_up_then_cut_around_the_peak() -> None:
    calm = draw_clip("wink", frames=40, side=64, fps=10.0)  # 4 s
    made = fit(calm, TARGETS["telegram_emoji"])
    assert made.given_up[0] == "speed: 4.00 s shown in 3.00 s"
    long = draw_clip("wink", frames=90, side=64, fps=10.0)  # 9 s
    made = fit(long, TARGETS["telegram_emoji"])
    assert made.given_up[0].startswith("length: cut from 9.00 s to 4.50 s")
    assert made.certificate.ok


def test_ogq_ends_where_it_began(nod: Clip) -> None:
    made = decoded(fit(nod, limited("ogq_anim", sizes=((148, 128),))).file.data)
    assert np.array_equal(made[0], made[-1])
    assert not np.array_equal(made[0], made[len(made) // 2])


def test_wide_clips_get_the_fitting_canvas() -> None:
    wide = Clip(draw_clip("gradient", frames=9, side=128, fps=9.0).frames[:, 30:100], 9.0)
    big = fit(wide, TARGETS["kakao_big"])
    assert (big.file.width, big.file.height) == (540, 300)
    video = fit(wide, TARGETS["telegram_video"])
    assert (video.file.width, video.file.height) == (512, 280)
    line = fit(wide, TARGETS["line_anim"])
    assert (line.file.width, line.file.height) == (320, 176)


def test_edges_take_no_colour_from_clear_pixels() -> None:
    """A red disc on transparent green must not get a green or white rim when it is scaled."""
    frames = np.zeros((5, 90, 90, 4), np.uint8)
    frames[..., 1] = 255
    frames[:, 20:70, 20:70] = (255, 0, 0, 255)
    for index in range(5):
        frames[index, 25 + index : 30 + index, 30:60] = (200, 0, 0, 255)
    made = decoded(fit(Clip(frames, 5.0), limited("signal_anim", square=(10, 61))).file.data)
    rim = (made[..., 3] > 0) & (made[..., 3] < 255)
    assert rim.any()
    assert made[rim][:, 1].max() <= 4


@pytest.mark.parametrize("name", ["telegram_video", "line_anim", "kakao_anim"])
def test_one_frame_is_not_an_animation(nod: Clip, name: str) -> None:
    with pytest.raises(TargetUnmet, match="needs at least") as caught:
        fit(Clip(nod.frames[:1], 12.0), TARGETS[name])
    assert caught.value.code == "frames_too_few"


def test_five_equal_frames_do_not_satisfy_line(nod: Clip) -> None:
    with pytest.raises(TargetUnmet, match="different frames") as caught:
        fit(Clip(np.repeat(nod.frames[:1], 8, axis=0), 8.0), TARGETS["line_anim"])
    assert caught.value.code == "check_failed"


def test_no_alpha_is_refused_where_it_is_required(nod: Clip) -> None:
    opaque = nod.frames.copy()
    opaque[..., 3] = 255
    with pytest.raises(TargetUnmet) as caught:
        fit(Clip(opaque, 12.0), TARGETS["kakao_anim"])
    assert caught.value.code == "alpha_missing"
    assert fit(Clip(opaque, 12.0), TARGETS["whatsapp_anim"]).certificate.ok


@pytest.mark.parametrize("name", ["ogq_anim", "discord_sticker", "slack_emoji"])
def test_bars_beside_an_opaque_clip_are_clear(nod: Clip, name: str) -> None:
    opaque = nod.frames[:, :96].copy()
    opaque[..., 3] = 255
    made = fit(Clip(opaque, 12.0), TARGETS[name])
    assert made.transparent
    first = decoded(made.file.data)[0]
    assert first[0, 0, 3] == 0
    assert first[first.shape[0] // 2, first.shape[1] // 2, 3] == 255


def test_zero_frames_are_refused() -> None:
    with pytest.raises(ClipInvalid) as caught:
        fit(Clip(np.zeros((0, 8, 8, 4), np.uint8), 10.0), TARGETS["wechat"])
    assert caught.value.code == "clip_empty"


def test_a_thousand_frames_are_thinned() -> None:
    few = draw_clip("wink", frames=20, side=48, fps=100.0)
    clip = Clip(np.tile(few.frames, (50, 1, 1, 1)), 500.0)  # 2 s
    made = fit(clip, TARGETS["kakao_mini_anim"])
    assert made.file.frames == 24
    assert made.certificate.ok


@given(
    name=st.sampled_from(["kakao_mini_anim", "line_bot", "discord_emoji", "telegram_emoji", "signal_anim"]),
    frames=st.integers(5, 40),
    rate=st.sampled_from([7.0, 12.0, 23.976, 30.0]),
    width=st.integers(8, 61),
    height=st.integers(8, 61),
)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_clip_fits_any_target(name: str, frames: int, rate: float, width: int, height: int) -> None:
    rng = np.random.default_rng(frames)
    pixels = np.zeros((frames, height, width, 4), np.uint8)
    for frame in pixels:
        x, y = rng.integers(0, width // 2), rng.integers(0, height // 2)
        frame[y : y + height // 2, x : x + width // 2] = (*rng.integers(0, 256, 3), 255)
    target = TARGETS[name]
    if target.limits.square:
        target = limited(name, square=(10, 64))
    made = fit(Clip(pixels, rate, poster=frames // 2), target)
    assert made.certificate.ok
