"""Statements that go to the driver as they are belong to their transaction and fail as all others do."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError, ProgrammingError

from db.prepared import Prepared, moment
from db.session import Ground, GroundLost, plainly
from db.tables import leases
from tests.db.samples import NOW

_LEASE = Prepared(
    lambda tx: (
        insert(leases)
        .values(
            name=bindparam("its_name"),
            actor=bindparam("by"),
            created_at=bindparam("now"),
            updated_at=bindparam("now"),
        )
        .returning(leases.c.name)
    )
)

_MANY = Prepared(
    lambda tx: insert(leases).values(
        name=bindparam("its_name"), actor=bindparam("by"), created_at=bindparam("now"), updated_at=bindparam("now")
    )
)


def test_what_is_refused_is_told_as_sqlalchemy_tells_it_and_nothing_of_it_stays(ground: Ground) -> None:
    def two_of_one_name() -> None:
        with ground.transaction() as tx:
            assert _LEASE.once(tx, {"its_name": "tick", "by": "ann", "now": moment(tx, NOW)}) == [("tick",)]
            _LEASE.once(tx, {"its_name": "tick", "by": "ben", "now": moment(tx, NOW)})

    with pytest.raises(IntegrityError):
        two_of_one_name()
    with ground.reading() as tx:
        assert tx.execute(select(func.count()).select_from(leases)).scalar_one() == 0


def test_many_rows_stand_or_fall_together(ground: Ground) -> None:
    def written(*names: str) -> int:
        with ground.transaction() as tx:
            return _MANY.many(tx, [{"its_name": name, "by": "ann", "now": moment(tx, NOW)} for name in names])

    with pytest.raises(IntegrityError):
        written("a", "b", "a")
    assert (written("a", "b"), written()) == (2, 0)
    with ground.reading() as tx:
        assert tx.execute(select(func.count()).select_from(leases)).scalar_one() == 2


def test_a_fault_of_the_disk_is_told_in_a_sentence_whoever_met_it(sqlite_ground: Ground) -> None:
    """What asks the driver itself (who else wrote, the log of changes) fails as every other statement does."""
    with pytest.raises(GroundLost, match="the disk answers with errors"), plainly(sqlite_ground.url):
        raise sqlite3.OperationalError("disk I/O error")
    with pytest.raises(ProgrammingError), plainly(sqlite_ground.url):
        raise sqlite3.ProgrammingError("Cannot operate on a closed database.")
