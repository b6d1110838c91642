"""Telling the desk: each notice once on each way, again later where a way is shut, and when its cause is gone.

A lane of its own, so that no mail server and no webhook ever delays a post. What was told on which way stands in the
audit, so a restart repeats nothing; whoever dies between telling and writing it down tells twice, never not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from db import audit, leases, notices
from db.records import MACHINE
from db.session import GroundLost
from scheduler import carriers
from scheduler.app import App
from scheduler.carriers import NotCarried, mode_of
from scheduler.day_line import day_line
from scheduler.desk_messages import SAFETY, Kind, Message, over, raised

EVENING = time(18, 0)
"""From this hour of the newsroom's day on, the day's line is told."""

LEASE = "notices"
LEASE_SPAN = timedelta(minutes=5)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)

_TOLD = "tell"
_GOOD_NEWS_KEEPS = timedelta(days=1)
_DAY = timedelta(days=1)
_QUIET_ENDS = ("expires ", "still up ", "carrier ")
"""Causes whose end is no news: the moment has passed, or the way to the desk is the news itself."""


def tell_desk(app: App, *, run_ended: bool = False, sheet: Sequence[str] = ()) -> None:
    """Tells whatever has not been told, on every way that is open. Raises ``GroundLost``.

    The day's line goes once a day, in the evening or, with ``run_ended``, now; in a mail ``sheet`` stands under it.
    """
    _mind_safety(app)
    open_ways = [name for name in carriers.carrier_names(app) if not _pausing(app, name)]
    if not any(_untold(app, name, run_ended, sheet) for name in open_ways) or not _take_lease(app):
        return
    try:
        for name in open_ways:
            _carry(app, name, _untold(app, name, run_ended, sheet))
    finally:
        with app.ground.transaction() as tx:
            leases.give_back(tx, LEASE, app.worker, now=app.clock.now())


def end_run(app: App, on_step: Callable[[str], None], sheet: Sequence[str] = ()) -> None:
    """What the end of a run tells: notices, the day's line with its sheet, and the heartbeat. Never raises.

    ``on_step`` hears why the heartbeat was not pinged.
    """
    try:
        tell_desk(app, run_ended=True, sheet=sheet)
    except GroundLost as lost:
        app.trouble(str(lost))
    except Exception as error:  # a run that did its work has not failed because nobody could be told
        app.faults(error)
    url = app.settings.notices.heartbeat_url
    if not url:
        return
    from channels.notice_wire import NotTold, ping

    try:
        ping(url, mode_of(app))
    except NotTold as fault:
        on_step(str(fault))
    except Exception as error:
        app.faults(error)


# --- what there is to tell -----------------------------------------------------------------------------


def _untold(app: App, way: str, run_ended: bool, sheet: Sequence[str]) -> list[Message]:
    """What this way has not told yet: what stands, what is over, the day's line."""
    now = app.clock.now()
    with app.ground.reading() as tx:
        wanted = [raised(one) for one in notices.untold(tx) if one.cause_key != _shut(way)]
        for notice in notices.gone_since(tx, now - _GOOD_NEWS_KEEPS):
            if not notice.cause_key.startswith(_QUIET_ENDS) and way in _told_by(tx, raised(notice).key):
                wanted.append(over(notice))
        wanted += _line_due(app, tx, now, run_ended, sheet)
        return [message for message in wanted if way not in _told_by(tx, message.key)]


def _line_due(app: App, tx: Connection, now: datetime, run_ended: bool, sheet: Sequence[str]) -> list[Message]:
    wall = now.astimezone(app.settings.newsroom.zone)
    if not run_ended and wall.time() < EVENING:
        return []
    before = audit.rows(tx, subject=_day_key(wall - _DAY), verb=_TOLD, limit=1)
    key, since = _day_key(wall), before[0].at if before else now - _DAY
    return [Message(key, Kind.DAY, day_line(app, tx, since, now), cause="day", details=tuple(sheet))]


def _day_key(wall: datetime) -> str:
    return f"day {wall.date().isoformat()}"


def _told_by(tx: Connection, key: str) -> set[str]:
    return {row.after for row in audit.rows(tx, subject=key, verb=_TOLD)}


# --- telling -------------------------------------------------------------------------------------------


def _carry(app: App, way: str, messages: list[Message]) -> None:
    if not messages:
        return
    try:
        carrier = carriers.carrier(app, way)
        for batch in [messages] if carrier.together else [[message] for message in messages]:
            carrier.carry(batch, app.clock.now())
            _note_told(app, way, batch)
    except NotCarried as fault:
        _note_shut(app, way, str(fault))
    except GroundLost:
        raise
    except Exception as error:
        app.faults(error)
        _note_shut(app, way, f"Pressrun met a fault of its own ({type(error).__name__})")
    else:
        _note_open(app, way)


def _note_told(app: App, way: str, messages: Sequence[Message]) -> None:
    now = app.clock.now()
    ways = set(carriers.carrier_names(app))
    with app.ground.transaction() as tx:
        for message in messages:
            audit.write(tx, _TOLD, message.key, actor=MACHINE, now=now, reason=message.sentence, after=way)
        for notice in notices.untold(tx):
            one = raised(notice)
            needed = {name for name in ways if notice.cause_key != _shut(name)}
            if any(message.key == one.key for message in messages) and needed <= _told_by(tx, one.key):
                notices.mark_told(tx, notice.id, now=now)


def _note_shut(app: App, way: str, why: str) -> None:
    """A way is shut: it is tried again after a growing pause, and the desk's page and the other way say so."""
    failures = app.carrier_pauses.get(way, (0, 0.0))[0] + 1
    pause = min(FIRST_PAUSE * 2 ** min(failures - 1, 10), LONGEST_PAUSE)
    app.carrier_pauses[way] = (failures, app.clock.boot() + pause.total_seconds())
    with app.ground.transaction() as tx:
        sentence = f"the desk cannot be told by {way}: {why}"
        notices.tell_once(tx, _shut(way), sentence, "pressrun settings check", now=app.clock.now())


def _note_open(app: App, way: str) -> None:
    app.carrier_pauses.pop(way, None)
    with app.ground.transaction() as tx:
        notices.clear(tx, _shut(way), now=app.clock.now())


def _pausing(app: App, way: str) -> bool:
    return way in app.carrier_pauses and app.clock.boot() < app.carrier_pauses[way][1]


def _shut(way: str) -> str:
    return f"carrier {way}"


# --- around it -----------------------------------------------------------------------------------------


def _mind_safety(app: App) -> None:
    """Puts up the notice that nothing at all may go, and takes it down again."""
    refusal = app.safeguard.refusal()
    with app.ground.reading() as tx:
        said = [one.sentence for one in notices.standing(tx) if one.cause_key == SAFETY]
    if refusal is None and said:
        with app.ground.transaction() as tx:
            notices.clear(tx, SAFETY, now=app.clock.now())
    elif refusal is not None and refusal.sentence not in said:
        with app.ground.transaction() as tx:
            notices.tell_once(tx, SAFETY, refusal.sentence, "pressrun doctor", now=app.clock.now())


def _take_lease(app: App) -> bool:
    """False while another process tells."""
    now = app.clock.now()
    with app.ground.transaction() as tx:
        holder = leases.holder(tx, LEASE)
        if holder is not None and not app.is_dead(holder):
            return False
        return leases.take(tx, LEASE, app.claim(LEASE_SPAN), instead_of=holder, now=now)
