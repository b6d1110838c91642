"""Cutting issues: a newsletter's daily and weekly one at its slot, from the stories that came since. Never empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db import issue_pins, issue_wishes, issues, notices, subscribers
from db.records import Article, Frequency, Teaser
from scheduler import alerting
from scheduler.app import App, Outlet
from scheduler.issue_promise import Cut, promise_issue
from scheduler.lineup import Lineup, arrange
from scheduler.periodical import Periodical
from scheduler.ready_stories import ready_stories
from scheduler.slots import next_slots

BY_THE_CLOCK = (Frequency.DAILY, Frequency.WEEKLY)

MADE_UP = {Frequency.DAILY: timedelta(hours=36), Frequency.WEEKLY: timedelta(days=4)}
"""How long a slot that nobody kept is still made up for; older ones are let go."""

FRESH = timedelta(hours=1)
"""How long after its slot an issue still takes what comes in: a daily run takes in first and cuts then."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The stories that a newsletter's next issue would carry, the lead first, and their articles."""

    stories: tuple[Teaser, ...]
    articles: Mapping[int, Article]
    unpinned: tuple[Teaser, ...] = ()
    """The same without any pin: what the newsletter's own order says."""


def walk_issues(app: App) -> int:
    """Cuts every alert, and every issue whose slot has come and that has something to say; returns how many."""
    now = app.clock.now()
    cut = 0
    for outlet in app.outlets.values():
        if outlet.letter is not None:
            cut += alerting.cut_alerts(app, outlet, outlet.letter, now)
            cut += sum(_cut(app, outlet, outlet.letter, frequency, now) for frequency in BY_THE_CLOCK)
    return cut


def next_slot(app: App) -> datetime | None:
    """When the next issue could be cut, for the newsletters that have stories waiting; None when none has."""
    now = app.clock.now()
    moments = []
    for outlet in app.outlets.values():
        if outlet.letter is None:
            continue
        for frequency in BY_THE_CLOCK:
            if outlet.letter.slots_of(frequency) is None:
                continue
            with app.ground.reading() as tx:
                if waiting_for(tx, outlet, frequency, now).stories:
                    moments.append(slot_after(outlet.letter, frequency, now))
    return min((moment for moment in moments if moment is not None), default=None)


def waiting_for(tx: Connection, outlet: Outlet, frequency: Frequency, now: datetime) -> Waiting:
    """What the next issue of this frequency would carry if it were cut at ``now``, in its order."""
    letter = outlet.letter
    assert letter is not None, f"{outlet.name} is no newsletter"
    ready, known = ready_stories(tx, outlet, frequency, now)
    pins = issue_pins.pinned(tx, outlet.name)
    out = set(issue_wishes.left_out(tx, outlet.name))
    young = [
        one
        for one in ready
        if one.article_id not in out and (_taken_in(known, one, now) > now - letter.oldest or one.article_id in pins)
    ]
    return Waiting(arrange(letter, young, known, pins), known, arrange(letter, young, known))


def slot_after(letter: Periodical, frequency: Frequency, now: datetime) -> datetime | None:
    """When the next issue of this frequency could be cut after ``now``; None when it never is by the clock."""
    slots = letter.slots_of(frequency)
    if slots is None:
        return None
    if slots.immediately:
        return letter.window_after(frequency, now)
    return next(iter(next_slots(slots, letter.zone, now, except_dates=letter.except_dates)), None)


def _cut(app: App, outlet: Outlet, letter: Periodical, frequency: Frequency, now: datetime) -> bool:
    slot = _slot_due(letter, frequency, now)
    if slot is None:
        return False
    window = letter.window(frequency, slot)
    with app.ground.reading() as tx:
        if issues.find(tx, outlet.mode, outlet.name, window) is not None:
            return False
        waiting = waiting_for(tx, outlet, frequency, now)
        there = _was_there(letter, waiting, slot, now)
    if not there:
        return False  # never empty, and nobody is told at noon what the slot at eight had no word of
    if not _has_reader(app, outlet, letter.list_name, now):
        return False
    lineup = Lineup(window, frequency, waiting.stories, waiting.articles)
    latest = letter.latest + (timedelta(days=1) if letter.local_times else timedelta(0))
    return (
        promise_issue(app, outlet, Cut(lineup, purpose="digest", due_at=max(slot, now), latest=latest), now) is not None
    )


def _was_there(letter: Periodical, waiting: Waiting, slot: datetime, now: datetime) -> bool:
    """Whether the slot had enough to say: it has only just come, or the stories were there by then and nobody ran."""
    if now - slot <= FRESH:
        return len(waiting.stories) >= letter.minimum
    by_then = sum(_taken_in(waiting.articles, story, now) <= slot for story in waiting.stories)
    return by_then >= letter.minimum


def _has_reader(app: App, outlet: Outlet, list_name: str, now: datetime) -> bool:
    """Whether an issue would reach anybody. A list without readers is told once; its stories go on waiting."""
    cause = f"no reader {outlet.mode} {outlet.name}"
    with app.ground.reading() as tx:
        readers = sum(one.confirmed for one in subscribers.overview(tx) if one.name == list_name)
        told = any(one.cause_key == cause for one in notices.standing(tx))
    if bool(readers) is not told:
        return bool(readers)
    with app.ground.transaction() as tx:
        if readers:
            notices.clear(tx, cause, now=now)
        else:
            sentence = f"{outlet.name} has stories but its list {list_name} has no reader who confirmed"
            notices.tell_once(tx, cause, sentence, f"pressrun lists import {list_name} FILE.csv", now=now)
    return bool(readers)


def _slot_due(letter: Periodical, frequency: Frequency, now: datetime) -> datetime | None:
    """The newest slot that has come and is not too old; ``now`` itself where an issue is cut as soon as it can be."""
    slots = letter.slots_of(frequency)
    if slots is None:
        return None
    if slots.immediately:
        return None if now.astimezone(letter.zone).date() in letter.except_dates else now
    newest = None
    for slot in next_slots(slots, letter.zone, now - MADE_UP[frequency], except_dates=letter.except_dates):
        if slot > now:
            return newest
        newest = slot
    return newest


def _taken_in(known: Mapping[int, Article], story: Teaser, now: datetime) -> datetime:
    article = known.get(story.article_id)
    return article.taken_in_at if article is not None and article.taken_in_at is not None else now
