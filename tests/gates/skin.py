"""Skin tones x bare face, masks, sunglasses: who is refused that should pass, who passes that should not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ml_core.errors import PhotoRejected
from ml_core.face.analyser import FaceAnalyser
from tests.faces import Picture, masked, with_glasses
from tests.faces.variants import with_skin_of
from tests.gates.sitters import Sitter

LIGHTNESS = (20, 28, 50, 88)
"""L* of the skin: from the darkest that is measured on people to powdered white."""
MASKS = ("black", "blue", "green", "white")
LENS = (24, 22, 26)
COLUMNS = (
    "L* of the skin", "bare, refused", "masks, accepted", "masks, other word",
    "sunglasses, accepted", "other word",
)  # fmt: skip


def skin_table(analyser: FaceAnalyser, persons: list[Sitter]) -> Iterator[str]:
    yield f"{len(persons)} faces: " + ", ".join(one.name for one in persons)
    yield ""
    yield f"| {' | '.join(COLUMNS)} |"
    yield "|---" * len(COLUMNS) + "|"
    wrong = []
    for lightness in LIGHTNESS:
        seen: Counter[tuple[str, str]] = Counter()
        for one in persons:
            photo = with_skin_of(one.photo, one.skin, one.hairy, lightness)
            for worn, picture in _worn(photo, one):
                verdict = judged(analyser, picture)
                seen[worn, verdict] += 1
                if verdict != {"bare": "accepted", "mask": "mouth_covered"}.get(worn, worn):
                    wrong.append(f"{one.name}, L* {lightness}, {worn}: {verdict}")
        yield "| " + " | ".join((str(lightness), *_counts(seen, len(persons)))) + " |"
    yield from ("", *wrong)


def _worn(photo: Picture, one: Sitter) -> Iterator[tuple[str, Picture]]:
    yield "bare", photo
    for colour in MASKS:
        yield "mask", masked(photo, one.points, colour)
    yield "sunglasses", with_glasses(photo, one.points, lens=LENS)


def _counts(seen: Counter[tuple[str, str]], persons: int) -> tuple[str, ...]:
    masks = persons * len(MASKS)
    passed = {worn: seen[worn, "accepted"] for worn in ("bare", "mask", "sunglasses")}
    named = seen["mask", "mouth_covered"], seen["sunglasses", "sunglasses"]
    return (
        f"{persons - passed['bare']} of {persons}",
        f"{passed['mask']} of {masks}",
        str(masks - passed["mask"] - named[0]),
        f"{passed['sunglasses']} of {persons}",
        str(persons - passed["sunglasses"] - named[1]),
    )


def judged(analyser: FaceAnalyser, photo: Picture) -> str:
    """accepted, or the code of the refusal."""
    try:
        analyser.admit(photo)
    except PhotoRejected as refused:
        return refused.code
    return "accepted"
