"""inswapper_128 through the insightface package, with a soft-edged paste of our own.

The network draws the source's identity into a 128 x 128 crop of the target. insightface pastes that square
back
with an eroded box; here it goes through an oval that fades out, and what differs at its rim is levelled by
the same membrane as in our own swap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.errors import OutputInvalid, PhotoRejected, WeightsUnavailable
from ml_core.face.insightface_backend import InsightFace, InsightFaces, insightface_speaking
from ml_core.face.shapes import smoothstep
from ml_core.swap.blend import composed, membrane
from ml_core.swap.look import FACE_REGIONS, SwapLook
from ml_core.swap.targets import chosen_of
from ml_core.types import FaceBox, Image, Mask

Floats = NDArray[np.float32]

CENTRE: Final = (0.5, 0.53)
RADII: Final = (0.40, 0.46)
"""Oval of the face in the aligned crop: ArcFace's template puts eyes at 0.40 and the mouth at 0.72 of its
height."""
FADE: Final = (1.0, 0.72)
"""Shares of the oval's radius between which the paste fades in."""
_PARTS: Final[dict[str, tuple[tuple[float, float, float, float], ...]]] = {
    "eyes": ((0.35, 0.40, 0.14, 0.08), (0.65, 0.40, 0.14, 0.08)),
    "brows": ((0.33, 0.30, 0.16, 0.07), (0.67, 0.30, 0.16, 0.07)),
    "nose": ((0.50, 0.52, 0.13, 0.16),),
    "mouth": ((0.50, 0.73, 0.20, 0.12),),
}
"""Ovals x, y, rx, ry of the regions in the aligned crop, whose features always lie in the same place."""


def load_inswapper(path: Path) -> Any:
    """The package's own INSwapper. Raises WeightsUnavailable (weights_corrupt, insightface_missing)."""
    with insightface_speaking():
        from insightface.model_zoo import get_model  # noqa: PLC0415 - heavy, only for this back end

        try:
            model = get_model(str(path), providers=["CPUExecutionProvider"])
        except Exception as error:
            raise WeightsUnavailable("weights_corrupt", f"{path} cannot be loaded: {error}") from error
    if not hasattr(model, "emap"):
        raise WeightsUnavailable("weights_corrupt", f"{path} is not inswapper_128.")
    return model


class InsightSwap:
    """Puts one source face into pictures and clips with the published networks."""

    def __init__(self, faces: InsightFaces, model: Any, photo: Image, look: SwapLook) -> None:
        """model: of ``load_inswapper``. photo: (H, W, 3) uint8 RGB with the source face.

        Raises PhotoRejected (no_face).
        """
        self._faces, self._model, self._look = faces, model, look
        found = faces.faces(photo)
        if not found:
            raise PhotoRejected(
                "no_face", "There is no face in this photo; send one where it is clearly visible."
            )
        self._source = found[0]

    def boxes(self, image: Image) -> tuple[FaceBox, ...]:
        """Faces of an (H, W, 3) uint8 RGB picture, best first."""
        return tuple(face.box for face in self._faces.faces(image))

    def picture(self, image: Image, chosen: Sequence[int] | None) -> Image:
        """(H, W, 3) with the chosen faces swapped; None is all. Raises PhotoRejected."""
        found = self._faces.faces(image)
        out = image.copy()
        for index in chosen_of(len(found), chosen):
            out = self._put(out, found[index])
        return out

    def clip(self, frames: Sequence[Image], chosen: Sequence[int] | None) -> tuple[Image, ...]:
        """Every frame; a face is the one nearest to where it was. Frames that lose it stay as they are."""
        first = self._faces.faces(frames[0])
        centres = [_centre(first[index]) for index in chosen_of(len(first), chosen)]
        out = []
        for frame in frames:
            found = self._faces.faces(frame)
            shown = frame.copy()
            for number, last in enumerate(centres):
                near = min(found, key=lambda face: float(np.hypot(*(_centre(face) - last))), default=None)
                if near is not None and np.hypot(*(_centre(near) - last)) < max(near.box.box[2:]):
                    centres[number] = _centre(near)
                    shown = self._put(shown, near)
            out.append(shown)
        return tuple(out)

    def _put(self, image: Image, face: InsightFace) -> Image:
        with insightface_speaking(), _finite():
            made, into = self._model.get(
                cv2.cvtColor(image, cv2.COLOR_RGB2BGR), face.raw, self._source.raw, paste_back=False
            )
        if not np.isfinite(np.asarray(into)).all():
            return image  # the five points lie on one another: no face to draw on
        drawn = np.asarray(made[..., ::-1], np.float32)
        side = drawn.shape[0]
        mask = _shape(side, self._look)
        there = cv2.warpAffine(
            image, into, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        rim = smoothstep(mask, 0.02, 0.2) * smoothstep(mask, 0.95, 0.6)
        drawn = drawn + membrane(np.asarray(there, np.float32) - drawn, rim)
        size = (image.shape[1], image.shape[0])
        back = cv2.invertAffineTransform(np.asarray(into, np.float64))
        front = cv2.warpAffine(drawn, back, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        alpha = cv2.warpAffine(mask, back, size, flags=cv2.INTER_LINEAR) * np.float32(self._look.amount)
        return composed(
            np.asarray(front, np.float32), image.astype(np.float32), np.asarray(alpha, np.float32)
        )


@contextmanager
def _finite() -> Iterator[None]:
    """insightface rounds its network's answer to bytes itself: what is no number is noticed there.

    Raises OutputInvalid (``result_not_finite``).
    """
    try:
        with np.errstate(invalid="raise"):
            yield
    except FloatingPointError as error:
        raise OutputInvalid("result_not_finite", f"inswapper computed NaN: {error}.") from error


def _shape(side: int, look: SwapLook) -> Mask:
    """(side, side): where the drawn face replaces the target's."""
    face = _oval(side, *CENTRE, *RADII)
    if not look.regions or set(look.regions) == set(FACE_REGIONS):
        return face
    parts = {name: np.maximum.reduce([_oval(side, *o) for o in ovals]) for name, ovals in _PARTS.items()}
    rest = np.clip(face - np.maximum.reduce(list(parts.values())), 0, 1)
    chosen: Mask = np.clip(np.add.reduce([parts.get(name, rest) for name in look.regions]), 0, 1)
    return chosen.astype(np.float32)


def _oval(side: int, x: float, y: float, rx: float, ry: float) -> Mask:
    line = (np.arange(side, dtype=np.float32) + 0.5) / side
    reach = np.hypot((line[np.newaxis] - x) / rx, (line[:, np.newaxis] - y) / ry)
    return smoothstep(reach.astype(np.float32), *FADE)


def _centre(face: InsightFace) -> Floats:
    x, y, w, h = face.box.box
    return np.array([x + w / 2, y + h / 2], np.float32)
