"""Model weights: what there is and under which licence, pulling, checking.

models list | pull NAME [--from FOLDER | --mirror ADDRESS] | verify [NAME ...] | path NAME |
export-onnx NAME
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _
from tqdm import tqdm

from emotoon import ml
from emotoon.core.commands import USAGE_ERROR, EmotoonCommand

_USABLE = {"verified", "pinned", "unverified"}
_HEXADECIMAL = set("0123456789abcdef")


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        _action(actions, "list", "all weights of the manifest")
        pulling = _action(actions, "pull", "fetch what is missing, checked by its hash")
        pulling.add_argument("name")
        origin = pulling.add_mutually_exclusive_group()
        origin.add_argument("--from", dest="origin", default="", help="a folder or file, not the publisher")
        origin.add_argument("--mirror", dest="origin", default="", help="an address with the same files")
        pulling.add_argument(
            "--sha256", action="append", default=[], metavar="[FILE=]HASH", help="a hash that you vouch for"
        )
        pulling.add_argument(
            "--trust-first", action="store_true", help="take a file without a known hash as it comes now"
        )
        _action(actions, "verify", "hash every file in full").add_argument("names", nargs="*", metavar="name")
        _action(actions, "path", "where usable weights lie").add_argument("name")
        exporting = _action(actions, "export-onnx", "a sentence encoder for processes without torch")
        exporting.add_argument("name", help="of the manifest, of the hub cache, or a folder")

    def handle(self, *, action: str, **options: Any) -> None:
        with self.failing_clearly():
            getattr(self, f"_{action.replace('-', '_')}")(**options)

    def _list(self, *, as_json: bool, **_options: Any) -> None:
        rows = ml.weights_list()
        if as_json:
            self.answer({"models": rows})
            return
        for row in rows:
            here = "here" if row["path"] else "-"
            use = "commercial" if row["commercial"] else "research only"
            size = f"{row['size'] / 1e6:.0f} MB" if row["size"] else "?"
            print(f"{row['name']:28} {here:5} {size:>8} {use:14} {row['licence']:44} {row['task']}")
        for note in ml.fallback_notes(ml.encoder_told()):
            self.say(note)

    def _pull(
        self, *, name: str, origin: str, sha256: list[str], trust_first: bool, as_json: bool, **_options: Any
    ) -> None:
        hashes = dict(self._hash_given(name, text) for text in sha256)
        with self.progress_bar(name, total=0) as bar:
            files = ml.weights_pull(
                name=name,
                origin=origin,
                sha256=hashes,
                trust_first=trust_first,
                on_progress=_Progress(bar).show,
            )
        if as_json:
            self.answer({"name": name, "files": files})
            return
        for file in files:
            self.say(f"{file['path']}: {file['state']} (sha256: {file['hash_from']})")

    def _verify(self, *, names: list[str], as_json: bool, **_options: Any) -> None:
        reports = ml.weights_verify(names=names)
        if as_json:
            self.answer({"files": reports})
        else:
            for report in reports:
                print(f"{report['name']:28} {report['state']:10} {report['path']}")
        wrong = [report["path"] for report in reports if report["state"] not in _USABLE]
        if wrong:
            text = _(
                "Missing or not as published: %(files)s. `manage.py models pull NAME` gets them again."
            ) % {"files": ", ".join(wrong)}
            raise CommandError(text, returncode=USAGE_ERROR)

    def _path(self, *, name: str, as_json: bool, **_options: Any) -> None:
        path = ml.weights_path(name=name)
        if as_json:
            self.answer({"name": name, "path": str(path)})
        else:
            print(path)

    def _export_onnx(self, *, name: str, as_json: bool, **_options: Any) -> None:
        card = ml.encoder_export(name=name)
        if as_json:
            self.answer(card)
        else:
            self.say(f"{card['path']} (cosine to the original at least {card['least_cosine']:.6f})")

    def _hash_given(self, name: str, text: str) -> tuple[str, str]:
        """``[FILE=]HASH``; without a file it is that of the only one."""
        file, _separator, sha256 = text.rpartition("=")
        sha256 = sha256.lower()
        if len(sha256) != 64 or set(sha256) - _HEXADECIMAL:
            raise CommandError(_("A sha256 has 64 hexadecimal digits."), returncode=USAGE_ERROR)
        entries = [entry for entry in ml.weights_list() if entry["name"] == name]
        files = [row["path"] for entry in entries for row in entry["files"]]
        if not file and len(files) != 1:
            raise CommandError(_("Say which file: --sha256 FILE=HASH."), returncode=USAGE_ERROR)
        return file or files[0], sha256


def _action(actions: Any, name: str, help_text: str) -> CommandParser:
    parser: CommandParser = actions.add_parser(name, help=help_text)
    parser.add_argument("--json", action="store_true", dest="as_json")
    return parser


class _Progress:
    """One bar, begun anew for each file. A bar without a terminal is none: it has no title to ask for."""

    def __init__(self, bar: tqdm[Any]) -> None:
        self._bar = bar
        self._file = ""
        bar.unit, bar.unit_scale = "B", True

    def show(self, file: str, done: int, total: int | None) -> None:
        if self._bar.disable:
            return
        if file != self._file:
            self._file = file
            self._bar.set_description_str(file, refresh=False)
            self._bar.reset(total=total)
        self._bar.update(done - self._bar.n)
