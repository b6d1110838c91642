"""Multipart form bodies (RFC 7578), read without copying a picture more than once."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PARAMETER = re.compile(r';\s*([A-Za-z*]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))')


@dataclass(frozen=True, slots=True)
class FormField:
    """One field; ``filename`` None for a plain value."""

    name: str
    data: bytes
    filename: str | None = None
    content_type: str = ""

    @property
    def text(self) -> str:
        """The value as text."""
        return self.data.decode("utf-8", "replace")


def parameters(header: str) -> dict[str, str]:
    """The parameters of a header value such as ``form-data; name="a"``, names in lower case."""
    found = {}
    for match in _PARAMETER.finditer(header):
        quoted = match[2]
        found[match[1].lower()] = match[3] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    return found


def read_multipart(body: bytes, content_type: str) -> list[FormField]:
    """The fields in order. Raises ``ValueError`` with a sentence when the body does not follow its boundary."""
    boundary = parameters(content_type).get("boundary")
    if not boundary:
        raise ValueError("The multipart body names no boundary.")
    mark = b"--" + boundary.encode()
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise ValueError("The multipart body is cut short: its closing boundary is missing.")
    return [_field(piece) for piece in pieces[1:-1]]


def _field(piece: bytes) -> FormField:
    head, split, data = piece.partition(b"\r\n\r\n")
    if not split:
        raise ValueError("A part of the multipart body has no empty line after its headers.")
    headers = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    names = parameters(headers.get("content-disposition", ""))
    if "name" not in names:
        raise ValueError("A part of the multipart body has no name.")
    return FormField(names["name"], data, names.get("filename"), headers.get("content-type", ""))
