from __future__ import annotations

import fcntl
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from django.utils import translation
from safetensors.numpy import save

from emotoon.core.errors import EmotoonError
from emotoon.core.safe_http import FetchFailed, FetchRefused
from ml_core.errors import WeightsUnavailable
from ml_core.weights import weights_path
from tests.file_server import Served

FIRST, SECOND = "net/first.txt", "net/second.txt"


def refusal(place, *arguments, **options) -> EmotoonError:
    with pytest.raises(EmotoonError) as caught:
        place.pull(*arguments, **options)
    for language in ("ko", "en"):  # lazy sentences are complete in both
        with translation.override(language):
            assert "%(" not in str(caught.value.message)
    return caught.value


def test_a_pull_from_a_mirror_is_complete_checked_and_only_once(place):
    files = place.pull()
    assert [(file.path, file.state, file.hash_from) for file in files] == [
        (FIRST, "pulled", "publisher"),
        (SECOND, "pulled", "publisher"),
    ]
    assert weights_path("net", folder=place.folder) == place.folder / "net"
    assert (place.folder / FIRST).read_bytes() == place.mirror.files[FIRST].content
    assert place.progress[-1] == (SECOND, 350_000, 350_000)
    assert place.parts() == []
    asked = len(place.mirror.requests)
    assert [file.state for file in place.pull()] == ["here", "here"]
    assert len(place.mirror.requests) == asked


def test_a_damaged_file_is_pulled_again_and_the_other_stays(place):
    place.pull()
    (place.folder / FIRST).write_bytes(b"FIRST " * 50_000)
    with pytest.raises(WeightsUnavailable):
        weights_path("net", folder=place.folder)
    place.mirror.requests.clear()
    assert {file.path: file.state for file in place.pull()} == {FIRST: "pulled", SECOND: "here"}
    assert place.mirror.requests == [(FIRST, "")]
    assert weights_path("net", folder=place.folder)


# interrupted


def test_broken_connections_are_continued(place):
    place.mirror.files[FIRST].breaks_after = 100_000
    place.mirror.files[FIRST].breaks = 2
    place.pull()
    ranges = [wanted for path, wanted in place.mirror.requests if path == FIRST]
    assert ranges == ["", "bytes=100000-", "bytes=200000-"]
    assert weights_path("net", folder=place.folder)


def test_what_arrived_is_kept_for_the_next_pull(place):
    place.mirror.files[FIRST].breaks_after = 10_000
    error = refusal(place)
    assert error.code == "weights_interrupted"
    assert not error.permanent
    assert place.parts()[0].stat().st_size == 40_000  # four attempts
    assert not (place.folder / FIRST).exists()
    place.mirror.files[FIRST].breaks_after = 0
    place.mirror.requests.clear()
    place.pull()
    assert place.mirror.requests[0] == (FIRST, "bytes=40000-")
    assert weights_path("net", folder=place.folder)


def test_a_file_that_changed_meanwhile_starts_anew(place):
    """The publisher replaced the file and nobody knows its hash: the old half must not be continued."""
    place.row("open", ['{ path = "open.txt" }'], file="open.txt")
    place.mirror.files["open.txt"] = Served(b"old" * 10_000, breaks_after=5_000)
    assert refusal(place, "open", trust_first=True).code == "weights_interrupted"
    place.mirror.files["open.txt"] = Served(b"new" * 10_000)
    place.pull("open", trust_first=True)
    assert (place.folder / "open.txt").read_bytes() == b"new" * 10_000


def test_without_a_validator_only_a_known_hash_allows_to_continue(place):
    place.row("open", ['{ path = "open.txt" }'], file="open.txt")
    place.mirror.files["open.txt"] = Served(b"old" * 10_000, breaks_after=5_000, etag=None)
    refusal(place, "open", trust_first=True)
    assert {wanted for path, wanted in place.mirror.requests if path == "open.txt"} == {""}
    place.mirror.files[FIRST] = Served(
        place.mirror.files[FIRST].content, breaks_after=200_000, breaks=1, etag=None
    )
    place.pull()
    assert (FIRST, "bytes=200000-") in place.mirror.requests


def test_a_server_that_cannot_continue_starts_anew(place):
    place.mirror.files[FIRST] = Served(
        place.mirror.files[FIRST].content, breaks_after=200_000, breaks=1, ranges=False
    )
    place.pull()
    assert weights_path("net", folder=place.folder)


def test_a_half_of_something_else_is_noticed_and_thrown_away(place):
    part = place.folder / ".parts" / "net__first.txt.part"
    part.parent.mkdir()
    part.write_bytes(b"another" * 1000)
    place.pull()
    assert [wanted for path, wanted in place.mirror.requests if path == FIRST] == ["bytes=7000-", ""]
    assert weights_path("net", folder=place.folder)


def test_a_half_longer_than_the_whole_is_thrown_away(place):
    part = place.folder / ".parts" / "net__first.txt.part"
    part.parent.mkdir()
    part.write_bytes(b"x" * 400_000)
    place.pull()
    assert weights_path("net", folder=place.folder)


# wrong


def test_a_wrong_hash_leaves_nothing_behind(place):
    place.mirror.files[FIRST] = Served(b"FIRST " * 50_000)
    error = refusal(place)
    assert error.code == "weights_hash_wrong"
    assert place.parts() == []
    assert not (place.folder / FIRST).exists()


def test_a_wrong_size_is_refused_before_it_is_read(place):
    place.mirror.files[FIRST] = Served(b"first " * 40_000)
    assert refusal(place).code == "weights_hash_wrong"
    assert [step for step in place.progress if step[0] == FIRST] == []
    place.mirror.files[FIRST] = Served(b"first " * 60_000, chunked=True)
    assert refusal(place).code == "fetch_too_large"


def test_what_the_mirror_lacks_is_said(place):
    del place.mirror.files[SECOND]
    error = refusal(place)
    assert isinstance(error, FetchFailed)
    assert error.params["status"] == 404
    assert SECOND in str(error.message)


def test_unknown_not_commercial_and_shipped_weights_are_not_asked_for(place):
    place.row("research", ['{ path = "research.txt" }'], file="research.txt", commercial=False)
    for name, code in {
        "gpt": "weights_unknown",
        "research": "weights_not_commercial",
        "mediapipe-face": "weights_not_pulled",
        "inswapper_128": "weights_not_commercial",
    }.items():
        assert refusal(place, name).code == code
    assert place.mirror.requests == []
    place.mirror.files["research.txt"] = Served(b"x")
    assert place.pull("research", commercial_mode=False, trust_first=True)[0].state == "pulled"


def test_the_refusal_of_non_commercial_weights_names_the_setting_in_both_languages(place):
    error = refusal(place, "inswapper_128")
    for language in ("ko", "en"):
        with translation.override(language):
            assert "EMOTOON_LICENCE_MODE=research" in str(error.message)


def test_the_publisher_is_reached_by_the_safe_client_only(place):
    """A mirror is trusted because the operator named it; an address in a manifest is not."""
    row = f'urls = ["{place.mirror.address}/net/"]'
    text = (place.folder / "weights.toml").read_text().replace("memory_mb = 1\n", f"memory_mb = 1\n{row}\n")
    (place.folder / "weights.toml").write_text(text)
    error = refusal(place, origin=None)
    assert isinstance(error, FetchRefused)
    assert error.code == "fetch_not_https"
    assert place.mirror.requests == []


def test_no_address(place):
    assert refusal(place, origin=None).code == "weights_no_address"


def test_two_pulls_at_once(place):
    (place.folder / ".parts").mkdir()
    with (place.folder / ".parts" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert refusal(place).code == "weights_busy"
    assert place.pull()


def test_a_folder_that_cannot_be_written(place, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    place.folder = tmp_path / "file"
    assert refusal(place, "liveportrait").code == "weights_folder"


# no published hash


def test_without_a_hash_nothing_is_asked_for(place):
    place.row("open", ['{ path = "open.txt" }'], file="open.txt")
    error = refusal(place, "open")
    assert error.code == "weights_hash_unknown"
    assert "--trust-first" in str(error.message)
    assert place.mirror.requests == []


def test_the_first_pull_is_remembered_and_later_ones_held_against_it(place):
    place.row("open", ['{ path = "open.txt" }'], file="open.txt")
    place.mirror.files["open.txt"] = Served(b"one" * 1000)
    assert place.pull("open", trust_first=True)[0].hash_from == "first pull"
    pin = json.loads((place.folder / "pins.json").read_text())["open.txt"]
    assert pin["source"] == f"{place.mirror.address}/open.txt"
    (place.folder / "open.txt").unlink()
    place.mirror.files["open.txt"] = Served(b"two" * 1000)
    # Not even with the flag: it is about the first time only.
    assert refusal(place, "open", trust_first=True).code == "weights_hash_wrong"
    place.mirror.files["open.txt"] = Served(b"one" * 1000)
    assert place.pull("open")[0].hash_from == "first pull"


def test_an_operator_vouches_for_a_hash(place):
    from ml_core.weights import file_sha256

    place.row("open", ['{ path = "open.txt" }'], file="open.txt")
    place.mirror.files["open.txt"] = Served(b"one" * 1000)
    assert refusal(place, "open", sha256={"open.txt": "0" * 64}).code == "weights_hash_wrong"
    assert refusal(place, "open", sha256={"other.txt": "0" * 64}).code == "weights_file_unknown"
    assert refusal(place, sha256={FIRST: "0" * 64}).code == "weights_hash_wrong"  # the published one stands
    copy = place.folder / "copy"
    copy.write_bytes(b"one" * 1000)
    assert place.pull("open", sha256={"open.txt": file_sha256(copy)})[0].hash_from == "operator"


def test_a_file_copied_by_hand_gets_its_pin(place):
    place.row("open", ['{ path = "open.txt" }'], file="open.txt")
    (place.folder / "open.txt").write_bytes(b"by hand")
    assert place.pull("open")[0].hash_from == "nobody"
    assert place.pull("open", trust_first=True)[0].hash_from == "first pull"
    (place.folder / "open.txt").write_bytes(b"BY HAND")
    with pytest.raises(WeightsUnavailable):
        weights_path("open", folder=place.folder)


class Bomb:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


def test_a_pickle_with_code_never_arrives(place, tmp_path):
    place.row("bomb", ['{ path = "bomb.pth" }'], file="bomb.pth")
    place.mirror.files["bomb.pth"] = Served(pickle.dumps({"w": Bomb(tmp_path / "trace")}, 2))
    assert refusal(place, "bomb", trust_first=True).code == "weights_unsafe"
    assert not (tmp_path / "trace").exists()
    assert not (place.folder / "bomb.pth").exists()
    assert place.parts() == []
    assert not (place.folder / "pins.json").exists()


def test_a_page_that_says_not_found_is_no_model(place):
    place.row("page", ['{ path = "page.onnx" }'], file="page.onnx")
    place.mirror.files["page.onnx"] = Served(b"<!doctype html><title>not found</title>")
    assert refusal(place, "page", trust_first=True).code == "weights_corrupt"
    assert not (place.folder / "page.onnx").exists()


def test_optional_files_and_other_containers(place):
    place.row(
        "two",
        [
            '{ path = "two/net.pth", alternatives = ["two/net.safetensors"] }',
            '{ path = "two/extra.json", optional = true }',
        ],
    )
    with pytest.raises(FetchFailed) as caught:  # the published name is the one that is missed
        place.pull("two", trust_first=True)
    assert "two/net.pth" in str(caught.value.message)
    place.mirror.files["two/net.safetensors"] = Served(save({"w": np.zeros(3, np.float32)}))
    files = place.pull("two", trust_first=True)
    assert [(file.path, file.state) for file in files] == [
        ("two/net.safetensors", "pulled"),
        ("two/extra.json", "not offered"),
    ]
    assert weights_path("two", folder=place.folder)
