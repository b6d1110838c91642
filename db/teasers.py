"""The words for one subject on one channel, every version of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from db.deliveries import Stale
from db.errors import NotThere
from db.json_forms import teaser_form, teaser_of
from db.records import SubjectKind, Teaser
from db.tables import teasers as t
from db.writing import cut, insert_unless_there, resigned, signed

WRITER_LENGTH = 120


def add(
    tx: Connection,
    subject_kind: SubjectKind,
    subject_id: int,
    teaser: Teaser,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
) -> Teaser:
    """Stores words as the next version and gives them back with their id and version.

    ``teaser.version`` is the version these words were made from: 1 for the first ones (which become version 1),
    then what ``newest`` showed. Raises ``Stale`` where a newer version is there already, so that no edit is lost.
    """
    last = tx.execute(
        _of(subject_kind, subject_id, teaser.channel).order_by(t.c.teaser_version.desc()).limit(1)
    ).one_or_none()
    stale = Stale(f"the teaser for {teaser.channel} was changed by somebody else meanwhile; read it again, then edit")
    if teaser.version != (last.teaser_version if last is not None else 1):
        raise stale
    row_id = insert_unless_there(
        tx,
        t,
        {
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "channel": teaser.channel,
            "teaser_version": last.teaser_version + 1 if last is not None else 1,
            "writer": cut(teaser.writer, WRITER_LENGTH),
            "content": teaser_form(teaser),
            **signed(actor, now, reason),
        },
    )
    if row_id is None:
        raise stale
    return get(tx, row_id)


def get(tx: Connection, teaser_id: int) -> Teaser:
    """The words with this number. Raises ``NotThere``."""
    row = tx.execute(select(t).where(t.c.id == teaser_id)).one_or_none()
    if row is None:
        raise NotThere(f"there is no teaser {teaser_id}; see a story's teasers with: pressrun preview STORY")
    return _teaser(row)


def newest(tx: Connection, subject_kind: SubjectKind, subject_id: int, channel: str) -> Teaser | None:
    """The last version of the words for this channel, None where none were written yet."""
    row = tx.execute(_of(subject_kind, subject_id, channel).order_by(t.c.teaser_version.desc()).limit(1)).one_or_none()
    return _teaser(row) if row is not None else None


def history(tx: Connection, subject_kind: SubjectKind, subject_id: int, channel: str) -> list[Teaser]:
    """Every version of the words for this channel, the first one first."""
    return [_teaser(row) for row in tx.execute(_of(subject_kind, subject_id, channel).order_by(t.c.teaser_version))]


def every(tx: Connection, subject_kind: SubjectKind, subject_id: int) -> list[Teaser]:
    """Every version of the words on all channels, the first one first."""
    own = select(t).where(t.c.subject_kind == subject_kind, t.c.subject_id == subject_id)
    return [_teaser(row) for row in tx.execute(own.order_by(t.c.id))]


def approve(tx: Connection, teaser_id: int, *, actor: str, now: datetime, reason: str = "") -> None:
    """A person's yes to exactly these words; a later version needs one of its own."""
    tx.execute(
        update(t)
        .where(t.c.id == teaser_id)
        .values(approved_by=cut(actor, WRITER_LENGTH), approved_at=now, **resigned(t, actor, now, reason))
    )


def approved(tx: Connection, teaser_ids: Collection[int]) -> set[int]:
    """Those of these words that have a person's yes."""
    return set(tx.execute(select(t.c.id).where(t.c.id.in_(teaser_ids), t.c.approved_by.is_not(None))).scalars())


def _of(subject_kind: SubjectKind, subject_id: int, channel: str) -> Select[Any]:
    return select(t).where(t.c.subject_kind == subject_kind, t.c.subject_id == subject_id, t.c.channel == channel)


def _teaser(row: Row[Any]) -> Teaser:
    return teaser_of(row.content, id=row.id, channel=row.channel, version=row.teaser_version, writer=row.writer)
