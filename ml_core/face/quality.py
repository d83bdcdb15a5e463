"""Gates: what a face must have to become a sticker, each with a number and a refusal that helps.

Every gate is a score in ``FaceAnalysis.scores``, higher is better; the order of the checks is the
order in which a person would mention them.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from ml_core.errors import PhotoRejected
from ml_core.face import topology
from ml_core.face.evidence import Evidence
from ml_core.face.exposure import lab_of
from ml_core.face.shapes import resized
from ml_core.types import HeadPose, Image, Points

LEAST_EYE_DISTANCE: Final = 22.0
"""Photo pixels between the outer eye corners: a face of about 44 px, enlarged 6 times."""
MOST_TURNED: Final = 35.0
"""Degrees of yaw or pitch at which the far eye is hidden."""
LEAST_LIGHT: Final = 14.0
"""L that the brightest twentieth of the face must reach; dark skin in daylight has 35 and more."""
SHARPNESS_UNIT: Final = 32
"""All faces are compared at this many pixels between the outer eye corners: a small sharp face passes."""
LEAST_SHARPNESS: Final = 1.4
"""Portraits reach 2.3 and more; blurred by a sixteenth of the eye distance they fall below this."""
DOUBTFUL_SHARPNESS: Final = 2.0
"""Blur makes the mesh wobble: below this a strange face is more likely a blurred one."""
MOST_WOBBLE: Final = 0.022
"""Faces stay below 0.020 even when blurred, noisy, dark or grey; masks and muzzles begin at 0.024."""
STRANGE_WOBBLE: Final = 0.032
"""Eyes and a mouth alone do not make a person: carved and painted figures wobble from 0.0325."""
HOPELESS_WOBBLE: Final = 0.055
"""Masks reach 0.052; beyond lies no face, however clear its eyes seem."""
LEAST_MOUTH: Final = 0.13
"""Variation of colour inside the lips over the skin's lightness: faces 0.24 and more, in any skin tone, drawn
ones from 0.136; cloth 0.12 and less."""
LEAST_EYE_WHITE: Final = 0.22
"""Contrast inside the lids over the cheeks' lightness: animals show no white of the eye (0.18 and less)."""
DOUBTFUL_EYE_WHITE, LEAST_LIPS = 0.3, 3.0
"""Little white of the eye and lips that differ by less than this Lab distance from the skin: a muzzle."""
LENS_CONTRAST, LENS_SHADE, BLACK_LENS = 0.17, 0.68, 0.32
"""Dark lenses: hardly any contrast inside the lids and clear shade around them, or black all around."""
DIM_LENS_CONTRAST, DIM_LENS_SHADE = 0.3, 0.6
"""Eyes seen dimly through dark lenses, on dark skin; bare eyes have a shade of 0.8 and more."""
GLINTS: Final = 0.4
"""Contrast that reflections make in black lenses; eyes over a mask whiter than the skin have 0.5 and more."""
LEAST_DETECTION: Final = 0.6
"""Detector score above which a face that the mesh network denies may be a covered one."""


def check_size(unit_px: float) -> None:
    """Raises PhotoRejected face_too_small."""
    if unit_px < LEAST_EYE_DISTANCE:
        raise PhotoRejected(
            "face_too_small",
            f"The face is only about {unit_px * 2:.0f} pixels wide; send a photo where it is closer.",
            eye_distance_px=round(unit_px, 1),
            least_px=LEAST_EYE_DISTANCE,
        )


def check_pose(pose: HeadPose) -> None:
    """Raises PhotoRejected turned_away."""
    turned = max(abs(pose.yaw), abs(pose.pitch))
    if turned > MOST_TURNED:
        raise PhotoRejected(
            "turned_away",
            f"The face is turned away by {turned:.0f} degrees; send a photo that looks at the camera.",
            yaw=round(pose.yaw),
            pitch=round(pose.pitch),
            most=MOST_TURNED,
        )


def light(image: Image, points: Points) -> float:
    """L of the brightest twentieth of the uncorrected face."""
    top, bottom, left, right = _face_box(points, image.shape[0])
    face = np.ascontiguousarray(image[top:bottom:4, left:right:4])
    return float(np.percentile(lab_of(face)[..., 0], 95)) if face.size else 0.0


def check_light(value: float) -> None:
    """Raises PhotoRejected face_too_dark."""
    if value < LEAST_LIGHT:
        raise PhotoRejected(
            "face_too_dark",
            "The face is too dark to see; send a photo taken in better light.",
            lightness=round(value, 1),
            least=LEAST_LIGHT,
        )


def sharpness(image: Image, points: Points) -> float:
    """Steepest edges of the face over its contrast, at SHARPNESS_UNIT; see LEAST_SHARPNESS."""
    scale = SHARPNESS_UNIT / max(topology.unit_of(points), 1.0)
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.float32)
    grey = resized(grey, max(8, round(image.shape[0] * scale)))
    top, bottom, left, right = _face_box(points * np.float32(scale), grey.shape[0])
    face = grey[top:bottom, left:right]
    if min(face.shape) < 3:
        return 0.0
    gradient = np.hypot(cv2.Sobel(face, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(face, cv2.CV_32F, 0, 1) / 8)
    contrast = float(np.percentile(face, 98) - np.percentile(face, 2))
    return float(np.percentile(gradient, 99)) / max(contrast, 1.0) * 10


def _face_box(points: Points, side: int) -> tuple[int, int, int, int]:
    oval = points[list(topology.FACE_OVAL), :2]
    left, top = np.clip(np.floor(oval.min(axis=0)), 0, side).astype(int)
    right, bottom = np.clip(np.ceil(oval.max(axis=0)), 0, side).astype(int)
    return int(top), int(bottom), int(left), int(right)


def check_sharpness(value: float) -> None:
    """Raises PhotoRejected face_blurred."""
    if value < LEAST_SHARPNESS:
        raise _blurred(value)


def _blurred(value: float) -> PhotoRejected:
    return PhotoRejected(
        "face_blurred",
        "The face is blurred; send a sharper photo.",
        sharpness=round(value, 2),
        least=LEAST_SHARPNESS,
    )


def check_evidence(evidence: Evidence, sharp: float) -> None:
    """Raises PhotoRejected sunglasses, face_blurred, not_human, mouth_covered."""
    _check_eyes(evidence)
    if evidence.wobble <= MOST_WOBBLE:
        return
    if evidence.wobble > HOPELESS_WOBBLE or evidence.eye_contrast < LEAST_EYE_WHITE:
        raise _blurred(sharp) if sharp < DOUBTFUL_SHARPNESS else _not_human(evidence)
    if evidence.mouth_detail < LEAST_MOUTH:
        raise _mouth_covered(evidence)
    muzzle = evidence.eye_contrast < DOUBTFUL_EYE_WHITE and evidence.lip_contrast < LEAST_LIPS
    if muzzle or evidence.wobble > STRANGE_WOBBLE:
        raise _not_human(evidence)


def check_denied(evidence: Evidence, detection: float) -> None:
    """For a face that the detector sees and the mesh network denies: raises mouth_covered if open eyes
    look over something, returns if it is no face at all."""
    doubtful = MOST_WOBBLE < evidence.wobble <= HOPELESS_WOBBLE and evidence.mouth_detail < LEAST_MOUTH
    if detection >= LEAST_DETECTION and doubtful and evidence.eye_contrast >= LEAST_EYE_WHITE:
        raise _mouth_covered(evidence)


def _check_eyes(evidence: Evidence) -> None:
    contrast, shade = evidence.eye_contrast, evidence.eye_shade
    bare_cheeks = evidence.mouth_detail >= LEAST_MOUTH  # no mask, which shade would be measured against
    if (
        (contrast < LENS_CONTRAST and shade < LENS_SHADE)
        or (contrast < GLINTS and shade < BLACK_LENS)
        or (bare_cheeks and contrast < DIM_LENS_CONTRAST and shade < DIM_LENS_SHADE)
    ):
        raise PhotoRejected(
            "sunglasses",
            "The eyes are hidden by dark glasses; send a photo without them.",
            eye_contrast=round(evidence.eye_contrast, 3),
            eye_shade=round(evidence.eye_shade, 3),
        )


def _mouth_covered(evidence: Evidence) -> PhotoRejected:
    return PhotoRejected(
        "mouth_covered",
        "The mouth is covered; send a photo without a mask or hand in front of it.",
        mouth_detail=round(evidence.mouth_detail, 3),
        least=LEAST_MOUTH,
    )


def _not_human(evidence: Evidence) -> PhotoRejected:
    return PhotoRejected(
        "not_human",
        "This does not look like a person's face; send a photo of a person.",
        wobble=round(evidence.wobble, 4),
        most=MOST_WOBBLE,
    )


def scores_of(evidence: Evidence) -> dict[str, float]:
    """The evidence as scores, higher is better, plus ``beard`` (0 shaven .. 1 full)."""
    return {
        "steadiness": float(np.clip(1 - evidence.wobble / HOPELESS_WOBBLE, 0, 1)),
        "mouth_visible": evidence.mouth_detail,
        "lips": evidence.lip_contrast,
        "eyes_visible": evidence.eye_contrast,
        "eyes_lit": evidence.eye_shade,
        "beard": evidence.beard,
    }
