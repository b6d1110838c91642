"""The slots that are still free on a channel, for whoever gives a post its moment."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from scheduler.agenda import next_free
from tests.scheduler.house import SETTINGS, house

EVENINGS = SETTINGS.replace('kind = "x"', 'kind = "x"\nslots = ["daily 20:00"]')


def test_the_next_free_slots_leave_out_what_a_post_holds(tmp_path: Path) -> None:
    with house(tmp_path, EVENINGS) as h:
        outlet = h.app.outlets["x-main"]
        with h.app.ground.reading() as tx:
            before = next_free(h.app, tx, outlet, 3)
        assert [two - one for one, two in pairwise(before)] == [timedelta(days=1)] * 2
        story = h.take()
        h.work()
        assert h.of(story, "x-main").slot_at == before[0]
        with h.app.ground.reading() as tx:
            assert next_free(h.app, tx, outlet, 2) == before[1:3]


def test_a_channel_without_slots_has_none_to_offer(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS) as h, h.app.ground.reading() as tx:
        assert next_free(h.app, tx, h.app.outlets["fb-main"]) == []
