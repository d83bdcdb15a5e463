"""``make_sticker`` with engines chosen by the environment: networks where weights are, our own otherwise."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests import faces
from tests.site import ROOT, environment

NETWORKS = {"EMOTOON_TOONIFY": "stylegan2", "EMOTOON_ANIMATE": "liveportrait", "LANGUAGE": "ko"}


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photo") / "me.png"
    Image.fromarray(faces.astronaut()).save(path)
    return path


def make(var, photo, out, *more, **variables):
    command = [sys.executable, "manage.py", "make_sticker", str(photo), "안녕", "--template", "hello"]
    return subprocess.run(
        [*command, "--format", "webp", "--out", str(out), "--json", *more],
        cwd=ROOT,
        env=environment(var, **variables),
        capture_output=True,
        text=True,
        timeout=900,  # a projection and three networks on a busy core
        check=False,
    )


def test_without_weights_our_own_engines_stand_in_and_say_so(site_var, photo, tmp_path):
    done = make(site_var, photo, tmp_path, **NETWORKS)
    assert done.returncode == 0, done.stderr
    backend = json.loads(done.stdout)["backend"]
    assert (backend["toonify"], backend["animate"]) == ("cartoon", "puppet")
    assert [(each["wanted"], each["code"]) for each in backend["fallbacks"]] == [
        ("stylegan2", "weights_not_commercial"),
        ("liveportrait", "weights_missing"),
    ]
    assert "liveportrait 엔진을 쓸 수 없어" in done.stderr
    assert (tmp_path / "hello.webp").stat().st_size > 1000


def test_sound_without_wav2lip_is_one_clear_line(site_var, photo, tmp_path):
    import wave

    with wave.open(str(tmp_path / "hi.wav"), "wb") as stream:
        stream.setparams((1, 2, 16_000, 0, "NONE", ""))
        stream.writeframes(np.zeros(8_000, np.int16).tobytes())
    sound = ("--audio", str(tmp_path / "hi.wav"))
    done = make(site_var, photo, tmp_path / "out", *sound, EMOTOON_LICENCE_MODE="research")
    assert done.returncode == 2
    assert "models pull" in done.stderr.strip().splitlines()[-1]
    (tmp_path / "hi.wav").write_bytes(b"no sound")
    done = make(site_var, photo, tmp_path / "out", *sound)
    assert done.returncode == 2
    assert "WAV" in done.stderr.strip().splitlines()[-1]


@pytest.mark.torch
def test_with_weights_in_their_published_formats_the_networks_do_it_all(site_var, photo, tmp_path):
    from ml_core.animation.liveportrait.animator import LivePortraitAnimator
    from ml_core.animation.liveportrait.capture import write_capture
    from ml_core.animation.liveportrait.weights import load_networks
    from ml_core.face.analyser import FaceAnalyser
    from tests import tiny_networks

    weights = site_var / "weights"
    weights.mkdir(exist_ok=True)
    tiny_networks.stylegan2_pair(weights)
    tiny_networks.liveportrait(weights)
    face = FaceAnalyser().analyse(faces.astronaut())
    animator = LivePortraitAnimator(load_networks(weights / "liveportrait"))
    frames = np.stack([face.image, np.roll(face.image, 4, axis=1)])
    moved = face.landmarks + np.array([4, 0, 0], np.float32)
    write_capture(tmp_path / "m.npz", animator.capture(frames, np.stack([face.landmarks, moved]), 10.0))

    done = make(site_var, photo, tmp_path, "--driving", str(tmp_path / "m.npz"), **NETWORKS)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["backend"] == {"toonify": "stylegan2", "animate": "liveportrait", "fallbacks": []}
    with Image.open(tmp_path / "hello.webp") as picture:
        assert picture.n_frames == told["files"][0]["frames"] == 2
        assert picture.mode == "RGBA"
