"""Analyses kept as bytes."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from ml_core.errors import PhotoRejected
from ml_core.face.archive import analysis_from_bytes, analysis_to_bytes
from ml_core.types import FaceAnalysis


def test_round_trip(astronaut_analysis: FaceAnalysis) -> None:
    data = analysis_to_bytes(astronaut_analysis)
    assert len(data) < 400_000
    back = analysis_from_bytes(data)
    for name in ("landmarks", "iris", "to_portrait", "regions", "valid"):
        assert np.array_equal(getattr(back, name), getattr(astronaut_analysis, name)), name
    assert np.abs(back.matte - astronaut_analysis.matte).max() <= 0.5 / 255 + 1e-6
    assert np.abs(back.image.astype(int) - astronaut_analysis.image).mean() < 2
    for name in ("pose", "glasses", "faces", "face_index", "skin_lab", "hair_lab"):
        assert getattr(back, name) == getattr(astronaut_analysis, name), name
    assert dict(back.scores) == dict(astronaut_analysis.scores)
    assert dict(back.expression) == dict(astronaut_analysis.expression)


def test_pictures_kept_as_webp_are_still_read(astronaut_analysis: FaceAnalysis) -> None:
    with np.load(io.BytesIO(analysis_to_bytes(astronaut_analysis))) as archive:
        parts = dict(archive)
    picture = io.BytesIO()
    Image.fromarray(astronaut_analysis.image).save(picture, "WEBP", quality=95)
    parts["image"] = np.frombuffer(picture.getvalue(), np.uint8)
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=False, **parts)
    back = analysis_from_bytes(out.getvalue())
    assert np.abs(back.image.astype(int) - astronaut_analysis.image).mean() < 2
    assert np.array_equal(back.regions, astronaut_analysis.regions)


def code_of(data: bytes) -> str:
    with pytest.raises(PhotoRejected) as refused:
        analysis_from_bytes(data)
    return refused.value.code


def test_foreign_data_is_refused(astronaut_analysis: FaceAnalysis) -> None:
    assert code_of(b"") == "analysis_unreadable"
    assert code_of(b"PK\x03\x04 nonsense") == "analysis_unreadable"
    out = io.BytesIO()
    np.savez(out, other=np.zeros(3))
    assert code_of(out.getvalue()) == "analysis_unreadable"
    assert code_of(analysis_to_bytes(astronaut_analysis)[:-500]) == "analysis_unreadable"


def test_pickles_and_bombs_are_refused(astronaut_analysis: FaceAnalysis) -> None:
    out = io.BytesIO()
    np.savez(out, facts=np.array([{"version": 1}], dtype=object))
    assert code_of(out.getvalue()) == "analysis_unreadable"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("facts.npy", b"\0" * 60_000_000)
    assert code_of(out.getvalue()) == "analysis_unreadable"


def test_damage_never_escapes(astronaut_bytes: bytes) -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        damaged = bytearray(astronaut_bytes)
        for place in rng.integers(0, len(damaged), 12):
            damaged[place] = rng.integers(0, 256)
        tail = rng.integers(len(damaged) - 900, len(damaged), 3)  # the directory of the archive
        for place in tail:
            damaged[place] = rng.integers(0, 256)
        with suppress(PhotoRejected):  # anything else fails the test
            analysis_from_bytes(bytes(damaged))


@pytest.fixture(scope="session")
def astronaut_bytes(astronaut_analysis: FaceAnalysis) -> bytes:
    return analysis_to_bytes(astronaut_analysis)
