"""A story from its web page: what the page says of itself (JSON-LD, OpenGraph), its text by trafilatura."""

from __future__ import annotations

import logging
import re
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from lxml import etree

from db.records import Article, Image
from scheduler.intake.dates import parse_moment
from scheduler.intake.decoding import decode
from scheduler.intake.draft import Draft, finish, web_address
from scheduler.intake.errors import IntakeError, MissingPage
from scheduler.intake.json_ld import StoryData, story_data
from scheduler.intake.markup import parse_html, read_tree, words_of
from scheduler.intake.page_signs import is_missing_page, is_robot_check, says_paywall

PAYWALL = "Behind a paywall: only the beginning of its text is known."
_EXTRACT_AT_MOST = 2_000_000
_SHORT = 1_500
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_ALIAS_HOST = re.compile(r"^(?:www|m|mobile|amp)\.")


def read_page(data: bytes, *, source: str, now: datetime, url: str, label: str = "") -> Article:
    """The story on a page that was fetched from ``url``.

    Raises ``IntakeError`` with a sentence for a page that is missing though it answered 200, a robot check, a
    front page, or one without a story. A paywall's stub is a story with a flag.
    """
    text = decode(data, label or charset_of(data))
    root = parse_html(text)
    if root is None:
        raise IntakeError("The page is empty.")
    draft = draft_of(root, text, url=url)
    return finish(draft, source=source, now=now)


def charset_of(data: bytes) -> str:
    """The encoding a page names in its first lines; "" when it names none."""
    match = _CHARSET.search(data[:4_096])
    return match[1].decode("ascii") if match else ""


def draft_of(root: etree._Element, text: str, *, url: str) -> Draft:
    """All that a parsed page tells of its story. ``text`` is its source; ``url`` "" where it came from no address."""
    metas = _metas(root)
    data = story_data(root)
    title = _title(root)
    headings = [" ".join("".join(words_of(h1)).split()) for h1 in root.iter("h1")]
    headline = data.headline or _first(metas, "og:title", "twitter:title") or next(iter(headings), "") or title
    if is_robot_check(title or headline) and not data.headline:
        raise IntakeError(
            "The site answered with a robot check instead of the story: ask it to let us in, or use its feed."
        )
    if not data.headline and any(map(is_missing_page, [title, *headings[:1]])):
        raise MissingPage("The page says that the story does not exist: check the address.")
    address = _address(root, metas, data, url)
    if url and urlsplit(address).path in {"", "/"} and not urlsplit(address).query and not data.headline:
        raise IntakeError(
            'This is a front page, not a story: give a story\'s address, or add the site with kind = "feed".'
        )
    own = read_tree(_main(root), url)
    titles = {own.heading, headline, *headings, _first(metas, "og:title")}
    paragraphs = [line for line in _paragraphs(text, data, own.paragraphs) if line not in titles]
    if not paragraphs and not data.headline and _first(metas, "og:type") != "article":
        raise IntakeError("There is no story on this page: give a story's address.")
    card = {
        "title": _first(metas, "og:title", "twitter:title"),
        "description": _first(metas, "og:description", "twitter:description"),
        "image": web_address(_joined(url, _first(metas, "og:image", "og:image:url", "twitter:image"))) or "",
    }
    return Draft(
        headline=headline,
        paragraphs=paragraphs,
        guid=data.identifier,
        url=address,
        outlet=data.publisher or _first(metas, "og:site_name", "application-name"),
        dek=data.dek,
        summary=card["description"] or data.description or _first(metas, "description"),
        authors=data.authors or _names(metas),
        section=data.section or _first(metas, "article:section", "section"),
        tags=data.tags or metas.get("article:tag") or _first(metas, "news_keywords", "keywords").split(","),
        label=data.label,
        kickers=[_first(metas, "article:section"), *data.tags],
        language=data.language or str(root.get("lang") or "") or _first(metas, "og:locale"),
        image=_image(metas, data, url) or own.image,
        published_at=data.published_at or _moment(root, metas),
        modified_at=data.modified_at or parse_moment(_first(metas, "article:modified_time", "og:updated_time")),
        removed=own.removed,
        flags=(*_paywall(data, paragraphs, own.paragraphs), *(_card_flags(card) if url else ())),
        card=card,
    )


def _metas(root: etree._Element) -> dict[str, list[str]]:
    metas: dict[str, list[str]] = {}
    for meta in root.iter("meta"):
        name = str(meta.get("property") or meta.get("name") or meta.get("itemprop") or "").strip().lower()
        content = str(meta.get("content") or "").strip()
        if name and content and len(metas.setdefault(name, [])) < 40:
            metas[name].append(content)
    return metas


def _first(metas: dict[str, list[str]], *names: str) -> str:
    return next((metas[name][0] for name in names if metas.get(name)), "")


def _title(root: etree._Element) -> str:
    for title in root.iter("title"):
        return " ".join("".join(map(str, title.itertext())).split())
    return ""


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address) if address else ""
    except ValueError:
        return ""


def _address(root: etree._Element, metas: dict[str, list[str]], data: StoryData, url: str) -> str:
    """The canonical address where it names the same site (and is not its front page); else where it was fetched."""
    links = [
        str(link.get("href") or "") for link in root.iter("link") if "canonical" in str(link.get("rel") or "").lower()
    ]
    for choice in [*links, _first(metas, "og:url"), data.url]:
        address = web_address(_joined(url, choice))
        if address and (not url or _same_site(address, url)):
            return address
    return url


def _same_site(one: str, other: str) -> bool:
    left, right = urlsplit(one), urlsplit(other)
    same_host = _ALIAS_HOST.sub("", (left.hostname or "").lower()) == _ALIAS_HOST.sub(
        "", (right.hostname or "").lower()
    )
    return same_host and (left.path not in {"", "/"} or right.path in {"", "/"})


def _names(metas: dict[str, list[str]]) -> list[str]:
    for name in ("author", "article:author", "parsely-author", "dc.creator", "byl", "twitter:creator"):
        found = [one for one in metas.get(name, []) if not one.startswith(("http", "@"))]
        if found:
            return found
    return []


def _image(metas: dict[str, list[str]], data: StoryData, url: str) -> Image | None:
    address = _joined(url, _first(metas, "og:image", "og:image:url", "twitter:image") or data.image)
    if not address:
        return None
    return Image(url=address, alt=_first(metas, "og:image:alt", "twitter:image:alt"), credit=data.image_credit)


def _moment(root: etree._Element, metas: dict[str, list[str]]) -> datetime | None:
    names = (
        "article:published_time",
        "article:published",
        "datepublished",
        "parsely-pub-date",
        "dc.date.issued",
        "date",
    )
    for name in names:
        if moment := parse_moment(_first(metas, name)):
            return moment
    times = (str(time.get("datetime") or "") for time in root.iter("time"))
    return next((moment for one in times if (moment := parse_moment(one))), None)


def _main(root: etree._Element) -> etree._Element:
    """The element most likely to hold the story: the article with most text, main, or the body."""
    articles = list(root.iter("article"))[:50]
    if articles:
        return max(articles, key=lambda one: sum(len("".join(map(str, p.itertext()))) for p in one.iter("p")))
    return next(root.iter("main"), next(root.iter("body"), root))


def _paragraphs(text: str, data: StoryData, own: tuple[str, ...]) -> list[str]:
    found = _extracted(text)
    length = sum(map(len, found))
    if len(data.body) > 1.7 * length and len(data.body) > 200:
        return [line for line in re.split(r"\n+|<br\s*/?>|</p>", data.body) if line.strip()]
    return found or [line for line in own if len(line) > 40]


def _extracted(text: str) -> list[str]:
    if len(text) > _EXTRACT_AT_MOST:
        return []
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        found = trafilatura.extract(
            text, output_format="txt", include_comments=False, include_tables=False, favor_precision=True, fast=True
        )
    except Exception:  # it is made for pages as they should be; for all others our own reading stands in
        return []
    return [line.removeprefix("- ") for line in (found or "").split("\n") if line.strip()]


def _paywall(data: StoryData, paragraphs: list[str], own: tuple[str, ...]) -> tuple[str, ...]:
    short = sum(map(len, paragraphs)) < _SHORT
    walled = data.walled or any(says_paywall(line) for line in (*paragraphs[-4:], *own[-8:]))
    return (PAYWALL,) if walled and short else ()


def _card_flags(card: dict[str, str]) -> tuple[str, ...]:
    missing = [name for name, tag in (("title", "og:title"), ("picture", "og:image")) if not card[tag[3:]]]
    if not missing:
        return ()
    return (f"Its page names no {' and no '.join(missing)} for link cards: posts of its link will look bare.",)
