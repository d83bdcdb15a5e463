"""A sticker, or any animated file of your own, in the format of one messenger, of some or of all."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from emotoon.core.commands import EmotoonCommand
from emotoon.core.errors import InvalidInput
from emotoon.core.whole_files import file_write, folder_ready
from emotoon.ml.export import (
    Credentials,
    Exported,
    Target,
    development_credentials,
    export_all,
    render_side,
    targets_named,
)
from emotoon.packs.exports.sources import clip_find


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "source", metavar="STICKER_OR_FILE", help="public id, or WebP, GIF, APNG, WebM, MP4"
        )
        parser.add_argument("--target", required=True, metavar="NAME[,NAME]|all")
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")
        parser.add_argument("--unsigned", action="store_true", help="only the plain AI mark, no C2PA")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, source: str, target: str, out: Path, as_json: bool, **options: Any) -> None:
        with self.failing_clearly():
            targets = targets_named([name.strip() for name in target.split(",") if name.strip()])
            folder_ready(out)
            clip = clip_find(source, side=render_side(targets))
            credentials = None if options["unsigned"] else _credentials()
            made = export_all(clip, targets, credentials=credentials, threads=os.cpu_count() or 1)
            with self.progress_bar("export", len(targets)) as bar:
                files = []
                for one, chosen in zip(made, targets, strict=True):
                    files.append(_written(one, chosen, out, Path(source).stem))
                    bar.update()
        if as_json:
            self.answer({"files": files})
        else:
            for entry in files:
                self.stdout.write(_line(entry))
        if not all(entry["ok"] for entry in files):
            sys.exit(1)


def _credentials() -> Credentials:
    folder = Path(settings.VAR_DIR) / "credentials"
    try:
        return development_credentials(folder)
    except OSError as error:
        message = f"{folder} cannot hold the signing key: {error.strerror}; use --unsigned to go without"
        raise InvalidInput("keys_unwritable", message, field="unsigned") from error


def _written(made: Exported, target: Target, out: Path, stem: str) -> dict[str, Any]:
    if made.fitted is None:
        return {
            "target": target.name,
            "path": None,
            "bytes": 0,
            "ok": False,
            "encodes": 0,
            "seconds": 0.0,
            "given_up": [],
            "code": made.error.code if made.error else "",
            "error": str(made.error),
        }
    fitted = made.fitted
    path = out / f"{stem}_{target.name}{target.extension}"
    file_write(path, fitted.file.data)
    return {
        "target": target.name,
        "path": str(path),
        "bytes": len(fitted.file.data),
        "ok": fitted.certificate.ok,
        "encodes": fitted.encodes,
        "seconds": round(fitted.seconds, 3),
        "given_up": list(fitted.given_up),
        "marks": list(fitted.certificate.marks),
    }


def _line(entry: dict[str, Any]) -> str:
    if not entry["ok"]:
        return f"NO  {entry['target']:18} {entry.get('error', '')}"
    given_up = "; ".join(entry["given_up"]) or "nothing given up"
    return f"ok  {entry['target']:18} {entry['bytes']:8} bytes  {entry['path']}  ({given_up})"
