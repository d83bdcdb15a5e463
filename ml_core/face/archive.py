"""``FaceAnalysis`` as compact bytes and back, so that a portrait is analysed once and kept.

A .npz without pickles: the picture as JPEG, masks as one PNG, numbers as arrays, the rest as JSON. Nothing is
compressed twice. Archives written before the picture was a JPEG have a WebP there and are read alike.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

from ml_core.errors import PhotoRejected
from ml_core.types import REGIONS, FaceAnalysis, FaceBox, HeadPose

VERSION: Final = 1
PICTURE_QUALITY: Final = 93
"""JPEG with full colour: 0.8 levels of error on average. WebP at 95, which halves colour, errs by 1.1 in two
thirds of the bytes, and takes six times as long to write and twice as long to read."""
_PICTURE_FORMATS: Final = ("JPEG", "WEBP")
MOST_BYTES: Final = 8 * 1024 * 1024
"""An analysis has 0.1 to 0.4 MB; nothing of this size was written here."""
_MOST_MEMBER_BYTES: Final = 4 * 1024 * 1024
_LARGEST_SIDE: Final = 2048
_PICTURES: Final = ("image", "masks")
_ARRAYS: Final = ("landmarks", "iris", "to_portrait")

_DAMAGE: Final = (
    ValueError, KeyError, TypeError, OSError, EOFError, SyntaxError, OverflowError, NotImplementedError,
    RuntimeError, AttributeError, IndexError, zipfile.BadZipFile, zlib.error, struct.error, UserWarning,
)  # fmt: skip
"""What zipfile, NumPy, JSON and Pillow raise on bytes that are not ours."""

Bytes = NDArray[np.uint8]

_MASK_PNG: Final = (
    cv2.IMWRITE_PNG_COMPRESSION, 2,
    cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_DEFAULT,
    cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE,
)  # fmt: skip
"""Masks are flat: trying row filters takes three times as long and saves a sixth of the bytes."""


def analysis_to_bytes(analysis: FaceAnalysis) -> bytes:
    """Compact, versioned bytes; see analysis_from_bytes."""
    facts = {
        "version": VERSION,
        "regions": list(REGIONS),
        "skin_lab": analysis.skin_lab,
        "hair_lab": analysis.hair_lab,
        "pose": [analysis.pose.yaw, analysis.pose.pitch, analysis.pose.roll],
        "expression": dict(analysis.expression),
        "glasses": analysis.glasses,
        "scores": dict(analysis.scores),
        "faces": [[*face.box, face.score] for face in analysis.faces],
        "face_index": analysis.face_index,
    }
    masks = np.concatenate([np.round(analysis.matte * 255).astype(np.uint8)[np.newaxis], analysis.regions])
    stacked = masks.reshape(-1, masks.shape[-1])
    parts: dict[str, NDArray[Any]] = {name: getattr(analysis, name) for name in _ARRAYS}
    parts["image"] = _packed(analysis.image)
    parts["masks"] = cv2.imencode(".png", stacked, _MASK_PNG)[1]
    parts["valid"] = np.packbits(analysis.valid, axis=1)
    parts["facts"] = np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8)
    return _zipped(parts)


def _zipped(parts: dict[str, NDArray[Any]]) -> bytes:
    """As np.savez_compressed, without a date, and without compressing pictures again."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, values in parts.items():
            member = zipfile.ZipInfo(f"{name}.npy")
            member.compress_type = zipfile.ZIP_STORED if name in _PICTURES else zipfile.ZIP_DEFLATED
            with archive.open(member, "w") as file:
                np.lib.format.write_array(file, values, allow_pickle=False)
    return out.getvalue()


def _packed(picture: Bytes) -> Bytes:
    out = io.BytesIO()
    Pil.fromarray(picture).save(out, "JPEG", quality=PICTURE_QUALITY, subsampling=0)
    return np.frombuffer(out.getvalue(), dtype=np.uint8)


def analysis_from_bytes(data: bytes) -> FaceAnalysis:
    """What analysis_to_bytes wrote; masks are exact to 1/255, the picture to PICTURE_QUALITY.

    Raises PhotoRejected analysis_unreadable for anything else.
    """
    try:
        return _read(data)
    except _DAMAGE as error:
        raise PhotoRejected(
            "analysis_unreadable", "The stored face analysis cannot be read; upload the photo again."
        ) from error


def _read(data: bytes) -> FaceAnalysis:
    if len(data) > MOST_BYTES:
        raise ValueError("too large")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if any(member.file_size > _MOST_MEMBER_BYTES for member in archive.infolist()):
            raise ValueError("a member is too large")
    with np.load(io.BytesIO(data), allow_pickle=False) as parts:
        facts = json.loads(bytes(parts["facts"]))
        if facts["version"] != VERSION or facts["regions"] != list(REGIONS):
            raise ValueError("another version")
        image = _unpacked(parts["image"], _PICTURE_FORMATS, "RGB")
        side = image.shape[0]
        masks = _unpacked(parts["masks"], ("PNG",), "L").reshape(1 + len(REGIONS), side, side)
        arrays = {name: _numbers(parts[name], shape) for name, shape in _shapes().items()}
        valid = np.unpackbits(parts["valid"], axis=1, count=side).astype(bool)
    if image.shape != (side, side, 3) or valid.shape != (side, side):
        raise ValueError("pictures of different sizes")
    return _assembled(facts, image, masks, valid, arrays)


def _shapes() -> dict[str, tuple[int, ...]]:
    return {"landmarks": (468, 3), "iris": (2, 5, 2), "to_portrait": (2, 3)}


def _numbers(values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.float32]:
    if values.shape != shape or values.dtype != np.float32 or not np.isfinite(values).all():
        raise ValueError("not the expected numbers")
    return values


def _unpacked(packed: Bytes, formats: tuple[str, ...], mode: str) -> Bytes:
    with Pil.open(io.BytesIO(bytes(packed)), formats=formats) as picture:
        if picture.width > _LARGEST_SIDE or picture.height > _LARGEST_SIDE * (1 + len(REGIONS)):
            raise ValueError("picture too large")
        return np.array(picture.convert(mode), dtype=np.uint8)


def _assembled(
    facts: dict[str, Any],
    image: Bytes,
    masks: Bytes,
    valid: NDArray[np.bool_],
    arrays: dict[str, NDArray[np.float32]],
) -> FaceAnalysis:
    yaw, pitch, roll = (float(v) for v in facts["pose"])
    skin, hair = facts["skin_lab"], facts["hair_lab"]
    return FaceAnalysis(
        image=image,
        valid=valid,
        landmarks=arrays["landmarks"],
        iris=arrays["iris"],
        matte=masks[0].astype(np.float32) / np.float32(255),
        regions=np.ascontiguousarray(masks[1:]),
        skin_lab=_lab(skin),
        hair_lab=None if hair is None else _lab(hair),
        pose=HeadPose(yaw=yaw, pitch=pitch, roll=roll),
        expression={str(name): float(weight) for name, weight in facts["expression"].items()},
        glasses=bool(facts["glasses"]),
        scores={str(name): float(score) for name, score in facts["scores"].items()},
        to_portrait=arrays["to_portrait"],
        faces=tuple(FaceBox(box=(x, y, w, h), score=score) for x, y, w, h, score in facts["faces"]),
        face_index=int(facts["face_index"]),
    )


def _lab(values: list[float]) -> tuple[float, float, float]:
    L, a, b = (float(v) for v in values)
    return L, a, b
