"""A story that its source took back or changed is held at once, everywhere, and the desk is told what to do.

The hold is a stop of its own cause on the story, over every channel and every issue that carries it; breaking news
passes. It ends when the story is back at its source, or when a person lets it go: ``pressrun release STORY``. What a
person let go once is not held again for the same reason.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from db import articles, deliveries, notices, sightings, stops
from db.records import MACHINE, Cause, Scope, State, Stop, SubjectKind
from db.sightings import Found
from db.stops import LIFTED


def hold_story(tx: Connection, article_id: int, why: str, *, by: str, now: datetime) -> bool:
    """Lays the stop and tells the desk; False where a person let the story go in spite of exactly this."""
    laid = [one for one in stops.history(tx, scope=Scope.STORY, target=str(article_id)) if one.cause is Cause.SOURCE]
    if any(one.lifted_at is not None and one.lifted_by != MACHINE and _said(one) == why for one in laid):
        return False
    stop = Stop(
        scope=Scope.STORY,
        target=str(article_id),
        mode=None,
        cause=Cause.SOURCE,
        reason=why,
        by=by,
        since_at=now,
        lets_breaking=True,
    )
    stops.lay(tx, stop, actor=MACHINE, now=now)
    every = deliveries.of_subject(tx, SubjectKind.ARTICLE, article_id)
    out = sum(one.state is State.SENT and not one.purpose.startswith(("takedown-", "correction-")) for one in every)
    flying = sum(one.state in (State.SENDING, State.UNCERTAIN, State.UNSETTLED) for one in every)
    live = f"; {out} of its posts {'is' if out == 1 else 'are'} out" if out else ""
    live += f"; {flying} may be going out" if flying else ""
    headline = articles.get(tx, article_id).headline
    remedy = f"pressrun kill {article_id} --why …, or pressrun correct {article_id} …; it goes all the same with: "
    remedy += f"pressrun release {article_id}"
    notices.tell_once(tx, _cause(article_id), f"story {article_id} is held: {why}{live} ({headline})", remedy, now=now)
    return True


def let_go(tx: Connection, article_id: int, *, by: str, now: datetime, reason: str = "") -> bool:
    """Lifts the hold, if it lies, and takes the notice down."""
    lifted = stops.lift(
        tx, scope=Scope.STORY, target=str(article_id), cause=Cause.SOURCE, by=by, now=now, reason=reason
    )
    notices.clear(tx, _cause(article_id), now=now)
    return lifted > 0


def withdraw(tx: Connection, article_id: int, source: str, *, now: datetime) -> bool:
    """The source itself says that it took the story back. False where a person let it go in spite of that."""
    sightings.note(tx, article_id, Found.WITHDRAWN, headline=None, now=now, reason=f"{source} took it back")
    return hold_story(tx, article_id, f"{source} took it back", by=source, now=now)


def bring_back(tx: Connection, article_id: int, source: str, *, now: datetime) -> bool:
    """The source shows a story again that it had taken back. False where nothing was held for that."""
    seen = sightings.get(tx, article_id)
    if seen is None or seen.found is not Found.WITHDRAWN:
        return False
    sightings.note(tx, article_id, Found.THERE, headline=None, now=now, reason=f"{source} shows it again")
    return let_go(tx, article_id, by=MACHINE, now=now, reason=f"{source} shows it again")


def _said(stop: Stop) -> str:
    """The reason a stop was laid for, without what was added when it was lifted."""
    return stop.reason.partition(LIFTED)[0]


def _cause(article_id: int) -> str:
    return f"at the source {article_id}"
