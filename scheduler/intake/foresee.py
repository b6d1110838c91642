"""What a look at a source would bring, found out by doing it all and undoing it: nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from db import sources
from db.records import MACHINE
from db.session import Ground
from scheduler.intake.items import Found, Refused
from scheduler.intake.source_config import SourceConfig
from scheduler.intake.sources import read_source
from scheduler.intake.take_in import left_out_of
from scheduler.intake.taking import take_article
from scheduler.intake.wanted import Fetch

_AT_ONCE = 200
"""So many stories are tried and undone together: the database is not kept from others for longer."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One story that the source shows, and what would become of it: ``left out`` was there before we watched."""

    what: Literal["new", "revision", "same", "left out"]
    headline: str
    url: str | None
    published_at: datetime | None
    flags: tuple[str, ...]


class _Undo(Exception):
    """Ends a transaction without a trace."""


def foresee(
    ground: Ground, config: SourceConfig, now: datetime, *, fetch: Fetch
) -> tuple[tuple[Foreseen, ...], tuple[Refused, ...], int]:
    """The stories that a look now would find, in the source's order, what could not be read, how many files are fresh.

    The source is read whole, whatever it says of being unchanged. Pages of a sitemap that are known already are not
    fetched again. Raises ``IntakeError``, with the sentence, for a source that cannot be read.
    """

    def known(item_id: str) -> bool:
        with ground.reading() as tx:
            return sources.item(tx, config.name, item_id) is not None

    with ground.reading() as tx:
        state = sources.get(tx, config.name)
    whole = replace(state, etag=None, last_modified=None) if state is not None else None
    reading = read_source(config, whole, now, fetch, known=known)
    with ground.reading() as tx:
        left_out = left_out_of(tx, config, state, reading.articles, now)
    found: list[Foreseen] = []
    for start in range(0, len(reading.articles), _AT_ONCE):
        found += _tried(ground, reading.articles[start : start + _AT_ONCE], left_out, now)
    return tuple(found), reading.refused, reading.fresh


def _tried(ground: Ground, several: Sequence[Found], left_out: set[str], now: datetime) -> list[Foreseen]:
    seen: list[Foreseen] = []
    try:
        with ground.transaction() as tx:
            for one in several:
                out = one.item_id in left_out
                what = "left out" if out else take_article(tx, one.article, one.item_id, actor=MACHINE, now=now).what
                story = one.article
                seen.append(Foreseen(what, story.headline, story.url, story.published_at, story.flags))
            raise _Undo
    except _Undo:
        return seen
