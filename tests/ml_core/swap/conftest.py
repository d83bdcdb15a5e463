import pytest

from ml_core.face.analyser import FaceAnalyser
from ml_core.swap.look import source_of_photo
from ml_core.swap.targets import TargetFinder
from tests.faces import astronaut, grace_hopper


@pytest.fixture(scope="session")
def hopper_analysis():
    return FaceAnalyser().analyse(grace_hopper())


@pytest.fixture(scope="session")
def hopper(hopper_analysis):
    return source_of_photo(hopper_analysis)


@pytest.fixture(scope="session")
def target_picture():
    return astronaut()


@pytest.fixture(scope="session")
def target(target_picture):
    (face,) = TargetFinder().find(target_picture)
    return face
