"""RGBA frames as the pictures that VP9 takes: colour as YCbCr 4:2:0, alpha as luma of its own.

FFmpeg's converter takes four times as long, since it serves any pair of formats.
"""

from __future__ import annotations

import av
import numpy as np
from numpy.typing import NDArray

from ml_core.kernels import kernel
from ml_core.types import Image

NO_COLOUR = 128
# ITU-R BT.601, 16 to 235 of 8 bits, as 16-bit fractions; chroma is that of four pixels, hence two bits more.
_Y_R, _Y_G, _Y_B = (np.uint32(factor) for factor in (16829, 33039, 6416))
_Y_ZERO = np.uint32((16 << 16) + (1 << 15))
_CB_R, _CB_G, _CB_B = (np.int32(factor) for factor in (-9714, -19070, 28784))
_CR_R, _CR_G, _CR_B = (np.int32(factor) for factor in (28784, -24103, -4681))
_C_ZERO = np.int32((NO_COLOUR << 18) + (1 << 17))
_BYTE, _RED_AND_BLUE = np.uint32(0xFF), np.uint32(0x00FF00FF)


def colour_picture(frame: Image) -> av.VideoFrame:
    """The colour of (H, W, 4) uint8 straight alpha, even sides, as yuv420p."""
    picture, (luma, blue, red) = _blank(frame)
    packed = np.ascontiguousarray(frame).view(np.uint32)[..., 0]
    _fill_luma(packed, luma)
    _fill_chroma(packed, blue, red)
    return picture


def alpha_picture(frame: Image) -> av.VideoFrame:
    """The alpha of (H, W, 4) uint8, even sides, as the luma of a yuv420p picture without colour."""
    picture, (luma, blue, red) = _blank(frame)
    _fill_alpha(np.ascontiguousarray(frame).view(np.uint32)[..., 0], luma)
    blue.fill(NO_COLOUR)
    red.fill(NO_COLOUR)
    return picture


def _blank(frame: Image) -> tuple[av.VideoFrame, list[NDArray[np.uint8]]]:
    """A yuv420p picture of the frame's size, and views of its three planes."""
    picture = av.VideoFrame(frame.shape[1], frame.shape[0], "yuv420p")
    rows = [
        np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        for plane in picture.planes
    ]
    return picture, rows


@kernel(boundscheck=False, nogil=True)
def _fill_alpha(pixels, luma):  # type: ignore[no-untyped-def]
    """Like ``_fill_luma``; NumPy would go through the bytes one by one."""
    for row in range(pixels.shape[0]):
        for column in range(pixels.shape[1]):
            luma[row, column] = pixels[row, column] >> np.uint32(24)


@kernel(boundscheck=False, nogil=True)
def _fill_luma(pixels, luma):  # type: ignore[no-untyped-def]
    """pixels: (H, W) uint32, R in the low byte."""
    for row in range(pixels.shape[0]):
        for column in range(pixels.shape[1]):
            packed = pixels[row, column]
            red, green, blue = packed & _BYTE, packed >> np.uint32(8) & _BYTE, packed >> np.uint32(16) & _BYTE
            luma[row, column] = (_Y_R * red + _Y_G * green + _Y_B * blue + _Y_ZERO) >> np.uint32(16)


@kernel(boundscheck=False, nogil=True)
def _fill_chroma(pixels, cb, cr):  # type: ignore[no-untyped-def]
    """Of the mean of each two by two ``pixels``. Red and blue are added up in the halves of one word."""
    for row in range(cb.shape[0]):
        upper, lower = pixels[2 * row], pixels[2 * row + 1]
        for column in range(cb.shape[1]):
            a, b, c, d = upper[2 * column], upper[2 * column + 1], lower[2 * column], lower[2 * column + 1]
            sides = (a & _RED_AND_BLUE) + (b & _RED_AND_BLUE) + (c & _RED_AND_BLUE) + (d & _RED_AND_BLUE)
            middle = (a >> np.uint32(8) & _BYTE) + (b >> np.uint32(8) & _BYTE)
            middle += (c >> np.uint32(8) & _BYTE) + (d >> np.uint32(8) & _BYTE)
            red, green = np.int32(sides & np.uint32(0xFFFF)), np.int32(middle)
            blue = np.int32(sides >> np.uint32(16))
            cb[row, column] = (_CB_R * red + _CB_G * green + _CB_B * blue + _C_ZERO) >> np.int32(18)
            cr[row, column] = (_CR_R * red + _CR_G * green + _CR_B * blue + _C_ZERO) >> np.int32(18)
