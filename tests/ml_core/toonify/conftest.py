"""Analysed portraits for the renderer's tests: two photographs and drawn faces of three skins."""

from __future__ import annotations

import pytest

from ml_core.face.analyser import FaceAnalyser
from ml_core.types import FaceAnalysis
from tests import faces

SKINS = ("light", "mid", "dark")


@pytest.fixture(scope="session")
def analyser() -> FaceAnalyser:
    return FaceAnalyser()


@pytest.fixture(scope="session")
def astronaut(analyser: FaceAnalyser) -> FaceAnalysis:
    return analyser.analyse(faces.astronaut())


@pytest.fixture(scope="session")
def grace_hopper(analyser: FaceAnalyser) -> FaceAnalysis:
    return analyser.analyse(faces.grace_hopper(), glasses=True)


@pytest.fixture(scope="session")
def drawn(analyser: FaceAnalyser) -> dict[str, FaceAnalysis]:
    """Skin name -> the same drawn face with black hair in that skin."""
    return {
        name: analyser.analyse(
            faces.drawn_face(faces.DrawnFace(skin=faces.SKIN_TONES[name], hair=faces.HAIR["black"]))
        )
        for name in SKINS
    }


@pytest.fixture(scope="session")
def bearded(analyser: FaceAnalyser) -> dict[str, FaceAnalysis]:
    return {
        name: analyser.analyse(
            faces.drawn_face(
                faces.DrawnFace(skin=faces.SKIN_TONES[name], hair=faces.HAIR["black"], beard=True)
            )
        )
        for name in ("light", "dark")
    }
