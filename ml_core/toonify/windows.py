"""Windows: the part of a picture that one material is painted in; the rest of it would be seen by nobody."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.toonify.colour import vector
from ml_core.types import FaceAnalysis

Window = tuple[slice, slice]
"""Rows and columns."""
PHASE = 4
"""Windows begin at a multiple of this, so that reduced grids in them lie as those of the whole picture."""
EVERYTHING: Window = (slice(None), slice(None))
if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Parts = TypeVar("Parts", bound="DataclassInstance")


def window_around(where: NDArray[np.bool_], reach: float, phase: int = PHASE) -> Window | None:
    """The box of what is True in (H, W) and ``reach`` pixels around it: as far as blurs in it should see.

    None where nothing is True.
    """
    left, top, width, height = cv2.boundingRect(where.view(np.uint8))
    if width == 0:
        return None
    grown = int(np.ceil(reach))
    return (
        slice(max(0, top - grown) // phase * phase, min(where.shape[0], top + height + grown)),
        slice(max(0, left - grown) // phase * phase, min(where.shape[1], left + width + grown)),
    )


def corner(window: Window) -> NDArray[np.float32]:
    """x, y of a window's first pixel."""
    return vector([window[1].start, window[0].start])


def within(parts: Parts, window: Window) -> Parts:
    """A dataclass whose fields are all (H, W, ...) arrays, cut to a window; views, no copies."""
    cut: dict[str, Any] = {one.name: getattr(parts, one.name)[window] for one in fields(parts)}
    return replace(parts, **cut)


def analysis_within(analysis: FaceAnalysis, window: Window) -> FaceAnalysis:
    """The part of a portrait frame in a window, points and all."""
    shift = corner(window)
    landmarks = analysis.landmarks.copy()
    landmarks[:, :2] -= shift
    return replace(
        analysis,
        image=analysis.image[window],
        valid=analysis.valid[window],
        landmarks=landmarks,
        iris=np.asarray(analysis.iris - shift, np.float32),
        matte=analysis.matte[window],
        regions=analysis.regions[:, window[0], window[1]],
    )
