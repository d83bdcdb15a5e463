"""``export`` and ``check_export`` as a person calls them."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import translation

from emotoon.bench.drawn_clips import draw_clip
from emotoon.core.errors import InvalidInput
from emotoon.core.storage import file_store
from emotoon.core.whole_files import file_write, folder_ready
from emotoon.ml.export import encode
from emotoon.stickers.models import Rendition
from tests.factories import StickerFactory


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("own") / "hello.webp"
    path.write_bytes(encode(draw_clip("nod", frames=10, side=96, fps=10.0), "webp").data)
    return path


@pytest.fixture(autouse=True)
def own_keys(settings: object, tmp_path: Path) -> Iterator[None]:
    settings.VAR_DIR = tmp_path / "var"  # type: ignore[attr-defined]
    with translation.override("en"):
        yield


def called(*arguments: object) -> dict[str, object]:
    out = StringIO()
    call_command(*map(str, arguments), "--json", stdout=out)
    answer = json.loads(out.getvalue())
    assert isinstance(answer, dict)
    return answer


def test_a_file_becomes_stickers_that_pass_their_check(source: Path, tmp_path: Path) -> None:
    answer = called(
        "export", source, "--target", "kakao_mini,line_bot,telegram_emoji", "--out", tmp_path / "out"
    )
    files = answer["files"]
    assert isinstance(files, list)
    assert [file["target"] for file in files] == ["kakao_mini", "line_bot", "telegram_emoji"]
    for file in files:
        assert set(file) >= {"target", "path", "bytes", "ok", "encodes", "seconds", "given_up"}
        assert Path(file["path"]).stat().st_size == file["bytes"]
        checked = called("check_export", file["path"], "--target", file["target"])
        assert checked["ok"] is True
    assert files[1]["marks"] == ["c2pa", "xmp"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "hello_kakao_mini.png", "hello_line_bot.png", "hello_telegram_emoji.webm",
    ]  # fmt: skip


def test_check_export_fails_with_exit_code_1(source: Path) -> None:
    out = StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("check_export", str(source), "--target", "wechat", "--json", stdout=out)
    assert caught.value.code == 1
    answer = json.loads(out.getvalue())
    assert (answer["ok"], answer["target"]) == (False, "wechat")
    assert {"name": "container", "ok": False, "limit": "gif", "found": "webp"} in answer["checks"]


def test_one_impossible_target_leaves_the_others(tmp_path: Path) -> None:
    still = tmp_path / "still.png"
    still.write_bytes(encode(draw_clip("nod", frames=1, side=64), "png").data)
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command(
            "export", str(still), "--target", "line_anim,kakao_mini", "--out", str(tmp_path / "out"),
            "--json", stdout=out,
        )  # fmt: skip
    refused, made = json.loads(out.getvalue())["files"]
    assert (refused["ok"], refused["path"], refused["code"]) == (False, None, "frames_too_few")
    assert made["ok"] is True


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"nothing like it", "not an animated picture"), (b"GIF89a\x01", "damaged")],
)
def test_unreadable_files_are_refused_before_anything_is_written(
    tmp_path: Path, content: bytes, message: str
) -> None:
    bad = tmp_path / "bad.gif"
    bad.write_bytes(content)
    with pytest.raises(CommandError, match=message) as caught:
        call_command("export", str(bad), "--target", "all", "--out", str(tmp_path / "out"))
    assert caught.value.returncode == 2
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.django_db
def test_unknown_stickers_and_targets_are_named(source: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="stk_nothing is neither a file nor a finished sticker"):
        call_command("export", "stk_nothing", "--target", "viber", "--out", str(tmp_path))
    with pytest.raises(CommandError, match=r"unknown target vibber.*whatsapp_static"):
        call_command("export", str(source), "--target", "viber,vibber", "--out", str(tmp_path))
    with pytest.raises(CommandError, match="unknown target vibber;"):
        call_command("export", str(source), "--target", "all,vibber", "--out", str(tmp_path))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("check_export", str(tmp_path / "none.webp"), "--target", "viber")


def test_an_unwritable_folder_is_refused_before_work(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export", str(source), "--target", "viber", "--out", str(tmp_path / "file" / "out"))


def test_keys_that_cannot_be_kept_are_named(source: Path, tmp_path: Path) -> None:
    (tmp_path / "var").write_text("in the way")
    with pytest.raises(CommandError, match="use --unsigned"):
        call_command("export", str(source), "--target", "viber", "--out", str(tmp_path / "out"))
    call_command("export", str(source), "--target", "viber", "--out", str(tmp_path / "out"), "--unsigned")
    assert (tmp_path / "out" / "hello_viber.png").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InvalidInput):
        folder_ready(tmp_path)


_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
from django.conf import settings
settings.configure(USE_I18N=False)
from emotoon.core.errors import InvalidInput
from emotoon.core.storage import file_store
from emotoon.core.whole_files import file_write
try:
    file_write(Path(sys.argv[1]), b"x" * 5000)
except InvalidInput as error:
    print(error.code, error)
"""


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    """The operating system stops the write after 1,000 bytes, as a full disk would."""
    path = tmp_path / "sticker.webp"
    done = subprocess.run(
        [sys.executable, "-c", _FULL_DISK, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("file_unwritable")
    assert os.strerror(errno.EFBIG) in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_survives_a_failed_write(tmp_path: Path) -> None:
    path = tmp_path / "sticker.webp"
    file_write(path, b"old")
    subprocess.run([sys.executable, "-c", _FULL_DISK, str(path)], capture_output=True, check=True)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["sticker.webp"]


def test_a_file_that_is_replaced_is_never_missing_or_partial(tmp_path: Path) -> None:
    """Somebody who reads all the time sees the old file or the new one, whole."""
    path, contents = tmp_path / "sticker.webp", (b"o" * 300_000, b"n" * 200_000)
    file_write(path, contents[0])
    done = threading.Event()

    def read() -> set[bytes]:
        seen = set()
        while not done.is_set():
            seen.add(path.read_bytes())
        return seen

    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(read)
        for turn in range(40):
            file_write(path, contents[turn % 2])
        done.set()
        assert reader.result() <= set(contents)
    assert [entry.name for entry in tmp_path.iterdir()] == ["sticker.webp"]


@pytest.mark.django_db
def test_a_finished_sticker_is_exported_by_its_public_id(source: Path, tmp_path: Path) -> None:
    sticker = StickerFactory(formats=())
    data = source.read_bytes()
    Rendition.objects.create(
        sticker=sticker, format="webp", key=file_store(folder="stickers", data=data, extension="webp"),
        width=96, height=96, frames=10, duration_s=1.0, bytes=len(data),
    )  # fmt: skip
    files = called("export", sticker.public_id, "--target", "kakao_mini", "--out", tmp_path / "out")["files"]
    assert isinstance(files, list)
    (made,) = files
    assert made["ok"] is True
    assert Path(made["path"]).name == f"{sticker.public_id}_kakao_mini.png"
