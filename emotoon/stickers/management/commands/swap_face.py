"""Put the face of one photo into a picture or a clip of up to 6 seconds.

    swap_face me.jpg meme.png --faces 0,2 --regions eyes,mouth --amount 0.7 --out x.png

Faces of the target are counted best first (large, central, facing the camera) from 0; ``--faces all``
takes all.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from emotoon import ml
from emotoon.core.commands import EmotoonCommand
from emotoon.core.errors import InvalidInput
from emotoon.core.whole_files import file_write
from emotoon.ml.swaps import BACKENDS, SwapOrder, face_swap


class Command(EmotoonCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", type=Path, help="photo of the face that is put in")
        parser.add_argument("target", type=Path, help="picture, or clip of up to 6 seconds, with faces")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE")
        parser.add_argument("--faces", default="0", help="0,2 or all (default: 0, the best)")
        parser.add_argument("--face", type=int, help="which face of the source photo, 0 is the best")
        parser.add_argument("--regions", default="", help="eyes,brows,nose,mouth,skin (default: all of it)")
        parser.add_argument("--amount", type=float, default=1.0, help="0 nothing, 1 all of it")
        parser.add_argument("--keep", default="", help="eyes,mouth that stay the target's own")
        parser.add_argument("--style", metavar="STYLE", help=f"cartoon first: {', '.join(ml.style_names())}")
        parser.add_argument("--backend", default=BACKENDS[0], help=", ".join(BACKENDS))
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *, source: Path, target: Path, out: Path, as_json: bool, **options: Any) -> None:
        began = time.perf_counter()
        with self.failing_clearly(), self.progress_bar("swap") as bar:
            faces = _faces(options["faces"])
            toon = ml.look_read(style=options["style"]) if options["style"] else None
            wanted = out.suffix.lower().removeprefix(".")
            data = _read(target)
            photo = ml.photo_examine(data=_read(source), face_index=options["face"], isolated=False)
            order = SwapOrder(
                source=photo.analysis,
                target=data,
                faces=faces,
                regions=_names(options["regions"]),
                amount=options["amount"],
                keep=_names(options["keep"]),
                toon=toon,
                format=wanted,
                backend=options["backend"],
            )

            def on_progress(stage: str, percent: int) -> None:
                bar.set_postfix_str(stage)
                bar.update(percent - bar.n)

            made = face_swap(order=order, on_progress=on_progress)
            _write(out, made.file.data)
        for note in ml.fallback_notes(made.backends):
            self.say(note)
        file, count = made.file, made.faces
        swapped = list(range(count)) if faces is None else list(faces)
        if as_json:
            self.answer(
                {
                    "path": str(out),
                    "format": file.format,
                    "width": file.width,
                    "height": file.height,
                    "frames": file.frames,
                    "bytes": len(file.data),
                    "faces_found": count,
                    "faces_swapped": swapped,
                    "backend": made.backends,
                    "total_ms": round((time.perf_counter() - began) * 1000, 1),
                }
            )
            return
        if count > len(swapped):
            self.say(f"{count} faces: swapped {', '.join(map(str, swapped))}; all of them with --faces all")
        print(out)


def _faces(text: str) -> tuple[int, ...] | None:
    if text.strip() == "all":
        return None
    try:
        return tuple(dict.fromkeys(int(part) for part in text.split(",") if part.strip())) or (0,)
    except ValueError:
        raise InvalidInput(
            "bad_faces", _("--faces takes numbers such as 0,2 or all."), field="faces"
        ) from None


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput("photo_unreadable", f"{path}: {error.strerror}.") from error


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file_write(path, data)
    except OSError as error:
        raise InvalidInput("out_unwritable", f"{path}: {error.strerror}.") from error
