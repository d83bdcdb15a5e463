"""Mouths for sentences."""

from __future__ import annotations

import numpy as np
import pytest

from ml_core.animation.motion import Motion, sample
from ml_core.animation.tracks import Key, Track, track_values
from ml_core.animation.visemes import CHANNELS, speaking, speech_tracks, visemes_of


def mouths(text: str) -> list[str]:
    return [viseme.mouth for viseme in visemes_of(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("아", ["a"]),
        ("밥", ["closed", "a", "closed"]),
        ("왜", ["o", "e"]),
        ("사랑", ["teeth", "a", "a", "teeth"]),
        ("가 나", ["a", "rest", "a"]),
        ("Mom!", ["closed", "o", "closed"]),
        ("2", ["i"]),
        ("🎉", []),
        ("", []),
    ],
)
def test_sentences_become_mouths(text: str, expected: list[str]) -> None:
    assert mouths(text) == expected


def test_vowels_open_and_round_the_mouth() -> None:
    phases = np.linspace(0, 1, 200)
    open_, round_ = speech_tracks("아", 2.0), speech_tracks("우", 2.0)
    assert track_values(open_["jawOpen"], phases).max() > 0.55
    assert "mouthPucker" not in open_
    assert track_values(round_["mouthPucker"], phases).max() > 0.8


def test_long_sentences_are_thinned_and_end_in_time() -> None:
    tracks = speech_tracks("가나다라마바사아자차카타파하" * 5, 2.0)
    jaw = tracks["jawOpen"]
    assert jaw.keys[-1].phase <= 1.0
    assert jaw.keys[-1].value == 0.0
    assert len(jaw.keys) < 40
    assert all(a.phase < b.phase for a, b in zip(jaw.keys, jaw.keys[1:], strict=False))


def test_speaking_replaces_the_jaw_but_keeps_the_smile() -> None:
    motion = Motion(
        "t", 2.5, 24, 0.5, True, True, {"jawOpen": Track((Key(0, 1.0),)), "mouthSmile": Track((Key(0, 0.5),))}
    )
    spoken = speaking(motion, "안녕하세요")
    assert spoken.tracks["mouthSmile"] == motion.tracks["mouthSmile"]
    assert sample(spoken, 0.99).channel("jawOpen")[0] == pytest.approx(0.0, abs=0.05)
    assert speaking(motion, "🎉") is motion
    assert set(spoken.tracks) - set(motion.tracks) <= set(CHANNELS)
