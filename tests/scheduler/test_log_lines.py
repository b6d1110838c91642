"""Log lines for machines: one object a line, told once committed, with names and without secrets."""

from __future__ import annotations

import io
import json
from pathlib import Path

from db.records import State
from scheduler.log_lines import LogLines
from tests.scheduler.house import house


def test_a_delivery_s_life_is_one_json_object_a_line(tmp_path: Path) -> None:
    out = io.StringIO()
    with house(tmp_path) as h:
        lines = LogLines(out, h.clock.now)
        h.app.ground.hear = lines.hear
        delivery = h.promise("A post for the log")
        h.work()
        assert h.see(delivery).state is State.SENT
        told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [one["event"] for one in told] == ["delivery.planned", "delivery.sending", "delivery.sent"]
    assert {one["delivery"] for one in told} == {delivery.id}
    assert {(one["channel"], one["level"], one["mode"]) for one in told} == {("x-main", "info", "rehearsal")}
    assert told[-1]["was"] == "sending"
    assert all({"time", "level", "event", "message", "story", "event_id"} <= set(one) for one in told)


def test_secrets_are_hidden_breaks_stay_inside_the_line_and_a_broken_stream_stops_nobody() -> None:
    from datetime import UTC, datetime

    out = io.StringIO()
    lines = LogLines(out, lambda: datetime(2026, 9, 21, tzinfo=UTC))
    lines.trouble("the far side said:\naccess_token=EAAB-not-for-the-log and more")
    (line,) = out.getvalue().splitlines()
    assert "EAAB" not in line
    assert json.loads(line)["level"] == "error"
    out.close()
    lines.trouble("nobody reads this")
