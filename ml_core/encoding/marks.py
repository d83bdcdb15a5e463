"""The mark that says a file was made by AI, in the way each format can carry it.

XMP (IPTC DigitalSourceType) in WebP, PNG, APNG and MP4; a comment in GIF; a tag in WebM. Added to finished
files, so the pixels are never encoded again. Signed manifests are in ``credentials``.
Sources: IPTC "Guidance for using digital source type" (2024); XMP specification part 3, sections 1.1.4, 1.2.6
(ISO 16684-1 packet); RFC 9649 section 2.7.1.4; GIF89a section 24; RFC 9559 section 5.1.8.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType

from ml_core.encoding.video import with_comment
from ml_core.errors import ClipInvalid

COMPOSITE = "compositeWithTrainedAlgorithmicMedia"
"""A person's photo redrawn and animated by algorithms: the usual sticker."""
GENERATED = "trainedAlgorithmicMedia"
"""Nothing photographed is in it."""
SOURCE_TYPES = frozenset({COMPOSITE, GENERATED})
_VOCABULARY = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_TOOL = "emotoon"
_NOTICE = "AI-generated"
_XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_HAS_XMP, _HAS_ALPHA = 0x04, 0x10


def marked(data: bytes, format: str, source_type: str = COMPOSITE) -> bytes:
    """``data`` with the mark of its format added.

    format: webp, png, apng, gif, webm or mp4. source_type: one of SOURCE_TYPES.
    Raises ClipInvalid (format_unknown, source_type_unknown).
    """
    if source_type not in SOURCE_TYPES:
        known = ", ".join(sorted(SOURCE_TYPES))
        raise ClipInvalid("source_type_unknown", f"unknown source type {source_type!r}; use {known}")
    if format not in _MARKERS:
        raise ClipInvalid("format_unknown", f"{format!r} files cannot be marked")
    return _MARKERS[format](data, source_type)


def mark_bytes(format: str) -> int:
    """Room in bytes that ``marked`` needs at most."""
    return len(_xmp(COMPOSITE)) + 64 if format in ("webp", "png", "apng", "mp4") else 512


def _xmp(source_type: str) -> bytes:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        f' xmp:CreatorTool="{_TOOL}" Iptc4xmpExt:DigitalSourceType="{_VOCABULARY}{source_type}"/>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()


def _sentence(source_type: str) -> str:
    return f"{_NOTICE} ({_TOOL}): {_VOCABULARY}{source_type}"


def _mark_webp(data: bytes, source_type: str) -> bytes:
    xmp = _xmp(source_type)
    chunk = b"XMP " + struct.pack("<I", len(xmp)) + xmp + b"\0" * (len(xmp) & 1)
    body = data[12:]
    if body[:4] != b"VP8X":
        body = _extended_header(body) + body
    flagged = body[:8] + bytes([body[8] | _HAS_XMP]) + body[9:]
    return b"RIFF" + struct.pack("<I", 4 + len(flagged) + len(chunk)) + b"WEBP" + flagged + chunk


def _extended_header(body: bytes) -> bytes:
    """VP8X for a simple file: only the extended form may carry metadata."""
    if body[:4] == b"VP8L":
        bits = int.from_bytes(body[9:13], "little")
        width, height, alpha = bits & 0x3FFF, bits >> 14 & 0x3FFF, bits >> 28 & 1
    else:
        size = struct.unpack_from("<HH", body, 14)
        width, height, alpha = (size[0] & 0x3FFF) - 1, (size[1] & 0x3FFF) - 1, 0
    flags = _HAS_ALPHA if alpha else 0
    fields = bytes([flags, 0, 0, 0]) + width.to_bytes(3, "little") + height.to_bytes(3, "little")
    return b"VP8X" + struct.pack("<I", len(fields)) + fields


def _mark_png(data: bytes, source_type: str) -> bytes:
    body = b"iTXt" + b"XML:com.adobe.xmp\0\0\0\0\0" + _xmp(source_type)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    header = 8 + 25
    return data[:header] + chunk + data[header:]


def _mark_gif(data: bytes, source_type: str) -> bytes:
    text = _sentence(source_type).encode()[:255]
    flags = data[10]
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    return data[:at] + b"!\xfe" + bytes([len(text)]) + text + b"\0" + data[at:]


def _mark_webm(data: bytes, source_type: str) -> bytes:
    return with_comment(data, _sentence(source_type))


def _mark_mp4(data: bytes, source_type: str) -> bytes:
    body = _XMP_BOX + _xmp(source_type)
    return data + struct.pack(">I", len(body) + 8) + b"uuid" + body


_MARKERS: Mapping[str, Callable[[bytes, str], bytes]] = MappingProxyType(
    {
        "webp": _mark_webp,
        "png": _mark_png,
        "apng": _mark_png,
        "gif": _mark_gif,
        "webm": _mark_webm,
        "mp4": _mark_mp4,
    }
)
