"""Open a file again and hold it to every limit of a messenger. Exit code 1 when it does not keep them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from emotoon.core.commands import USAGE_ERROR, EmotoonCommand
from emotoon.ml.export import Certificate, check, targets_named


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--target", required=True, metavar="NAME", help="for example telegram_video")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, file: Path, target: str, as_json: bool, **options: Any) -> None:
        with self.failing_clearly():
            (chosen,) = targets_named([target])
        try:
            data = file.read_bytes()
        except OSError as error:
            message = f"{file} cannot be read: {error.strerror}"
            raise CommandError(message, returncode=USAGE_ERROR) from error
        certificate = check(data, chosen)
        if as_json:
            self.answer(certificate.as_dict())
        else:
            self._print(certificate)
        if not certificate.ok:
            sys.exit(1)

    def _print(self, certificate: Certificate) -> None:
        for one in certificate.checks:
            sign = "ok " if one.ok else "NO "
            self.stdout.write(f"{sign} {one.name:22} {one.found}  ({one.limit})")
        marks = ", ".join(certificate.marks) or "none"
        self.stdout.write(f"{certificate.target}: {'ok' if certificate.ok else 'not ok'}; AI marks: {marks}")
