"""Whether a picture's bytes are a whole picture, and how large it is: read from the bytes alone, nothing is decoded. Pure.

Sources: PNG (W3C, 5.2 and 5.3), JPEG (ITU-T T.81, annex B), GIF89a (CompuServe, 1990), WebP container (RFC 9649).
"""

from __future__ import annotations

import struct

SIDES = 65_535
"""No side may be longer: what says so is no picture."""
MOST_PIXELS = 250_000_000
"""More than any camera makes: a few bytes may claim a picture that takes gigabytes to draw."""
_SOF = frozenset((*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)))
_BARE = frozenset((0x01, *range(0xD0, 0xD8)))


def shape_of(data: bytes) -> tuple[int, int] | None:
    """Width and height of a JPEG, PNG, GIF or WebP that is whole; None for what is none, cut short or damaged."""
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            found = _png(data)
        elif data.startswith(b"\xff\xd8"):
            found = _jpeg(data)
        elif data[:6] in (b"GIF87a", b"GIF89a"):
            found = _gif(data)
        elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            found = _webp(data)
        else:
            return None
    except (IndexError, struct.error):
        return None
    return found if found is not None and all(0 < side <= SIDES for side in found) else None


def _png(data: bytes) -> tuple[int, int] | None:
    at, shape, pixels = 8, None, False
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind = data[at + 4 : at + 8]
        if at + 12 + length > len(data):
            return None
        if kind == b"IHDR":
            shape = struct.unpack(">II", data[at + 8 : at + 16])
        pixels = pixels or kind == b"IDAT"
        if kind == b"IEND":
            return shape if pixels else None
        at += 12 + length
    return None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at, shape = 2, None
    while True:
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        if marker in _BARE:
            at += 2
            continue
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        if marker in _SOF:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            shape = width, height
        if marker == 0xDA:  # from here on pixels, up to the end of the picture
            return shape if data.find(b"\xff\xd9", at + length) >= 0 else None
        at += 2 + length


def _gif(data: bytes) -> tuple[int, int] | None:
    width, height, packed = struct.unpack("<HHB", data[6:11])
    at = 13 + _table(packed)
    while data[at] != 0x3B:
        if data[at] == 0x21:
            at = _after_blocks(data, at + 2)
        elif data[at] == 0x2C:
            _after_blocks(data, at + 11 + _table(data[at + 9]))
            return width, height  # one frame is whole; some programs leave the rest or the end out
        else:
            return None
    return None


def _table(packed: int) -> int:
    return 3 * 2 ** ((packed & 7) + 1) if packed & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += 1 + data[at]
    return at + 1


def _webp(data: bytes) -> tuple[int, int] | None:
    (length,) = struct.unpack("<I", data[4:8])
    if length + 8 > len(data):
        return None
    kind = data[12:16]
    if kind == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L" and data[20] == 0x2F:
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None
