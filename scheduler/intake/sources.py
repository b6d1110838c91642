"""One look at one source: which stories it shows now, and what to remember of it until the next look.

Pure but for the files and the fetch it is given; nothing is written here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from db.records import Article, SourceState
from scheduler.intake.errors import IntakeError
from scheduler.intake.items import Found, Refused
from scheduler.intake.source_config import SourceConfig
from scheduler.intake.wanted import Fetch, Fetched, Wanted

AT_FIRST = 3
"""How many stories of a site that is seen for the first time may go on: the newest of the last day."""
FRESH = timedelta(hours=24)
_LONGEST_PAUSE = timedelta(hours=6)
_QUIET_AT_LEAST = timedelta(hours=6)
_QUIET_TIMES = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """What a look brought: stories in the source's order, what could not be read, and the state to remember.

    ``unchanged``: the source itself says that nothing is other than last time, so nothing was read. ``fresh``: so many
    files of a folder may still be being written, and wait for the next look.
    """

    articles: tuple[Found, ...]
    refused: tuple[Refused, ...]
    state: SourceState
    unchanged: bool = False
    fresh: int = 0


def read_source(
    config: SourceConfig,
    state: SourceState | None,
    now: datetime,
    fetch: Fetch,
    *,
    known: Callable[[str], bool] = lambda item_id: False,
    jitter: float = 0.5,
) -> Reading:
    """Looks at the source. ``known`` tells whether an item was seen before (a sitemap's known pages are not fetched).

    ``jitter`` (0 to 1) spreads the next look by a tenth either way. Raises ``IntakeError`` with a sentence when the
    source as a whole cannot be read; ``failed_state`` is what to remember then.
    """
    before = state or SourceState(config.name)
    after = replace(
        before,
        first_seen_at=before.first_seen_at or now,
        fetched_at=now,
        next_at=now + _spread(config.every, jitter),
        failures=0,
        error="",
    )
    fresh = 0
    if config.kind == "folder":
        from scheduler.intake.folder import read_folder

        read = read_folder(_path(config), before.etag, source=config.name, now=now)
        found, refused, fresh = read.found, read.refused, read.fresh
        unchanged = read.mark == before.etag
        after = replace(after, etag=read.mark)
    else:
        wanted = Wanted(_address(config), etag=before.etag, last_modified=before.last_modified, local=config.local)
        answer = fetch(wanted)
        unchanged = answer.unchanged
        after = replace(after, etag=answer.etag, last_modified=answer.last_modified)
        found, refused = ((), ()) if unchanged else _read(config, answer, before, now, fetch, known)
    found = tuple(replace(one, article=_of_source(one.article, config)) for one in found)
    return Reading(found, refused, after, unchanged, fresh)


def failed_state(
    config: SourceConfig, state: SourceState | None, error: IntakeError, now: datetime, *, jitter: float = 0.5
) -> SourceState:
    """What to remember after a look that failed: all that was good stays, the pause doubles up to six hours."""
    before = state or SourceState(config.name)
    pause = min(config.every * 2 ** min(before.failures + 1, 16), max(_LONGEST_PAUSE, config.every))
    pause = max(_spread(pause, jitter), error.retry_after or timedelta(0))
    return replace(before, failures=before.failures + 1, error=str(error), next_at=now + pause)


def is_due(state: SourceState | None, now: datetime) -> bool:
    """True when it is time for the next look."""
    return state is None or state.next_at is None or state.next_at <= now


def quiet_sentence(state: SourceState, now: datetime) -> str:
    """What to tell the desk of a source that answers but has had nothing new for unusually long; "" if all is usual."""
    if state.first_seen_at is None or state.new_at is None or state.new_count < 5 or state.error:
        return ""
    usual = (state.new_at - state.first_seen_at) / state.new_count
    silent = now - state.new_at
    if silent < max(_QUIET_AT_LEAST, _QUIET_TIMES * usual):
        return ""
    return (
        f"{state.name} has had nothing new for {_span(silent)}, usually {_span(usual)}: check that it still publishes."
    )


def _read(
    config: SourceConfig,
    answer: Fetched,
    before: SourceState,
    now: datetime,
    fetch: Fetch,
    known: Callable[[str], bool],
) -> tuple[tuple[Found, ...], tuple[Refused, ...]]:
    if config.kind == "feed":
        from scheduler.intake.feed import read_feed

        return read_feed(answer.body, source=config.name, now=now, url=answer.url, label=answer.charset)
    if config.kind == "wordpress":
        from scheduler.intake.wordpress import read_wordpress

        return read_wordpress(answer.body, source=config.name, now=now, url=answer.url)
    if config.kind == "sitemap":
        from scheduler.intake.site_pages import read_site

        first = before.first_seen_at is None
        return read_site(answer, config, now, fetch, known=known, most=AT_FIRST if first else None)
    from scheduler.intake.web_page import read_page

    article = read_page(answer.body, source=config.name, now=now, url=answer.url, label=answer.charset)
    return (Found(config.url or answer.url, article),), ()


def _of_source(article: Article, config: SourceConfig) -> Article:
    return replace(article, publish=config.publish, section=article.section or config.section)


def _path(config: SourceConfig) -> Path:
    if config.path is None:
        raise IntakeError(f"Source {config.name} names no folder: set path under [sources.{config.name}].")
    return config.path


def _address(config: SourceConfig) -> str:
    if not config.url or not urlsplit(config.url).scheme:
        raise IntakeError(f"Source {config.name} names no address: set url under [sources.{config.name}].")
    if config.kind == "wordpress":
        from scheduler.intake.wordpress import posts_address

        return posts_address(config.url)
    return config.url


def _spread(span: timedelta, jitter: float) -> timedelta:
    return span * (0.9 + 0.2 * jitter)


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 90:
        return f"{max(minutes, 1)} min"
    return f"{round(minutes / 60)} h" if minutes < 2_880 else f"{round(minutes / 1_440)} days"
