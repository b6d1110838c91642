"""X: one configured account, kept to the channel promise.

This half is pure: composing, counting, checking, pricing. What goes over the wire is in ``x_account``, loaded
at the first call, so that a preview never waits for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final

from channels.pictures import PictureRules, picture_problems
from channels.x_config import XConfig
from channels.x_length import cashtags, find_links, weighted_length
from db.records import Health, Limits, Look, Money, Part, Post, Problem, Receipt, Teaser, Timeline

if TYPE_CHECKING:
    from channels.x_account import XAccount

KIND: Final = "x"
_BREAK = re.compile(r"^[ \t]*---[ \t]*$", re.MULTILINE)
_PICTURES: Final = PictureRules("X", ("image/jpeg", "image/png", "image/webp"), 5_000_000)


class XChannel:
    """Keeps ``channels.base.Channel`` for one X account. Used by one thread at a time."""

    kind = KIND

    def __init__(self, config: XConfig) -> None:
        self.config = config
        self.name = config.name
        self.limits = Limits(
            kind=KIND,
            length=25_000 if config.premium else 280,
            link_length=23,
            images=4,
            alt_length=1_000,
            can_find=True,
            can_correct=bool(config.edit_window),
            can_delete=True,
            read_lag=config.read_lag,
            deadline=config.deadline,
            link_in_text=True,
            correct_within=config.edit_window,
        )

    def __repr__(self) -> str:
        return f"XChannel({self.name!r}, {self.config.mode})"

    # --- pure ---------------------------------------------------------------------------------

    def measure(self, text: str) -> int:
        """The weighted length: a link 23, CJK and emoji 2."""
        return weighted_length(text)

    def compose(self, teaser: Teaser) -> Post:
        """One part; a thread where the text is broken by lines that hold only ``---``. The picture goes first."""
        texts = [text for piece in _BREAK.split(teaser.text) if (text := _tidy(piece))] or [""]
        picture = (teaser.image,) if teaser.image and teaser.image.path else ()
        parts = [
            Part(
                text=text,
                link=teaser.link if teaser.link and teaser.link in text else None,
                images=picture if number == 0 else (),
            )
            for number, text in enumerate(texts)
        ]
        return Post(self.name, KIND, tuple(parts))

    def validate(self, post: Post) -> Sequence[Problem]:
        """Empty, too long, twice the same part, too many cashtags, pictures that X does not take."""
        problems: list[Problem] = []
        seen: set[str] = set()
        for number, part in enumerate(post.parts, 1):
            which = f"Part {number} of the thread" if len(post.parts) > 1 else "The post"
            problems += self._text_problems(part.text, which)
            if part.text in seen:
                problems.append(
                    Problem("twice", f"{which} says the same as an earlier part; X refuses it. Change its words.")
                )
            seen.add(part.text)
            problems += picture_problems(part.images, self.limits, _PICTURES)
        return problems

    def price(self, post: Post) -> Money:
        """Every part is billed: with any link (a bare ``example.com`` is one) the dearer price; alt texts too."""
        total = Money()
        for part in post.parts:
            total += self.config.link_price if _links_in(part.text) else self.config.post_price
            for image in part.images:
                if image.alt:
                    total += self.config.alt_text_price
        return total

    def _text_problems(self, text: str, which: str) -> list[Problem]:
        problems = []
        if not text.strip():
            problems.append(Problem("empty", f"{which} has no words. Write some."))
        length = weighted_length(text)
        if length > self.limits.length:
            problems.append(
                Problem(
                    "too long",
                    f"{which} counts {length:,} on X, {self.limits.length:,} are allowed. "
                    f"Shorten it by {length - self.limits.length:,}.",
                )
            )
        tags = cashtags(text)
        if len(set(tags)) > 1:
            listed = ", ".join(dict.fromkeys(tags))
            problems.append(
                Problem("cashtags", f"{which} has more than one cashtag ({listed}); X takes one. Take the others out.")
            )
        return problems

    # --- over the wire ------------------------------------------------------------------------

    @cached_property
    def _account(self) -> XAccount:
        from channels.x_account import XAccount

        return XAccount(self.config)

    def send(self, part: Part, key: str, before: Receipt | None) -> Receipt:
        """Hands pictures over, then makes the one post; a reply to ``before`` in a thread. X knows no key."""
        return self._account.send(part, before)

    def find_existing(self, part: Part, key: str, since: datetime, under: Receipt | None = None) -> Look:
        """Reads the account's timeline back to ``since``, all pages."""
        return self._account.find(part, since)

    def timeline(self, since: datetime) -> Timeline:
        """Reads the account's timeline back to ``since``, replies too; X bills each post read."""
        return self._account.timeline(since)

    def correct(self, receipt: Receipt, post: Post) -> Receipt:
        """Edits the post: X makes a new version with a new number. ``Rejected`` where the account may not edit, for a
        thread, and for a post with pictures, which an edit would take away."""
        from channels.errors import Rejected
        from db.records import Failure, Outcome

        if self.limits.can_correct and len(post.parts) == 1 and not post.parts[0].images:
            return self._account.edit(receipt, post.parts[0])
        sentence = (
            "This post on X cannot be corrected in place. Take it down and send it again, or reply with a correction."
        )
        raise Rejected(Failure(Outcome.REJECTED, "cannot correct", sentence))

    def delete(self, receipt: Receipt) -> None:
        """Takes the post down; gone already is success."""
        self._account.delete(receipt)

    def check(self) -> Health:
        """Who the keys belong to, whether they may write, what is left. Never raises: what is wrong is a problem."""
        return self._account.check()


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _links_in(text: str) -> list[tuple[int, int]]:
    return find_links(unicodedata.normalize("NFC", text))
