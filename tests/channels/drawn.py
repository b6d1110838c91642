"""Pictures for tests, drawn on the spot."""

from __future__ import annotations

import hashlib
import struct
import zlib
from pathlib import Path

from db.records import Image


def png(width: int = 8, height: int = 6, shade: int = 120) -> bytes:
    """A grey picture as PNG."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\0" + bytes([shade]) * width) * height
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def picture(folder: Path, name: str = "a.png", data: bytes | None = None, alt: str = "A grey square") -> Image:
    """An image record with its file."""
    data = png() if data is None else data
    path = folder / name
    path.write_bytes(data)
    return Image(path=str(path), sha256=hashlib.sha256(data).hexdigest(), alt=alt, media_type="image/png")
