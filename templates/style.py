"""How one channel wants its teasers: everything the words depend on beside the article and the platform's limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

OURS = Path(__file__).parent / "teasers"
"""The template folder that comes with Pressrun; always looked at last."""

VARIANTS = ("lead", "quote", "number")
"""The versions of one story, so that a second push is never a duplicate: its news, a quotation, a figure."""


@dataclass(frozen=True, slots=True)
class Style:
    """The wishes of one channel.

    ``folders`` are the newsroom's own template folders (each holding ``<kind>/default.j2`` and the like); ours
    comes after them. ``link`` is the final address, tracking parameters merged in, or None. ``stop_list`` holds
    hashtags never to be used, without "#", in any case. ``handles`` maps an author's name to a handle; none is
    ever guessed. ``section`` is the template's section where it is not the article's. Where the kind carries the
    link in its text, ``link_in_reply`` puts it into a post of its own below, and ``thread`` is the most posts the story
    may be told in, numbered. ``link_in_comment`` puts it into the first comment where the kind carries it beside the text.
    """

    channel: str
    kind: str
    folders: tuple[Path, ...] = ()
    link: str | None = None
    link_in_reply: bool = False
    link_in_comment: bool = False
    max_hashtags: int = 0
    stop_list: frozenset[str] = frozenset()
    handles: Mapping[str, str] = field(default_factory=dict)
    section: str = ""
    variant: str = "lead"
    thread: int = 1
    summary_length: int = 200
    subject_length: int = 60
    preheader_length: int = 100

    def all_folders(self) -> tuple[Path, ...]:
        """The template folders in the order they are searched."""
        return (*self.folders, OURS)
