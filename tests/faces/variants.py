"""Photos changed as people are: other skin, a mask, glasses."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.faces.colours import SKIN_TONES, Picture, Rgb
from tests.faces.portraits import mask_picture


def recoloured(photo: Picture, mask: NDArray[np.float32], tone: str) -> Picture:
    """``photo`` with the pixels under ``mask`` (H, W, 0..1) moved to one of SKIN_TONES, shading kept."""
    lab = cv2.cvtColor(photo.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    now = np.median(lab[mask > 0.5], axis=0)
    want = cv2.cvtColor(np.array([[SKIN_TONES[tone]]], np.float32) / 255, cv2.COLOR_RGB2LAB)[0, 0]
    moved = lab.copy()
    moved[..., 0] = lab[..., 0] * (want[0] / max(float(now[0]), 1.0))
    moved[..., 1:] += want[1:] - now[1:]
    blended = lab + (moved - lab) * mask[..., np.newaxis]
    rgb = cv2.cvtColor(blended.astype(np.float32), cv2.COLOR_LAB2RGB)
    return (np.clip(rgb, 0, 1) * 255).astype(np.uint8)


def masked(photo: Picture, points: NDArray[np.float32], colour: str) -> Picture:
    """``photo`` with a medical mask laid over the face whose (468, 2+) mesh ``points`` are given."""
    mask = mask_picture(colour)
    height, width = mask.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    xy = points[:, :2]
    drop = (xy[152] - xy[1]) * 0.12
    on_face = np.stack([xy[227] - drop, xy[447] - drop, xy[379] + drop, xy[150] + drop]).astype(np.float32)
    warp = cv2.getPerspectiveTransform(corners, on_face)
    size = (photo.shape[1], photo.shape[0])
    laid = cv2.warpPerspective(mask, warp, size)
    cover = cv2.warpPerspective(np.full((height, width), 255, np.uint8), warp, size)
    return np.where(cover[..., np.newaxis] > 127, laid, photo).astype(np.uint8)


def with_glasses(
    photo: Picture, points: NDArray[np.float32], lens: Rgb | None = None, dark: float = 0.92
) -> Picture:
    """``photo`` with a dark frame drawn around the eyes; ``lens`` fills it (sunglasses)."""
    unit = float(np.linalg.norm(points[263, :2] - points[33, :2]))
    out = photo.astype(np.float32)
    frame, glass = np.zeros(photo.shape[:2], np.uint8), np.zeros(photo.shape[:2], np.uint8)
    width = max(2, round(unit * 0.045))
    turn = float(np.degrees(np.arctan2(*(points[263, :2] - points[33, :2])[::-1])))
    centres = []
    for ids in ((33, 133), (263, 362)):
        centre = points[list(ids), :2].mean(axis=0) + np.array([0, unit * 0.03])
        centres.append(centre)
        at, axes = (
            (round(float(centre[0])), round(float(centre[1]))),
            (round(unit * 0.27), round(unit * 0.22)),
        )
        cv2.ellipse(frame, at, axes, turn, 0, 360, 255, width, cv2.LINE_AA)
        cv2.ellipse(glass, at, axes, turn, 0, 360, 255, -1, cv2.LINE_AA)
    right, left = centres
    along = (left - right) / np.linalg.norm(left - right)
    for start, end in (
        (right + along * unit * 0.27, left - along * unit * 0.27),
        (right - along * unit * 0.27, points[127, :2]),
        (left + along * unit * 0.27, points[356, :2]),
    ):
        cv2.line(
            frame,
            tuple(np.round(start).astype(int).tolist()),
            tuple(np.round(end).astype(int).tolist()),
            255,
            width,
            cv2.LINE_AA,
        )
    if lens is not None:
        out += (np.array(lens, np.float32) - out) * (glass / 255 * dark)[..., np.newaxis]
    out += (np.array((30, 26, 28), np.float32) - out) * (frame / 255)[..., np.newaxis]
    return np.clip(out, 0, 255).astype(np.uint8)


def with_skin_of(
    photo: Picture, skin: NDArray[np.float32], hairy: NDArray[np.float32], lightness: float
) -> Picture:
    """``photo`` with the median skin under ``skin`` (H, W, 0..1) moved to ``lightness`` (L*), shading kept.

    Darker people get darker lips, brows and hair as well: all of ``hairy``. Chroma follows what is measured
    on people (Xiao et al. 2017): less at both ends.
    """
    lab = cv2.cvtColor(photo.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    now = np.median(lab[skin > 0.5], axis=0)
    moved = lab.copy()
    if lightness < now[0]:
        moved[..., 0] *= lightness / now[0]
    else:
        moved[..., 0] = 100 - (100 - lab[..., 0]) * ((100 - lightness) / (100 - now[0]))
    wanted = np.array((9, 11) if lightness < 30 else (8, 12) if lightness > 80 else (12, 18), np.float32)
    chroma = float(np.linalg.norm(wanted)) / max(float(np.linalg.norm(now[1:])), 4.0)
    moved[..., 1:] = (lab[..., 1:] - now[1:]) * min(max(chroma, 0.5), 1.2) + wanted
    under = hairy if lightness < now[0] else skin
    blended = lab + (moved - lab) * under[..., np.newaxis]
    rgb = cv2.cvtColor(blended.astype(np.float32), cv2.COLOR_LAB2RGB)
    return (np.clip(rgb, 0, 1) * 255).astype(np.uint8)
