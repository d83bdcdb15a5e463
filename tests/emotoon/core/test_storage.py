import pytest

from emotoon.core.errors import NotFound
from emotoon.core.storage import file_key, file_read, file_store, files_delete


def test_a_key_says_nothing_about_the_person():
    key = file_key(folder="portraits", data=b"abc", extension="jpg")
    assert key.startswith("portraits/ba/ba7816bf")
    assert key.endswith(".jpg")


def test_store_read_delete():
    key = file_store(folder="tests", data=b"one", extension="bin")
    assert file_store(folder="tests", data=b"one", extension="bin") == key
    assert file_read(key=key) == b"one"
    files_delete(keys=[key, key])
    with pytest.raises(NotFound):
        file_read(key=key)
