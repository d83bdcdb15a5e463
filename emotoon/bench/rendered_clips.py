"""Six stickers as the engine renders them: material for the export benchmark.

The astronaut and a drawn person, each in three templates that ask different things of an encoder: confetti
and rainbow letters, a plain talking head, shaking, hearts, snow, and a caption that hardly moves.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from emotoon.catalog.files import MOTIONS_DIR
from emotoon.ml.export import Clip

if TYPE_CHECKING:
    from ml_core.types import ToonPortrait

RENDERED_CLIPS = MappingProxyType(
    {
        "astronaut/bday_wish": "생일 축하해!!",
        "astronaut/hello": "안녕하세요",
        "astronaut/angry": "진짜 화났어",
        "drawn/love": "사랑해",
        "drawn/first_snow": "첫눈이다!",
        "drawn/sleepy": "너무 졸려...",
    }
)
"""Person and template -> what is said."""
_DRAWN_SEED = 2
_DRAWN_SIDE = 640


def render_clip(name: str, *, size: int = 512) -> Clip:
    """Render one loop on a square canvas of ``size`` pixels. Raises KeyError for an unknown name."""
    from ml_core.animation.motion_file import motion_from_toml
    from ml_core.animation.visemes import speaking
    from ml_core.pipeline import make_clip

    who, _, template = name.partition("/")
    sentence = RENDERED_CLIPS[name]
    motion = motion_from_toml((MOTIONS_DIR / f"{template}.toml").read_text(encoding="utf-8"))
    if motion.talking:
        motion = speaking(motion, sentence)
    return make_clip(_toon(who), motion, sentence, size=size)


@cache
def _toon(who: str) -> ToonPortrait:
    from emotoon.bench.portraits import portrait_bytes
    from ml_core.face.analyser import FaceAnalyser
    from ml_core.face.photo import decode_photo
    from ml_core.toonify.look import ToonLook
    from ml_core.toonify.renderer import toonify
    from ml_core.training.style.drawn_faces import draw_face, person

    if who == "drawn":
        photo = draw_face(person(_DRAWN_SEED), "portrait", _DRAWN_SIDE)
    else:
        photo = decode_photo(portrait_bytes([])[who])
    return toonify(FaceAnalyser().analyse(photo), ToonLook("cel"))
