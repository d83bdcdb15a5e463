"""The persons in a picture: their cut-out heads, and where each is at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.drawing.pictures.sheet import SIDE
from ml_core.face import topology
from ml_core.face.pose import face_frame
from ml_core.face.shapes import blur, polygon, smoothstep
from ml_core.picture_pipeline.layout import PictureSpec, Slot
from ml_core.swap.look import SourceFace, source_of_toon
from ml_core.swap.swapper import mirrored
from ml_core.types import REGIONS, Image, Points, ToonPortrait

Floats = NDArray[np.float32]

MARGIN: Final = 0.02
"""Free border in canvas sides, for the white outline."""
OTHER_COLOUR: Final = (16.0, 26.0)
"""Distance in CIE Lab from the colour of the hair over which something is no hair."""
JAW: Final = (172, 397)
"""Landmarks of the angles of the jaw, between which the neck lies."""
NECK_HALF, NECK_LENGTH = 0.44, 0.14
"""Half the width of a neck, and its length under the chin, in outer-eye distances."""


@dataclass(frozen=True)
class Guest:
    """One face in its slot. head: (S, S, 4) premultiplied cut-out. source: for drawn faces."""

    slot: Slot
    toon: ToonPortrait
    source: SourceFace
    head: Image


def guests_of(toons: Sequence[ToonPortrait], spec: PictureSpec) -> list[Guest]:
    guests = []
    for index, slot in enumerate(spec.slots):
        toon = toons[min(index, len(toons) - 1)]
        source, head = source_of_toon(toon), _cut_head(toon)
        if slot.mirror or index >= len(toons):
            source, head = mirrored(source), np.ascontiguousarray(head[:, ::-1])
        guests.append(Guest(slot, toon, source, head))
    return guests


def _cut_head(toon: ToonPortrait) -> Image:
    """The head with hair on a neck, premultiplied: clothes go, what they covered of the neck is filled in."""
    points, side = toon.analysis.landmarks, toon.texture.shape[0]
    unit = topology.unit_of(points)
    rows = np.arange(side, dtype=np.float32)[:, np.newaxis] * np.ones((1, side), np.float32)
    chin = float(points[topology.CHIN, 1])
    neck = _neck(points, unit, side)
    face = polygon(points, topology.FACE_OVAL, side, grow=0.05 * unit)
    below = smoothstep(rows, chin - 0.75 * unit, chin - 0.55 * unit)
    clothes = smoothstep(_region(toon, "clothes"), 0.3, 0.7) * smoothstep(rows, chin - 0.3 * unit, chin)
    kept = np.maximum.reduce([1 - below, face, _own_hair(toon), neck]) * (1 - clothes * (1 - face))
    alpha = toon.texture[..., 3:].astype(np.float32) / 255 * kept[..., np.newaxis]
    alpha *= _one_piece(alpha[..., 0], points)
    head = np.concatenate([toon.texture[..., :3].astype(np.float32) * alpha, alpha * 255], axis=2)
    drawn = np.array([*toon.palette.skin_shadow, 255], np.float32) * neck[..., np.newaxis]
    return np.asarray(np.round(head + drawn * (1 - alpha)), np.uint8)


def _region(toon: ToonPortrait, name: str) -> Floats:
    return np.asarray(toon.analysis.regions[REGIONS.index(name)], np.float32) / np.float32(255)


def _neck(points: Points, unit: float, side: int) -> Floats:
    """(S, S): a neck of usual width from behind the jaw, rounded like a neckline at its end."""
    jaw = points[list(JAW), 0].mean()
    chin, half = float(points[topology.CHIN, 1]), NECK_HALF * unit
    end = chin + NECK_LENGTH * unit
    shape = np.zeros((side, side), np.uint8)
    corners = [(jaw - half, chin - 0.5 * unit), (jaw + half, end)]
    (x0, y0), (x1, y1) = ((round(x * 16), round(y * 16)) for x, y in corners)
    cv2.rectangle(shape, (x0, y0), (x1, y1), 255, -1, cv2.LINE_AA, 4)
    axes = (round(half * 16), round(0.26 * unit * 16))
    cv2.ellipse(shape, (round(float(jaw) * 16), y1), axes, 0, 0, 180, 255, -1, cv2.LINE_AA, 4)
    return blur(shape.astype(np.float32) / np.float32(255), 0.01 * unit)


def _one_piece(alpha: Floats, points: Points) -> Floats:
    """(S, S, 1): 1 on what hangs together with the face and just around it, 0 on crumbs of collars."""
    _, labels = cv2.connectedComponents((alpha > 0.4).astype(np.uint8))
    x, y = np.clip(np.round(points[topology.NOSE_TIP, :2]).astype(int), 0, alpha.shape[0] - 1)
    own = (labels == labels[y, x]).astype(np.uint8)
    return np.asarray(cv2.dilate(own, np.ones((5, 5), np.uint8)), np.float32)[..., np.newaxis]


def _own_hair(toon: ToonPortrait) -> Floats:
    """(S, S): hair of the hair's own colour; collars and hoods, which are taken for hair, have another."""
    hair, wanted = _region(toon, "hair"), toon.analysis.hair_lab
    if wanted is None:
        return np.zeros_like(hair)
    lab = cv2.cvtColor(toon.analysis.image.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    distance = np.linalg.norm(np.asarray(lab, np.float32) - np.array(wanted, np.float32), axis=2)
    other = smoothstep(blur(distance.astype(np.float32), 3.0), *OTHER_COLOUR)
    return np.asarray(np.clip(3 * hair, 0, 1) * (1 - other), np.float32)


def _moved(slot: Slot, phase: float) -> tuple[float, float, float]:
    """x, y and roll of a slot at a moment."""
    wave = float(np.sin(2 * np.pi * phase))
    return slot.centre[0], slot.centre[1] + slot.bob * wave, slot.roll + slot.sway * wave


def _to_slot(guest: Guest, phase: float) -> Floats:
    """(2, 3): the portrait frame (mirrored where the guest is) to the picture's units."""
    points = guest.source.landmarks
    eyes = points[[topology.OUTER_EYE_RIGHT, topology.OUTER_EYE_LEFT], :2].mean(axis=0)
    x, y, roll = _moved(guest.slot, phase)
    zoom, angle = guest.slot.unit / topology.unit_of(points), np.radians(roll)
    turn = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.column_stack([turn, np.array([x, y]) - turn @ eyes]).astype(np.float32)


def placed(guest: Guest, phase: float) -> Points:
    """(468, 3) landmarks of the face in the picture's units."""
    slot = guest.slot
    if slot.kind == "head":
        to = _to_slot(guest, phase)
        flat = guest.source.landmarks[:, :2] @ to[:, :2].T + to[:, 2]
        depth = guest.source.landmarks[:, 2:] * np.float32(np.hypot(to[0, 0], to[1, 0]))
        return np.column_stack([flat, depth]).astype(np.float32)
    x, y, roll = _moved(slot, phase)
    # the person's own proportions and smile, in the pose of the drawing
    own = face_frame(guest.source.landmarks).shape
    shape = own @ rotation(slot.yaw, slot.pitch, roll).T * np.float32(slot.unit)
    eyes = shape[[topology.OUTER_EYE_RIGHT, topology.OUTER_EYE_LEFT], :2].mean(axis=0)
    return np.asarray(shape + np.array([x - eyes[0], y - eyes[1], 0]), np.float32)


def rotation(yaw: float, pitch: float, roll: float) -> Floats:
    """(3, 3) of degrees as in ``HeadPose``: R = Rz(roll) Ry(-yaw) Rx(-pitch), y down, z away."""
    a, b, c = np.radians([roll, -yaw, -pitch])
    about_z = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(c), -np.sin(c)], [0, np.sin(c), np.cos(c)]])
    return np.asarray(about_z @ about_y @ about_x, np.float32)


def head_on_canvas(guest: Guest, phase: float, size: int) -> Image:
    """The cut-out head where its slot is, premultiplied (size, size, 4)."""
    scale, edge = size * (1 - 2 * MARGIN) / SIDE, size * MARGIN
    to = _to_slot(guest, phase) * np.float32(scale)
    to[:, 2] += np.float32(edge)
    zoom = float(np.hypot(to[0, 0], to[1, 0]))
    head = (
        guest.head if zoom > 0.6 else np.asarray(cv2.GaussianBlur(guest.head, (0, 0), 0.35 / zoom), np.uint8)
    )
    shown = np.asarray(cv2.warpAffine(head, to, (size, size), flags=cv2.INTER_LINEAR), np.uint8)
    if guest.slot.window is None:
        return shown
    mask = _window(guest.slot, size)[..., np.newaxis]
    return np.round(shown * mask).astype(np.uint8)


def _window(slot: Slot, size: int) -> Floats:
    """(size, size) float32, 1 inside the slot's window."""
    assert slot.window is not None
    scale, edge = size * (1 - 2 * MARGIN) / SIDE, size * MARGIN
    a, b, c, d = (value * scale for value in slot.window)
    mask = np.zeros((size, size), np.uint8)
    if slot.boxed:
        corners = [(round(a + edge), round(b + edge)), (round(c + edge), round(d + edge))]
        cv2.rectangle(mask, corners[0], corners[1], 255, -1)
    else:
        middle, radii = (round((a + edge) * 16), round((b + edge) * 16)), (round(c * 16), round(d * 16))
        cv2.ellipse(mask, middle, radii, 0, 0, 360, 255, -1, cv2.LINE_AA, 4)
    return mask.astype(np.float32) / np.float32(255)
