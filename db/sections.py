"""The sections that stories have come in, as their sources spell them."""

from __future__ import annotations

from sqlalchemy import Connection, select

from db.tables import articles as t


def known(tx: Connection) -> list[str]:
    """Every spelling of every section that a story stands in, in order; stories without one add nothing."""
    return list(tx.execute(select(t.c.section).where(t.c.section != "").distinct().order_by(t.c.section)).scalars())
