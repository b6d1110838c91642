"""What is promised within a span, in few words: which delivery, when, where, how it stands.

All of it stands in the log's index, so that thousands are read in some milliseconds, as a full calendar needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, false, or_, select

from db.log_picks import walked
from db.records import Mode, State, SubjectKind
from db.tables import deliveries as t


class Promised(NamedTuple):
    """A delivery in few words; ``due_at`` is the moment promised."""

    id: int
    due_at: datetime
    channel: str
    state: State
    subject_kind: SubjectKind
    subject_id: int

    @property
    def subject(self) -> tuple[SubjectKind, int]:
        """What it is about, as ``db.log.headlines`` knows it."""
        return self.subject_kind, self.subject_id


_STATES = {one.value: one for one in State}
_KINDS = {one.value: one for one in SubjectKind}


def promised(
    tx: Connection, since: datetime, until: datetime, modes: Mapping[str, Mode], most: int
) -> tuple[list[Promised], bool]:
    """What these channels promised, each in its mode, from ``since`` to before ``until``, in order of the moment.

    At most so many, the last ones; whether there are more.
    """
    pairs = [and_(walked(t.c.channel) == channel, walked(t.c.mode) == mode) for channel, mode in modes.items()]
    query = (
        select(t.c.id, t.c.due_at, t.c.channel, t.c.state, t.c.subject_kind, t.c.subject_id)
        .where(t.c.due_at >= since, t.c.due_at < until, or_(false(), *pairs))
        .order_by(t.c.due_at.desc(), t.c.id.desc())
        .limit(most + 1)
    )
    found = [
        Promised(number, due_at, channel, _STATES[state], _KINDS[kind], subject_id)
        for number, due_at, channel, state, kind, subject_id in tx.execute(query)
    ]
    return found[most - 1 :: -1] if len(found) > most else found[::-1], len(found) > most
