"""RGBA to the planes that VP9 takes, beside FFmpeg's own conversion."""

from __future__ import annotations

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from ml_core.encoding.planes import NO_COLOUR, alpha_picture, colour_picture
from ml_core.types import Clip


def planes(picture: av.VideoFrame) -> list[NDArray[np.int16]]:
    rows = [
        np.frombuffer(memoryview(p), np.uint8).reshape(p.height, p.line_size)[:, : p.width]
        for p in picture.planes
    ]
    return [plane.astype(np.int16) for plane in rows]


@pytest.mark.parametrize("width", [128, 100])
def test_colours_are_those_of_ffmpeg(nod: Clip, width: int) -> None:
    """A width of 100 is padded in memory. Chroma differs by how rows are averaged."""
    frame = np.ascontiguousarray(nod.frames[3][:, :width])
    theirs = av.VideoFrame.from_ndarray(frame, format="rgba").reformat(format="yuv420p")
    luma, *chroma = zip(planes(colour_picture(frame)), planes(theirs), strict=True)
    assert np.abs(luma[0] - luma[1]).max() <= 1
    for ours, other in chroma:
        assert ours.shape == (64, width // 2)
        assert np.abs(ours - other).mean() < 0.5


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ((255, 255, 255), (235, 128, 128)),
        ((0, 0, 0), (16, 128, 128)),
        ((255, 0, 0), (82, 90, 240)),
        ((0, 0, 255), (41, 240, 110)),
    ],
)
def test_pure_colours(colour: tuple[int, int, int], expected: tuple[int, int, int]) -> None:
    """ITU-R BT.601, 75 and 100 % colour bars."""
    frame = np.full((4, 4, 4), (*colour, 7), np.uint8)
    assert tuple(int(plane[0, 0]) for plane in planes(colour_picture(frame))) == pytest.approx(
        expected, abs=1
    )


def test_alpha_is_luma_without_colour(nod: Clip) -> None:
    luma, blue, red = planes(alpha_picture(nod.frames[0]))
    np.testing.assert_array_equal(luma, nod.frames[0][..., 3])
    assert (blue == NO_COLOUR).all()
    assert (red == NO_COLOUR).all()
