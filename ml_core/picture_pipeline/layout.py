"""What a picture template's file says: which drawing, where the faces go, how it moves."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ml_core.drawing.lettering import CAPTION_STYLES
from ml_core.drawing.pictures import PICTURES
from ml_core.errors import LookInvalid, MotionInvalid
from ml_core.swap.look import SwapLook

KINDS: Final = ("head", "face")


@dataclass(frozen=True)
class Slot:
    """Where one face goes, in units of a picture that is 512 wide.

    kind: "head" puts the whole head in, cut out with its hair; "face" puts the features on a drawn face.
    centre: between the eyes. unit: distance of the outer eye corners. yaw, pitch, roll: degrees (drawn faces;
    heads roll). sway, bob: degrees and units that it moves during the loop. window: x, y, rx, ry of an
    oval, or
    x0, y0, x1, y1 of a box when ``boxed``, beyond which a head is not shown. regions, amount: as in SwapLook.
    """

    kind: str
    centre: tuple[float, float]
    unit: float
    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    sway: float = 0.0
    bob: float = 0.0
    window: tuple[float, float, float, float] | None = None
    boxed: bool = False
    regions: tuple[str, ...] = ()
    amount: float = 1.0
    mirror: bool = False


@dataclass(frozen=True)
class PictureSpec:
    """A picture template, as its file says. frames / fps seconds long; one frame is a still with a moving
    caption."""

    drawing: str
    slots: tuple[Slot, ...]
    fps: float = 12.0
    frames: int = 24
    moving: bool = True
    caption_style: str = "pop"
    caption_colour: tuple[int, int, int] = (43, 32, 40)


def picture_from_toml(text: str) -> PictureSpec:
    """Raises MotionInvalid (picture_unreadable, picture_unknown, picture_slot) that names what is wrong."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MotionInvalid("picture_unreadable", f"The picture's TOML cannot be read: {error}.") from None
    drawing = str(data.get("drawing", ""))
    if drawing not in PICTURES:
        known = ", ".join(PICTURES)
        raise MotionInvalid(
            "picture_unknown", f"There is no drawing {drawing!r}; use one of: {known}.", known=known
        )
    slots = tuple(_slot(row) for row in data.get("slots", ()))
    if not slots:
        raise MotionInvalid("picture_slot", "A picture needs at least one [[slots]] for a face.")
    caption: Mapping[str, Any] = data.get("caption", {})
    spec = PictureSpec(
        drawing,
        slots,
        fps=float(data.get("fps", 12.0)),
        frames=int(data.get("frames", 24)),
        moving=bool(data.get("moving", True)),
        caption_style=str(caption.get("style", "pop")),
    )
    if not (1 <= spec.frames <= 90 and 5 <= spec.fps <= 30):
        raise MotionInvalid("picture_slot", "A picture has 1 to 90 frames at 5 to 30 a second.")
    if spec.caption_style not in CAPTION_STYLES:
        raise MotionInvalid("picture_slot", f"There is no caption style {spec.caption_style!r}.")
    return spec


def _slot(row: Mapping[str, Any]) -> Slot:
    try:
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
        }
        slot = Slot(**values)
        SwapLook(slot.regions, slot.amount)
        if slot.kind not in KINDS or len(slot.centre) != 2 or not 10 <= slot.unit <= 300:
            raise ValueError(f"kind is one of {', '.join(KINDS)}, centre x and y, unit 10 to 300")
    except (TypeError, ValueError, LookInvalid) as error:
        raise MotionInvalid("picture_slot", f"A slot of the picture is wrong: {error}.") from None
    return slot
