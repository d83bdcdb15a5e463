"""Reading the outside of a file: frames, delays, loops, alpha flag and marks, without decoding pixels.

Written from the format specifications and used only for checking and reading. The writers in this room
share nothing with it, so a mistake there cannot hide here.
Sources: RFC 9649 (WebP), PNG third edition, GIF89a, RFC 8794 (EBML), RFC 9559 (Matroska), ISO 14496-12 (MP4).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from ml_core.errors import ClipInvalid


@dataclass(frozen=True)
class Container:
    """delays: seconds of every frame, empty where only a decoder knows (webm, mp4). loops: plays, 0 for ever.

    alpha: the container announces an alpha channel. metadata: what travels beside the pixels, of "xmp",
    "c2pa", "exif", "comment", "tags". source_type: the IPTC DigitalSourceType found, or None.
    """

    format: str
    width: int
    height: int
    delays: tuple[Fraction, ...]
    loops: int
    alpha: bool
    metadata: tuple[str, ...]
    source_type: str | None


def sniff(data: bytes) -> str | None:
    """The format by its first bytes: webp, png, apng, gif, webm, mp4, or None."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "apng" if 0 <= data.find(b"acTL", 0, 65536) < _first(data, b"IDAT") else "png"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return "webm"
    return "mp4" if data[4:8] == b"ftyp" else None


def open_container(data: bytes) -> Container:
    """Parse the structure. Raises ClipInvalid (file_unknown, file_corrupt)."""
    kind = sniff(data)
    if kind is None:
        raise ClipInvalid("file_unknown", "not a WebP, PNG, APNG, GIF, WebM or MP4 file")
    try:
        return _READERS[kind](data)
    except (struct.error, IndexError, ZeroDivisionError) as error:
        cause = "a rate of zero" if isinstance(error, ZeroDivisionError) else "it ends early"
        raise ClipInvalid("file_corrupt", f"the {kind} file is damaged: {cause}", format=kind) from error
    except ValueError as error:
        raise ClipInvalid("file_corrupt", f"the {kind} file is damaged: {error}", format=kind) from error


def _first(data: bytes, name: bytes) -> int:
    at = data.find(name)
    return at if at >= 0 else len(data)


_IPTC_SOURCE_TYPES = (
    "algorithmicMedia",
    "algorithmicallyEnhanced",
    "composite",
    "compositeCapture",
    "compositeSynthetic",
    "compositeWithTrainedAlgorithmicMedia",
    "computationalCapture",
    "dataDrivenMedia",
    "digitalCapture",
    "digitalCreation",
    "humanEdits",
    "negativeFilm",
    "positiveFilm",
    "print",
    "screenCapture",
    "trainedAlgorithmicMedia",
    "virtualRecording",
)


def _source_type(text: bytes) -> str | None:
    """The word of IPTC's vocabulary; listed, since in Matroska the next element follows without a gap."""
    _, _, after = text.partition(b"/digitalsourcetype/")
    found = [word for word in _IPTC_SOURCE_TYPES if after.startswith(word.encode())]
    return max(found, key=len, default=None)


# WebP ------------------------------------------------------------------------------------------------


def _read_webp(data: bytes) -> Container:
    (size,) = struct.unpack_from("<I", data, 4)
    if size + 8 > len(data):
        raise ValueError("it ends early")
    width = height = 0
    delays, loops, alpha, metadata, source = [], 1, False, [], None
    for name, body in _riff_chunks(data, 12, size + 8):
        if name == b"VP8X":
            alpha = bool(body[0] & 0x10)
            width, height = _u24(body, 4) + 1, _u24(body, 7) + 1
        elif name == b"ANIM":
            (loops,) = struct.unpack_from("<H", body, 4)
        elif name == b"ANMF":
            delays.append(Fraction(_u24(body, 12), 1000))
        elif name in (b"VP8 ", b"VP8L") and not width:
            width, height, alpha = _webp_still(name, body)
        elif name == b"XMP ":
            metadata.append("xmp")
            source = _source_type(body)
        elif name in (b"EXIF", b"C2PA"):
            metadata.append(name.decode().lower())
    if not width:
        raise ValueError("there is no picture in it")
    return Container(
        "webp", width, height, tuple(delays) or (Fraction(0),), loops, alpha, tuple(metadata), source
    )


def _webp_still(name: bytes, body: bytes) -> tuple[int, int, bool]:
    if name == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    width, height = struct.unpack_from("<HH", body, 6)
    return width & 0x3FFF, height & 0x3FFF, False


def _riff_chunks(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    while at + 8 <= end:
        (size,) = struct.unpack_from("<I", data, at + 4)
        if at + 8 + size > end:
            raise ValueError(f"chunk {data[at : at + 4]!r} reaches beyond the end")
        yield data[at : at + 4], data[at + 8 : at + 8 + size]
        at += 8 + size + (size & 1)


def _u24(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 3], "little")


# PNG -------------------------------------------------------------------------------------------------


def _read_png(data: bytes) -> Container:
    width = height = declared = colour = 0
    delays, loops, alpha, metadata, source, ended = [], 1, False, [], None, False
    for name, body in _png_chunks(data):
        if name == b"IHDR":
            width, height, _, colour = struct.unpack_from(">IIBB", body)
            alpha = colour in (4, 6)
        elif name == b"tRNS":
            alpha = True
        elif name == b"acTL":
            declared, loops = struct.unpack(">II", body)
        elif name == b"fcTL":
            top, bottom = struct.unpack_from(">HH", body, 20)
            delays.append(Fraction(top, bottom or 100))
        elif name == b"iTXt" and body.startswith(b"XML:com.adobe.xmp\0"):
            metadata.append("xmp")
            source = _source_type(body)
        elif name in _PNG_METADATA:
            metadata.append(_PNG_METADATA[name])
        ended = ended or name == b"IEND"
    if not ended:
        raise ValueError("it ends early")
    if declared and declared != len(delays):
        raise ValueError(f"{declared} frames are declared, {len(delays)} are there")
    kind = "apng" if declared else "png"
    return Container(
        kind, width, height, tuple(delays) or (Fraction(0),), loops, alpha, tuple(metadata), source
    )


_PNG_METADATA = {b"eXIf": "exif", b"caBX": "c2pa", b"tEXt": "comment", b"zTXt": "comment", b"iTXt": "comment"}


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        name, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        (crc,) = struct.unpack_from(">I", data, at + 8 + size)
        if crc != zlib.crc32(name + body):
            raise ValueError(f"checksum of chunk {name!r} is wrong")
        yield name, body
        at += 12 + size


# GIF -------------------------------------------------------------------------------------------------


def _read_gif(data: bytes) -> Container:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    delays, loops, alpha, metadata, source = [], 1, False, [], None
    delay = Fraction(0)
    while data[at] != 0x3B:
        if data[at] == 0x2C:
            local = data[at + 9]
            at = _after_blocks(data, at + 11 + (3 << (local & 7) + 1 if local & 0x80 else 0))
            delays.append(delay)
            continue
        if data[at] != 0x21:
            raise ValueError(f"unknown block {data[at]:#x}")
        label, body, at = data[at + 1], _joined_blocks(data, at + 2), _after_blocks(data, at + 2)
        if label == 0xF9:
            delay = Fraction(struct.unpack_from("<H", body, 1)[0], 100)
            alpha = alpha or bool(body[0] & 1)
        elif label == 0xFE:
            metadata.append("comment")
            source = source or _source_type(body)
        elif label == 0xFF:
            loops = _gif_loops(body, loops)
            metadata += [mark for start, mark in _GIF_APPLICATIONS if body.startswith(start)]
    return Container("gif", width, height, tuple(delays), loops, alpha, tuple(metadata), source)


_GIF_APPLICATIONS = ((b"XMP Data", "xmp"), (b"C2PA", "c2pa"))


def _gif_loops(body: bytes, before: int) -> int:
    if not body.startswith(b"NETSCAPE2.0\x01"):
        return before
    (repeats,) = struct.unpack_from("<H", body, 12)
    return int(repeats) + 1 if repeats else 0


def _after_blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += 1 + data[at]
    return at + 1


def _joined_blocks(data: bytes, at: int) -> bytes:
    out = []
    while data[at]:
        out.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    return b"".join(out)


# Matroska --------------------------------------------------------------------------------------------

_SEGMENT, _TRACKS, _ENTRY, _VIDEO, _TAGS = 0x18538067, 0x1654AE6B, 0xAE, 0xE0, 0x1254C367
_WIDTH, _HEIGHT, _ALPHA_MODE, _DOC_TYPE, _HEADER = 0xB0, 0xBA, 0x53C0, 0x4282, 0x1A45DFA3
_MASTERS = frozenset({_HEADER, _SEGMENT, _TRACKS, _ENTRY, _VIDEO})


def _read_webm(data: bytes) -> Container:
    found: dict[int, bytes] = {}
    for name, body in _ebml(data, 0, len(data)):
        found[name] = found.get(name, b"") + body if name == _TAGS else found.get(name, body)
    if found.get(_DOC_TYPE, b"").rstrip(b"\0") != b"webm":
        raise ValueError("it is Matroska, but not WebM")
    width, height = (int.from_bytes(found.get(key, b""), "big") for key in (_WIDTH, _HEIGHT))
    if not width or not height:
        raise ValueError("there is no video track in it")
    tags = found.get(_TAGS, b"")
    alpha = int.from_bytes(found.get(_ALPHA_MODE, b""), "big") == 1
    return Container("webm", width, height, (), 0, alpha, ("tags",) if tags else (), _source_type(tags))


def _ebml(data: bytes, at: int, end: int) -> Iterator[tuple[int, bytes]]:
    while at < end:
        name, at = _vint(data, at, keep_marker=True)
        size, at = _vint(data, at, keep_marker=False)
        stop = end if size is None else at + size
        if name is None or stop > end:
            raise ValueError("it ends early")
        if name in _MASTERS:
            yield from _ebml(data, at, stop)
        elif name == _TAGS or stop - at <= 16:
            yield name, data[at:stop]
        at = stop


def _vint(data: bytes, at: int, *, keep_marker: bool) -> tuple[int | None, int]:
    """A variable-length number (RFC 8794, section 4); None is the unknown size."""
    length = 9 - data[at].bit_length()
    if length > 8:
        raise ValueError("bad number")
    value = int.from_bytes(data[at : at + length], "big")
    mask = (1 << 7 * length) - 1
    if keep_marker:
        return value, at + length
    return (None if value & mask == mask else value & mask), at + length


# MP4 -------------------------------------------------------------------------------------------------

XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
C2PA_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


def _read_mp4(data: bytes) -> Container:
    metadata, source, names, at = [], None, set(), 0
    while at + 8 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        head = 8
        if size == 1:
            (size,), head = struct.unpack_from(">Q", data, at + 8), 16
        if size < head or at + size > len(data):
            raise ValueError("it ends early")
        names.add(data[at + 4 : at + 8])
        if data[at + 4 : at + 8] == b"uuid":
            box = data[at + head : at + head + 16]
            metadata += [name for mark, name in ((XMP_BOX, "xmp"), (C2PA_BOX, "c2pa")) if box == mark]
            source = _source_type(data[at : at + size]) if box == XMP_BOX else source
        at += size
    if at != len(data) or b"mdat" not in names:
        raise ValueError("it ends early")
    if b"moov" not in names:
        raise ValueError("it has no index")
    return Container("mp4", 0, 0, (), 1, False, tuple(metadata), source)


_READERS: Mapping[str, Callable[[bytes], Container]] = MappingProxyType(
    {
        "webp": _read_webp,
        "png": _read_png,
        "apng": _read_png,
        "gif": _read_gif,
        "webm": _read_webm,
        "mp4": _read_mp4,
    }
)
