"""What was asked of the rehearsal platforms, read back from the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from channels.rehearsal.store import Store, moment


@dataclass(frozen=True, slots=True)
class Asked:
    """One request or SMTP step. ``status`` 0: no answer was given. Tokens are masked."""

    at: datetime
    platform: str
    verb: str  # "POST", or on e-mail the stage
    what: str  # the address asked for, or the SMTP command
    kind: str
    status: int
    fault: str  # "closed after", or "" when none struck
    body: str


def asked(store: Store, platform: str | None = None) -> tuple[Asked, ...]:
    """The requests in the store, oldest first; of one platform or of all."""
    where = "" if platform is None else " where platform = ?"
    rows = store.rows(f"select * from requests{where} order by n", () if platform is None else (platform,))
    return tuple(
        Asked(
            moment(row["at"]),
            row["platform"],
            row["verb"],
            row["what"],
            row["kind"],
            row["status"],
            row["fault"],
            row["body"],
        )
        for row in rows
    )
