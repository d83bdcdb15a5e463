"""Analysed faces and a drawn picture to sticker files: toonify, put in, caption, encode.

Landmarks are carried: a drawn face has known landmarks, so nothing is ever detected on a drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ml_core.drawing.caption import Caption
from ml_core.drawing.compositing import lay_beneath
from ml_core.drawing.ink import surface_over
from ml_core.drawing.outline import outline, to_straight
from ml_core.drawing.pictures import PICTURES
from ml_core.drawing.pictures.sheet import SIDE, Sheet
from ml_core.drawing.typefaces import FontBook
from ml_core.face.archive import analysis_from_bytes
from ml_core.picture_pipeline.guests import MARGIN, Guest, guests_of, head_on_canvas, placed
from ml_core.picture_pipeline.layout import PictureSpec, picture_from_toml
from ml_core.pipeline import STROKE_SHARE, encode_all
from ml_core.swap.look import FACE_REGIONS, SwapLook, TargetFace
from ml_core.swap.swapper import swap_faces
from ml_core.toonify.look import ToonLook
from ml_core.toonify.renderer import toonify
from ml_core.types import CaptionSpec, Clip, EncodedFile, Image, Points, ToonPortrait

OnProgress = Callable[[str, int], None]


@dataclass(frozen=True)
class PictureRequest:
    """analyses: bytes of ml_core.face.archive, one a slot; slots without their own take the last, mirrored.

    picture: TOML text. look.strength 0 keeps the photograph, 1 is all cartoon.
    """

    analyses: tuple[bytes, ...]
    picture: str
    caption: str
    look: ToonLook = field(default_factory=ToonLook)
    formats: tuple[str, ...] = ("webp", "webm", "png")
    size: int = 512


def _ignore(stage: str, percent: int) -> None:
    """Progress nobody asked for."""


def make_picture_sticker(
    request: PictureRequest, on_progress: OnProgress = _ignore
) -> tuple[EncodedFile, ...]:
    """Files in the order of ``request.formats``.

    Raises PhotoRejected (unreadable analysis), LookInvalid, MotionInvalid, ClipInvalid.
    """
    spec = picture_from_toml(request.picture)
    on_progress("toonifying", 8)
    toons = [
        toonify(analysis_from_bytes(data), request.look, with_eyes=True)
        for data in request.analyses[: len(spec.slots)]
    ]
    on_progress("animating", 25)
    clip = picture_clip(toons, spec, request.caption, size=request.size, on_progress=on_progress)
    on_progress("encoding", 75)
    return encode_all(clip, request.formats)


def picture_clip(
    toons: Sequence[ToonPortrait],
    spec: PictureSpec,
    caption: str,
    *,
    size: int = 512,
    on_progress: OnProgress = _ignore,
) -> Clip:
    """(N, size, size, 4) uint8 straight alpha; the caption's animation needs no more than the picture's
    frames."""
    guests = guests_of(toons, spec)
    fonts = FontBook()
    written = None
    if caption:
        written = Caption(
            CaptionSpec(caption, spec.caption_style, spec.caption_colour), size=size, fonts=fonts
        )
    frames = np.empty((spec.frames, size, size, 4), np.uint8)
    still: Image | None = None
    for index in range(spec.frames):
        phase = index / spec.frames
        if still is None or spec.moving:
            still = _composed(guests, spec, phase, size, fonts)
        frame = still.copy()
        if written is not None:
            surface = surface_over(frame)
            written.draw(surface.getCanvas(), phase)
        frames[index] = to_straight(frame)
        if index % 4 == 0:
            on_progress("animating", 25 + 50 * index // spec.frames)
    return Clip(frames, spec.fps, poster=spec.frames // 2)


def _composed(guests: Sequence[Guest], spec: PictureSpec, phase: float, size: int, fonts: FontBook) -> Image:
    """One frame without its caption, premultiplied (size, size, 4)."""
    picture = PICTURES[spec.drawing]
    faces = [placed(guest, phase) for guest in guests]
    palettes = [guest.toon.palette for guest in guests]
    canvas = np.zeros((size, size, 4), np.uint8)
    _drawn(canvas, picture.behind, phase, palettes, faces, fonts)
    scale, edge = size * (1 - 2 * MARGIN) / SIDE, size * MARGIN
    for guest, points in zip(guests, faces, strict=True):
        if guest.slot.kind == "face":
            _put_face(canvas, guest, points * np.float32(scale) + np.array([edge, edge, 0], np.float32))
        else:
            head = head_on_canvas(guest, phase, size)
            lay_beneath(head, canvas)
            canvas = head
    _drawn(canvas, picture.before, phase, palettes, faces, fonts)
    return outline(canvas, stroke=round(STROKE_SHARE * size))


def _drawn(
    canvas: Image,
    draw: Callable[[Sheet], None],
    phase: float,
    palettes: Sequence[Any],
    faces: Sequence[Points],
    fonts: FontBook,
) -> None:
    surface = surface_over(canvas)
    pen = surface.getCanvas()
    size = canvas.shape[0]
    pen.translate(size * MARGIN, size * MARGIN)
    pen.scale(size * (1 - 2 * MARGIN) / SIDE, size * (1 - 2 * MARGIN) / SIDE)
    draw(Sheet(pen, phase, palettes, faces, fonts))


def _put_face(canvas: Image, guest: Guest, points: Points) -> None:
    """Features onto a drawn face, in place; the drawing is opaque there."""
    rgb = np.ascontiguousarray(canvas[..., :3])
    look = SwapLook(guest.slot.regions or FACE_REGIONS, guest.slot.amount)
    canvas[..., :3] = swap_faces(rgb, [(guest.source, TargetFace(points))], look)
