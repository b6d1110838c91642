"""What a post will look like where it goes: the pieces of the preview, cut where the platform cuts. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from db.records import Article, Image, Part
from scheduler.story_view import Standing

SEE_MORE = 477
"""So many characters of a Facebook post stand before "See more" on a wide screen; line breaks shorten it further."""
SEE_MORE_LINES = 5
_LIVELY = re.compile(r"(https?://\S+|[#@][\w·]+)")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text; ``lively`` where the platform makes it a link."""

    text: str
    lively: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One part as it will be seen. ``rest`` is what hides behind "See more"; ``card`` the link's card, if any."""

    runs: tuple[Run, ...]
    rest: tuple[Run, ...]
    card: Card | None
    images: tuple[Image, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A link's card: the page's own title and description, as the page says them."""

    domain: str
    title: str
    description: str


def shown(standing: Standing, article: Article | None) -> list[Shown]:
    """The parts of a standing post, in order; none where there is no post. A post without a story has no article."""
    if standing.post is None:
        return []
    return [_part(part, standing.outlet.kind, article) for part in standing.post.parts]


def _part(part: Part, kind: str, article: Article | None) -> Shown:
    text, rest = part.text, ""
    if kind == "facebook":
        text, rest = _before_see_more(text)
    link = part.link or next(iter(re.findall(r"https?://\S+", part.text)), None)
    card = _card(link, article) if link and not part.images else None
    return Shown(_runs(text), _runs(rest), card, part.images)


def _before_see_more(text: str) -> tuple[str, str]:
    lines = text.split("\n")
    most = min(SEE_MORE, len("\n".join(lines[:SEE_MORE_LINES])))
    if len(text) <= most:
        return text, ""
    cut = text.rfind(" ", 0, most + 1)
    at = cut if cut > most // 2 else most
    return text[:at], text[at:]


def _card(link: str, article: Article | None) -> Card:
    domain = (urlsplit(link).hostname or "").removeprefix("www.")
    if article is None:
        return Card(domain, link, "")
    return Card(domain, article.card.get("title") or article.headline, article.card.get("description") or article.dek)


def _runs(text: str) -> tuple[Run, ...]:
    return tuple(Run(one, bool(_LIVELY.fullmatch(one))) for one in _LIVELY.split(text) if one)
