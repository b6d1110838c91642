"""The acting verb of intake: looks at a source and notes what is new, what changed and what was left out.

One story is one article, under whatever address, guid or source it comes again; a mended one is a new revision
and never goes out a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from db import articles, notices, sources
from db.records import MACHINE, Article, Image, SourceState
from db.session import Ground, GroundLost
from scheduler.intake.errors import IntakeError
from scheduler.intake.items import Found, Refused
from scheduler.intake.revising import address_of
from scheduler.intake.source_config import SourceConfig
from scheduler.intake.sources import AT_FIRST, FRESH, Reading, failed_state, quiet_sentence, read_source
from scheduler.intake.taking import BEFORE, Taken, remember, stamp_of, take_article
from scheduler.intake.wanted import Fetch

__all__ = ["Taken", "TakenIn", "take_article", "take_in"]

_BATCH = 50


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What one look at a source brought: article ids, and counts of what needed nothing; ``fresh`` files wait.

    ``error`` is the sentence of a look that failed ("" when it did not); ``told`` is True when it is the first
    of its kind, ``recovered`` when the look before this one had failed.
    """

    new: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    same: int = 0
    left_out: int = 0
    refused: tuple[Refused, ...] = ()
    unchanged: bool = False
    fresh: int = 0
    error: str = ""
    told: bool = False
    recovered: bool = False


def take_in(
    ground: Ground,
    config: SourceConfig,
    now: datetime,
    *,
    fetch: Fetch,
    actor: str = MACHINE,
    jitter: float = 0.5,
    media: Path | None = None,
    may_keep: Callable[[Image], bool] | None = None,
) -> TakenIn:
    """Looks at the source now, due or not, and stores what it shows; never raises for a fault of the source.

    Pictures are kept in ``media`` where ``may_keep`` says so; without both only their addresses are known.
    No transaction is open while the source is read.
    """
    with ground.reading() as tx:
        state = sources.get(tx, config.name)
    try:
        reading = read_source(
            config, state, now, fetch, known=lambda item: _is_known(ground, config.name, item), jitter=jitter
        )
    except IntakeError as error:
        return _failed(ground, config, state, error, now, actor, jitter)
    except GroundLost:
        raise
    except Exception as fault:  # ours: told like any other failure, and asked again with a growing pause
        own = f"Pressrun met a fault of its own while reading it ({type(fault).__name__}): please report it."
        return _failed(ground, config, state, IntakeError(own), now, actor, jitter)
    with ground.reading() as tx:
        left_out = left_out_of(tx, config, state, reading.articles, now)
        fresh = {one.item_id for one in reading.articles if not _is_seen(tx, config.name, one)} - left_out
    found = reading.articles
    if media is not None and may_keep is not None:
        found = tuple(_pictured(one, media, may_keep, fetch, config) if one.item_id in fresh else one for one in found)
    taken = _store(ground, found, left_out, actor, now)
    new = tuple(one.article_id for one in taken if one.what == "new" and one.article_id)
    changed = tuple(one.article_id for one in taken if one.what == "revision" and one.article_id)
    recovered = state is not None and state.failures > 0
    _close(ground, config.name, reading, len(new), actor, now)
    return TakenIn(
        new=new,
        changed=tuple(dict.fromkeys(changed)),
        same=len(taken) - len(new) - len(changed) - len(left_out),
        left_out=len(left_out),
        refused=reading.refused,
        unchanged=reading.unchanged,
        fresh=reading.fresh,
        recovered=recovered,
    )


# --- storing -----------------------------------------------------------------------------------


def _store(ground: Ground, found: Sequence[Found], left_out: set[str], actor: str, now: datetime) -> list[Taken]:
    taken: list[Taken] = []
    for start in range(0, len(found), _BATCH):
        with ground.transaction() as tx:
            for one in found[start : start + _BATCH]:
                if one.item_id in left_out:
                    _leave_out(tx, one, actor, now)
                    taken.append(Taken(None, "same"))
                else:
                    taken.append(take_article(tx, one.article, one.item_id, actor=actor, now=now))
    return taken


def _leave_out(tx: Connection, one: Found, actor: str, now: datetime) -> None:
    """Noted under its name and under its address, so that a new guid does not make it new."""
    for name in _names(one):
        remember(tx, name, one.article, None, actor, now, BEFORE)


def _names(one: Found) -> list[str]:
    address = address_of(one.article)
    return [one.item_id, *([f"address {address}"] if address else [])]


# --- what a source had before it was watched ---------------------------------------------------


def left_out_of(
    tx: Connection, config: SourceConfig, state: SourceState | None, found: Iterable[Found], now: datetime
) -> set[str]:
    """The items that are only noted. A folder is filled on purpose and a page named by hand: nothing of theirs."""
    if config.kind in ("folder", "page"):
        return set()
    if state is None or state.first_seen_at is None:
        young = [one for one in found if _age_ok(one.article, now)]
        young.sort(key=lambda one: one.article.published_at or now, reverse=True)
        return {one.item_id for one in found} - {one.item_id for one in young[:AT_FIRST]}
    begun = state.first_seen_at
    return {
        one.item_id
        for one in found
        if any((seen := sources.item(tx, config.name, name)) and seen.reason == BEFORE for name in _names(one))
        or (
            one.article.published_at is not None
            and one.article.published_at < begun - FRESH
            and sources.item(tx, config.name, one.item_id) is None
            and articles.find(tx, url_key=address_of(one.article), content_hash=one.article.content_hash()) is None
        )
    }


def _age_ok(article: Article, now: datetime) -> bool:
    return article.published_at is not None and now - article.published_at <= FRESH


def _is_known(ground: Ground, source: str, item_id: str) -> bool:
    with ground.reading() as tx:
        return sources.item(tx, source, item_id) is not None


def _is_seen(tx: Connection, source: str, one: Found) -> bool:
    seen = sources.item(tx, source, one.item_id)
    return seen is not None and seen.content_hash == stamp_of(one.article)


def _pictured(one: Found, media: Path, may_keep: Callable[[Image], bool], fetch: Fetch, config: SourceConfig) -> Found:
    from scheduler.intake.pictures import keep_picture

    image = one.article.image
    if image is None or not may_keep(image):
        return one
    try:
        kept = keep_picture(image, media, fetch, local=config.local)
        return replace(one, article=replace(one.article, image=kept))
    except IntakeError as error:
        left = replace(image, path=None) if image.url else None
        return replace(one, article=replace(one.article, image=left, flags=(*one.article.flags, str(error))))


# --- the source's own state --------------------------------------------------------------------


def _close(ground: Ground, name: str, reading: Reading, new: int, actor: str, now: datetime) -> None:
    """The state is written last: what a crash left unstored is read again."""
    state = reading.state
    if new:
        state = replace(state, new_at=now, new_count=state.new_count + new)
    with ground.transaction() as tx:
        for one in reading.refused:
            sources.remember(
                tx, name, one.item_id, article_id=None, content_hash="", actor=actor, now=now, reason=one.sentence
            )
        sources.save(tx, state, actor=actor, now=now)
        notices.clear(tx, f"source {name}", now=now)
        if quiet := quiet_sentence(state, now):
            notices.tell_once(tx, f"quiet source {name}", quiet, "look at the site itself", now=now)
        else:
            notices.clear(tx, f"quiet source {name}", now=now)


def _failed(
    ground: Ground,
    config: SourceConfig,
    state: SourceState | None,
    error: IntakeError,
    now: datetime,
    actor: str,
    jitter: float,
) -> TakenIn:
    sentence = f"Source {config.name}: {error}"
    with ground.transaction() as tx:
        sources.save(tx, failed_state(config, state, error, now, jitter=jitter), actor=actor, now=now)
        remedy = f"mend [sources.{config.name}] in settings.toml, or wait: it is asked again"
        told = notices.tell_once(tx, f"source {config.name}", sentence, remedy, now=now)
    return TakenIn(error=str(error), told=told)
