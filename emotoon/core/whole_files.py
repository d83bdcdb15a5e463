"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.utils.translation import gettext as _

from emotoon.core.errors import InvalidInput


def folder_ready(folder: Path) -> None:
    """Make the folder and prove that it can be written, before any work is done.

    Raises InvalidInput (folder_unwritable).
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder, prefix=".emotoon-"):
            pass
    except OSError as error:
        message = _("The folder %(folder)s cannot be written: %(reason)s")
        raise InvalidInput(
            "folder_unwritable", message % {"folder": folder, "reason": error.strerror}, field="out"
        ) from error


def file_write(path: Path, data: bytes) -> None:
    """Write beside ``path`` and rename: a full disk leaves nothing under the final name.

    Raises InvalidInput (file_unwritable).
    """
    fresh: Path | None = None
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=".emotoon-", delete=False) as stream:
            fresh = Path(stream.name)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.chmod(0o644)
        fresh.replace(path)
    except OSError as error:
        if fresh is not None:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
        message = _("The file %(path)s cannot be written: %(reason)s")
        raise InvalidInput(
            "file_unwritable", message % {"path": path, "reason": error.strerror}, field="out"
        ) from error
