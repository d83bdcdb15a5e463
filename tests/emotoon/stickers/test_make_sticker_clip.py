"""``make_sticker clip.mp4``: a short selfie video becomes a moving sticker; the sentence is optional."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from PIL import Image as Pil

from emotoon.ml.clips import is_video
from emotoon.ml.export import Clip, ClipInvalid, encode
from ml_core.clip_pipeline import FPS, MOST_SECONDS, filmed_clip
from ml_core.training.style.drawn_faces import draw_face, person

SIDE = 256


def filmed(frames: int, fps: float, format: str = "mp4", *, face: bool = True) -> bytes:
    """Somebody drawn who begins to smile, or an empty room."""
    who = replace(person(3), turn=0.0, glasses=False, opening=0.0)
    pictures = np.full((frames, SIDE, SIDE, 4), 255, np.uint8)
    for index in range(frames if face else 0):
        pictures[index, ..., :3] = draw_face(replace(who, smile=index / frames), "portrait", SIDE)
    return encode(Clip(pictures, fps), format).data


def test_a_video_moves_without_a_sentence(tmp_path: Path) -> None:
    video, out = tmp_path / "me.mp4", StringIO()
    video.write_bytes(filmed(4, 12.0))
    call_command("make_sticker", video, "--out", tmp_path / "out", "--format", "apng", "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert answer["template"] is None
    (file,) = answer["files"]
    assert file["frames"] == 4
    assert file["duration_s"] == pytest.approx(4 / 12, abs=0.02)
    with Pil.open(file["path"]) as sticker:
        first = np.array(sticker.convert("RGBA"))
    assert first[0, 0, 3] == 0
    assert 0.2 < (first[..., 3] > 127).mean() < 0.9
    assert {"analysing", "toonifying", "animating", "encoding", "total"} <= set(answer["timings_ms"])


def test_a_long_video_is_cut_and_thinned() -> None:
    clip = filmed_clip(filmed(120, 30.0, face=False))
    assert clip.duration_s == pytest.approx(MOST_SECONDS, abs=0.05)
    assert clip.fps == pytest.approx(FPS, abs=0.5)


def test_a_video_of_nobody_is_refused(tmp_path: Path) -> None:
    video = tmp_path / "room.webm"
    video.write_bytes(filmed(6, 12.0, "webm", face=False))
    with pytest.raises(CommandError, match="no face in this clip") as refused:
        call_command("make_sticker", video, "--out", tmp_path / "out")
    assert refused.value.returncode == 2
    assert not (tmp_path / "out").exists()


def test_a_single_picture_is_no_clip() -> None:
    with pytest.raises(ClipInvalid) as refused:
        filmed_clip(filmed(1, 12.0))
    assert refused.value.code == "clip_too_short"


def test_videos_are_known_by_content() -> None:
    photo = BytesIO()
    Pil.new("RGB", (8, 8)).save(photo, "JPEG")
    assert is_video(filmed(2, 12.0, "webm", face=False))
    assert is_video(filmed(2, 12.0, "mp4", face=False))
    assert not is_video(photo.getvalue())
    assert not is_video(b"\0\0\0\x18ftypheic")
    assert not is_video(b"")
