"""What was there before a channel went live stays there, and a process whose settings are from before plans nothing.

A resident worker reads its settings once. One that still rehearses on a channel which has gone live would use up the
stories that the live channel wants; so it leaves them in the line and says that it must be started anew.
"""

from __future__ import annotations

from sqlalchemy import Connection

from db import channel_states, deliveries, live_marks, notices
from db.records import Article, Mode, SubjectKind
from scheduler.app import App

_CAUSE = "old settings"


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
    """A worker that starts takes the notice down, unless its own settings are old too."""
    if not old_settings(app):
        with app.ground.transaction() as tx:
            notices.clear(tx, _CAUSE, now=app.clock.now())
