"""What a face patch says about masks, sunglasses, beards and animals: numbers, no verdicts.

All measures are taken on a small picture with a fixed distance between the eyes and are relative to
the lightness of the skin around them, so that they mean the same for every skin tone and exposure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.face import topology
from ml_core.face.exposure import lab_of
from ml_core.face.geometry import cut, moved, square_transform
from ml_core.face.landmarks import MeshFit, Roi, fit_mesh
from ml_core.face.nets import FaceNets
from ml_core.face.shapes import polygon
from ml_core.types import Image, Points

Floats = NDArray[np.float32]

UNIT: Final = 64
"""Pixels between the outer eye corners of the patch."""
SIDE: Final = 192
"""Three eye distances: the face from hairline to chin."""
GLANCES: Final = ((1.3, 0.0), (0.85, 0.0), (1.0, 0.08), (1.0, -0.08))
"""Scale and sideways shift (in squares) of the extra looks of ``wobble``."""
LEAST_CHEEKS: Final = 30.0
"""Lightness that eyes are compared with at least: the white of the eye does not darken with the skin."""
_UNDER_EYES: Final = ((229, 230, 231), (449, 450, 451))
_OVER_EYES: Final = ((222, 223, 224), (442, 443, 444))
_CHEEKS: Final = (50, 280, 205, 425, 36, 266)
_JAW_SKIN: Final = (210, 430, 212, 432, 169, 394, 18, 200, 199, 175, 164)


@dataclass(frozen=True)
class Evidence:
    """wobble: how much the mesh disagrees with itself when the square around the face moves, in
    outer-eye distances; people 0.010 to 0.020, masks and animals from 0.024.
    mouth_detail: variation of colour (Lab) inside the lips over the lightness of the skin around them; a red
    mouth on dark skin may be no lighter or darker than the skin.
    lip_contrast: Lab distance of lips and the skin around them.
    eye_contrast: dark to light inside the lids, over the cheeks' lightness (LEAST_CHEEKS at least).
    eye_shade: lightness around the eyes over the cheeks'; dark lenses lie below 0.7.
    beard: how much darker or less red jaw and upper lip are than the cheekbones, 0..1.
    """

    wobble: float
    mouth_detail: float
    lip_contrast: float
    eye_contrast: float
    eye_shade: float
    beard: float


def gather(nets: FaceNets, portrait: Image, points: Points, roi: Roi) -> Evidence:
    """Evidence of an (S, S, 3) RGB portrait with (468, 3) points found in ``roi``."""
    unit = topology.unit_of(points)
    nose = points[topology.NOSE_TIP, :2]
    transform = square_transform(nose, unit * SIDE / UNIT, 0.0, SIDE)
    lab = np.asarray(cv2.GaussianBlur(lab_of(cut(portrait, transform, SIDE)), (0, 0), 0.6), dtype=np.float32)
    local = moved(points[:, :2], transform)
    soft = np.asarray(cv2.GaussianBlur(lab, (0, 0), 1.1), dtype=np.float32)
    cheeks = max(float(_at(soft, local, _CHEEKS)[:, 0].mean()), 4.0)
    detail, contrast = _mouth(lab, local)
    eye_contrast, eye_shade = _eyes(lab, soft, local, cheeks)
    return Evidence(
        wobble=wobble(nets, portrait, roi, unit),
        mouth_detail=detail,
        lip_contrast=contrast,
        eye_contrast=eye_contrast,
        eye_shade=eye_shade,
        beard=_beard(soft, local),
    )


def wobble(nets: FaceNets, portrait: Image, roi: Roi, unit: float) -> float:
    """Mean spread of the mesh over GLANCES at the same face, in outer-eye distances.

    The network was trained on people's faces: there its answer does not depend on the square it
    looks through. On what it has never seen (masks, muzzles) it does, while its own presence score
    still says 1.0. Deep ensembles' disagreement (Lakshminarayanan et al. 2017) by moving the input.
    """
    looks = []
    for scale, shift in GLANCES:
        along = np.array([np.cos(roi.angle), np.sin(roi.angle)], dtype=np.float32)
        moved_roi = Roi(roi.centre + along * np.float32(shift * roi.side), roi.side * scale, roi.angle)
        fit: MeshFit = fit_mesh(nets, portrait, moved_roi, passes=1)
        looks.append(fit.points[:, :2])
    return float(np.std(np.stack(looks), axis=0).mean()) / max(unit, 1.0)


def _at(lab: Floats, points: Floats, ids: tuple[int, ...]) -> Floats:
    x, y = np.clip(points[list(ids)].round().astype(int), 0, SIDE - 1).T
    return np.asarray(lab[y, x], dtype=np.float32)


def _mouth(lab: Floats, points: Floats) -> tuple[float, float]:
    outer = polygon(points, topology.LIPS_OUTER, SIDE) > 0.5
    lips = outer & (polygon(points, topology.LIPS_INNER, SIDE) < 0.5)
    near, far = (
        polygon(points, topology.LIPS_OUTER, SIDE, 3) > 0.5,
        polygon(points, topology.LIPS_OUTER, SIDE, 10) > 0.5,
    )
    around = far & ~near
    if lips.sum() < 8 or around.sum() < 8:
        return 0.0, 0.0
    skin = np.median(lab[around], axis=0)
    contrast = float(np.linalg.norm(np.median(lab[lips], axis=0) - skin))
    return float(np.linalg.norm(lab[outer].std(axis=0))) / max(float(skin[0]), 4.0), contrast


def _eyes(lab: Floats, soft: Floats, points: Floats, cheeks: float) -> tuple[float, float]:
    contrasts, shades = [], []
    for contour, under, over in zip(
        (topology.EYE_RIGHT, topology.EYE_LEFT), _UNDER_EYES, _OVER_EYES, strict=True
    ):
        inside = lab[..., 0][polygon(points, contour, SIDE) > 0.5]
        contrasts.append(float(np.percentile(inside, 90) - np.percentile(inside, 10)) if inside.size else 0.0)
        shades.append(max(float(_at(soft, points, ids)[:, 0].mean()) for ids in (under, over)))
    return float(np.mean(contrasts)) / max(cheeks, LEAST_CHEEKS), float(np.mean(shades)) / cheeks


def _beard(soft: Floats, points: Floats) -> float:
    """0 shaven .. 1 full beard: jaw and upper lip darker than the cheekbones and less red than their red."""
    bare, jaw = (
        np.median(_at(soft, points, (117, 346, 118, 347, 50, 280)), axis=0),
        _at(soft, points, _JAW_SKIN),
    )
    darker = (bare[0] - jaw[:, 0]) / max(float(bare[0]), 10.0)
    duller = (np.hypot(*bare[1:]) - np.hypot(jaw[:, 1], jaw[:, 2])) / max(float(np.hypot(*bare[1:])), 6.0)
    strength = np.clip((darker - 0.12) / 0.3, 0, 1) * np.clip(0.5 + duller, 0, 1)
    return float(np.clip(np.mean(strength) * 1.4, 0, 1))
