"""Every effect and gesture draws on the layers it names, loops exactly, and stays on the canvas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from ml_core.drawing.anchors import CAPTION_BAND
from ml_core.drawing.effects import EFFECTS, draw_effects
from ml_core.drawing.gestures import GESTURES, draw_gestures
from ml_core.drawing.gestures.hand import POSES, hand
from ml_core.drawing.ink import surface_over
from ml_core.errors import MotionInvalid
from ml_core.types import EffectCue, FaceFrame, GestureCue, Image, Palette

from .conftest import SIZE, face_frame

WANTED_EFFECTS = (
    "tears", "tear_drops", "hearts", "sweat", "sparkles", "anger_mark", "rays", "gloom_lines",
    "music_notes", "snow", "flames", "zzz", "question", "exclamation", "confetti", "food_steam",
    "steam_puffs", "blush", "shock_lines", "flowers", "rain", "light_bulb", "speed_lines", "stars_dizzy",
    "ghost", "thumbs_burst", "broken_heart",
)  # fmt: skip
WANTED_GESTURES = (
    "wave", "thumbs_up", "heart_hands", "finger_heart", "clap", "bow", "fist", "fists_cheer",
    "party_popper", "cup", "laptop", "blanket", "phone", "money", "gift", "cake", "umbrella", "fan", "book",
    "fork", "airplane", "dumbbell", "flag", "mask", "tissue", "clock", "pillow", "beer", "ok_sign",
    "stop_palm", "point", "pray", "salute", "v_sign", "cover_face", "chin_rest", "facepalm", "bag", "car",
    "pencil_exam", "gamepad", "scratch_head", "pat",
)  # fmt: skip
ACTS = [("effect", name) for name in sorted(EFFECTS)] + [("gesture", name) for name in sorted(GESTURES)]
LAYERS = ("behind", "front")
STEPPED = {"shock_lines", "flag"}
"""Animated in visible steps on purpose, so that one step also falls on the end of the loop."""
SAMPLES = tuple(k / 12 for k in range(12))


def render(
    kind: str, name: str, phase: float, palette: Palette, *, layer: str = "front",
    face: FaceFrame | None = None, span: tuple[float, float] = (0.0, 1.0),
    options: dict[str, float | str] | None = None,
) -> Image:  # fmt: skip
    """One layer of one act on an empty canvas, premultiplied RGBA."""
    frame = face or face_frame()
    pixels = np.zeros((frame.size, frame.size, 4), np.uint8)
    surface = surface_over(pixels)
    canvas = surface.getCanvas()
    if kind == "effect":
        cue = EffectCue(name, *span, options or {})
        draw_effects(canvas, [cue], phase, frame, palette, layer=layer)
    else:
        draw_gestures(canvas, [GestureCue(name, *span, options or {})], phase, frame, palette, layer=layer)
    return pixels


def seen(kind: str, name: str, phase: float, palette: Palette, *, hold: float = 0.0) -> NDArray[np.int64]:
    """Both layers over each other, as integers that can be subtracted."""
    options: dict[str, float | str] = {"hold": hold}
    back, front = (
        render(kind, name, phase, palette, layer=layer, options=options).astype(int) for layer in LAYERS
    )
    return front + back * (255 - front[..., 3:]) // 255


def test_the_vocabulary_is_complete() -> None:
    assert set(WANTED_EFFECTS) <= set(EFFECTS)
    assert set(WANTED_GESTURES) <= set(GESTURES)


@pytest.mark.parametrize(("kind", "name"), ACTS)
def test_layer_contract(kind: str, name: str, palette: Palette) -> None:
    act = (EFFECTS if kind == "effect" else GESTURES)[name]
    for layer in LAYERS:
        covered = sum(int(render(kind, name, p, palette, layer=layer)[..., 3].any()) for p in SAMPLES)
        if layer in act.layers:
            assert covered >= 3, f"{name} hardly shows on its {layer} layer"
        else:
            assert covered == 0, f"{name} draws on the {layer} layer without saying so"


@pytest.mark.parametrize(("kind", "name"), ACTS)
def test_loops_exactly_and_is_deterministic(kind: str, name: str, palette: Palette) -> None:
    for layer in LAYERS:
        first, last = (render(kind, name, p, palette, layer=layer) for p in (0.0, 1.0))
        np.testing.assert_array_equal(first, last)
        again = [render(kind, name, 0.37, palette, layer=layer) for _ in range(2)]
        np.testing.assert_array_equal(*again)
    for hold in (0.0,) if name in STEPPED else (0.0, 1.0):
        before, after = (seen(kind, name, p, palette, hold=hold) for p in (0.9998, 0.0))
        assert np.abs(before - after).mean() < 1.0, f"{name} jumps where the loop closes (hold {hold})"


@pytest.mark.parametrize(("kind", "name"), ACTS)
def test_moves(kind: str, name: str, palette: Palette) -> None:
    layers = (EFFECTS if kind == "effect" else GESTURES)[name].layers
    frames = [
        [render(kind, name, p, palette, layer=layer) for layer in sorted(layers)] for p in (0.30, 0.43, 0.58)
    ]
    assert any((a != b).any() for a, b in zip(frames[0], frames[1], strict=True))
    assert any((a != b).any() for a, b in zip(frames[1], frames[2], strict=True))


@pytest.mark.parametrize("turn", [-15.0, 0.0, 15.0])
@pytest.mark.parametrize(("kind", "name"), ACTS)
def test_stays_on_the_canvas(kind: str, name: str, turn: float, palette: Palette) -> None:
    frame = face_frame(turn=turn)
    for phase in SAMPLES[1::2]:
        for layer in LAYERS:
            alpha = render(kind, name, phase, palette, layer=layer, face=frame)[..., 3]
            border = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
            assert not border.any(), f"{name} is cut by the canvas edge at phase {phase:.2f}"


@pytest.mark.parametrize(("kind", "name"), ACTS)
def test_is_absent_outside_its_cue(kind: str, name: str, palette: Palette) -> None:
    for layer in LAYERS:
        for phase in (0.1, 0.3, 0.9):
            assert not render(kind, name, phase, palette, layer=layer, span=(0.3, 0.7)).any()
    during = [
        render(kind, name, p, palette, layer=y, span=(0.3, 0.7)) for p in (0.45, 0.5, 0.55) for y in LAYERS
    ]
    assert any(pixels.any() for pixels in during)


MEANT_TO_COVER = {"cover_face"}


@pytest.mark.parametrize(("kind", "name"), ACTS)
def test_never_hides_both_eyes(kind: str, name: str, palette: Palette) -> None:
    frame = face_frame()
    eyes = [frame.landmarks[list(points)].mean(axis=0) for points in ((33, 133), (263, 362))]
    for phase in SAMPLES:
        alpha = render(kind, name, phase, palette, face=frame)[..., 3]
        hidden = []
        for x, y in eyes:
            reach = int(0.10 * frame.unit)
            patch = alpha[int(y) - reach : int(y) + reach, int(x) - reach : int(x) + reach]
            hidden.append((patch > 128).mean() > 0.5)
        if name not in MEANT_TO_COVER:
            assert not all(hidden), f"{name} hides both eyes at phase {phase:.2f}"


HANDLESS = {"clock", "pillow", "mask", "airplane"}


@pytest.mark.parametrize("name", sorted(set(GESTURES) - HANDLESS))
def test_hands_have_the_persons_skin(name: str, palette: Palette) -> None:
    frame = face_frame()
    skin = np.array(palette.skin)
    pixels = render("gesture", name, 0.5, palette, face=frame)
    match = (np.abs(pixels[..., :3].astype(int) - skin).max(axis=-1) <= 2) & (pixels[..., 3] == 255)
    assert match.sum() > 0.0015 * frame.size**2, f"{name} shows no hand in the skin tone"


@pytest.mark.parametrize("pose", sorted(POSES))
def test_hands_wear_line_skin_and_clothes_of_the_palette(pose: str, palette: Palette) -> None:
    pixels = np.zeros((SIZE, SIZE, 4), np.uint8)
    surface = surface_over(pixels)
    hand(pose, palette).draw(surface.getCanvas(), SIZE / 2, SIZE / 2, 1.2)
    for colour in (palette.skin, palette.line, palette.clothes, (255, 255, 255)):
        near = (np.abs(pixels[..., :3].astype(int) - np.array(colour)).max(axis=-1) <= 1) & (
            pixels[..., 3] == 255
        )
        assert near.sum() > 60, f"{colour} is missing"


@pytest.mark.parametrize("size", [128, 360, 768])
def test_scales_with_the_canvas(size: int, palette: Palette) -> None:
    small = render("gesture", "thumbs_up", 0.5, palette)
    large = render("gesture", "thumbs_up", 0.5, palette, face=face_frame(size=size))
    share = [(pixels[..., 3] > 0).mean() for pixels in (small, large)]
    assert share[0] == pytest.approx(share[1], rel=0.06)
    assert share[0] < CAPTION_BAND


@pytest.mark.parametrize(
    ("kind", "draw", "cue"),
    [("effect", draw_effects, EffectCue("fireworks")), ("gesture", draw_gestures, GestureCue("juggle"))],
)
def test_unknown_names_are_refused(
    kind: str, draw: Callable[..., None], cue: object, palette: Palette
) -> None:
    pixels = np.zeros((SIZE, SIZE, 4), np.uint8)
    surface = surface_over(pixels)
    with pytest.raises(MotionInvalid, match="Choose one of") as refused:
        draw(surface.getCanvas(), [cue], 0.5, face_frame(), palette, layer="front")
    assert refused.value.code == f"unknown_{kind}"


def test_options_change_size_colour_and_side(palette: Palette) -> None:
    plain = render("effect", "hearts", 0.5, palette)
    blue = render("effect", "hearts", 0.5, palette, options={"colour": "#2040ff"})
    assert (blue[..., 2] > 200).sum() > (plain[..., 2] > 200).sum()
    right = render("gesture", "wave", 0.5, palette, options={"side": "right"})[..., 3]
    left = render("gesture", "wave", 0.5, palette)[..., 3]
    assert right[:, : SIZE // 2].any()
    assert not right[:, SIZE // 2 :].any()
    assert left[:, SIZE // 2 :].any()
    big = render("effect", "sweat", 0.5, palette, options={"size": 1.5})[..., 3]
    assert (big > 0).sum() > 1.5 * (render("effect", "sweat", 0.5, palette)[..., 3] > 0).sum()


@pytest.mark.parametrize("options", [{"colour": "red"}, {"size": "big"}, {"count": "many"}, {"count": "nan"}])
def test_bad_options_are_refused(options: dict[str, float | str], palette: Palette) -> None:
    with pytest.raises(MotionInvalid) as refused:
        render("effect", "hearts", 0.5, palette, options=options)
    assert refused.value.code == "bad_cue_option"


def test_absurd_numbers_stay_cheap_and_on_the_canvas(palette: Palette) -> None:
    for options in ({"count": 1e9}, {"count": -3.0}, {"size": 1e6}, {"size": -2.0}):
        alpha = render("effect", "hearts", 0.5, palette, options=options)[..., 3]
        border = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
        assert not border.any()
