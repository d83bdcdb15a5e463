"""An unfinished file: filled from a folder or over the network, resumed, never left on a full disk."""

from __future__ import annotations

import errno
import json
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, NoReturn

from django.utils.translation import gettext_lazy as _

from emotoon.core.safe_http import CHUNK_BYTES, Fetched, FetchFailed, FetchLimits, fetch
from emotoon.ml.pulling.refusals import PullRefused, disk_full, folder_unusable, interrupted

PARTS = ".parts"
MARGIN_BYTES = 64_000_000
"""What a pull leaves free: the site's database may lie on the same disk."""
MOST_BYTES = 20_000_000_000
"""The limit for files whose size nobody states."""
PULL_SECONDS = 6 * 3600.0
ATTEMPTS = 4
PAUSE_SECONDS = 1.0
_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_RANGE_WRONG = 416


class Part:
    """The unfinished file of ``spelling`` (a path in the weights folder). Survives the process."""

    def __init__(self, folder: Path, spelling: str) -> None:
        self.folder = folder
        self.spelling = spelling
        self.path = folder / PARTS / f"{spelling.replace('/', '__')}.part"
        self._note = self.path.with_suffix(".json")

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def copy(self, source: Path, on_bytes: Callable[[int], None]) -> None:
        """From a file on this machine. Raises PullRefused."""
        try:
            with source.open("rb") as stream:
                self.fill(stream, source.stat().st_size, on_bytes)
        except OSError as error:
            self._give_up(error)

    def fill(self, stream: IO[bytes], size: int, on_bytes: Callable[[int], None]) -> None:
        """From a stream of at most ``size`` bytes. Raises PullRefused."""
        self.discard()
        try:
            self._check_room(size)
            self._write(iter(lambda: stream.read(CHUNK_BYTES), b""), 0, on_bytes)
        except OSError as error:
            self._give_up(error)

    def download(
        self, url: str, *, size: int | None, hash_known: bool, trusted: str, on_bytes: Callable[[int], None]
    ) -> None:
        """From an address; goes on where an earlier call stopped. Broken connections are tried again.

        ``hash_known``: what is there may be continued from any address, since the whole will be checked.
        Raises PullRefused (``weights_interrupted``, ``weights_disk_full``), FetchRefused, FetchFailed.
        """
        for attempt in range(ATTEMPTS):
            before = self.size
            try:
                if size is None or before != size:
                    self._download_once(url, size, hash_known, trusted, on_bytes)
                return
            except FetchFailed as error:
                if error.params.get("status") == _RANGE_WRONG and before:
                    self.discard()  # longer than what is offered: it is another file
                elif error.permanent:
                    raise
                elif attempt == ATTEMPTS - 1:
                    raise interrupted(self.spelling, self.size, error) from error
                else:
                    time.sleep(PAUSE_SECONDS)
            except OSError as error:
                self._give_up(error)
        raise AssertionError("the last attempt returns or raises")

    def _download_once(
        self, url: str, size: int | None, hash_known: bool, trusted: str, on_bytes: Callable[[int], None]
    ) -> None:
        headers = self._resuming(url, hash_known)
        have = self.size if headers else 0
        limits = FetchLimits(bytes=MOST_BYTES if size is None else max(size, 1), seconds=PULL_SECONDS)
        with fetch(url, limits=limits, headers=headers, trusted=trusted) as answer:
            start = _start(answer)
            if start not in {0, have}:
                self.discard()
                raise FetchFailed(
                    "fetch_range", _("%(url)s answered with another part of the file.") % {"url": url}
                )
            if answer.length is not None:
                self._check_room(answer.length)
                if size is not None and start + answer.length != size:
                    self.discard()
                    raise PullRefused.other_size(self.spelling, start + answer.length, size)
            self._remember(url, answer)
            self._write(answer.chunks(), start, on_bytes)

    def _resuming(self, url: str, hash_known: bool) -> dict[str, str]:
        """Headers for the rest of the file; none when there is nothing that may be continued."""
        if not self.size:
            return {}
        validator = self._validator(url)
        if validator is None and not hash_known:
            return {}
        headers = {"Range": f"bytes={self.size}-"}
        return headers if validator is None else {**headers, "If-Range": validator}

    def _validator(self, url: str) -> str | None:
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            return str(note["validator"]) if note["url"] == url and note["validator"] else None
        except (OSError, ValueError, KeyError):
            return None

    def _remember(self, url: str, answer: Fetched) -> None:
        etag = answer.headers.get("ETag", "")
        strong = etag if etag and not etag.startswith("W/") else answer.headers.get("Last-Modified", "")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._note.write_text(json.dumps({"url": url, "validator": strong}), encoding="utf-8")

    def _write(self, chunks: Iterable[bytes], start: int, on_bytes: Callable[[int], None]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("r+b" if start else "wb") as stream:
            stream.seek(start)
            stream.truncate()
            done = start
            on_bytes(done)
            for chunk in chunks:
                stream.write(chunk)
                stream.flush()  # a full disk is noticed here, and what arrived is there if we are killed
                done += len(chunk)
                on_bytes(done)

    def _check_room(self, needed: int) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.folder).free
        if free < needed + MARGIN_BYTES:
            raise disk_full(self.folder, needed, free)

    def _give_up(self, error: OSError) -> NoReturn:
        if error.errno in _DISK_FULL:
            self.discard()
            raise disk_full(self.folder, None, None) from error
        raise folder_unusable(error, self.path) from error


def _start(answer: Fetched) -> int:
    """Where the body begins in the whole file. ``Content-Range: bytes 100-199/200`` begins at 100."""
    if answer.status != 206:
        return 0
    unit, _, rest = answer.headers.get("Content-Range", "").partition(" ")
    first = rest.partition("-")[0]
    return int(first) if unit == "bytes" and first.isdecimal() else -1
