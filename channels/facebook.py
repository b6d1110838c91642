"""Facebook: one configured Page, kept to the channel promise.

This half is pure: composing, counting, checking, pricing. What goes over the wire is in ``facebook_page``,
loaded at the first call, so that a preview never waits for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from channels.facebook_config import FacebookConfig
from channels.pictures import PictureRules, picture_problems
from db.records import Health, Limits, Look, Money, Part, Post, Problem, Receipt, Teaser, Timeline

if TYPE_CHECKING:
    from channels.facebook_page import PageCalls

KIND: Final = "facebook"
LONGEST_COMMENT: Final = 8_000
"""The most characters of a comment."""

_BREAK: Final = re.compile(r"^[ \t]*---[ \t]*$", re.MULTILINE)
_PICTURES: Final = PictureRules("Facebook", ("image/jpeg", "image/png"), 4_000_000)


class FacebookChannel:
    """Keeps ``channels.base.Channel`` for one Page. Used by one thread at a time."""

    kind = KIND

    def __init__(self, config: FacebookConfig) -> None:
        self.config = config
        self.name = config.name
        self.limits = Limits(
            kind=KIND,
            length=63_206,
            link_length=None,
            images=10,
            alt_length=1_000,
            can_find=True,
            can_correct=True,
            can_delete=True,
            read_lag=config.read_lag,
            deadline=config.deadline,
            link_in_text=False,
        )

    def __repr__(self) -> str:
        return f"FacebookChannel({self.name!r}, {self.config.mode})"

    # --- pure ---------------------------------------------------------------------------------

    def measure(self, text: str) -> int:
        """The number of characters."""
        return len(unicodedata.normalize("NFC", text))

    def compose(self, teaser: Teaser) -> Post:
        """A link post: the words, the link beside them, its card made by Facebook. With a picture a photo post: the
        link stands at the end of the words, since Facebook shows either photos or a card. What follows a line that
        holds only ``---`` is the first comment; a link that stands in it stands nowhere else.
        """
        pieces = [piece.strip() for piece in _BREAK.split(unicodedata.normalize("NFC", teaser.text))]
        text, *below = [piece for piece in pieces if piece] or [""]
        link = teaser.link if not any(teaser.link in piece for piece in below if teaser.link) else None
        if teaser.image and teaser.image.path:
            if link and link not in text:
                text = f"{text}\n\n{link}".strip()
            part = Part(text=text, images=(teaser.image,))
        else:
            part = Part(text=text, link=link)
        return Post(self.name, KIND, (part, *(Part(text=piece, comment=True) for piece in below)))

    def validate(self, post: Post) -> Sequence[Problem]:
        """Empty, too long, more than a post and a comment, a link that is none, pictures that Facebook does not take."""
        problems: list[Problem] = []
        if not post.parts or post.parts[0].comment or not all(part.comment for part in post.parts[1:]):
            problems.append(Problem("parts", f"Facebook takes one part, this post has {len(post.parts)}. Join them."))
        elif len(post.parts) > 2:
            sentence = (
                f"The post has {len(post.parts) - 1} comments, one is possible. Take out lines of --- between them."
            )
            problems.append(Problem("parts", sentence))
        for part in post.parts:
            length = self.measure(part.text)
            which, most = ("The comment", LONGEST_COMMENT) if part.comment else ("The post", self.limits.length)
            if not part.text.strip():
                problems.append(Problem("empty", f"{which} has no words. Write some."))
            if length > most:
                problems.append(
                    Problem(
                        "too long",
                        f"{which} has {length:,} characters, Facebook takes {most:,}. Shorten it by {length - most:,}.",
                    )
                )
            if part.link is not None:
                problems += _link_problems(part.link)
            problems += picture_problems(part.images, self.limits, _PICTURES)
        return problems

    def price(self, post: Post) -> Money:
        """Nothing: Facebook does not bill posts."""
        return Money()

    # --- over the wire ------------------------------------------------------------------------

    @cached_property
    def _page(self) -> PageCalls:
        from channels.facebook_page import PageCalls

        return PageCalls(self.config)

    def send(self, part: Part, key: str, before: Receipt | None) -> Receipt:
        """Hands pictures over unpublished, then makes the one post, or the one comment under ``before``. Graph knows no key."""
        return self._page.comment(part, before) if part.comment else self._page.send(part)

    def find_existing(self, part: Part, key: str, since: datetime, under: Receipt | None = None) -> Look:
        """Reads what the Page has published since ``since``, all pages; for a comment, what stands below ``under``."""
        return self._page.find_comment(part, since, under) if part.comment else self._page.find(part, since)

    def timeline(self, since: datetime) -> Timeline:
        """Reads what the Page has published since ``since``, all pages."""
        return self._page.timeline(since)

    def correct(self, receipt: Receipt, post: Post) -> Receipt:
        """Replaces the words in place. The link's card and the photos stay: Graph cannot change them."""
        return self._page.correct(receipt, post.parts[0])

    def delete(self, receipt: Receipt) -> None:
        """Takes the post down; gone already is success."""
        self._page.delete(receipt)

    def check(self) -> Health:
        """Whose token it is, what it may do, how long. Never raises: what is wrong is a problem."""
        return self._page.check()


def _link_problems(link: str) -> list[Problem]:
    try:
        parts = urlsplit(link)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host:
        return [Problem("link", f"The link {link[:80]} is no web address. Use one that begins with https://.")]
    if host == "facebook.com" or host.endswith(".facebook.com"):
        return [Problem("link", "Facebook does not take a link to facebook.com. Link to the story itself.")]
    return []
