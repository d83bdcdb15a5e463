"""The two sheets of the puppet: the head, and the body behind it with its hidden parts filled in.

A head that is cut free slides over its neck when it turns or nods, instead of dragging the shoulders
along; what it uncovers must have been painted before. Both sheets are triangle meshes over the toon
texture: the head is the face mesh, two rings around it and a coarse grid for hair; the body is a grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.animation.untangle import doubled_areas
from ml_core.face import topology
from ml_core.toonify.bust import as_bust
from ml_core.types import REGIONS, FaceAnalysis, ToonPortrait

RINGS = (1.10, 1.24)
"""Rings around the face oval: they carry the expression's fade-out into hair and ears."""
GRID_STARTS = 1.34
HEAD_GRID, BODY_GRID = 17, 13
GRID_OVERHANG = 0.02
"""The grid reaches this share of the portrait beyond its edge, so that border pixels lie inside."""
JAW_MARGIN = 0.014
"""The head is cut this many outer-eye distances outside the oval: the drawn jaw line stays on it."""
HEAD_REGIONS, BODY_REGIONS = ("hair",), ("skin", "neck", "clothes")
"""Below the mouth and outside the face: hanging hair is head, bare shoulders and hands are not."""
SEAM_BLUR = 3.0
"""Pixels: the silhouette's soft edge, where no region is sure, goes with what it borders on."""
FILL_REACH = 0.75
"""How far body colour is painted in behind the head; motions uncover about 0.3."""
FILL_SOURCE, FILL_BLUR = 0.035, 0.05
"""Units inside the body from where its colour is carried on, and how soft that becomes."""
FILL_INSET = 0.025
"""Fill stays this far inside the head's silhouette, so that nothing of it shows at rest."""
UNDER_CHIN_SHADE = 0.80
OUTLINE_STEP = 4
"""Every so many silhouette pixels are watched when the puppet is fitted to the canvas."""
VISIBLE = 8
"""Texture alpha (0..255) from which a triangle is worth drawing."""


@dataclass(frozen=True)
class Sheet:
    """A triangle mesh over a texture.

    points: (N, 2) float32, portrait pixels. depth: (N,) float32, portrait pixels, z away from the camera.
    triangles: (M, 3) int32 drawn in order; patches: (K, 3) int32 drawn before them, where the mesh has holes.
    texture: (S, S, 4) uint8 premultiplied RGBA.
    outline: the silhouette, as (P, 3) vertex indices and (P, 3) barycentric weights.
    """

    points: NDArray[np.float32]
    depth: NDArray[np.float32]
    triangles: NDArray[np.int32]
    patches: NDArray[np.int32]
    texture: NDArray[np.uint8]
    outline: tuple[NDArray[np.int32], NDArray[np.float64]]


@dataclass(frozen=True)
class Figure:
    """What of the portrait becomes the puppet, (S, S) float32 in 0..1.

    alpha: the toon's silhouette, cut to a bust in one piece. head: share of each pixel that is head.
    """

    alpha: NDArray[np.float32]
    head: NDArray[np.float32]


def figure_of(toon: ToonPortrait) -> Figure:
    """The silhouette of the puppet, and where it is cut in two."""
    return Figure(_alpha(toon), head_share(toon.analysis))


def _premultiplied(rgb: NDArray[np.uint8], alpha: NDArray[np.float32]) -> NDArray[np.uint8]:
    colour = cv2.multiply(rgb, cv2.merge([alpha] * 3), dtype=cv2.CV_8U)
    return np.asarray(cv2.merge([colour, cv2.convertScaleAbs(alpha, alpha=255)]), np.uint8)


def _region(analysis: FaceAnalysis, name: str) -> NDArray[np.float32]:
    return np.asarray(analysis.regions[REGIONS.index(name)], np.float32) / np.float32(255)


def _filled(shape: tuple[int, int], outline: NDArray[np.float32]) -> NDArray[np.float32]:
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return np.asarray(mask, np.float32) / np.float32(255)


def head_share(analysis: FaceAnalysis) -> NDArray[np.float32]:
    """(S, S) float32 in 0..1: how much of each pixel belongs to the head. Neck and clothes do not."""
    landmarks = analysis.landmarks
    side = analysis.image.shape[0]
    unit = topology.unit_of(landmarks)
    oval = landmarks[list(topology.FACE_OVAL), :2]
    centre = oval.mean(axis=0)
    reach = np.linalg.norm(oval - centre, axis=1, keepdims=True)
    face = _filled((side, side), centre + (oval - centre) * (1 + JAW_MARGIN * unit / reach))
    head, body = (
        cv2.GaussianBlur(np.sum([_region(analysis, name) for name in names], axis=0), (0, 0), SEAM_BLUR)
        for names in (HEAD_REGIONS, BODY_REGIONS)
    )
    rows = np.arange(side, dtype=np.float32)[:, None]
    # hats and head scarves count as clothes: above the mouth they move with the head
    mouth, chin = float(landmarks[topology.INNER_LIP_UPPER, 1]), float(landmarks[topology.CHIN, 1])
    above = np.clip((chin - rows) / max(chin - mouth, 1.0), 0, 1)
    share = np.maximum(face, head / (head + body + 1e-3) + above)
    hard = (share > 0.5).astype(np.uint8)
    _, label = cv2.connectedComponents(hard)
    nose = landmarks[topology.NOSE_TIP, :2].round().astype(int)
    whole = (label == label[nose[1], nose[0]]).astype(np.float32)
    return np.asarray(np.clip(cv2.GaussianBlur(whole, (0, 0), 0.8), 0, 1), np.float32)


def _body_texture(toon: ToonPortrait, figure: Figure) -> NDArray[np.uint8]:
    """The body with neck and clothes carried on, in shadow, behind the chin."""
    unit = topology.unit_of(toon.analysis.landmarks)
    own = figure.alpha * (1 - figure.head)
    # Pen lines along the border would be carried on as streaks: colour is taken from behind them.
    inset = 2 * round(FILL_SOURCE * unit) + 1
    sure = np.asarray(cv2.erode((own > 0.9).astype(np.uint8), np.ones((inset, inset), np.uint8)), np.uint8)
    texture = np.zeros_like(toon.texture)
    if not sure.any():
        return texture
    mouth = float(toon.analysis.landmarks[topology.INNER_LIP_UPPER, 1])
    # Above mouth and body there is nothing to paint; the blur wants to see four sigma further.
    top = int(max(0, min(np.flatnonzero(own.max(axis=1) > 0)[0], mouth) - 4 * FILL_BLUR * unit))
    colour = np.ascontiguousarray(toon.texture[top:, :, :3])
    distance, nearest = _nearest(sure[top:])
    hidden = cv2.distanceTransform((figure.alpha > 0.9).astype(np.uint8), cv2.DIST_L2, 5)[top:]
    behind = np.clip((hidden - FILL_INSET * unit) / 2.0, 0, 1) * (distance < FILL_REACH * unit)
    behind *= np.arange(top, len(own), dtype=np.float32)[:, None] > mouth
    own = own[top:]
    fill = _shaded_fill(colour.reshape(-1, 3)[nearest], distance, unit)
    cv2.copyTo(colour, (own > 0.02).astype(np.uint8), fill)
    texture[top:] = _premultiplied(fill, np.maximum(own, behind).astype(np.float32))
    return texture


def _nearest(sure: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """For each pixel the distance to, and the flat index of, the nearest sure one."""
    distance, label = cv2.distanceTransformWithLabels(
        1 - sure, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    flat = np.flatnonzero(sure)
    index = np.zeros(int(label.max()) + 1, np.int64)
    index[label.ravel()[flat]] = flat
    return np.asarray(distance, np.float32), index[label]


def _shaded_fill(carried: NDArray[np.uint8], distance: NDArray[np.float32], unit: float) -> NDArray[np.uint8]:
    """Colours carried on, softened, in the shadow of the chin."""
    shade = 1 - (1 - UNDER_CHIN_SHADE) * np.clip(distance / (0.10 * unit), 0, 1)
    shaded = cv2.multiply(carried, cv2.merge([shade.astype(np.float32)] * 3), dtype=cv2.CV_32F)
    return cv2.GaussianBlur(shaded, (0, 0), FILL_BLUR * unit).clip(0, 255).astype(np.uint8)


def _alpha(toon: ToonPortrait) -> NDArray[np.float32]:
    landmarks = toon.analysis.landmarks
    alpha = as_bust(np.asarray(toon.texture[..., 3] / np.float32(255), np.float32), landmarks)
    _, label = cv2.connectedComponents((alpha > 0.5).astype(np.uint8))
    nose = landmarks[topology.NOSE_TIP, :2].round().astype(int)
    whole = cv2.dilate((label == label[nose[1], nose[0]]).astype(np.uint8), np.ones((5, 5), np.uint8))
    return np.asarray(alpha * whole, np.float32)


def _grid(side: int, count: int) -> NDArray[np.float32]:
    ticks = np.linspace(-GRID_OVERHANG * side, (1 + GRID_OVERHANG) * side, count, dtype=np.float32)
    x, y = np.meshgrid(ticks, ticks)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def _inside(outline: NDArray[np.float32], points: NDArray[np.float32]) -> NDArray[np.float64]:
    """(N,) signed distance to the outline, positive inside."""
    contour = np.ascontiguousarray(outline, np.float32)
    return np.array([cv2.pointPolygonTest(contour, (float(x), float(y)), True) for x, y in points])


def _delaunay(points: NDArray[np.float32]) -> NDArray[np.int64]:
    """(M, 3) indices of the Delaunay triangles of (N, 2) different points.

    OpenCV's subdivision (Guibas & Stolfi 1985) and not SciPy's: importing that takes a fifth of all imports.
    Slivers along the hull may be missing; the grid around a head has none, its hull is a box.
    """
    low = np.floor(points.min(axis=0)) - 1
    placed = np.ascontiguousarray(points - low, np.float32)
    width, height = np.ceil(placed.max(axis=0)).astype(int) + 1
    subdivision = cv2.Subdiv2D((0, 0, int(width), int(height)))
    subdivision.insert(placed.tolist())
    corners = np.asarray(subdivision.getTriangleList(), np.float32).reshape(-1, 2)
    # Triangles come as coordinates: both of a point, taken as one number of eight bytes, tell which it is.
    keys = placed.view(np.int64).ravel()
    order = np.argsort(keys)
    found = np.searchsorted(keys[order], np.ascontiguousarray(corners).view(np.int64).ravel())
    return order[found].reshape(-1, 3)


def _outline(
    points: NDArray[np.float32], triangles: NDArray[np.int32], alpha: NDArray[np.uint8]
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The silhouette's pixels tied to the triangles they lie in: extents are known without rendering."""
    contours, _ = cv2.findContours(
        (alpha >= VISIBLE).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    if not contours or not len(triangles):
        return np.zeros((0, 3), np.int32), np.zeros((0, 3))
    pixels = np.concatenate([contour[::OUTLINE_STEP, 0] for contour in contours]).astype(np.float64)
    a, b, c = (points[triangles[:, corner]].astype(np.float64) for corner in range(3))
    area = doubled_areas(points.astype(np.float64), triangles)
    area = np.where(np.abs(area) < 1e-6, 1e-6, area)
    # Barycentric weights are linear in x and y: each corner's is a row (x, y, 1) of factors.
    second = np.stack([c[:, 1] - a[:, 1], a[:, 0] - c[:, 0], a[:, 1] * c[:, 0] - a[:, 0] * c[:, 1]]) / area
    third = np.stack([a[:, 1] - b[:, 1], b[:, 0] - a[:, 0], a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]]) / area
    factors = np.stack([-second - third, second, third])
    factors[0, 2] += 1
    placed = np.column_stack([pixels, np.ones(len(pixels))])
    weights = placed @ factors  # (corner, pixel, triangle)
    best = weights.min(axis=0).argmax(axis=1)
    return triangles[best], weights[:, np.arange(len(pixels)), best].T


def _worth_drawing(
    points: NDArray[np.float32], triangles: NDArray[np.int32], alpha: NDArray[np.uint8]
) -> NDArray[np.int32]:
    """The triangles in whose bounding box something can be seen, counted in a summed-area table."""
    seen = cv2.integral((alpha >= VISIBLE).astype(np.uint8))
    corners, (height, width) = points[triangles], alpha.shape
    x0, y0 = np.clip(corners.min(axis=1).astype(int) - 1, 0, (width, height)).T
    x1, y1 = np.clip(corners.max(axis=1).astype(int) + 2, 0, (width, height)).T
    count = seen[y1, x1] - seen[y0, x1] - seen[y1, x0] + seen[y0, x0]
    return np.asarray(triangles[count > 0])


def head_sheet(toon: ToonPortrait, figure: Figure) -> Sheet:
    """Face mesh (first 468 vertices), rings, and a grid over hair and everything else of the head."""
    landmarks = toon.analysis.landmarks
    side = toon.texture.shape[0]
    texture = _premultiplied(toon.texture[..., :3], figure.alpha * figure.head)
    oval = landmarks[list(topology.FACE_OVAL), :2]
    centre = oval.mean(axis=0)
    grid = _grid(side, HEAD_GRID)
    grid = grid[_inside(centre + (oval - centre) * GRID_STARTS, grid) < -0.15 * side / HEAD_GRID]
    around = np.concatenate([*(centre + (oval - centre) * scale for scale in RINGS), grid]).astype(np.float32)
    points = np.concatenate([landmarks[:, :2], around]).astype(np.float32)
    members = np.array([*topology.FACE_OVAL, *range(topology.POINTS, len(points))])
    outer = members[_delaunay(points[members])].astype(np.int32)
    outer = outer[_inside(oval, points[outer].mean(axis=1)) < 0]
    depth = np.concatenate([landmarks[:, 2], _depth_around(landmarks, around)])
    face = topology.TRIANGLES[np.argsort(-landmarks[topology.TRIANGLES, 2].mean(axis=1))]
    drawn = np.concatenate([_worth_drawing(points, outer, texture[..., 3]), face]).astype(np.int32)
    outline = _outline(points, drawn, texture[..., 3])
    return Sheet(points, depth.astype(np.float32), drawn, _patches(), texture, outline)


def _patches() -> NDArray[np.int32]:
    """Fans over the eye and mouth openings: skin-coloured ground under what is drawn into them."""
    fans = []
    for ring in (topology.EYE_RIGHT, topology.EYE_LEFT, topology.LIPS_INNER):
        fans += [(ring[0], first, second) for first, second in pairwise(ring[1:])]
    return np.array(fans, np.int32)


def _depth_around(landmarks: NDArray[np.float32], points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Hair near the face lies at the oval's depth, the rest at the ears'."""
    unit = topology.unit_of(landmarks)
    oval = landmarks[list(topology.FACE_OVAL)]
    distance = np.linalg.norm(points[:, None] - oval[None, :, :2], axis=2)
    near = np.exp(-distance.min(axis=1) / unit / 0.25)
    ears = landmarks[[topology.CHEEK_EDGE_RIGHT, topology.CHEEK_EDGE_LEFT], 2].mean()
    depth = oval[distance.argmin(axis=1), 2] * near + (ears + 0.05 * unit) * (1 - near)
    return np.asarray(np.minimum(depth, ears + 0.15 * unit), np.float32)


def body_sheet(toon: ToonPortrait, figure: Figure) -> Sheet:
    """A grid over neck and clothes, at the depth of the ears."""
    texture = _body_texture(toon, figure)
    points = _grid(texture.shape[0], BODY_GRID)
    cells = np.arange(BODY_GRID * BODY_GRID).reshape(BODY_GRID, BODY_GRID)
    a, b, c, d = cells[:-1, :-1], cells[:-1, 1:], cells[1:, :-1], cells[1:, 1:]
    triangles = np.concatenate(
        [np.stack([a, b, c], -1).reshape(-1, 3), np.stack([b, d, c], -1).reshape(-1, 3)]
    )
    ears = toon.analysis.landmarks[[topology.CHEEK_EDGE_RIGHT, topology.CHEEK_EDGE_LEFT], 2].mean()
    depth = np.full(len(points), ears, np.float32)
    drawn = _worth_drawing(points, triangles.astype(np.int32), texture[..., 3])
    none = np.zeros((0, 3), np.int32)
    return Sheet(points, depth, drawn, none, texture, _outline(points, drawn, texture[..., 3]))
