"""The puppet: one toonified portrait that can be posed, staged on a canvas, and rendered frame by frame.

Skin, hair and clothes are a texture on two deforming sheets; eyes, mouth and glasses are vectors drawn anew
on every frame, so that blinks and open mouths are clean at any size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias, overload

import numpy as np
import skia
from numpy.typing import NDArray

from ml_core.animation.channels import CHANNELS
from ml_core.animation.contours import EYES
from ml_core.animation.eyes import EyePainter, eye_spec
from ml_core.animation.glasses import draw_glasses
from ml_core.animation.motion import Motion, Pose, loop_phases, rest_pose, sample
from ml_core.animation.mouth import MouthPainter
from ml_core.animation.rig import Rig, Solved
from ml_core.animation.sheets import Sheet, body_sheet, figure_of, head_sheet
from ml_core.animation.tint import draw_tints
from ml_core.animation.warp import MeshPainter, NumbaPainter, fold_overs
from ml_core.face.topology import CHIN, POINTS
from ml_core.types import FaceFrame, ToonPortrait

Array = NDArray[np.float64]
ActedFrame: TypeAlias = tuple[NDArray[np.uint8], FaceFrame]
"""Premultiplied (size, size, 4) uint8 RGBA, and where the face is in it."""

CAPTION_BAND = 0.24
"""Bottom share of the canvas kept for a caption: the chin stays above it, the bust may show behind."""
CHIN_LIMIT_ALONE = 0.84
"""Without a caption the chin may come down to here."""
MARGIN = 0.032
"""Free border in canvas sides: the white outline is 8 px of 512, antialiasing and swinging hair the rest."""
LARGEST_HEAD = 0.72
"""Rest height of the head, crown to chin, in canvas sides: leaves room for hands and effects."""


@dataclass(frozen=True)
class Stage:
    """Where face space lies on the canvas: pixel = point * scale + offset."""

    scale: float
    offset: tuple[float, float]


class Puppet:
    """A posable cartoon of one face.

    toon: the texture and the analysis it came from. size: canvas side in pixels.
    device: where the sheets are drawn, cpu or a torch device.
    caricature: 0 keeps the person's proportions, 1 is chibi; None is the portrait's own amount.
    """

    def __init__(
        self, toon: ToonPortrait, *, size: int = 512, caricature: float | None = None, device: str = "cpu"
    ) -> None:
        self.size = size
        self.palette = toon.palette
        self.glasses = toon.analysis.glasses
        figure = figure_of(toon)
        self._head, self._body = head_sheet(toon, figure), body_sheet(toon, figure)
        self._rig = Rig(toon, self._head, self._body, toon.caricature if caricature is None else caricature)
        self._painter = _painter((self._body, self._head), size, device)
        self._mouth = MouthPainter(self._rig.face, toon.palette, toon.lips)
        specs = [
            eye_spec(eye, self._rig.face, toon.analysis.landmarks, iris)
            for eye, iris in zip(EYES, toon.analysis.iris, strict=True)
        ]
        self._eyes = [EyePainter(spec, toon.palette) for spec in specs]
        self._at_rest = self._rig.solve(rest_pose())
        self._stage = self._staged(self._at_rest, has_caption=True)

    def fit(self, pose: Pose, *, has_caption: bool = True) -> Stage:
        """Choose, and keep, the largest staging in which no frame of ``pose`` leaves the canvas.

        With a caption the chin stays above ``CAPTION_BAND`` in every frame.
        """
        self._stage = self._staged(self._rig.solve(pose), has_caption)
        return self._stage

    def _staged(self, solved: Solved, has_caption: bool) -> Stage:
        rest = self._at_rest
        crown, chin_rest = self._silhouette(rest)[..., 1].min(), rest.head[0, CHIN, 1]
        shown = self._silhouette(solved)
        left, top = shown.min(axis=(0, 1))
        right, bottom = shown.max(axis=(0, 1))
        chin = solved.head[:, CHIN, 1].max()
        room, chin_limit = 1 - 2 * MARGIN, 1 - CAPTION_BAND if has_caption else CHIN_LIMIT_ALONE
        scale = min(
            LARGEST_HEAD / (chin_rest - crown),
            room / (right - left),
            room / (bottom - top),
            (chin_limit - MARGIN) / (chin - top),
        )
        middle = rest.head[0, :POINTS, 0].mean()
        x = np.clip(0.5 - middle * scale, MARGIN - left * scale, 1 - MARGIN - right * scale)
        y = min(1 - MARGIN - bottom * scale, chin_limit - chin * scale)
        return Stage(scale * self.size, (float(x) * self.size, float(y) * self.size))

    def _silhouette(self, solved: Solved) -> Array:
        """(F, P, 2) outline of both sheets in puppet space."""
        parts = []
        for points, sheet in ((solved.head, self._head), (solved.body, self._body)):
            corners, weights = sheet.outline
            parts.append((points[:, corners] * weights[..., None]).sum(axis=2))
        return np.asarray(np.concatenate(parts, axis=1))

    def render(self, pose: Pose) -> ActedFrame:
        """The first frame of ``pose``: premultiplied (size, size, 4) uint8 RGBA, and where the face is in it.

        Hair does not swing here: a single pose has no past. See ``puppet_frames``.
        """
        return next(self._drawn(self._rig.solve(pose), [0], pose))

    def _placed(self, points: Array) -> Array:
        return np.asarray(points * self._stage.scale + np.array(self._stage.offset))

    def _drawn(self, solved: Solved, indices: Sequence[int], pose: Pose) -> Iterator[ActedFrame]:
        chosen = list(indices)
        placed = [self._placed(solved.body[chosen]), self._placed(solved.head[chosen])]
        for index, pixels, head in zip(chosen, self._painter.frames(placed), placed[1], strict=True):
            row = dict(zip(CHANNELS, pose.values[index].tolist(), strict=True))
            self._draw_features(pixels, head[:POINTS], row)
            yield pixels, self._face_frame(pixels, head[:POINTS], row)

    def _draw_features(self, pixels: NDArray[np.uint8], face: Array, row: dict[str, float]) -> None:
        info = skia.ImageInfo.Make(self.size, self.size, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
        surface = skia.Surface.MakeRasterDirect(info, pixels, 4 * self.size)
        canvas = surface.getCanvas()
        # squash and whole-figure scale change the drawn unit with the face
        unit = self._stage.scale * row["scale"]
        draw_tints(canvas, face, row)
        self._mouth.draw(canvas, face, unit, row)
        for eye in self._eyes:
            eye.draw(canvas, face, unit, row)
        if self.glasses:
            draw_glasses(canvas, face, unit, self.palette)

    def _face_frame(self, pixels: NDArray[np.uint8], face: Array, row: dict[str, float]) -> FaceFrame:
        return FaceFrame(
            landmarks=face.astype(np.float32),
            unit=self._stage.scale * row["scale"],
            roll=row["head.roll"] + row["root.roll"],
            alpha=np.ascontiguousarray(pixels[..., 3]),
            size=self.size,
        )

    def fold_overs(self, pose: Pose) -> int:
        """Triangles of face and hair that turn over in any frame of ``pose``; 0 is clean."""
        solved = self._rig.solve(pose, spring=len(pose) > 2)
        uv = self._head.points.astype(np.float64)
        return sum(fold_overs(self._placed(frame), uv, self._head.triangles) for frame in solved.head)

    def frames(
        self, pose: Pose, *, has_caption: bool = True, only: Sequence[int] | None = None
    ) -> Iterator[ActedFrame]:
        """Stage a whole loop, whose evenly spaced frames ``pose`` holds, and render it.

        only: indices of the frames to render; all of them are solved, so that hair swings as in the loop.
        """
        solved = self._rig.solve(pose, spring=True)
        self._stage = self._staged(solved, has_caption)
        yield from self._drawn(solved, range(len(pose)) if only is None else only, pose)

    def loop(self, pose: Pose, *, has_caption: bool = True) -> Loop:
        """The same, each frame drawn when it is asked for. The puppet must not be staged anew meanwhile."""
        solved = self._rig.solve(pose, spring=True)
        self._stage = self._staged(solved, has_caption)
        return Loop(len(pose), lambda index: next(self._drawn(solved, [index], pose)))


class Loop(Sequence[ActedFrame]):
    """The frames of ``puppet_frames``, in any order: each one is drawn whenever it is asked for."""

    def __init__(self, count: int, draw: Callable[[int], ActedFrame]) -> None:
        self._count, self._draw = count, draw

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> ActedFrame: ...

    @overload
    def __getitem__(self, index: slice) -> list[ActedFrame]: ...

    def __getitem__(self, index: int | slice) -> ActedFrame | list[ActedFrame]:
        chosen = range(self._count)[index]
        return self._draw(chosen) if isinstance(chosen, int) else [self._draw(each) for each in chosen]


def _painter(sheets: Sequence[Sheet], size: int, device: str) -> MeshPainter:
    layers = [
        (sheet.points.astype(np.float64), np.concatenate([sheet.patches, sheet.triangles]), sheet.texture)
        for sheet in sheets
    ]
    if device == "cpu":
        return NumbaPainter(layers, size)
    from ml_core.animation.torch_warp import TorchPainter  # noqa: PLC0415 - the default engine has no torch

    return TorchPainter(layers, size, device)


def puppet_frames(
    puppet: Puppet,
    motion: Motion,
    *,
    n: int | None = None,
    has_caption: bool = True,
    only: Sequence[int] | None = None,
) -> Iterator[ActedFrame]:
    """The ``n`` frames of one loop of ``motion`` (default: as many as its own frame rate gives).

    Premultiplied (size, size, 4) uint8 RGBA with the frame's face. The loop closes exactly: hair springs are
    in their periodic steady state, so the frame after the last is the first. only: render just these indices.
    """
    pose = sample(motion, loop_phases(n or motion.frames))
    yield from puppet.frames(pose, has_caption=has_caption, only=only)


def puppet_loop(puppet: Puppet, motion: Motion, *, has_caption: bool = True) -> Loop:
    """The frames of ``puppet_frames`` in any order."""
    return puppet.loop(sample(motion, loop_phases(motion.frames)), has_caption=has_caption)
