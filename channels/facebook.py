"""Facebook: one configured Page, kept to the channel promise.

This half is pure: composing, counting, checking, pricing. What goes over the wire is in ``facebook_page``,
loaded at the first call, so that a preview never waits for it.
"""

from __future__ import annotations

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
        link stands at the end of the words, since Facebook shows either photos or a card.
        """
        text = unicodedata.normalize("NFC", teaser.text).strip()
        if teaser.image and teaser.image.path:
            if teaser.link and teaser.link not in text:
                text = f"{text}\n\n{teaser.link}".strip()
            part = Part(text=text, images=(teaser.image,))
        else:
            part = Part(text=text, link=teaser.link)
        return Post(self.name, KIND, (part,))

    def validate(self, post: Post) -> Sequence[Problem]:
        """Empty, too long, more than one part, a link that is none, pictures that Facebook does not take."""
        problems: list[Problem] = []
        if len(post.parts) != 1:
            problems.append(Problem("parts", f"Facebook takes one part, this post has {len(post.parts)}. Join them."))
        for part in post.parts:
            length = self.measure(part.text)
            if not part.text.strip():
                problems.append(Problem("empty", "The post has no words. Write some."))
            if length > self.limits.length:
                problems.append(
                    Problem(
                        "too long",
                        f"The post has {length:,} characters, Facebook takes {self.limits.length:,}. "
                        f"Shorten it by {length - self.limits.length:,}.",
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
        """Hands pictures over unpublished, then makes the one post. Graph knows no key, a Page no threads."""
        return self._page.send(part)

    def find_existing(self, part: Part, key: str, since: datetime) -> Look:
        """Reads what the Page has published since ``since``, all pages."""
        return self._page.find(part, since)

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
