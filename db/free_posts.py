"""Posts without an article: a person's own words."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from db.errors import NotThere
from db.json_forms import image_form, image_of, without_nul
from db.records import FreePost, Image
from db.tables import free_posts as t
from db.writing import clean, signed


def add(tx: Connection, text: str, image: Image | None, *, actor: str, now: datetime, reason: str = "") -> FreePost:
    """Stores a person's words; ``actor`` is who ordered them."""
    row_id = tx.execute(
        t.insert()
        .values(text=clean(text), image=without_nul(image_form(image)), **signed(actor, now, reason))
        .returning(t.c.id)
    ).scalar_one()
    return get(tx, row_id)


def get(tx: Connection, free_post_id: int) -> FreePost:
    """The post with this number. Raises ``NotThere``."""
    row = tx.execute(select(t).where(t.c.id == free_post_id)).one_or_none()
    if row is None:
        raise NotThere(f"there is no post without a story under the number {free_post_id}; see: pressrun log")
    return FreePost(
        id=row.id, text=row.text, image=image_of(row.image), ordered_by=row.actor, created_at=row.created_at
    )
