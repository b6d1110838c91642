"""The pictures of a post: what an editor must fix first, and the exact bytes that go out.

The bytes are looked at, not the name: what a file is called says nothing of what a platform will do with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from db.records import Image, Limits, Problem

_NAMES: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP", "image/gif": "GIF"}
_ENDINGS: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}


@dataclass(frozen=True, slots=True)
class PictureRules:
    """What a platform takes: media types, and the largest file in bytes."""

    where: str
    types: tuple[str, ...]
    largest: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture read for sending."""

    data: bytes
    media_type: str
    file_name: str


class PictureTrouble(Exception):
    """The picture cannot be sent as it was approved; the text is a sentence for the desk."""


def picture_problems(images: Sequence[Image], limits: Limits, rules: PictureRules) -> list[Problem]:
    """What is wrong with a part's pictures: too many, missing, too large, of a wrong type, alt text too long."""
    problems = []
    if len(images) > limits.images:
        problems.append(
            Problem(
                "too many pictures",
                f"{rules.where} takes {limits.images} pictures in one post, this one has {len(images)}. "
                f"Take {len(images) - limits.images} out.",
            )
        )
    for number, image in enumerate(images, 1):
        problems += _problems_of(image, f"Picture {number}", limits, rules)
    return problems


def read_picture(image: Image) -> Picture:
    """The picture's bytes. Raises ``PictureTrouble`` when they are gone or not those that were approved."""
    name = _name_of(image)
    try:
        data = Path(image.path or "").read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise PictureTrouble(f"The picture {name} cannot be read ({why}). Add it again, then send the post.") from None
    if image.sha256 and hashlib.sha256(data).hexdigest() != image.sha256:
        raise PictureTrouble(f"The picture {name} is not the one that was approved. Look at it and approve it again.")
    media_type = media_type_of(data[:16]) or "application/octet-stream"
    return Picture(data, media_type, f"picture.{_ENDINGS.get(media_type, 'bin')}")


def media_type_of(head: bytes) -> str | None:
    """The media type that a file's first 16 bytes tell, or None for one we do not know."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    return None


def _problems_of(image: Image, which: str, limits: Limits, rules: PictureRules) -> list[Problem]:
    problems = []
    if len(image.alt) > limits.alt_length:
        problems.append(
            Problem(
                "alt text too long",
                f"{which}'s alt text has {len(image.alt):,} characters, {rules.where} takes {limits.alt_length:,}. "
                "Shorten it.",
            )
        )
    if not image.alt.strip():
        problems.append(
            Problem("no alt text", f"{which} has no alt text. Say in it what can be seen, for those who cannot.", False)
        )
    name = _name_of(image)
    try:
        path = Path(image.path or "")
        size = path.stat().st_size
        with path.open("rb") as file:
            media_type = media_type_of(file.read(16))
    except OSError:
        return [*problems, Problem("no picture", f"{which}, {name}, cannot be read. Add it again or take it out.")]
    if size > rules.largest:
        problems.append(
            Problem(
                "picture too large",
                f"{which}, {name}, has {size / 1_000_000:.1f} MB, {rules.where} takes {rules.largest / 1_000_000:.1f} "
                "MB. Make it smaller.",
            )
        )
    if media_type not in rules.types:
        wanted = ", ".join(_NAMES[known] for known in rules.types)
        found = _NAMES.get(media_type or "", "something else")
        problems.append(
            Problem(
                "picture type",
                f"{which}, {name}, is {found}; {rules.where} takes {wanted}. Save it as one of these.",
            )
        )
    return problems


def _name_of(image: Image) -> str:
    return Path(image.path).name if image.path else image.url or "without a file"
