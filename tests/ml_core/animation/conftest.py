"""One real portrait, analysed and toonified once for the whole room."""

from __future__ import annotations

from pathlib import Path

import pytest
from skimage import data

from ml_core.animation.motion import Motion
from ml_core.animation.motion_file import motion_from_toml
from ml_core.animation.puppet import Puppet
from ml_core.face.analyser import FaceAnalyser
from ml_core.toonify.look import ToonLook
from ml_core.toonify.renderer import toonify
from ml_core.types import ToonPortrait

MOTIONS = Path(__file__).parents[3] / "emotoon" / "catalog" / "motions"


@pytest.fixture(scope="session")
def astronaut() -> ToonPortrait:
    return toonify(FaceAnalyser().analyse(data.astronaut()), ToonLook(style="cel"))


@pytest.fixture(scope="session")
def puppet(astronaut: ToonPortrait) -> Puppet:
    return Puppet(astronaut, size=256)


@pytest.fixture(scope="session")
def catalog_motions() -> dict[str, Motion]:
    files = sorted(MOTIONS.glob("*.toml"))
    return {path.stem: motion_from_toml(path.read_text(encoding="utf-8")) for path in files}
