from __future__ import annotations

import json
import os
import shutil

import pytest

from ml_core.errors import WeightsUnavailable
from ml_core.weights import file_sha256, manifest, pins_write, verify_weights, weights_path
from ml_core.weights.ledger import Pin, pins_read, seen_read
from tests.tiny_weights import announce


@pytest.fixture
def folder(tmp_path):
    """A set of two files with published hashes."""
    (tmp_path / "pair").mkdir()
    (tmp_path / "pair" / "one.txt").write_bytes(b"one" * 100)
    (tmp_path / "pair" / "two.txt").write_bytes(b"two" * 100)
    announce(tmp_path, "pair", "pair")
    return tmp_path


def refusal(name, folder, **options):
    with pytest.raises(WeightsUnavailable) as caught:
        weights_path(name, folder=folder, **options)
    return caught.value


def test_what_is_there_and_right_is_given(folder):
    assert weights_path("pair", folder=folder) == folder / "pair"
    assert set(seen_read(folder)) == {"pair/one.txt", "pair/two.txt"}
    assert [report.state for report in verify_weights(manifest(folder)["pair"], folder)] == [
        "verified",
        "verified",
    ]


def test_a_missing_file_of_a_set_is_named(folder):
    (folder / "pair" / "two.txt").unlink()
    error = refusal("pair", folder)
    assert error.code == "weights_missing"
    assert "pair/two.txt" in str(error)
    assert "models pull pair" in str(error)


def test_what_is_not_there_says_where_to_get_it(tmp_path):
    error = refusal("liveportrait", tmp_path)
    assert error.code == "weights_missing"
    assert "https://huggingface.co/KlingTeam/LivePortrait" in str(error)


def test_non_commercial_weights_need_research_mode(folder):
    announce(folder, "forbidden", "pair/one.txt", commercial=False)
    error = refusal("forbidden", folder)
    assert error.code == "weights_not_commercial"
    assert "EMOTOON_LICENCE_MODE=research" in str(error)
    assert weights_path("forbidden", folder=folder, commercial_mode=False).exists()


def test_another_size_is_seen_at_once(folder):
    with (folder / "pair" / "one.txt").open("ab") as stream:
        stream.write(b"!")
    error = refusal("pair", folder)
    assert error.code == "weights_corrupt"
    assert "301 bytes, not 300" in str(error)


def test_changed_bytes_are_seen_on_first_use_and_after_a_change(folder):
    path = folder / "pair" / "one.txt"
    path.write_bytes(b"onE" * 100)
    assert refusal("pair", folder).code == "weights_corrupt"
    path.write_bytes(b"one" * 100)
    weights_path("pair", folder=folder)
    path.write_bytes(b"onE" * 100)  # again the same size, but another time of change
    assert refusal("pair", folder).code == "weights_corrupt"


def test_a_verified_file_is_not_hashed_again_but_verify_does(folder):
    weights_path("pair", folder=folder)
    path = folder / "pair" / "one.txt"
    found = path.stat()
    path.write_bytes(b"onE" * 100)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    # Size and time are all that is looked at between full checks: the price of a cheap start, as documented.
    assert weights_path("pair", folder=folder)
    states = {report.path: report.state for report in verify_weights(manifest(folder)["pair"], folder)}
    assert states == {"pair/one.txt": "corrupt", "pair/two.txt": "verified"}


def test_a_renamed_file_is_recognised(folder):
    announce(folder, "first", "pair/one.txt")
    shutil.copy(folder / "pair" / "two.txt", folder / "pair" / "one.txt")
    error = refusal("first", folder)
    assert error.code == "weights_corrupt"
    assert "it is pair/two.txt under another name" in str(error)


def test_every_container_of_the_same_weights_is_checked(folder):
    """A loader may prefer the safetensors file beside the published pickle; it must not pass unseen."""
    (folder / "net.pth").write_bytes(b"published")
    sha256 = file_sha256(folder / "net.pth")
    row = {
        "task": "t", "kind": "file", "file": "net.pth", "source": "s", "licence": "l",
    }  # fmt: skip
    with (folder / "weights.toml").open("a") as stream:
        stream.write("\n[net]\n" + "".join(f'{key} = "{value}"\n' for key, value in row.items()))
        stream.write("commercial = true\nmemory_mb = 1\n")
        stream.write(
            f'files = [{{ path = "net.pth", sha256 = "{sha256}", alternatives = ["net.safetensors"] }}]\n'
        )
    assert weights_path("net", folder=folder).name == "net.pth"
    (folder / "net.safetensors").write_bytes(b"not safetensors at all")
    assert refusal("net", folder).code == "weights_corrupt"


def test_a_pin_is_held_like_a_published_hash(folder):
    row = (folder / "weights.toml").read_text()
    (folder / "weights.toml").write_text(
        "\n".join(line for line in row.splitlines() if not line.startswith("files"))
    )
    with (folder / "weights.toml").open("a") as stream:
        stream.write('\nfiles = [{ path = "pair/one.txt" }, { path = "pair/two.txt" }]\n')
    entry = manifest(folder)["pair"]
    assert [report.state for report in verify_weights(entry, folder)] == ["unverified", "unverified"]
    pins_write(
        folder,
        {"pair/one.txt": Pin(file_sha256(folder / "pair" / "one.txt"), "https://a.test/", "2026-11-28")},
    )
    assert [report.state for report in verify_weights(entry, folder)] == ["pinned", "unverified"]
    (folder / "pair" / "one.txt").write_bytes(b"two" * 100)
    assert refusal("pair", folder).code == "weights_corrupt"


def test_unreadable_pins_are_not_taken_for_none(folder):
    (folder / "pins.json").write_text("{")
    assert refusal("pair", folder).code == "pins_unreadable"
    with pytest.raises(WeightsUnavailable, match="not understood"):
        pins_read(folder)


def test_unreadable_memory_only_means_checking_again(folder):
    (folder / "seen.json").write_text('{"pair/one.txt": 3}')
    assert weights_path("pair", folder=folder)
    assert json.loads((folder / "seen.json").read_text()).keys() == {"pair/one.txt", "pair/two.txt"}
