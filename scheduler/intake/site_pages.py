"""A site by its news sitemap: the pages of its newest stories, fetched one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from db.records import Article
from scheduler.intake.draft import NO_DATE, Draft, finish
from scheduler.intake.errors import IntakeError
from scheduler.intake.items import Found, Refused
from scheduler.intake.sitemap import Entry, read_sitemap
from scheduler.intake.wanted import Fetch, Fetched, Wanted
from scheduler.intake.web_page import read_page

if TYPE_CHECKING:
    from scheduler.intake.source_config import SourceConfig

PAGES_A_LOOK = 10
_MAPS_A_LOOK = 3
_OLDEST = timedelta(days=2)


def read_site(
    answer: Fetched,
    config: SourceConfig,
    now: datetime,
    fetch: Fetch,
    *,
    known: Callable[[str], bool],
    most: int | None = None,
) -> tuple[tuple[Found, ...], tuple[Refused, ...]]:
    """The stories whose pages were not fetched before, at most ``PAGES_A_LOOK``; the others come with the next looks.

    With ``most`` (the first look) so many pages are fetched, and every other story comes as its headline alone, so
    that the caller can note it as seen.
    """
    entries = [entry for entry in _entries(answer, config, now, fetch) if not known(entry.url)]
    fetched = entries[: PAGES_A_LOOK if most is None else most]
    found: list[Found] = []
    refused: list[Refused] = []
    for entry in fetched:
        try:
            page = fetch(Wanted(entry.url, local=config.local))
            article = read_page(page.body, source=config.name, now=now, url=page.url, label=page.charset)
            found.append(Found(entry.url, _completed(article, entry)))
        except IntakeError as error:
            refused.append(Refused(entry.url, str(error)))
    if most is not None:
        found += [Found(entry.url, _headline_only(entry, config, now)) for entry in entries[most:]]
    return tuple(found), tuple(refused)


def _entries(answer: Fetched, config: SourceConfig, now: datetime, fetch: Fetch) -> list[Entry]:
    site = read_sitemap(answer.body, now=now)
    entries = list(site.entries)
    for address in site.maps[:_MAPS_A_LOOK]:
        entries += read_sitemap(fetch(Wanted(address, local=config.local)).body, now=now).entries
    recent = [one for one in entries if one.published_at is None or now - one.published_at <= _OLDEST]
    return list({entry.url: entry for entry in recent}.values())


def _completed(article: Article, entry: Entry) -> Article:
    """What the page does not say, from the sitemap."""
    published = article.published_at or entry.published_at
    return replace(
        article,
        outlet=article.outlet or entry.outlet,
        tags=article.tags or entry.keywords,
        published_at=published,
        flags=tuple(flag for flag in article.flags if not (published and flag == NO_DATE)),
    )


def _headline_only(entry: Entry, config: SourceConfig, now: datetime) -> Article:
    draft = Draft(entry.title or entry.url, url=entry.url, language=entry.language, published_at=entry.published_at)
    return finish(replace(draft, headline=draft.headline[:300]), source=config.name, now=now)
