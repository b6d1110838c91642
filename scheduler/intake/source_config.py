"""A source as the settings have it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from db.records import Publish

Kind = Literal["folder", "feed", "wordpress", "page", "sitemap"]
KINDS: tuple[Kind, ...] = ("folder", "feed", "wordpress", "page", "sitemap")


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """A source as the settings have it: ``path`` for a folder, ``url`` for all others.

    ``section`` stands in for a section the source does not name; ``local`` lets it lie on loopback or a private net.
    """

    name: str
    kind: Kind
    path: Path | None = None
    url: str | None = None
    every: timedelta = timedelta(minutes=5)
    publish: Publish | None = None
    section: str = ""
    local: bool = False
