"""What occupies a channel's time, and the slots it holds: the same on both databases, and never by a walk through it all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from db import deliveries
from db.records import Mode, State
from db.session import Ground
from tests.db.samples import NOW, stored_article, stored_delivery

HOUR = timedelta(hours=1)


def test_what_was_called_off_or_is_past_holds_no_place(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = stored_article(tx).id

        def at(hours: int, state: State, channel: str = "x-main", mode: Mode = Mode.REHEARSAL) -> int:
            moment, said = NOW + hours * HOUR, f"{hours} {state}"
            slot = {"due_at": moment, "next_at": moment, "slot_at": moment if hours % 2 else None}
            return stored_delivery(tx, story, purpose=said, channel=channel, mode=mode, state=state, **slot).id

        states = [state for state in State if state not in (State.CANCELLED, State.EXPIRED)]
        holding = [at(number, state) for number, state in enumerate(states)]
        at(-1, State.SENT)
        at(21, State.CANCELLED)
        at(23, State.EXPIRED)
        at(25, State.PLANNED, channel="fb-main")
        at(27, State.PLANNED, mode=Mode.LIVE)
        found = deliveries.taken_since(tx, Mode.REHEARSAL, "x-main", NOW)
        assert [one.id for one in found] == holding
        slots = deliveries.slots_taken(tx, Mode.REHEARSAL, "x-main", NOW)
        assert slots == {NOW + hours * HOUR for hours in range(1, len(states), 2)}


@pytest.mark.parametrize("read", [deliveries.taken_since, deliveries.slots_taken])
def test_the_time_ahead_is_read_without_a_look_at_what_went_before(
    sqlite_ground: Ground, read: Callable[..., object]
) -> None:
    """With 100,000 deliveries each look at a channel's next slots took 7 ms of walking through what it had sent."""
    steps: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        plan = connection.connection.driver_connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        steps.extend(str(row[-1]) for row in plan)

    with sqlite_ground.reading() as tx:
        event.listen(tx, "before_cursor_execute", note)
        read(tx, Mode.REHEARSAL, "x-main", NOW)
        event.remove(tx, "before_cursor_execute", note)
    wanted = "INDEX ix_deliveries_due (mode=? AND channel=? AND state=? AND next_at>?)"
    assert any(wanted in step for step in steps), steps
