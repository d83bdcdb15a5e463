from __future__ import annotations

import shutil

import pytest

from ml_core.errors import WeightsUnavailable
from ml_core.weights import entry_named, manifest, weights_path
from ml_core.weights.manifest import MANIFEST
from tests.tiny_weights import announce


def test_the_default_engine_has_all_it_needs_and_may_be_used_by_a_business(tmp_path):
    for name in ("mediapipe-face", "sentence-encoder", "moderator"):
        assert manifest()[name].commercial
        assert weights_path(name, folder=tmp_path).exists()


def test_every_entry_names_source_licence_and_memory():
    for entry in manifest().values():
        assert entry.source
        assert entry.licence
        assert entry.memory_mb > 0


def test_every_published_file_is_https_and_has_a_hash_or_says_that_it_has_none():
    without = {
        file.path
        for entry in manifest().values()
        for file in entry.files
        if file.sha256 is None and not file.path.endswith((".json", ".txt"))
    }
    # Nobody publishes these two; adding one here is a decision, not an oversight.
    assert without == {"face_paint_512_v2.pt", "stylegan2-ffhq-config-f.pt", "stylegan2-toon.pt"}
    addresses = [url for entry in manifest().values() for url in entry.urls]
    addresses += [url for entry in manifest().values() if entry.archive for url in entry.archive.urls]
    assert addresses
    assert all(url.startswith("https://") for url in addresses)


def test_the_files_of_a_folder_are_fetched_from_below_its_address():
    entry = manifest()["liveportrait"]
    [address] = entry.addresses("liveportrait/base_models/motion_extractor.pth")
    assert address.endswith("/liveportrait/base_models/motion_extractor.pth")
    assert manifest()["inswapper_128"].addresses("inswapper_128.onnx")[0].endswith("/inswapper_128.onnx")
    # Nobody publishes the converted file under the address of the other.
    assert manifest()["wav2lip"].addresses("wav2lip_gan.safetensors") == ()


def test_memory_agrees_with_the_sizes_where_both_are_known():
    for name in ("buffalo_l", "inswapper_128", "liveportrait"):
        entry = manifest()[name]
        assert entry.size is not None
        assert entry.memory_mb * 1_000_000 == pytest.approx(entry.size, rel=0.01)


def test_a_name_on_the_hub_is_a_name():
    assert entry_named("jhgan/ko-sbert-nli").name == "ko-sbert-nli"


@pytest.mark.parametrize("name", ["gpt", "", "../secret"])
def test_an_unknown_name(tmp_path, name):
    with pytest.raises(WeightsUnavailable) as caught:
        weights_path(name, folder=tmp_path)
    assert caught.value.code == "weights_unknown"


def test_an_operator_adds_and_replaces_rows(tmp_path):
    (tmp_path / "own.safetensors").write_bytes(b"0123")
    (tmp_path / "tiny.onnx").write_bytes(b"tiny")
    announce(tmp_path, "own", "own.safetensors")
    announce(tmp_path, "inswapper_128", "tiny.onnx", commercial=True)
    assert weights_path("own", folder=tmp_path).read_bytes() == b"0123"
    assert weights_path("inswapper_128", folder=tmp_path).name == "tiny.onnx"
    assert "own" not in manifest()
    assert not manifest()["inswapper_128"].commercial


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("no toml", "Expected"),
        ('[own]\nfile = "own.pt"', "missing"),
        ('[own]\nkind = "cloud"', "kind"),
        ('[own]\nfiles = [{ path = "own.pt", sha256 = "abc" }]', "64 hexadecimal"),
        ('[own]\nfiles = [{ path = "own.pt", size = -1 }]', "bytes"),
        ('[own]\nfiles = [{ path = "/etc/passwd" }]', "leaves the weights folder"),
        ('[own]\nfiles = [{ path = "own.pt", alternatives = ["../../x"] }]', "leaves the weights folder"),
        ('[own]\nfiles = [{ path = "elsewhere.pt" }]', "must lie in own.pt"),
        ("[own]\nfiles = []", "needs its files"),
        ("[own]\nfolder = 3", "folder"),
    ],
)
def test_a_row_that_is_not_understood_is_named(tmp_path, row, reason):
    rest = (
        'task = "t"\nsource = "s"\nlicence = "l"\ncommercial = true\nmemory_mb = 1\n'
        if row != '[own]\nfile = "own.pt"'
        else ""
    )
    given = {line.split(" = ")[0] for line in row.splitlines() if " = " in line}
    defaults = {"kind": '"file"', "file": '"own.pt"', "files": '[{ path = "own.pt" }]'} if rest else {}
    filled = "".join(f"{key} = {value}\n" for key, value in defaults.items() if key not in given)
    (tmp_path / "weights.toml").write_text(
        f"{row}\n{rest if row != 'no toml' else ''}{filled if row != 'no toml' else ''}"
    )
    with pytest.raises(WeightsUnavailable, match=reason) as caught:
        manifest(tmp_path)
    assert caught.value.code == "manifest_invalid"


def test_the_shipped_manifest_is_read_like_an_operators(tmp_path):
    shutil.copy(MANIFEST, tmp_path / "weights.toml")
    assert dict(manifest(tmp_path)) == dict(manifest())
