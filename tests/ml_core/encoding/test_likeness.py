"""The measure that the benchmark reports, against scikit-image's."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from ml_core.encoding.fitting import fit
from ml_core.encoding.likeness import looks_like, ssim
from ml_core.encoding.targets import load_targets
from ml_core.types import Clip


def test_ssim_is_the_usual_one(nod: Clip) -> None:
    clean = np.ascontiguousarray(nod.frames[0, ..., :3])
    noise = np.random.default_rng(3).normal(0, 12, clean.shape)
    noisy = np.clip(clean + noise, 0, 255).astype(np.uint8)
    usual = structural_similarity(
        clean, noisy, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert ssim(clean, clean) == pytest.approx(1.0)
    assert ssim(clean, noisy) == pytest.approx(usual, abs=0.01)


def test_a_file_is_compared_with_the_frames_it_shows(nod: Clip) -> None:
    target = load_targets()["whatsapp_anim"]
    made = fit(nod, target)
    close, alpha = looks_like(nod, made.file.data, target)
    turned, _ = looks_like(Clip(np.roll(nod.frames, 3, axis=0), 12.0, nod.poster), made.file.data, target)
    assert close > 0.97
    assert alpha < 2
    assert turned < close - 0.01
