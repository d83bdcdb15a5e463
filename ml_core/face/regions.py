"""Which pixel is skin, hair, brow, eye, lip, neck, clothes or background.

Features (brows, eyes, lips) come from the mesh. Skin, hair and clothes are told apart by colour and
place: seeds that are sure by place teach a colour histogram to each class (Boykov and Jolly 2001 use
the same likelihoods), Bayes' rule joins it with a prior of where the class lives, twice, and a guided
filter brings the posterior to the edges of the photo.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from ml_core.face import topology
from ml_core.face.exposure import lab_of, median_lab
from ml_core.face.shapes import Guide, blur, polygon, resized, rows_and_columns, scaled_about, smoothstep
from ml_core.types import REGIONS, Image, Mask, Points

Floats = NDArray[np.float32]
Lab = tuple[float, float, float]

WORK_SIDE: Final = 300
BINS: Final = (20, 20, 20)
_LAB_LOW: Final = (0.0, -40.0, -40.0)
_LAB_HIGH: Final = (100.0, 60.0, 60.0)
HISTOGRAM_SMOOTHING: Final = 1.1
"""Gaussian in bins (5 L, 5 a, 5 b): about the noise of a phone photo within one material."""
UNKNOWN_COLOUR: Final = 2e-4
"""Likelihood of a colour that no seed has shown."""
ROUNDS: Final = 2
LEAST_SEED: Final = 60
"""Pixels at WORK_SIDE below which a class is absent (bald, bare shoulders)."""
LEAST_HAIR: Final = 0.004
"""Share of the frame; a few stray pixels are not hair."""
SCARF_LIKENESS: Final = 0.75
"""Bhattacharyya coefficient of the colours above the forehead and under the chin: one cloth."""
SCARF_SIDES: Final = 0.7
"""Share of the places beside the jaw, left and right, that a scarf covers."""


@dataclass(frozen=True)
class Regions:
    """layers (8, S, S) uint8 in the order of types.REGIONS; the inside of an open mouth is in none.

    skin_lab, hair_lab: Lab medians; hair_lab is None for a bald or covered head.
    """

    layers: NDArray[np.uint8]
    skin_lab: Lab
    hair_lab: Lab | None


@dataclass(frozen=True)
class _Scene:
    """Everything at WORK_SIDE. lab (n, n, 3); points (468, 3) scaled; unit in its pixels."""

    lab: Floats
    matte: Mask
    points: Points
    unit: float
    oval: Mask
    features: Mask

    @property
    def side(self) -> int:
        return len(self.matte)


def segment(image: Image, matte: Mask, points: Points) -> Regions:
    """Regions of an (S, S, 3) portrait with matte (S, S) and (468, 3) landmarks."""
    scene = _scene(image, matte, points)
    posterior, hair_sure = _posteriors(scene)
    skin_lab = median_lab(scene.lab[_skin_seed(scene)])
    hair_lab = median_lab(scene.lab[hair_sure]) if hair_sure is not None else None
    return Regions(_layers(image, matte, points, posterior), skin_lab, hair_lab)


def _scene(image: Image, matte: Mask, points: Points) -> _Scene:
    n = WORK_SIDE
    scale = n / image.shape[0]
    small = np.asarray(cv2.resize(image, (n, n), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    scaled = (points * np.float32(scale)).astype(np.float32)
    unit = topology.unit_of(scaled)
    oval = polygon(scaled, topology.FACE_OVAL, n)
    features = np.zeros((n, n), np.float32)
    for contour, grow in (
        (topology.EYE_RIGHT, 0.10), (topology.EYE_LEFT, 0.10), (topology.LIPS_OUTER, 0.03),
        (topology.BROW_RIGHT, 0.05), (topology.BROW_LEFT, 0.05),
    ):  # fmt: skip
        features = np.maximum(features, polygon(scaled, contour, n, grow * unit))
    return _Scene(lab_of(small), resized(matte, n), scaled, unit, oval, features)


def _brow_line(scene: _Scene) -> float:
    return float(scene.points[[70, 300, 105, 334], 1].mean())


def _skin_seed(scene: _Scene) -> NDArray[np.bool_]:
    """Cheeks, nose and the lower forehead."""
    core = polygon(scaled_about(scene.points, topology.FACE_OVAL, 0.86), topology.FACE_OVAL, scene.side)
    y, _ = rows_and_columns(scene.side)
    above_mouth = y < float(scene.points[topology.MOUTH_RIGHT, 1])
    seed: NDArray[np.bool_] = (core > 0.5) & (scene.features < 0.1) & (y > _brow_line(scene)) & above_mouth
    return seed


def _skin_likeness(scene: _Scene) -> Floats:
    """1 where the colour is that of the face, by Mahalanobis distance; lightness may vary more than hue."""
    seed = scene.lab[_skin_seed(scene)]
    if len(seed) < LEAST_SEED:
        return scene.oval
    middle = np.median(seed, axis=0).astype(np.float32)
    spread = np.cov(seed[::3].T) + np.diag([60.0, 6.0, 8.0])
    # whitened by the Cholesky factor of the inverse, the Mahalanobis distance is Euclidean
    white = (scene.lab - middle).reshape(-1, 3) @ np.linalg.cholesky(np.linalg.inv(spread)).astype(np.float32)
    distance = np.square(white).sum(axis=1)
    likeness: Floats = (
        np.exp(-0.25 * np.maximum(distance - 2, 0)).reshape(scene.matte.shape).astype(np.float32)
    )
    return likeness


def _posteriors(scene: _Scene) -> tuple[Floats, NDArray[np.bool_] | None]:
    """(3, n, n) chances of skin, hair, clothes inside the matte, and sure hair pixels if there is hair."""
    priors = _priors(scene)
    seeds = _seeds(scene)
    bins = _bins(scene.lab)
    present = np.array([seed.sum() >= LEAST_SEED for seed in seeds], dtype=np.float32)
    present[0] = 1
    if not present[1]:  # a bare skull goes on above the mesh
        priors[0] = np.maximum(priors[0], 0.5 * priors[1])
    weights = np.stack([seed.astype(np.float32) for seed in seeds])
    posterior = priors
    for _ in range(ROUNDS):
        likelihoods = np.stack([_likelihood(bins, weight) for weight in weights])
        joint = likelihoods * priors * present[:, np.newaxis, np.newaxis]
        posterior = joint / np.maximum(joint.sum(axis=0), 1e-9)
        weights = posterior * (scene.matte > 0.8) * (posterior > 0.6)
        weights += np.stack(seeds)
    posterior = np.stack([blur(layer.astype(np.float32), 1.0) for layer in posterior])
    hair = (posterior[1] > 0.7) & (scene.matte > 0.8) & (scene.oval < 0.5)
    if hair.sum() < LEAST_HAIR * hair.size or present[1] == 0:
        return posterior, None
    if _covered(scene, bins, hair):
        posterior[2] += posterior[1]
        posterior[1] = 0
        return posterior, None
    return posterior, hair


def _priors(scene: _Scene) -> Floats:
    """Where skin, hair and clothes live around a face; (3, n, n), not normalised."""
    y, x = rows_and_columns(scene.side)
    unit, points = scene.unit, scene.points
    chin, brow = points[topology.CHIN], _brow_line(scene)
    outside = cv2.distanceTransform((scene.oval < 0.5).astype(np.uint8), cv2.DIST_L2, 5) / np.float32(unit)
    inside = cv2.distanceTransform((scene.oval > 0.5).astype(np.uint8), cv2.DIST_L2, 5) / np.float32(unit)
    below = smoothstep(y, chin[1] - 0.1 * unit, chin[1] + 0.15 * unit)
    above = smoothstep(y, brow - 0.15 * unit, brow - 0.5 * unit)
    jaw = abs(float(points[topology.JAW_LEFT, 0] - points[topology.JAW_RIGHT, 0])) / 2
    throat = np.exp(-(((x - chin[0]) / (jaw * 1.1)) ** 4)) * smoothstep(
        y, chin[1] + 1.5 * unit, chin[1] + 0.6 * unit
    )
    face = scene.oval * (0.35 + 0.65 * smoothstep(inside, 0.0, 0.12))
    ears = 0.5 * np.exp(-((outside / 0.22) ** 2)) * (1 - above)
    skin = np.maximum.reduce([face, ears, 0.9 * below * throat, 0.12 * below * np.ones_like(x)])
    head = np.exp(-((outside / 1.1) ** 2)) * (1 - scene.oval)
    fringe = scene.oval * (0.35 * above + 0.12 * smoothstep(inside, 0.2, 0.0))
    hair = np.maximum(head * (1 - 0.75 * below * np.ones_like(x)), fringe) * (1 - 0.8 * below * throat)
    clothes = smoothstep(y, chin[1] + 0.05 * unit, chin[1] + 0.8 * unit) * np.ones_like(x)
    shoulders = smoothstep(outside, 0.45, 0.9) * smoothstep(y, float(points[topology.NOSE_TIP, 1]), chin[1])
    clothes = np.maximum.reduce([clothes * (1 - 0.6 * throat), 0.7 * shoulders, 0.02 * (1 - scene.oval)])
    return np.stack([np.maximum(skin, 1e-4), np.maximum(hair, 1e-4), clothes]).astype(np.float32)


def _seeds(scene: _Scene) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    y, _ = rows_and_columns(scene.side)
    chin, unit = scene.points[topology.CHIN], scene.unit
    likeness = _skin_likeness(scene)
    outside = cv2.distanceTransform((scene.oval < 0.5).astype(np.uint8), cv2.DIST_L2, 5) / np.float32(unit)
    person = scene.matte > 0.85
    around = (outside > 0.08) & (outside < 1.0) & (y < float(scene.points[topology.NOSE_TIP, 1]))
    hair = person & around & (likeness < 0.5)
    clothes = person & (y > chin[1] + 0.9 * unit) & (likeness < 0.5)
    return _skin_seed(scene), hair, clothes


def _bins(lab: Floats) -> NDArray[np.intp]:
    """(n, n) flat histogram bin of each pixel."""
    low, high = np.array(_LAB_LOW, np.float32), np.array(_LAB_HIGH, np.float32)
    cells = np.clip((lab - low) / (high - low) * np.array(BINS, np.float32), 0, np.array(BINS) - 1).astype(
        np.intp
    )
    flat: NDArray[np.intp] = (cells[..., 0] * BINS[1] + cells[..., 1]) * BINS[2] + cells[..., 2]
    return flat


def _histogram(bins: NDArray[np.intp], weight: Floats) -> Floats:
    counts = np.bincount(bins.ravel(), weights=weight.ravel(), minlength=int(np.prod(BINS))).astype(
        np.float32
    )
    cube = counts.reshape(BINS)
    for _ in range(3):  # one axis at a time; each pass turns the cube
        flat = np.ascontiguousarray(cube.reshape(cube.shape[0], -1))
        smooth = cv2.GaussianBlur(flat, (1, 5), sigmaX=0.1, sigmaY=HISTOGRAM_SMOOTHING)
        cube = np.moveaxis(np.asarray(smooth, np.float32).reshape(cube.shape), 0, 2)
    total = float(cube.sum())
    return np.asarray(cube.ravel() / total if total > 0 else cube.ravel(), dtype=np.float32)


def _likelihood(bins: NDArray[np.intp], weight: Floats) -> Floats:
    return _histogram(bins, weight)[bins] + np.float32(UNKNOWN_COLOUR)


def _covered(scene: _Scene, bins: NDArray[np.intp], hair: NDArray[np.bool_]) -> bool:
    """A scarf runs on, in one cloth, from above the forehead past both jaws to under the chin, where no
    hair grows."""
    y, x = rows_and_columns(scene.side)
    chin, mouth, unit = scene.points[topology.CHIN], scene.points[topology.MOUTH_RIGHT], scene.unit
    person = scene.matte > 0.8
    throat = (
        (np.abs(x - chin[0]) < 0.35 * unit)
        & (y > chin[1] + 0.12 * unit)
        & (y < chin[1] + 0.6 * unit)
        & person
    )
    if throat.sum() < LEAST_SEED or float(_skin_likeness(scene)[throat].mean()) > 0.3:
        return False
    around = np.asarray(cv2.dilate(scene.oval, np.ones((round(0.4 * unit),) * 2, np.uint8))) > 0.5
    beside = around & (scene.oval < 0.3) & (y > mouth[1] - 0.15 * unit) & (y < mouth[1] + 0.15 * unit)
    for flank in (beside & (x < chin[0]), beside & (x > chin[0])):
        if float(hair[flank].mean() if flank.any() else 0) < SCARF_SIDES:
            return False
    top = hair & (y < float(scene.points[topology.FOREHEAD, 1]))
    above, below = _histogram(bins, top.astype(np.float32)), _histogram(bins, throat.astype(np.float32))
    return float(np.sqrt(above * below).sum()) > SCARF_LIKENESS


def _layers(image: Image, matte: Mask, points: Points, posterior: Floats) -> NDArray[np.uint8]:
    """The three posteriors at full size, split into the eight layers."""
    side, unit = image.shape[0], topology.unit_of(points)
    grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.float32) * np.float32(1 / 255)
    guide = Guide(grey, 5, 1.5e-3)
    skin, hair, clothes = (np.clip(guide.follow(resized(layer, side)), 0, 1) for layer in posterior)
    total = np.maximum(skin + hair + clothes, 1e-6)
    eyes = np.maximum(polygon(points, topology.EYE_RIGHT, side), polygon(points, topology.EYE_LEFT, side))
    mouth = polygon(points, topology.LIPS_INNER, side)
    lips = np.maximum(polygon(points, topology.LIPS_OUTER, side) - mouth, 0)
    brows = _brows(grey, points, unit)
    free = matte * (1 - np.maximum.reduce([eyes, np.maximum(lips, mouth), brows]))
    skin, hair, clothes = (layer / total * free for layer in (skin, hair, clothes))
    below_jaw = 1 - _face_side(points, side, unit)
    layers = {
        "skin": skin * (1 - below_jaw), "neck": skin * below_jaw, "hair": hair, "clothes": clothes,
        "brows": brows * matte, "eyes": eyes * matte, "lips": lips * matte, "background": 1 - matte,
    }  # fmt: skip
    return np.stack([np.round(np.clip(layers[name], 0, 1) * 255).astype(np.uint8) for name in REGIONS])


def _brows(grey: Mask, points: Points, unit: float) -> Mask:
    """The mesh's brow bands where they differ from the skin around them; fair brows count half."""
    side = grey.shape[0]
    bands = np.maximum(
        polygon(points, topology.BROW_RIGHT, side, 0.03 * unit),
        polygon(points, topology.BROW_LEFT, side, 0.03 * unit),
    )
    sigma = 0.12 * unit
    left, top, width, height = cv2.boundingRect((bands > 0).astype(np.uint8))
    reach = math.ceil(4 * sigma)  # what the blur of the bands' own pixels looks at
    rows = slice(max(0, top - reach), top + height + reach)
    columns = slice(max(0, left - reach), left + width + reach)
    near = np.ascontiguousarray(grey[rows, columns])
    brows = np.zeros_like(grey)
    darker = smoothstep(blur(near, sigma) - near, -0.02, 0.06)
    brows[rows, columns] = blur(np.ascontiguousarray(bands[rows, columns]), 1.0) * (0.5 + 0.5 * darker)
    return brows


def _face_side(points: Points, side: int, unit: float) -> Mask:
    """1 on the face and above it, 0 below the line of the jaw."""
    y, x = rows_and_columns(side)
    jaw = points[list(topology.FACE_OVAL[9:28]), :2]
    order = np.argsort(jaw[:, 0])
    line = np.interp(x[0], jaw[order, 0], jaw[order, 1]).astype(np.float32)
    return smoothstep(y - line[np.newaxis], 0.03 * unit, -0.01 * unit)
