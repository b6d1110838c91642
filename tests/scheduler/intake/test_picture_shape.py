"""A picture is whole or it is none: what only begins like one, is cut short or names impossible sides is refused."""

from __future__ import annotations

import struct

import pytest

from scheduler.intake.picture_shape import shape_of
from tests.desk.test_verbs import PNG

GIF = bytes.fromhex("47494638396103000200800000ffffff00000021f90401000000002c00000000030002000002024401003b")
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x04ab"
    + b"\xff\xc0\x00\x0b\x08\x00\x02\x00\x03\x01\x01\x11\x00"
    + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00pixels\xff\xd9"
)
WEBP = (
    b"RIFF"
    + struct.pack("<I", 22)
    + b"WEBPVP8L"
    + struct.pack("<I", 10)
    + b"\x2f"
    + struct.pack("<I", 2 | 1 << 14)
    + bytes(5)
)
WHOLE = {"png": (PNG, (1, 1)), "gif": (GIF, (3, 2)), "jpeg": (JPEG, (3, 2)), "webp": (WEBP, (3, 2))}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_whole_picture_tells_its_sides_and_one_cut_short_is_none(kind: str) -> None:
    data, shape = WHOLE[kind]
    assert shape_of(data) == shape
    for end in range(len(data) - 5):
        assert shape_of(data[:end]) is None, end


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a<script>alert(1)</script>",
        b"\x89PNG\r\n\x1a\n<svg onload=alert(1)>",
        b"\xff\xd8\xff<html><script>alert(1)</script>",
        b"RIFF\x10\x00\x00\x00WEBP<script>alert(1)",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"MZ\x90\x00",
        GIF[:6] + bytes(4) + GIF[10:],
    ],
)
def test_what_only_begins_like_a_picture_is_none(data: bytes) -> None:
    assert shape_of(data) is None
