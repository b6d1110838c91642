"""The daily line: how the day went in one sentence, so that silence is never taken for good news."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from db import notices
from db.records import KnownBy, Mode, State
from db.tables import deliveries as t
from scheduler.app import App

_Counts = dict[tuple[Mode, State, KnownBy | None], int]

_OWED = (State.WAITING, State.SENDING, State.UNCERTAIN, State.UNSETTLED)


def day_line(app: App, tx: Connection, since: datetime, now: datetime) -> str:
    """E.g. ``all well: 9 sent, 0 open``: what moved since ``since`` in the modes the channels have now.

    "Open" is owed at this moment; what is planned for later is not. What was found by looking, and what a person
    said, is counted apart.
    """
    moved, owed, standing = _moved(tx, since), _owed(tx, now), len(notices.standing(tx))
    modes = sorted(app.modes())  # live before rehearsal
    lines = {mode: _counts_told(mode, moved, owed) for mode in modes}
    lost = sum(number for (mode, state, _), number in moved.items() if mode in lines and state is not State.SENT)
    if len(lines) > 1:
        told = "; ".join(f"{mode} {line}" for mode, line in lines.items())
    else:
        told = "".join(line + (f" ({mode})" if mode is Mode.REHEARSAL else "") for mode, line in lines.items())
    if not (standing or lost):
        return f"all well: {told or 'no channel is configured'}"
    notes = f"; {standing} {'notice stands' if standing == 1 else 'notices stand'}" if standing else ""
    return f"not all is well: {told}{notes}"


def _counts_told(mode: Mode, moved: _Counts, owed: dict[Mode, int]) -> str:
    sent = sum(number for (one, state, _), number in moved.items() if one is mode and state is State.SENT)
    apart = [
        f"{moved[mode, State.SENT, known_by]} {words}"
        for known_by, words in ((KnownBy.LOOKING, "found by looking"), (KnownBy.PERSON, "said by a person"))
        if (mode, State.SENT, known_by) in moved
    ]
    pieces = [f"{sent} sent" + (f" ({', '.join(apart)})" if apart else "")]
    for state in (State.FAILED, State.EXPIRED, State.UNKNOWN):
        number = sum(count for (one, its, _), count in moved.items() if one is mode and its is state)
        pieces += [f"{number} {state}"] if number else []
    return ", ".join([*pieces, f"{owed.get(mode, 0)} open"])


def _moved(tx: Connection, since: datetime) -> _Counts:
    ended = (State.SENT, State.FAILED, State.EXPIRED, State.UNKNOWN)
    query = (
        select(t.c.mode, t.c.state, t.c.known_by, func.count())
        .where(t.c.updated_at >= since, t.c.state.in_(ended), t.c.purpose.not_like("takedown-%"))
        .group_by(t.c.mode, t.c.state, t.c.known_by)
    )
    return {
        (Mode(mode), State(state), KnownBy(known_by) if known_by else None): number
        for mode, state, known_by, number in tx.execute(query)
    }


def _owed(tx: Connection, now: datetime) -> dict[Mode, int]:
    owed = or_(t.c.state.in_(_OWED), and_(t.c.state == State.PLANNED, t.c.next_at <= now))
    query = select(t.c.mode, func.count()).where(owed).group_by(t.c.mode)
    return {Mode(mode): number for mode, number in tx.execute(query)}
