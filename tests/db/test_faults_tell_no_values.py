from __future__ import annotations

import traceback
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from db.session import Ground
from db.tables import subscribers
from db.writing import signed

NOW = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
ANN = "ann@readers.example.org"


def _write(tx: Connection, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        tx.execute(insert(subscribers), row)


@pytest.mark.parametrize("missing", ["", "name"])
def test_a_fault_of_a_statement_tells_no_address(own_ground: Ground, missing: str) -> None:
    person = {"address": ANN, "address_key": ANN, "name": "Ann", "token_seed": "seed", **signed("reader", NOW)}
    rows = [{**person, **({missing: None} if missing else {})} for _ in range(2)]
    with pytest.raises(IntegrityError) as met, own_ground.transaction() as tx:
        _write(tx, rows)
    told = "".join(traceback.format_exception(met.value)) + repr(met.value) + repr(met.value.orig)
    assert "subscribers" in told
    assert "ann@" not in told
