"""What people want of a newsletter's issues to come: stories left out of it, and their own words above the next one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from db.records import Frequency, OwnWords
from db.tables import issue_omissions, issue_own_words
from db.writing import clean, insert_unless_there, signed


def leave_out(tx: Connection, channel: str, article_id: int, *, actor: str, now: datetime, reason: str = "") -> bool:
    """No issue by the clock carries this story until it is put back; False when it stood so already."""
    values = {"channel": channel, "article_id": article_id, **signed(actor, now, reason)}
    return insert_unless_there(tx, issue_omissions, values) is not None


def put_back(tx: Connection, channel: str, article_id: int) -> bool:
    """The story may come again; False when nobody had left it out."""
    t = issue_omissions
    return tx.execute(delete(t).where(t.c.channel == channel, t.c.article_id == article_id)).rowcount == 1


def left_out(tx: Connection, channel: str) -> list[int]:
    """The stories that were left out, the newest first."""
    t = issue_omissions
    return list(tx.execute(select(t.c.article_id).where(t.c.channel == channel).order_by(t.c.id.desc())).scalars())


def word(
    tx: Connection, channel: str, frequency: Frequency, own: OwnWords | None, *, actor: str, now: datetime
) -> None:
    """A person's words above the next issue of this frequency; None: what its stories say."""
    t = issue_own_words
    tx.execute(delete(t).where(t.c.channel == channel, t.c.frequency == frequency))
    if own is not None:
        values = {"article_id": own.lead_id, "own_subject": clean(own.subject), "own_preheader": clean(own.preheader)}
        insert_unless_there(tx, t, {"channel": channel, "frequency": frequency, **values, **signed(actor, now, "")})


def words(tx: Connection, channel: str, frequency: Frequency) -> OwnWords | None:
    """A person's words above the next issue of this frequency, None where nobody wrote any."""
    t = issue_own_words
    row = tx.execute(select(t).where(t.c.channel == channel, t.c.frequency == frequency)).one_or_none()
    return OwnWords(row.article_id, row.own_subject, row.own_preheader, row.actor) if row is not None else None
