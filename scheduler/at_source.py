"""Before a post goes, a look at the story's own address: is it still there, and does it still say what we say?

A story that came in or was seen within ``FRESH`` is not looked at again. Where a look is wanted, the delivery goes back
to waiting for at most ``PATIENCE``, in the transaction that claimed it, and a lane of its own looks meanwhile: no call
is made in a transaction, and no other post waits. Breaking news is never looked at first. What cannot be looked at
(no answer, a refusal, a robot check), and a look that was lost, keep nothing: the post goes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Connection

from db import articles, deliveries, sightings, sources
from db.records import MACHINE, Article, Delivery, Priority, State, SubjectKind
from db.sightings import Found, Sighting
from scheduler.app import App
from scheduler.asked_first import NotYet, is_news, stories_of
from scheduler.hand_in import is_local
from scheduler.intake.errors import IntakeError, MissingPage
from scheduler.intake.targets import DESK
from scheduler.intake.wanted import Wanted
from scheduler.withdrawing import hold_story, let_go

FRESH = timedelta(minutes=10)
PATIENCE = timedelta(seconds=20)
SECONDS = 8.0
"""How long one look may take in all."""

MOST_BYTES = 3_000_000
AGAIN = timedelta(minutes=15)
"""How often a story that is held for what its address showed is looked at again."""

LOOKED_AT_FIRST = "its address is looked at first"
_GONE = (404, 410, 451)
_BATCH = 50
_OWN_PAGE = ("page", "sitemap", "wordpress")
"""Kinds of source whose headline is the page's own, so that the first look can already tell a changed one."""


def unseen(app: App, tx: Connection, delivery: Delivery, now: datetime) -> NotYet | None:
    """Asks for the looks that a claimed delivery wants; None where it may go."""
    if delivery.priority is Priority.BREAKING or delivery.subject_kind is SubjectKind.POST or not is_news(delivery):
        return None
    stories = [one for one in stories_of(tx, delivery) if is_looked_at(app, tx, one)]
    seen = sightings.several(tx, [one.id for one in stories])
    wanted = [one.id for one in stories if _wants_look(one, seen.get(one.id), now)]
    for article_id in wanted:
        sightings.ask(tx, article_id, now=now)
    return NotYet(now + PATIENCE, LOOKED_AT_FIRST) if wanted else None


def is_looked_at(app: App, tx: Connection, story: Article) -> bool:
    """Whether a story has an address of which its source says that it is looked at."""
    if not story.url or story.skipped_at is not None:
        return False
    asked = app.settings.sources.get(story.source)
    if asked is not None:
        return asked.recheck if asked.recheck is not None else asked.kind != "folder"
    # What a person handed in by its address came from there; a file that names one need not have.
    return story.source == DESK and sources.came_by_address(tx, DESK, story.id)


def look_at_sources(app: App) -> bool:
    """Makes the looks that deliveries wait for, then looks again at what is held; True when a delivery may go on."""
    made = False
    while not app.stopping():
        now = app.clock.now()
        with app.ground.reading() as tx:
            wanted = [one.article_id for one in sightings.asked(tx, _BATCH)]
            again = [one.article_id for one in sightings.to_look_at_again(tx, now - AGAIN, _BATCH)]
        if not wanted and not again:
            return made
        for article_id in dict.fromkeys((*wanted, *again)):
            _look_at(app, article_id)
        made = True
    return made


def _wants_look(story: Article, seen: Sighting | None, now: datetime) -> bool:
    if story.taken_in_at is not None and _is_fresh(story.taken_in_at, now):
        return False
    if seen is None:
        return True
    if seen.found is Found.WITHDRAWN or (seen.tried_at is not None and _is_fresh(seen.tried_at, now)):
        return False
    # Asked for and never answered: whoever was to look is gone, and a lost look keeps nothing.
    return seen.asked_at is None or now < seen.asked_at + PATIENCE


def _is_fresh(moment: datetime, now: datetime) -> bool:
    return now - FRESH < moment <= now + FRESH


def _look_at(app: App, article_id: int) -> None:
    with app.ground.reading() as tx:
        story, before = articles.get(tx, article_id), sightings.get(tx, article_id)
    found, headline, why = see(app, story, before)
    now = app.clock.now()
    with app.ground.transaction() as tx:
        sightings.note(tx, article_id, found, headline=headline, now=now, reason=why)
        if found in (Found.GONE, Found.CHANGED):
            hold_story(tx, article_id, why, by=story.source, now=now)
        elif found is Found.THERE:
            let_go(tx, article_id, by=MACHINE, now=now, reason="it is there again")
        _let_on(tx, article_id, now)


def see(app: App, story: Article, before: Sighting | None) -> tuple[Found, str | None, str]:
    """One look: what it showed, the page's headline if it is the one to compare with, and the difference in words."""
    assert story.url is not None
    asked = app.settings.sources.get(story.source)
    local = bool(getattr(asked, "local", False)) or is_local(app, story.url)
    wanted = Wanted(story.url, local=local, most=MOST_BYTES, seconds=SECONDS)
    try:
        answer = app.fetch(wanted)
    except IntakeError as error:
        if error.status in _GONE:
            return Found.GONE, None, f"its address answers {error.status}: it is not there any more"
        return Found.UNKNOWN, None, str(error)
    if urlsplit(answer.url).path in ("", "/") and urlsplit(story.url).path not in ("", "/"):
        return Found.GONE, None, "its address leads to the front page now: it is not there any more"
    from scheduler.intake.web_page import read_page

    try:
        page = read_page(answer.body, source=story.source, now=app.clock.now(), url=answer.url, label=answer.charset)
    except MissingPage:
        return Found.GONE, None, "its page says that it does not exist any more"
    except IntakeError as error:
        return Found.UNKNOWN, None, str(error)
    return _compared(story, page.headline, before, own_page=asked is None or asked.kind in _OWN_PAGE)


def _compared(
    story: Article, headline: str, before: Sighting | None, *, own_page: bool
) -> tuple[Found, str | None, str]:
    """Whether the page's headline is still what it was when all was well.

    A feed may give another headline than the page has, so there the first look only learns what the page says.
    """
    known = before.headline if before is not None else ""
    if _level(headline) in (_level(known), _level(story.headline)) or not (known or own_page):
        return Found.THERE, headline, ""
    old = known or story.headline
    return Found.CHANGED, None, f'its headline there is now "{headline}", it was "{old}"'


def _level(headline: str) -> str:
    return " ".join(headline.casefold().replace("’", "'").replace("“", '"').replace("”", '"').split())


def _let_on(tx: Connection, article_id: int, now: datetime) -> None:
    """What waited for this look may be claimed again at once."""
    for one in deliveries.looked_at_first(tx, article_id, LOOKED_AT_FIRST):
        deliveries.move(tx, one, State.PLANNED, actor=MACHINE, now=now, next_at=min(one.next_at, max(now, one.due_at)))


def is_waiting_for_look(step: object) -> bool:
    """Whether a step of a lane gave its delivery back for a look."""
    return isinstance(step, Delivery) and step.state is State.PLANNED and step.reason == LOOKED_AT_FIRST
