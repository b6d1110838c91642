"""Who holds a job that only one may do at a time, such as the daily run."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from db.deliveries import claim_from_row, claim_values
from db.records import MACHINE, Claim
from db.tables import leases as t


def holder(tx: Connection, name: str) -> Claim | None:
    """The claim over ``name``, dead or alive, or None."""
    row = tx.execute(select(t).where(t.c.name == name)).one_or_none()
    return claim_from_row(row) if row else None


def take(tx: Connection, name: str, claim: Claim, *, instead_of: Claim | None, now: datetime) -> bool:
    """Takes a lease that nobody holds, or that the caller found dead (``instead_of``). False: somebody was first."""
    try:
        with tx.begin_nested():
            tx.execute(
                t.insert().values(name=name, actor=MACHINE, created_at=now, updated_at=now, **claim_values(claim))
            )
        return True
    except IntegrityError:
        pass
    query = update(t).where(t.c.name == name)
    if instead_of is None:
        query = query.where(t.c.claim_owner.is_(None))
    else:
        query = query.where(t.c.claim_owner == instead_of.owner, t.c.claim_until_boot == instead_of.until_boot)
    return tx.execute(query.values(updated_at=now, **claim_values(claim))).rowcount == 1


def renew(tx: Connection, name: str, claim: Claim, *, now: datetime) -> bool:
    """Extends the owner's lease; False when it is no longer theirs."""
    result = tx.execute(
        update(t).where(t.c.name == name, t.c.claim_owner == claim.owner).values(updated_at=now, **claim_values(claim))
    )
    return result.rowcount == 1


def give_back(tx: Connection, name: str, owner: str, *, now: datetime) -> None:
    """Ends the owner's lease; somebody else's is left alone."""
    tx.execute(update(t).where(t.c.name == name, t.c.claim_owner == owner).values(updated_at=now, **claim_values(None)))
