"""One photo in, one ``FaceAnalysis`` out: the only entrance of this room that other rooms need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ml_core.errors import PhotoRejected
from ml_core.face import quality, topology
from ml_core.face.crop import CROP_FACE_HEIGHTS, Portrait, cut_portrait, portrait_transform
from ml_core.face.evidence import Evidence, gather
from ml_core.face.exposure import choose_correction
from ml_core.face.expression import measure_expression
from ml_core.face.glasses import LEAST_EVIDENCE, glasses_evidence
from ml_core.face.landmarks import MESH_ROI, Roi, fit_mesh, refine_eyes
from ml_core.face.matte import others_in_portrait, person_matte
from ml_core.face.nets import FaceNets
from ml_core.face.pose import FaceFrame3d, face_frame, iris_in_frame
from ml_core.face.regions import segment
from ml_core.face.search import LEAST_PRESENCE, Candidate, find_faces
from ml_core.face.shadow import Lift, choose_lift
from ml_core.types import PORTRAIT_SIDE, FaceAnalysis, FaceBox, HeadPose, Image, Points

Floats = NDArray[np.float32]

NOBODY: Final = {"not_human", "no_face"}
"""Refusals of a find, not of a person: the next face may be one."""


@dataclass(frozen=True)
class Measured:
    """One face at the portrait's resolution; points (468, 3) and iris (2, 5, 2) in its pixels."""

    presence: float
    points: Points
    iris: Points
    frame: FaceFrame3d
    evidence: Evidence


@dataclass(frozen=True)
class Admitted:
    """A face that passed every gate: ``faces[index]`` of all that were found, best first.

    portrait: before any correction of its light. scores: what the gates measured, higher is better.
    """

    faces: tuple[Candidate, ...]
    index: int
    portrait: Portrait
    measured: Measured
    scores: dict[str, float]


class FaceAnalyser:
    """Finds and measures faces. Networks are loaded on first use; one object serves all threads."""

    def __init__(self, nets: FaceNets | None = None) -> None:
        self._nets = nets or FaceNets()

    def faces(self, image: Image) -> tuple[FaceBox, ...]:
        """Every face of an (H, W, 3) uint8 RGB photo, best first: large, central, facing the camera.

        Photos that stand on their side or head are searched in all four directions.
        """
        return tuple(one.face.as_box() for one in find_faces(self._nets, image).faces)

    def analyse(
        self, image: Image, *, face_index: int | None = None, glasses: bool | None = None
    ) -> FaceAnalysis:
        """Measure one face of an (H, W, 3) uint8 RGB photo; ``face_index`` counts in ``faces`` order.

        Without ``face_index`` the best face is taken. ``glasses`` is the person's word and beats what
        the picture seems to show.

        Raises PhotoRejected: no_face, face_index_out_of_range, face_too_small, turned_away,
        face_too_dark, face_blurred, sunglasses, not_human, mouth_covered.
        """
        one = self.admit(image, face_index=face_index)
        portrait, measured, to_portrait = one.portrait, one.measured, one.portrait.to_portrait
        scores = dict(one.scores)
        if glasses is None:
            scores["glasses"] = glasses_evidence(portrait.image, measured.points)
        others = others_in_portrait(
            [other.face.box for i, other in enumerate(one.faces) if i != one.index], to_portrait
        )
        correction = choose_correction(portrait.image, portrait.valid, measured.points)
        portrait = Portrait(correction.apply(portrait.image), portrait.valid, to_portrait)
        lift = choose_lift(portrait, measured.points, measured.iris) if correction.exponent == 1 else Lift()
        matte = person_matte(self._nets, image, portrait, measured.points, others)
        # before the lift: it is weighted by colour, which must not decide twice
        regions = segment(portrait.image, matte, measured.points)
        frame = measured.frame
        return FaceAnalysis(
            image=lift.apply(portrait.image, measured.points),
            valid=portrait.valid,
            landmarks=measured.points,
            iris=measured.iris,
            matte=matte,
            regions=regions.layers,
            skin_lab=lift.of_lab(regions.skin_lab),
            hair_lab=regions.hair_lab and lift.of_lab(regions.hair_lab),
            pose=_photo_pose(frame, to_portrait),
            expression=measure_expression(frame.shape, iris_in_frame(frame, measured.points, measured.iris)),
            glasses=scores["glasses"] > LEAST_EVIDENCE if glasses is None else glasses,
            scores=scores,
            to_portrait=to_portrait,
            faces=tuple(other.face.as_box() for other in one.faces),
            face_index=one.index,
        )

    def admit(self, image: Image, *, face_index: int | None = None) -> Admitted:
        """Find a face and put it through the gates; a photo of somebody with a pet is one of somebody.

        Raises PhotoRejected as ``analyse`` does.
        """
        found = find_faces(self._nets, image)
        if not found.faces:
            raise self._no_face(image, found.denied)
        refusals = []
        for index in _order(len(found.faces), face_index):
            try:
                return self._admitted(image, found.faces, index)
            except PhotoRejected as refused:
                refusals.append(refused)
                if refused.code not in NOBODY:
                    break
        raise next((one for one in refusals if one.code not in NOBODY), refusals[0])

    def _admitted(self, image: Image, faces: tuple[Candidate, ...], index: int) -> Admitted:
        fit = faces[index].fit
        quality.check_size(topology.unit_of(fit.points))
        portrait = cut_portrait(image, portrait_transform(fit.points))
        measured = self._measure(portrait)
        scores = _checked(portrait.image, measured)
        if measured.presence <= LEAST_PRESENCE:
            raise self._no_face(image, faces[index : index + 1])
        return Admitted(faces, index, portrait, measured, {"presence": fit.presence, **scores})

    def _measure(self, portrait: Portrait) -> Measured:
        """Mesh, irises, pose and evidence at the portrait's resolution."""
        centre = np.full(2, PORTRAIT_SIDE / 2, dtype=np.float32)
        roi = Roi(centre, PORTRAIT_SIDE / CROP_FACE_HEIGHTS * MESH_ROI, 0.0)
        fit = fit_mesh(self._nets, portrait.image, roi)
        points, iris = refine_eyes(self._nets, portrait.image, fit.points)
        evidence = gather(self._nets, portrait.image, points, fit.roi)
        return Measured(fit.presence, points, iris, face_frame(points), evidence)

    def _no_face(self, image: Image, denied: Sequence[Candidate]) -> PhotoRejected:
        """no_face, or mouth_covered when eyes look over a mask."""
        for one in denied[:1]:
            if topology.unit_of(one.fit.points) < quality.LEAST_EYE_DISTANCE:
                continue
            portrait = cut_portrait(image, portrait_transform(one.fit.points))
            try:
                quality.check_denied(self._measure(portrait).evidence, one.face.score)
            except PhotoRejected as covered:
                return covered
        return PhotoRejected(
            "no_face", "There is no face in this photo; send one where the face is large and clearly visible."
        )


def _checked(image: Image, measured: Measured) -> dict[str, float]:
    """All gates of one face; the scores of those passed. Raises PhotoRejected."""
    quality.check_pose(measured.frame.pose)
    light, sharp = quality.light(image, measured.points), quality.sharpness(image, measured.points)
    quality.check_light(light)
    quality.check_sharpness(sharp)
    quality.check_evidence(measured.evidence, sharp)
    return {"light": light, "sharpness": sharp, **quality.scores_of(measured.evidence)}


def _order(count: int, wanted: int | None) -> Sequence[int]:
    """The faces to try: the one that the person chose, or all, best first. Raises PhotoRejected."""
    if wanted is not None and not 0 <= wanted < count:
        raise PhotoRejected(
            "face_index_out_of_range",
            f"This photo has {count} faces; choose one of 0 to {count - 1}.",
            count=count,
            face_index=wanted,
        )
    return range(count) if wanted is None else (wanted,)


def _photo_pose(frame: FaceFrame3d, to_portrait: Floats) -> HeadPose:
    """Yaw and pitch as seen in the de-rolled portrait; roll as it was in the photo."""
    turned = float(np.degrees(np.arctan2(-to_portrait[1, 0], to_portrait[0, 0])))
    roll = (frame.pose.roll + turned + 180) % 360 - 180
    return HeadPose(yaw=frame.pose.yaw, pitch=frame.pose.pitch, roll=roll)
