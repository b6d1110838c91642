"""Keeps a picture under the hash of its bytes, so that what was approved is what is uploaded."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

from db.records import Image
from scheduler.intake.errors import IntakeError
from scheduler.intake.wanted import Fetch, Wanted

MAX_PICTURE = 8_000_000
_ACCEPT = "image/jpeg, image/png, image/webp, image/gif"
_KINDS = (
    (b"\xff\xd8\xff", 0, "image/jpeg", ".jpg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png", ".png"),
    (b"GIF87a", 0, "image/gif", ".gif"),
    (b"GIF89a", 0, "image/gif", ".gif"),
    (b"WEBP", 8, "image/webp", ".webp"),
)
"""What the bytes themselves say; a name or a header is not asked. SVG is a program, not a picture."""


def keep_picture(image: Image, media: Path, fetch: Fetch, *, local: bool = False) -> Image:
    """Copies (``path``) or fetches (``url``) the picture into ``media``; sets path, sha256 and media_type.

    Raises ``IntakeError`` when it cannot be kept: gone, over ``MAX_PICTURE``, or no JPEG, PNG, GIF or WebP.
    """
    return keep_bytes(image, _bytes(image, fetch, local), media)


def keep_bytes(image: Image, data: bytes, media: Path) -> Image:
    """Keeps ``data`` as the picture of ``image``. Raises ``IntakeError`` as ``keep_picture``."""
    if len(data) > MAX_PICTURE:
        raise IntakeError(f"The picture has more than {MAX_PICTURE / 1e6:.0f} MB: give a smaller one.")
    media_type, ending = kind_of_picture(data)
    name = hashlib.sha256(data).hexdigest()
    path = media.absolute() / f"{name}{ending}"
    try:
        if not touched(path):
            media.mkdir(parents=True, exist_ok=True)
            passing = media / f"{name}.{os.getpid()}.part"
            passing.write_bytes(data)
            passing.replace(path)
    except OSError as error:
        raise IntakeError(
            f"The picture cannot be kept in {media} ({error.strerror}): make room or mend its rights."
        ) from None
    return replace(image, path=str(path), sha256=name, media_type=media_type)


def touched(path: Path) -> bool:
    """Marks a kept picture as somebody's present work, so that no night removes it; False where it is not there."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def kind_of_picture(data: bytes) -> tuple[str, str]:
    """``(media type, file ending)`` by content. Raises ``IntakeError`` for what the platforms do not take."""
    for magic, at, media_type, ending in _KINDS:
        if data[at : at + len(magic)] == magic:
            return media_type, ending
    raise IntakeError("The picture is no JPEG, PNG, GIF or WebP: give it in one of these.")


def _bytes(image: Image, fetch: Fetch, local: bool) -> bytes:
    if image.path:
        try:
            with open(image.path, "rb") as file:
                return file.read(MAX_PICTURE + 1)
        except OSError as error:
            raise IntakeError(f"The picture {Path(image.path).name} cannot be read ({error.strerror}).") from None
    if not image.url:
        raise IntakeError("The picture has neither an address nor a file.")
    return fetch(Wanted(image.url, local=local, most=MAX_PICTURE, accept=_ACCEPT)).body
