"""Prints one matrix as a table of Markdown."""

from __future__ import annotations

import argparse
from pathlib import Path

from ml_core.face.analyser import FaceAnalyser
from ml_core.face.photo import decode_photo
from tests.faces import DrawnFace, Picture, astronaut, drawn_face, grace_hopper, t1_group
from tests.faces.colours import HAIR, SKIN_TONES
from tests.gates.sitters import sitters
from tests.gates.skin import skin_table
from tests.gates.small import small_table

PACKAGED = {"astronaut": astronaut, "Grace Hopper": grace_hopper, "t1": t1_group}


def photos(paths: list[Path]) -> dict[str, Picture]:
    """The package portraits, a drawn person and the photos that were given."""
    named = {name: photo() for name, photo in PACKAGED.items()}
    named["drawn"] = drawn_face(DrawnFace(skin=SKIN_TONES["mid"], hair=HAIR["black"]))
    return named | {path.stem: decode_photo(path.read_bytes()) for path in paths}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.gates")
    parser.add_argument("matrix", choices=["skin", "small"])
    parser.add_argument("photos", nargs="*", type=Path)
    given = parser.parse_args()
    analyser = FaceAnalyser()
    named = photos(given.photos)
    if given.matrix == "small":
        del named["t1"]  # its faces stand too close together to be cut out with room around them
    table = {"skin": skin_table, "small": small_table}[given.matrix]
    for line in table(analyser, sitters(analyser, named)):
        print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
