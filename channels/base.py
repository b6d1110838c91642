"""The promise every kind keeps: one page, said in terms of what a caller may rely on (design §4).

A channel is cheap to build and used by one thread at a time. Pure methods touch nothing; the others make
exactly one call (``send``, ``correct``, ``delete``; media upload is preparation and may come before it) or
read pages (``find_existing``, ``timeline``, ``check``). No method retries, sleeps, or runs past ``limits.deadline``; each raises
only the five errors of ``channels.errors``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from db.records import Health, Limits, Look, Money, Part, Post, Problem, Receipt, Teaser, Timeline


class Channel(Protocol):
    """One configured destination."""

    @property
    def name(self) -> str:
        """The name in settings.toml, e.g. ``x-main``."""
        ...

    @property
    def kind(self) -> str:
        """``x``, ``facebook`` or ``email``."""
        ...

    @property
    def limits(self) -> Limits:
        """The kind's facts as data."""
        ...

    def measure(self, text: str) -> int:
        """The length of ``text`` as the platform counts it. Pure."""
        ...

    def compose(self, teaser: Teaser) -> Post:
        """The exact payload in parts, frozen. Pure: the same teaser gives the same fingerprint."""
        ...

    def validate(self, post: Post) -> Sequence[Problem]:
        """What an editor must fix before this may go; empty when nothing. Pure."""
        ...

    def price(self, post: Post) -> Money:
        """What sending all parts will cost. Pure."""
        ...

    def send(self, part: Part, key: str, before: Receipt | None) -> Receipt:
        """Makes the one call for ``part``; ``before`` is the receipt of the part it follows in a thread."""
        ...

    def find_existing(self, part: Part, key: str, since: datetime, under: Receipt | None = None) -> Look:
        """Reads the account back to ``since`` and tells what looks like ``part``; a comment is looked for below ``under``."""
        ...

    def timeline(self, since: datetime) -> Timeline:
        """Everything the account has published since then, whoever made it; never complete where a kind cannot tell."""
        ...

    def correct(self, receipt: Receipt, post: Post) -> Receipt:
        """Replaces the words of what ``receipt`` names, in place. ``Rejected`` where the kind cannot."""
        ...

    def delete(self, receipt: Receipt) -> None:
        """Removes it; "gone already" is success; never pretends."""
        ...

    def check(self) -> Health:
        """Credentials, permissions, quota. Posts nothing."""
        ...
