"""One analyser and the analyses that several tests look at."""

from __future__ import annotations

import pytest

from ml_core.face.analyser import FaceAnalyser
from ml_core.types import FaceAnalysis
from tests.faces import astronaut


@pytest.fixture(scope="session")
def analyser() -> FaceAnalyser:
    return FaceAnalyser()


@pytest.fixture(scope="session")
def astronaut_analysis(analyser: FaceAnalyser) -> FaceAnalysis:
    return analyser.analyse(astronaut())
