"""A face through a short clip: landmarks without jitter, masks without flicker, one frame of reference.

The square around the face is carried from frame to frame (the detector runs again only when the face
is lost), landmarks are smoothed over time, and masks are mixed with the previous frame's, moved along
with the picture. Exposure and portrait frame are chosen once for the whole clip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.errors import ClipInvalid, PhotoRejected
from ml_core.face import topology
from ml_core.face.analyser import FaceAnalyser
from ml_core.face.crop import Portrait, cut_portrait, portrait_transform
from ml_core.face.exposure import Correction, choose_correction
from ml_core.face.expression import measure_expression
from ml_core.face.geometry import moved, rigid
from ml_core.face.landmarks import Roi, fit_mesh, refine_eyes
from ml_core.face.matte import bust_window, frame_matte
from ml_core.face.nets import FaceNets
from ml_core.face.pose import face_frame, iris_in_frame
from ml_core.face.regions import segment
from ml_core.face.search import Candidate, find_faces
from ml_core.face.shadow import Lift, choose_lift
from ml_core.face.shapes import rows_and_columns, smoothstep
from ml_core.types import REGIONS, FaceAnalysis, Image, Mask, Points

Floats = NDArray[np.float32]

SMOOTHING_WINDOW, SMOOTHING_ORDER = 5, 2
"""Savitzky and Golay 1964: a parabola over 5 frames keeps blinks (3 frames) and removes mesh noise."""
LOST_PRESENCE: Final = 0.5
FINEST_IN_CLIPS: Final = 4
"""Windows of a quarter: every frame without the face is searched, and a clip has a hundred."""
MOST_LOST: Final = 0.3
"""Share of frames that may go without a face; they repeat the nearest one."""
CARRIED: Final = 0.6
"""Share of the previous frame's masks in the next one's, after moving them along."""
BODY_REACH: Final = 0.4
"""Outer-eye distances under the chin over which head motion gives way to the body's."""
FLOW_SIDE: Final = 200
FLOW_BLUR: Final = 5.0
"""Pixels at FLOW_SIDE: shoulders move in large pieces, sensor noise in small ones."""
WINDOW_SURE: Final = 0.98
_CARRIED_LAYERS: Final = ("skin", "hair", "neck", "clothes")
KEY_TRIES: Final = 5
"""Frames tried as the one that the whole clip is judged by."""


@dataclass(frozen=True)
class TrackedFace:
    """points (468, 3) and iris (2, 5, 2) in pixels of the frame; found is false where it was repeated."""

    points: Points
    iris: Points
    found: bool


class FaceTracker:
    """Follows the best face of a clip; one object serves one clip at a time."""

    def __init__(self, nets: FaceNets | None = None) -> None:
        self._nets = nets or FaceNets()
        self._analyser = FaceAnalyser(self._nets)

    def track(self, frames: Sequence[Image], *, start: Roi | None = None) -> tuple[TrackedFace, ...]:
        """Smoothed landmarks of every (H, W, 3) uint8 RGB frame.

        start: the square around the face to follow in the first frame; without it the best face is followed.
        A face that was lost is looked for where it was last.

        Raises ClipInvalid clip_empty, clip_no_face, clip_face_lost.
        """
        if not frames:
            raise ClipInvalid("clip_empty", "The clip has no frames; send another one.")
        seen = self._seen(frames, start)
        found = np.array([one is not None for one in seen])
        if not found.any():
            raise ClipInvalid("clip_no_face", "There is no face in this clip; send one that shows a face.")
        if (~found).mean() > MOST_LOST:
            raise ClipInvalid(
                "clip_face_lost",
                "The face leaves the picture for too long; keep it in view for the whole clip.",
                lost=int((~found).sum()),
                frames=len(frames),
            )
        known = np.flatnonzero(found)
        nearest = [known[np.abs(known - index).argmin()] for index in range(len(frames))]
        whole = [one for one in (seen[index] for index in nearest) if one is not None]
        points = _smoothed(np.stack([points for points, _ in whole]))
        irises = _smoothed(np.stack([iris for _, iris in whole]))
        return tuple(TrackedFace(p, i, bool(f)) for p, i, f in zip(points, irises, found, strict=True))

    def _seen(self, frames: Sequence[Image], start: Roi | None) -> list[tuple[Points, Points] | None]:
        roi, last = start, start
        seen: list[tuple[Points, Points] | None] = []
        for frame in frames:
            if roi is None:
                roi = _nearest(find_faces(self._nets, frame, finest=FINEST_IN_CLIPS).faces, last)
            if roi is None:
                seen.append(None)
                continue
            fit = fit_mesh(self._nets, frame, roi, passes=1)
            roi = fit.roi if fit.presence > LOST_PRESENCE else None
            last = roi or last
            seen.append(refine_eyes(self._nets, frame, fit.points) if roi else None)
        return seen

    def analyse(self, frames: Sequence[Image], *, glasses: bool | None = None) -> tuple[FaceAnalysis, ...]:
        """One FaceAnalysis per frame, all in the same portrait frame and exposure.

        Raises PhotoRejected like FaceAnalyser.analyse when no frame tried is good enough, and
        ClipInvalid like track.
        """
        tracked = self.track(frames)
        index, key = self._key(frames, tracked, glasses)
        transform = _common_transform(tracked)
        correction, lift = _exposure(frames[index], tracked[index], transform)
        out: list[FaceAnalysis] = []
        for frame, face in zip(frames, tracked, strict=True):
            portrait = cut_portrait(frame, transform)
            portrait = replace(portrait, image=correction.apply(portrait.image))
            out.append(self._frame(frame, face, portrait, lift, key, out[-1] if out else None))
        return tuple(out)

    def _key(
        self, frames: Sequence[Image], tracked: tuple[TrackedFace, ...], glasses: bool | None
    ) -> tuple[int, FaceAnalysis]:
        """Number and analysis of the frame that passes the gates, from frames spread over the clip."""
        good = [index for index, face in enumerate(tracked) if face.found]
        tries = [good[i] for i in np.unique(np.linspace(0, len(good) - 1, KEY_TRIES).astype(int))]
        refusal: PhotoRejected | None = None
        for index in tries:
            try:
                return index, self._analyser.analyse(frames[index], glasses=glasses)
            except PhotoRejected as error:
                refusal = refusal or error
        assert refusal is not None
        raise refusal

    def _frame(
        self,
        frame: Image,
        face: TrackedFace,
        portrait: Portrait,
        lift: Lift,
        key: FaceAnalysis,
        before: FaceAnalysis | None,
    ) -> FaceAnalysis:
        points = _into(face.points, portrait.to_portrait)
        iris = _irises_into(face.iris, portrait.to_portrait)
        matte = frame_matte(self._nets, frame, portrait, points)
        shown = lift.apply(portrait.image, points)
        if before is None:
            layers = segment(portrait.image, matte, points).layers
        else:
            window = bust_window(portrait.valid, points)
            carry = _Carry(before, shown, points, window)
            matte = np.minimum(carry.mixed(before.matte, matte), window)
            layers = carry.layers(before.regions, segment(portrait.image, matte, points).layers)
        shape = face_frame(points)
        return replace(
            key,
            image=shown,
            valid=portrait.valid,
            landmarks=points,
            iris=iris,
            matte=matte,
            regions=layers,
            pose=shape.pose,
            expression=measure_expression(shape.shape, iris_in_frame(shape, points, iris)),
            to_portrait=portrait.to_portrait,
        )


def _nearest(faces: Sequence[Candidate], last: Roi | None) -> Roi | None:
    """The best face, or the one nearest to where the face was; one further away is somebody else."""
    rois = [face.fit.roi for face in faces]
    if last is None:
        return rois[0] if rois else None
    near = [roi for roi in rois if np.linalg.norm(roi.centre - last.centre) < last.side]
    return min(near, key=lambda roi: float(np.linalg.norm(roi.centre - last.centre)), default=None)


def _smoothed(track: Floats) -> Floats:
    """(N, ...) over the first axis."""
    if len(track) < SMOOTHING_WINDOW:
        return track
    from scipy.signal import savgol_filter  # noqa: PLC0415 - a second to import, for clips only

    return np.asarray(savgol_filter(track, SMOOTHING_WINDOW, SMOOTHING_ORDER, axis=0), dtype=np.float32)


def _common_transform(tracked: tuple[TrackedFace, ...]) -> Floats:
    """One portrait frame for the clip: the middle one of the frames' own."""
    transforms = np.stack([portrait_transform(face.points) for face in tracked])
    middle = np.median(transforms[:, :, :2], axis=0)
    scale, angle = float(np.hypot(middle[0, 0], middle[1, 0])), float(np.arctan2(-middle[1, 0], middle[0, 0]))
    linear = scale * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    noses = np.stack([face.points[topology.NOSE_TIP, :2] for face in tracked])
    targets = np.stack([moved(n[np.newaxis], t)[0] for n, t in zip(noses, transforms, strict=True)])
    offset = np.median(targets - noses @ linear.T, axis=0)
    return np.column_stack([linear, offset]).astype(np.float32)


def _exposure(frame: Image, face: TrackedFace, transform: Floats) -> tuple[Correction, Lift]:
    """What the frame that the clip is judged by needs, for all frames."""
    portrait = cut_portrait(frame, transform)
    points, iris = _into(face.points, transform), _irises_into(face.iris, transform)
    correction = choose_correction(portrait.image, portrait.valid, points)
    if correction.exponent != 1:
        return correction, Lift()
    return correction, choose_lift(replace(portrait, image=correction.apply(portrait.image)), points, iris)


def _irises_into(irises: Points, transform: Floats) -> Points:
    """(2, 5, 2) irises through a (2, 3) similarity."""
    return np.stack([moved(rim, transform) for rim in irises])


def _into(points: Points, transform: Floats) -> Points:
    """(468, 3) points through a (2, 3) similarity; depth is scaled along."""
    scale = np.float32(np.hypot(transform[0, 0], transform[1, 0]))
    return np.column_stack([moved(points[:, :2], transform), points[:, 2] * scale]).astype(np.float32)


class _Carry:
    """Masks of the previous frame brought to this one: rigidly with the head, the body by optical flow."""

    def __init__(self, before: FaceAnalysis, image: Image, points: Points, window: Mask) -> None:
        """window: where the bust shows; masks that end there end for no reason in the picture."""
        side = image.shape[0]
        rows, columns = rows_and_columns(side)
        stable = list(topology.STABLE)
        head = rigid(points[stable, :2], before.landmarks[stable, :2])
        back = head.scale * head.rotation
        chin, unit = float(points[topology.CHIN, 1]), topology.unit_of(points)
        body = smoothstep(rows, chin, chin + BODY_REACH * unit)
        flow = _flow(before.image, image)
        self._x = _blend(
            back[0, 0] * columns + back[0, 1] * rows + head.translation[0], flow[..., 0] + columns, body
        )
        self._y = _blend(
            back[1, 0] * columns + back[1, 1] * rows + head.translation[1], flow[..., 1] + rows, body
        )
        self._share = np.float32(CARRIED) * (self._moved(window) > WINDOW_SURE)

    def _moved(self, mask: Mask) -> Mask:
        mode = cv2.BORDER_REPLICATE
        return np.asarray(
            cv2.remap(mask, self._x, self._y, cv2.INTER_LINEAR, borderMode=mode), dtype=np.float32
        )

    def mixed(self, before: Mask, now: Mask) -> Mask:
        """CARRIED of the old mask and the rest of the new one, both (S, S) float32."""
        out: Mask = now + (self._moved(before) - now) * self._share
        return out

    def layers(self, before: NDArray[np.uint8], now: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Skin, hair, neck and clothes carried; brows, eyes and lips follow the mesh, smooth already.

        The carried layers share the room that the new ones take together, so matte and layers agree.
        """
        soft = [REGIONS.index(name) for name in _CARRIED_LAYERS]
        mixed = np.stack([self.mixed(before[k].astype(np.float32), now[k].astype(np.float32)) for k in soft])
        room = now[soft].astype(np.float32).sum(axis=0)
        out = now.copy()
        out[soft] = np.clip(mixed * (room / np.maximum(mixed.sum(axis=0), 1)), 0, 255).astype(np.uint8)
        return out


def _blend(a: Floats, b: Floats, share: Floats) -> Floats:
    return (a + (b - a) * share).astype(np.float32)


def _flow(before: Image, now: Image) -> Floats:
    """(S, S, 2) offsets from pixels of ``now`` to where they were.

    Dense inverse search (Kroeger et al. 2016) at FLOW_SIDE: 4 ms, and bodies move smoothly.
    """
    side = now.shape[0]
    nothing = np.zeros((FLOW_SIDE, FLOW_SIDE, 2), np.float32)
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    flow = cv2.GaussianBlur(search.calc(_small_grey(now), _small_grey(before), nothing), (0, 0), FLOW_BLUR)
    return np.asarray(cv2.resize(flow, (side, side)), dtype=np.float32) * np.float32(side / FLOW_SIDE)


def _small_grey(image: Image) -> NDArray[np.uint8]:
    small = cv2.resize(image, (FLOW_SIDE, FLOW_SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
