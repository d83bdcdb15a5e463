"""Wav2Lip around the network (numbers of the network and the sound: tests/parity)."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ml_core.errors import WeightsUnavailable
from ml_core.face.analyser import FaceAnalyser
from ml_core.speech.wav2lip.generator import Generator
from ml_core.speech.wav2lip.lipsync import LipSync, face_boxes, prepared
from ml_core.speech.wav2lip.sound import mel_chunks, mel_spectrogram
from ml_core.speech.wav2lip.weights import load_generator
from tests import faces

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def network() -> Generator:
    return Generator().eval()


@pytest.fixture(scope="module")
def astronaut():
    return FaceAnalyser().analyse(faces.astronaut())


def test_there_is_one_chunk_per_video_frame():
    second = np.sin(np.linspace(0, 2000, 16_000)).astype(np.float32)
    assert abs(len(mel_chunks(mel_spectrogram(second), 25.0)) - 22) <= 1


def test_short_and_silent_sound_is_made_usable():
    mel = mel_spectrogram(prepared(np.zeros(100, np.float32)))
    assert mel.shape[1] >= 16
    assert np.isfinite(mel).all()
    with pytest.raises(ValueError, match=r"0\.2 s"):
        mel_chunks(mel[:, :10], 25.0)


def test_boxes_are_smoothed_and_stay_inside(astronaut):
    jitter = np.random.default_rng(0).normal(0, 6, (8, 1, 1)).astype(np.float32)
    landmarks = astronaut.landmarks[None] + jitter
    boxes = np.array(face_boxes(landmarks, 600, 600))
    raw = landmarks[..., 0].min(1)
    assert np.abs(np.diff(boxes[:, 0])).max() < np.abs(np.diff(raw)).max()
    assert boxes.min() >= 0
    assert boxes.max() <= 600


def test_only_the_box_changes_and_a_short_video_is_repeated(network, astronaut):
    sound = np.random.default_rng(0).normal(0, 0.1, 8000).astype(np.float32)
    frames = [astronaut.image, astronaut.image]
    landmarks = np.stack([astronaut.landmarks, astronaut.landmarks])
    spoken = list(LipSync(network, batch=4).speak(frames, landmarks, sound, 10.0))
    assert len(spoken) > len(frames)
    x0, y0, x1, y1 = face_boxes(landmarks, 600, 600)[0]
    changed = np.abs(spoken[0].astype(int) - astronaut.image).max(2) > 0
    outside = changed.copy()
    outside[y0:y1, x0:x1] = False
    assert changed.any()
    assert not outside.any()


def test_training_checkpoints_and_plain_states_are_read(network, tmp_path):
    wrapped = {f"module.{name}": value for name, value in network.state_dict().items()}
    torch.save({"state_dict": wrapped, "global_step": 7}, tmp_path / "w.pth")
    loaded = load_generator(tmp_path / "w.pth")
    assert torch.equal(loaded.output_block[1].weight, network.output_block[1].weight)


def test_another_network_is_refused(tmp_path):
    torch.save({"state_dict": {"a": torch.ones(1)}}, tmp_path / "w.pth")
    with pytest.raises(WeightsUnavailable) as refused:
        load_generator(tmp_path / "w.pth")
    assert refused.value.code == "weights_wrong_network"
