"""Evergreen stories come again: each time a delivery of its own, in other words, and never while something breaking runs.

Planned are only turns that have come; what is still under way, a story that is held or killed, and an account that had
all of its words lately wait for the next tick.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from db import articles, breaking, channel_states, evergreens, notices, posts, stops, teasers
from db.evergreens import Mark
from db.moves import OPEN
from db.records import MACHINE, Article, Delivery, Mode, Priority, State, SubjectKind, Teaser
from db.tables import articles as article_rows
from scheduler.app import App, Outlet
from scheduler.prepare import checked, plan_one, store_draft
from scheduler.turns import choose_words, first_free, next_turn, parse_season
from scheduler.words import teaser_for
from templates.style import VARIANTS
from templates.teaser import NoWords

PREFIX = "evergreen-"
_ROUNDS = ("first", "again-", PREFIX)
_WENT = (State.SENT, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Turn:
    """Where one marked story stands on one channel: how often it came again, and when it comes next (None: never)."""

    channel: str
    done: int
    next_at: datetime | None
    open: Delivery | None = None


def is_evergreen(delivery: Delivery) -> bool:
    """Whether a delivery lets an evergreen story come again."""
    return delivery.purpose.startswith(PREFIX)


def turns_of(app: App, mark: Mark, found: Sequence[Delivery]) -> list[Turn]:
    """Where a marked story stands on each of its channels; ``found`` are all of its deliveries."""
    turns = []
    for outlet in app.outlets.values():
        if outlet.crowd or (mark.channels and outlet.name not in mark.channels):
            continue
        mine = [one for one in found if (one.channel, one.mode) == (outlet.name, outlet.mode)]
        rounds = [one for one in mine if one.purpose.startswith(_ROUNDS)]
        went = [one for one in rounds if one.state in _WENT]
        done = sum(is_evergreen(one) for one in went)
        still = next((one for one in rounds if one.state in OPEN), None)
        last = max((_went_at(one) for one in went), default=mark.marked_at)
        if still is not None:
            turns.append(Turn(outlet.name, done, still.next_at, still))
            continue
        # What expired or was called off had its turn too: it is not made up for at once.
        tried = [one.due_at for one in rounds if is_evergreen(one)]
        at = next_turn(
            max([last, *tried]),
            mark.every,
            zone=app.settings.newsroom.zone,
            season=parse_season(mark.season),
            until_at=mark.until_at,
            done=done,
            times=mark.times,
        )
        turns.append(Turn(outlet.name, done, at))
    return turns


def next_turn_at(app: App) -> datetime | None:
    """The next moment at which a marked story comes again; None when none does."""
    with app.ground.reading() as tx:
        marks = evergreens.active(tx)
        found = evergreens.deliveries_of_marked(tx) if marks else {}
    moments = [
        turn.next_at
        for mark in marks
        for turn in turns_of(app, mark, found.get(mark.article_id, []))
        if turn.next_at is not None and turn.open is None
    ]
    return min(moments, default=None)


def plan_turns(app: App) -> int:
    """Plans every turn that has come; returns how many. Ends marks that have nothing left to do. Raises ``GroundLost``."""
    if app.safeguard.refusal() is not None:
        return 0
    now = app.clock.now()
    with app.ground.reading() as tx:
        marks = evergreens.active(tx)
        if not marks:
            return 0
        found = evergreens.deliveries_of_marked(tx)
        running = {mode for mode in Mode if breaking.runs(tx, mode, now)}
        held = {
            row.id
            for row in tx.execute(
                select(article_rows.c.id).where(
                    article_rows.c.id.in_([mark.article_id for mark in marks]), stops.story_stopped(now)
                )
            )
        }
    planned = 0
    for mark in marks:
        turns = turns_of(app, mark, found.get(mark.article_id, []))
        if all(turn.next_at is None for turn in turns):
            _end(app, mark, now)
            continue
        if mark.article_id in held:
            continue
        for turn in turns:
            outlet = app.outlets[turn.channel]
            comes = turn.open is None and turn.next_at is not None and turn.next_at <= now
            if comes and outlet.mode not in running:
                planned += _plan(app, outlet, mark, found.get(mark.article_id, []), now)
    return planned


def _plan(app: App, outlet: Outlet, mark: Mark, found: Sequence[Delivery], now: datetime) -> bool:
    with app.ground.reading() as tx:
        article = articles.get(tx, mark.article_id)
        if article.skipped_at is not None or stops.killed(tx, article.id) is not None:
            return False
        since = channel_states.live_since(tx, outlet.name) if outlet.mode is Mode.LIVE else None
        if since is not None and mark.marked_at < since:
            return False  # marked before the channel went live: nothing of then goes unless it is asked for again
        used = _used(tx, outlet, found)
        newest = teasers.newest(tx, SubjectKind.ARTICLE, article.id, outlet.name)
    number = 1 + max((_number(one) for one in found if is_evergreen(one) and one.channel == outlet.name), default=0)
    purpose = f"{PREFIX}{number}"
    offered = _offered(app, outlet, article, purpose, newest)
    chosen = choose_words(offered, used, now)
    cause = f"no words left {article.id} {outlet.name}"
    if chosen is None:
        free_at = first_free(offered, used)
        until = f" before {app.told(free_at)}" if free_at is not None else ""
        with app.ground.transaction() as tx:
            sentence = f"story {article.id} is evergreen and has no words that {outlet.name} may have again{until}"
            remedy = f"pressrun again {article.id} --channel {outlet.name} --text …, or: pressrun evergreen {article.id} --off"
            notices.tell_once(tx, cause, sentence, remedy, now=now)
        return False
    words = offered[chosen]
    draft = checked(outlet, app.silent(outlet), replace(words, version=newest.version if newest else words.version))
    with app.ground.transaction() as tx:
        if evergreens.get(tx, article.id) != mark:
            return False  # somebody changed or ended it in this moment
        post = store_draft(tx, article.id, draft, actor=MACHINE, now=now)
        story = replace(article, priority=Priority.EVERGREEN)
        delivery = plan_one(app, tx, story, draft, post, now, purpose=purpose)
        notices.clear(tx, cause, now=now)
        return delivery is not None


def _offered(app: App, outlet: Outlet, article: Article, purpose: str, newest: Teaser | None) -> dict[str, Teaser]:
    """Every wording of the story for this channel, by its text without the link; a person's own words come first."""
    offered: dict[str, Teaser] = {}
    if newest is not None and newest.writer != MACHINE:
        offered[without_link(newest)] = newest
    for variant in VARIANTS:
        try:
            words = teaser_for(app, outlet, article, purpose=purpose, variant=variant)
        except NoWords:
            continue
        offered.setdefault(without_link(words), words)
    return offered


def _used(tx: Connection, outlet: Outlet, found: Sequence[Delivery]) -> dict[str, datetime]:
    """When each text last went to this account, or may have."""
    used: dict[str, datetime] = {}
    for one in found:
        if one.channel != outlet.name or one.mode is not outlet.mode or one.state not in (*_WENT, State.FAILED):
            continue
        words_id = posts.teaser_id(tx, one.post_id)
        if words_id is None or one.purpose.startswith("takedown-"):
            continue
        text = without_link(teasers.get(tx, words_id))
        used[text] = max(used.get(text, _went_at(one)), _went_at(one))
    return used


def without_link(teaser: Teaser) -> str:
    """A teaser's text as two of them are compared: the link is another each time."""
    return " ".join((teaser.text.replace(teaser.link, "") if teaser.link else teaser.text).split())


def _went_at(delivery: Delivery) -> datetime:
    return max(delivery.due_at, delivery.next_at)


def _number(delivery: Delivery) -> int:
    return int(delivery.purpose.removeprefix(PREFIX))


def _end(app: App, mark: Mark, now: datetime) -> None:
    with app.ground.transaction() as tx:
        evergreens.end(tx, mark.article_id, actor=MACHINE, now=now, reason="it has come for the last time")
