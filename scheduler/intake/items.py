"""What a look at a source brings back."""

from __future__ import annotations

from dataclasses import dataclass

from db.records import Article


@dataclass(frozen=True, slots=True)
class Found:
    """A story under the name its source has for it (guid, path or address)."""

    item_id: str
    article: Article


@dataclass(frozen=True, slots=True)
class Refused:
    """A thing that could not be read, and the sentence that says why."""

    item_id: str
    sentence: str
