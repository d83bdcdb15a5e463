"""Faces that tests look at: portraits that come with packages, faces and animals drawn here, and
photos changed as people are. Everything returns (H, W, 3) uint8 RGB.
"""

from tests.faces.animals import drawn_animal
from tests.faces.colours import HAIR, SKIN_TONES, Picture, Rgb
from tests.faces.drawn import DrawnFace, drawn_face
from tests.faces.portraits import astronaut, cat, grace_hopper, mask_picture, t1_group
from tests.faces.variants import masked, recoloured, with_glasses

__all__ = [
    "HAIR",
    "SKIN_TONES",
    "DrawnFace",
    "Picture",
    "Rgb",
    "astronaut",
    "cat",
    "drawn_animal",
    "drawn_face",
    "grace_hopper",
    "mask_picture",
    "masked",
    "recoloured",
    "t1_group",
    "with_glasses",
]
