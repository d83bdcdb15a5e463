"""Motion files: what is written can be read back, and mistakes name their place."""

from __future__ import annotations

import pytest

from ml_core.animation.motion import Motion
from ml_core.animation.motion_file import motion_from_toml, motion_to_toml
from ml_core.animation.tracks import Key, Track, Wave
from ml_core.errors import MotionInvalid
from ml_core.types import EffectCue, GestureCue

HEAD = 'id = "test"\nduration_s = 2.5\n'


def waving(wave: str) -> str:
    return HEAD + "[tracks]\njawOpen = [{ " + wave + " }]\n"


def test_round_trip_keeps_every_field() -> None:
    motion = Motion(
        id="test_1",
        duration_s=2.25,
        fps=20.0,
        poster=0.3,
        loop=True,
        talking=True,
        tracks={
            "mouthSmile": Track((Key(0.0, 0.4),)),
            "head.roll": Track((Key(0.0, 1.0), Key(0.5, -3.5, "overshoot"), Key(1.0, 1.0, "hold"))),
            "jawOpen": Track((Key(0.0, 0.0),), (Wave("bump", 3.0, 0.25, 0.1, (0.2, 0.8), 0.05),)),
            "scale": Track((Key(0.0, 1.0),), (Wave("sine", 2.0, 0.1),)),
        },
        effects=(EffectCue("tears", 0.1, 0.9, {"count": 3.0, "side": "left"}),),
        gestures=(GestureCue("wave", 0.0, 0.5),),
        caption_style="wave",
        caption_colour=(230, 120, 20),
        blinks=(0.1, 0.62),
        idle=False,
    )
    assert motion_from_toml(motion_to_toml(motion)) == motion


def test_nested_tables_are_dotted_channels() -> None:
    nested = motion_from_toml(HEAD + "[tracks.head]\nyaw = 5\n")
    assert nested.tracks == motion_from_toml(HEAD + "[tracks]\nhead.yaw = 5\n").tracks


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("id = ", "motion_syntax", ""),
        ('duration_s = 2\n[tracks]\njawOpen = 1\n', "motion_missing_key", "id"),
        (HEAD + "colour = 1\n[tracks]\n", "motion_unknown_key", "colour"),
        (HEAD + "loop = 1\n[tracks]\n", "motion_type", "loop"),
        (HEAD.replace("2.5", "99") + "[tracks]\n", "motion_range", "duration_s"),
        (HEAD + "[tracks]\njawOpne = 1\n", "track_unknown", "tracks.jawOpne"),
        (HEAD + "[tracks]\njawOpen = 7\n", "motion_range", "tracks.jawOpen"),
        (HEAD + "[tracks]\njawOpen = [[0, 0], [1.2, 0]]\n", "motion_range", "tracks.jawOpen[1]"),
        (HEAD + "[tracks]\njawOpen = [[0.5, 0], [0.2, 0]]\n", "track_unsorted", "tracks.jawOpen[1]"),
        (HEAD + '[tracks]\njawOpen = [[0, 0], [1, 0, "jump"]]\n', "track_unknown_ease", "tracks.jawOpen[1]"),
        (HEAD + "[tracks]\njawOpen = [[0, 0], [1, 0.5]]\n", "track_open", "tracks.jawOpen"),
        (waving('wave = "sine", cycles = 1.25, amplitude = 1'), "track_open", "tracks.jawOpen"),
        (waving('wave = "saw", cycles = 1, amplitude = 1'), "track_unknown_wave", "tracks.jawOpen[0]"),
        (waving('wave = "sine", cycles = 1'), "motion_missing_key", "tracks.jawOpen[0]"),
        (HEAD + "[tracks]\n[[effects]]\nstart = 0.1\n", "motion_missing_key", "effects[0]"),
        (HEAD + '[tracks]\n[[effects]]\nname = "tears"\nstart = 0.9\nend = 0.1\n', "cue_range", "effects[0]"),
        (HEAD + '[caption]\ncolour = "red"\n[tracks]\n', "colour_format", "caption.colour"),
    ],
)  # fmt: skip
def test_mistakes_name_their_place(text: str, code: str, where: str) -> None:
    with pytest.raises(MotionInvalid) as caught:
        motion_from_toml(text)
    assert (caught.value.code, caught.value.params["where"]) == (code, where)
    assert where in str(caught.value)
