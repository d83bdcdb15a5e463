"""The measures themselves: what is broken on purpose must be seen."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from emotoon.bench.measuring.faces import Subject, drawn_subjects, recoloured
from emotoon.bench.measuring.fresh import FreshProcess, memory_mb
from emotoon.bench.measuring.pictures import background_leak, caption_overlap, loop_closure, skin_change
from emotoon.bench.measuring.redetection import Redetector
from emotoon.bench.quality import BARS
from emotoon.bench.render import PLAIN
from emotoon.core.errors import InvalidInput
from ml_core.animation.motion import Motion
from ml_core.animation.motion_file import motion_from_toml
from ml_core.animation.puppet import Puppet
from ml_core.animation.tracks import Key, Track
from ml_core.face.analyser import FaceAnalyser
from ml_core.toonify.look import ToonLook
from ml_core.toonify.renderer import toonify
from ml_core.types import ToonPortrait

SIZE = 192


@pytest.fixture(scope="module")
def subject() -> Subject:
    return drawn_subjects()[1]


@pytest.fixture(scope="module")
def toon(subject: Subject) -> ToonPortrait:
    return toonify(FaceAnalyser().analyse(subject.photo), ToonLook())


@pytest.fixture(scope="module")
def puppet(toon: ToonPortrait) -> Puppet:
    return Puppet(toon, size=SIZE)


@pytest.fixture(scope="module")
def talk() -> Motion:
    return motion_from_toml(PLAIN.format(seconds=1.0))


def test_a_cut_out_that_keeps_the_wall_leaks(subject: Subject, toon: ToonPortrait) -> None:
    clean = background_leak(subject, toon)
    whole = toon.texture.copy()
    whole[..., 3] = 255
    everything = background_leak(subject, replace(toon, texture=whole))
    assert clean is not None
    assert everything is not None
    assert clean < 0.05
    assert everything > 0.3
    assert background_leak(replace(subject, wall=None), toon) is None


def test_whitened_skin_is_seen(subject: Subject, toon: ToonPortrait) -> None:
    pale = toon.texture.copy()
    pale[..., :3] = pale[..., :3] // 2 + 127
    change = skin_change(subject.photo, replace(toon, texture=pale))
    assert change[0] > 10
    assert np.linalg.norm(skin_change(subject.photo, toon)) < np.linalg.norm(change)


def test_another_skin_tone_is_the_one_asked_for(subject: Subject, toon: ToonPortrait) -> None:
    dark = recoloured(subject, toon.analysis, "dark")
    now = FaceAnalyser().analyse(dark.photo).skin_lab
    assert now[0] < toon.analysis.skin_lab[0] - 15


def test_an_open_loop_is_seen(puppet: Puppet, toon: ToonPortrait, talk: Motion) -> None:
    jumping = Track((Key(0.0, 0.0), Key(1.0, 0.6)))
    opened = replace(talk, tracks={**talk.tracks, "head.x": jumping})
    assert loop_closure(puppet, talk, toon, "안녕") <= BARS["loop_closure"].limit
    assert loop_closure(puppet, opened, toon, "안녕") > BARS["loop_closure"].limit


class Careless(Puppet):
    """Stages itself as if there were no caption."""

    def frames(self, pose, *, has_caption=True, only=None):
        return super().frames(pose, has_caption=False, only=only)


def test_letters_over_the_face_are_seen(puppet: Puppet, toon: ToonPortrait, talk: Motion) -> None:
    words = "오늘 하루도 정말 고생 많으셨어요, 푹 쉬세요!"
    assert caption_overlap(puppet, talk, words, [0, 6, 12]) == 0.0
    assert caption_overlap(Careless(toon, size=SIZE), talk, words, [6, 12]) > 0.0


def test_acting_is_found_again_and_a_still_picture_is_not_acting(toon: ToonPortrait, talk: Motion) -> None:
    acted = Redetector().acted(toon, talk, range(0, talk.frames, 2), 256)
    assert acted.seen.all()
    assert acted.error() < 0.10
    mouth = acted.mouth_correlation()
    assert mouth is not None
    assert mouth > 0.8
    frozen = replace(acted, found=np.repeat(acted.found[:1], len(acted.told), axis=0))
    assert frozen.mouth_correlation() == 0.0
    shaken = acted.found + np.random.default_rng(0).normal(0, 0.05, acted.found.shape)
    assert replace(acted, found=shaken).jitter() > 2 * acted.jitter()


def test_a_process_of_its_own_reports_refusals(tmp_path: object) -> None:
    with FreshProcess("emotoon.bench.measuring.stages") as process:
        photo = f"{tmp_path}/no.png"
        cv2.imwrite(photo, np.full((64, 64, 3), 200, np.uint8))
        with pytest.raises(InvalidInput) as refused:
            process.call("from_photo", photo=photo, motion=PLAIN.format(seconds=1), caption="", size=96)
        assert refused.value.code == "no_face"
        assert 20 < process.call("memory")["peak_rss_mb"] < 1000
    assert memory_mb("VmRSS") <= memory_mb()
