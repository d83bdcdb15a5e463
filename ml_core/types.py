"""Values that cross the borders of the rooms of ml_core: frozen, typed, shaped.

Two coordinate frames are used throughout:

* photo frame: pixels of the decoded, upright photo;
* portrait frame: pixels of a square, de-rolled crop around the head (side ``PORTRAIT_SIDE``).

``unit`` always means the distance between the two outer eye corners (mesh points 33 and 263).
Left and right are the subject's own: the subject's right eye is on the left of the picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""(H, W, 3) RGB or (H, W, 4) straight-alpha RGBA, uint8."""
Mask = NDArray[np.float32]
"""(H, W) float32 in 0..1."""
Points = NDArray[np.float32]
"""(N, 2) or (N, 3) float32; x to the right, y down, z away from the camera, same unit as x."""
Rgb = tuple[int, int, int]

PORTRAIT_SIDE = 600
"""Side of the portrait frame: 512 px output shows the head slightly reduced, so no detail is lost."""

CARICATURE = 0.6
"""Usual amount, 0..1: enough for a face to read at the size of a chat line, and still the person's own."""

REGIONS = ("skin", "hair", "brows", "eyes", "lips", "neck", "clothes", "background")
"""Order of the layers of ``FaceAnalysis.regions``."""


@dataclass(frozen=True)
class FaceBox:
    """One detected face in the photo frame. ``box`` is x, y, width, height in pixels."""

    box: tuple[float, float, float, float]
    score: float


@dataclass(frozen=True)
class HeadPose:
    """Degrees. Positive yaw: the face turns to the picture's right; pitch: down; roll: clockwise."""

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True)
class FaceAnalysis:
    """Everything later stages need to know about one face; landmarks are never detected again.

    image: (S, S, 3) uint8 RGB, portrait frame, exposure corrected; S = PORTRAIT_SIDE.
    valid: (S, S) bool, false where the crop reaches beyond the photo.
    landmarks: (468, 3) float32, MediaPipe face mesh order, portrait frame.
    iris: (2, 5, 2) float32, right then left, centre then four rim points, portrait frame.
    matte: (S, S) float32 in 0..1, the person.
    regions: (len(REGIONS), S, S) uint8, soft membership 0..255 in the order of ``REGIONS``.
    skin_lab, hair_lab: CIE Lab medians (L 0..100). hair_lab is None for a bald or covered head.
    expression: ARKit blendshape name -> weight 0..1 of the source photo.
    scores: gate name -> value, higher is better (see ml_core.face.quality).
    to_portrait: (2, 3) float32 affine, photo frame -> portrait frame.
    faces: every face found in the photo, best first; ``face_index`` says which one this is.
    """

    image: Image
    valid: NDArray[np.bool_]
    landmarks: Points
    iris: Points
    matte: Mask
    regions: NDArray[np.uint8]
    skin_lab: tuple[float, float, float]
    hair_lab: tuple[float, float, float] | None
    pose: HeadPose
    expression: Mapping[str, float]
    glasses: bool
    scores: Mapping[str, float]
    to_portrait: NDArray[np.float32]
    faces: tuple[FaceBox, ...]
    face_index: int


@dataclass(frozen=True)
class Palette:
    """Colours that vector parts are drawn with, taken from the toonified portrait. RGB 0..255."""

    skin: Rgb
    skin_shadow: Rgb
    lip: Rgb
    brow: Rgb
    hair: Rgb
    iris: Rgb
    line: Rgb
    line_weight: float = 1.0
    """Relative stroke width of the style; 1 is cel."""
    clothes: Rgb | None = None
    """Main colour of the clothes, for sleeves of drawn hands; None where none are seen."""


@dataclass(frozen=True)
class ToonPortrait:
    """The cartoon texture of one face, same geometry as ``analysis``.

    texture: (S, S, 4) uint8 straight-alpha RGBA, portrait frame; colour is bled outside the matte.
    eye_scale: caricature enlargement of the eyes that suits the style (1 = natural).
    lips: 0..1, how much of its own lips a puppet draws; at 0 those of the texture stay.
    caricature: how far a puppet leaves the person's own proportions, 0 to 1 (chibi).
    """

    texture: Image
    palette: Palette
    style: str
    strength: float
    eye_scale: float
    analysis: FaceAnalysis
    lips: float = 0.0
    caricature: float = CARICATURE


@dataclass(frozen=True)
class EffectCue:
    """A drawn effect on the timeline. ``start`` and ``end`` are phases of the loop, 0..1."""

    name: str
    start: float = 0.0
    end: float = 1.0
    options: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True)
class GestureCue:
    """A drawn hand or prop on the timeline, phases 0..1."""

    name: str
    start: float = 0.0
    end: float = 1.0
    options: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True)
class CaptionSpec:
    """What is written and how. ``style`` is a name known to ml_core.drawing."""

    text: str
    style: str = "pop"
    colour: Rgb = (43, 32, 40)


@dataclass(frozen=True)
class FaceFrame:
    """Where the puppet's face is in one output frame, for everything drawn around it.

    landmarks: (468, 2) float32, canvas pixels. unit: canvas pixels per outer-eye distance.
    alpha: (H, W) uint8 coverage of the puppet before its outline. roll: degrees, clockwise.
    """

    landmarks: Points
    unit: float
    roll: float
    alpha: NDArray[np.uint8]
    size: int


@dataclass(frozen=True)
class Clip:
    """An animated sticker before encoding.

    frames: (N, H, W, 4) uint8, straight-alpha RGBA, RGB white where alpha is 0; loops exactly.
    fps: frames a second, constant. poster: index of the emotional peak, used where a still is shown.
    """

    frames: NDArray[np.uint8]
    fps: float
    poster: int = 0

    @property
    def shape(self) -> tuple[int, ...]:
        return self.frames.shape

    @property
    def duration_s(self) -> float:
        return len(self.frames) / self.fps

    def frame(self, index: int) -> Image:
        """As FrameSource has it."""
        image: Image = self.frames[index]
        return image

    def whole(self) -> Clip:
        """As FrameSource has it."""
        return self


class FrameSource(Protocol):
    """The frames of an animated sticker: all there (Clip), or drawn when they are asked for (LazyClip)."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, H, W, 4)."""

    @property
    def fps(self) -> float: ...

    @property
    def poster(self) -> int: ...

    def frame(self, index: int) -> Image:
        """(H, W, 4) uint8 straight alpha."""

    def whole(self) -> Clip:
        """Every frame."""


@dataclass(frozen=True)
class Check:
    """One limit and what the file has. limit and found are short texts for people."""

    name: str
    ok: bool
    limit: str
    found: str


@dataclass(frozen=True)
class Certificate:
    """marks: "xmp", "c2pa", "comment" or "tags" as far as they say that the file is AI-generated."""

    ok: bool
    target: str
    checks: tuple[Check, ...]
    marks: tuple[str, ...] = ()

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.ok)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**asdict(self), "checks": [asdict(check) for check in self.checks], "marks": list(self.marks)}


@dataclass(frozen=True)
class EncodedFile:
    """One finished file in memory. ``format`` is webp, webm, mp4, apng, gif or png.

    certificate, given_up: of a file that was fitted to a messenger's limits, see ``fitting.Fitted``.
    """

    data: bytes
    format: str
    width: int
    height: int
    frames: int
    duration_s: float
    certificate: Certificate | None = None
    given_up: tuple[str, ...] = ()
