"""Which stories were taken in before a channel went live: those it never carries by itself.

The mark is the moment itself (``channel_states.live_at``): a story that is older is "before live" on that channel.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, exists, func, select

from db.records import Mode
from db.tables import articles, channel_states
from db.tables import deliveries as t

_s = channel_states


def was_there_before_live(mode: Mode, channel: str) -> ColumnElement[bool]:
    """True for a row of ``db.tables.articles`` that was taken in before the channel went live; false in rehearsal."""
    later = exists().where(
        _s.c.mode == mode, _s.c.channel == channel, _s.c.live_at.is_not(None), _s.c.live_at >= articles.c.created_at
    )
    return later.correlate(articles)


def is_before_live(tx: Connection, article_id: int, channel: str) -> bool:
    """Whether a story was taken in before a person took the channel live."""
    query = select(articles.c.id).where(articles.c.id == article_id, was_there_before_live(Mode.LIVE, channel))
    return tx.execute(query).first() is not None


def has_rehearsed(tx: Connection, subject_id: int, channel: str) -> bool:
    """Whether a story has a promise on the channel from its rehearsal."""
    query = select(t.c.id).where(
        t.c.subject_kind == "article", t.c.subject_id == subject_id, t.c.channel == channel, t.c.mode == Mode.REHEARSAL
    )
    return tx.execute(query.limit(1)).first() is not None


def count_articles(tx: Connection) -> int:
    """How many stories have been taken in until now."""
    return tx.execute(select(func.count()).select_from(articles)).scalar_one()


def went_live(tx: Connection) -> set[str]:
    """The channels that a person took live and nobody took back."""
    return set(tx.execute(select(_s.c.channel).where(_s.c.mode == Mode.LIVE, _s.c.live_at.is_not(None))).scalars())
