"""Which kept pictures the database speaks of: looked for in whatever it holds as JSON, so that no table is forgotten."""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlalchemy import JSON, Connection, Text, cast, select

from db.tables import metadata

_HASH = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_ROWS_AT_ONCE = 500


def referred(tx: Connection, names: Collection[str]) -> set[str]:
    """Those of these SHA-256 names that some row holds: an article's revision, words, a post, a free post, an answer.

    Reads every such row once, some hundred at a time: for the night, not for a page.
    """
    wanted, found = frozenset(names), set[str]()
    for table in metadata.sorted_tables:
        for column in table.columns:
            if not isinstance(column.type, JSON):
                continue
            text = cast(column, Text)
            query = select(text).where(text.like("%sha256%")).execution_options(yield_per=_ROWS_AT_ONCE)
            for rows in tx.execute(query).scalars().partitions():
                found |= {one for row in rows for one in _HASH.findall(row)} & wanted
            if len(found) == len(wanted):
                return found
    return found
