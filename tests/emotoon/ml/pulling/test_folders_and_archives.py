from __future__ import annotations

import hashlib
import io
import zipfile

import pytest

from emotoon.core.errors import EmotoonError
from ml_core.weights import weights_path
from tests.file_server import Served

ONE, TWO = b"one" * 1000, b"two" * 1000


def packed(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("pack/", b"")
        for name, content in members.items():
            archive.writestr(f"pack/{name}.txt", content)
    return stream.getvalue()


@pytest.fixture
def pack(place, make_row):
    """A set that comes as a zip; returns a function that publishes one."""

    def publish(content: bytes, *, hashed: bool = True) -> None:
        sha256 = hashlib.sha256(content).hexdigest()
        said = f', size = {len(content)}, sha256 = "{sha256}"' if hashed else ""
        archive = f'archive = {{ name = "pack.zip", urls = ["https://publisher.test/pack.zip"]{said} }}'
        place.row("pack", [make_row("pack/one.txt", ONE), make_row("pack/two.txt", TWO)], extra=archive)

    return publish


@pytest.mark.parametrize("layout", ["as in the weights folder", "the folder itself"])
def test_from_a_folder(place, tmp_path, layout):
    source = tmp_path / "usb"
    base = source / "net" if layout == "as in the weights folder" else source
    base.mkdir(parents=True)
    for path in ("first.txt", "second.txt"):
        (base / path).write_bytes(place.mirror.files[f"net/{path}"].content)
    assert [file.state for file in place.pull(origin=source)] == ["pulled", "pulled"]
    assert weights_path("net", folder=place.folder)
    assert (base / "first.txt").exists()
    assert place.mirror.requests == []


def test_from_one_file_under_any_name(place, tmp_path, make_row):
    place.row("single", [make_row("single.txt", ONE)], file="single.txt")
    (tmp_path / "downloaded (1).txt").write_bytes(ONE)
    assert place.pull("single", origin=tmp_path / "downloaded (1).txt")[0].state == "pulled"
    assert weights_path("single", folder=place.folder).name == "single.txt"


def test_a_folder_that_lacks_it_or_has_another(place, tmp_path):
    for origin in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(EmotoonError) as caught:
            place.pull(origin=origin)
        assert caught.value.code == "weights_not_there"
    (tmp_path / "first.txt").write_bytes(b"another")
    with pytest.raises(EmotoonError) as caught:
        place.pull(origin=tmp_path)
    assert caught.value.code == "weights_hash_wrong"
    assert (tmp_path / "first.txt").exists()
    assert not (place.folder / "net" / "first.txt").exists()


@pytest.mark.parametrize("origin", ["folder", "file", "mirror"])
def test_a_set_that_comes_packed(place, pack, tmp_path, origin):
    content = packed(one=ONE, two=TWO, unasked=b"x")
    pack(content)
    if origin == "mirror":
        place.mirror.files["pack.zip"] = Served(content)
        files = place.pull("pack")
    else:
        (tmp_path / "pack.zip").write_bytes(content)
        files = place.pull("pack", origin=tmp_path if origin == "folder" else tmp_path / "pack.zip")
    assert [(file.path, file.state) for file in files] == [
        ("pack/one.txt", "pulled"),
        ("pack/two.txt", "pulled"),
    ]
    assert weights_path("pack", folder=place.folder)
    assert sorted(path.name for path in (place.folder / "pack").iterdir()) == ["one.txt", "two.txt"]
    assert place.parts() == []


@pytest.mark.parametrize(
    ("content", "hashed", "code"),
    [
        (b"no zip at all", True, "weights_archive"),
        (b"no zip at all", False, "weights_archive"),
        (packed(one=ONE, two=TWO)[:-30], False, "weights_archive"),
        (packed(one=ONE), True, "weights_archive"),
        (packed(one=ONE, two=TWO + b"!"), True, "weights_hash_wrong"),
        (packed(one=ONE, two=b"TWO" * 1000), True, "weights_hash_wrong"),
        (packed(one=ONE, two=b"\0" * 50_000_000), True, "weights_hash_wrong"),  # a bomb is not unpacked
    ],
)
def test_a_wrong_archive(place, pack, tmp_path, content, hashed, code):
    pack(content, hashed=hashed)
    (tmp_path / "pack.zip").write_bytes(content)
    with pytest.raises(EmotoonError) as caught:
        place.pull("pack", origin=tmp_path)
    assert caught.value.code == code
    assert not (place.folder / "pack" / "two.txt").exists()


def test_another_archive_than_published(place, pack, tmp_path):
    pack(packed(one=ONE, two=TWO))
    (tmp_path / "pack.zip").write_bytes(packed(one=ONE, two=TWO, three=b"x"))
    with pytest.raises(EmotoonError) as caught:
        place.pull("pack", origin=tmp_path)
    assert caught.value.code == "weights_hash_wrong"
    assert not (place.folder / "pack").exists()
