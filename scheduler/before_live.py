"""What was there before a channel went live stays there, and a process whose settings are from before plans nothing.

A resident worker reads its settings once. One that still rehearses on a channel which has gone live would use up the
stories that the live channel wants; so it leaves them in the line and says that it must be started anew.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from db import channel_states, deliveries, live_marks, notices
from db.records import Article, Mode, SubjectKind
from scheduler.app import App, Outlet

_CAUSE = "old settings"
_BY_HAND = "live by hand"


def before_live(tx: Connection, article: Article, channel: str) -> bool:
    """Whether a story is "before live" on a live channel: taken in before it, or rehearsed there, and never asked for.

    Where a person wrote ``mode = "live"`` by hand no moment is known; what was rehearsed there is then the older.
    """
    if deliveries.of_subject(tx, SubjectKind.ARTICLE, article.id, mode=Mode.LIVE, channel=channel):
        return False
    if channel_states.live_since(tx, channel) is not None:
        return live_marks.is_before_live(tx, article.id, channel)
    return live_marks.has_rehearsed(tx, article.id, channel)


def old_settings(app: App) -> list[str]:
    """The channels that have gone live while this process rehearses on them; tells the desk once."""
    with app.ground.reading() as tx:
        live = live_marks.went_live(tx)
    stale = sorted(name for name in live if name in app.outlets and app.outlets[name].mode is Mode.REHEARSAL)
    if stale:
        names = ", ".join(stale)
        sentence = (
            f"{names} went live, and a process still rehearses there by older settings: new stories wait. Start "
            f"pressrun serve anew; or, if {names} is to rehearse, say so by command"
        )
        with app.ground.transaction() as tx:
            notices.tell_once(tx, _CAUSE, sentence, f"pressrun live {stale[0]} --rehearsal", now=app.clock.now())
    return stale


def settings_are_new(app: App) -> None:
    """A worker that starts takes the notice down, unless its own settings are old too; and it tells of every channel
    that is live by its settings alone."""
    for outlet in app.outlets.values():
        tell_by_hand(app, outlet)
    if not old_settings(app):
        with app.ground.transaction() as tx:
            notices.clear(tx, _CAUSE, now=app.clock.now())


def tell_by_hand(app: App, outlet: Outlet) -> None:
    """Tells the desk once of a channel that is live although nobody typed its account's name."""
    if outlet.mode is not Mode.LIVE:
        return
    cause = f"{_BY_HAND} {outlet.name}"
    with app.ground.transaction() as tx:
        if channel_states.live_since(tx, outlet.name) is not None:
            notices.clear(tx, cause, now=app.clock.now())
            return
        sentence = (
            f"{outlet.name} is live because the settings say so, and nobody typed its account's name: its first posts "
            "wait for nobody, and what was here before it went live is not marked"
        )
        notices.tell_once(tx, cause, sentence, f"pressrun live {outlet.name}", now=app.clock.now())


def named(tx: Connection, channel: str, now: datetime) -> None:
    """Somebody typed the account's name."""
    notices.clear(tx, f"{_BY_HAND} {channel}", now=now)
