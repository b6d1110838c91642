"""What a span holds in few words: the channels asked for, each in its mode, in order, the last ones where there are many."""

from __future__ import annotations

from datetime import timedelta

from db.promised import promised
from db.records import Mode, State
from db.session import Ground
from tests.db.samples import NOW, stored_article, stored_delivery

HOUR = timedelta(hours=1)
MODES = {"x-main": Mode.REHEARSAL, "fb-main": Mode.LIVE}


def test_a_span_holds_what_its_channels_promised_in_their_present_modes(ground: Ground) -> None:
    with ground.transaction() as tx:
        story = stored_article(tx).id

        def at(hours: int, channel: str = "x-main", mode: Mode = Mode.REHEARSAL, state: State = State.SENT) -> int:
            said = {"due_at": NOW + hours * HOUR, "next_at": NOW + 9 * HOUR, "purpose": f"{hours} {channel} {mode}"}
            return stored_delivery(tx, story, channel=channel, mode=mode, state=state, **said).id

        later, first = at(3, state=State.PLANNED), at(0)
        page = at(2, "fb-main", Mode.LIVE)
        at(-1), at(4), at(1, mode=Mode.LIVE), at(1, "fb-main"), at(1, "mail")
        found, cut = promised(tx, NOW, NOW + 4 * HOUR, MODES, 10)
        assert ([one.id for one in found], cut) == ([first, page, later], False)
        assert (found[2].state, found[2].due_at, found[2].channel) == (State.PLANNED, NOW + 3 * HOUR, "x-main")
        assert promised(tx, NOW, NOW + 4 * HOUR, MODES, 3) == (found, False)
        assert promised(tx, NOW, NOW + 4 * HOUR, MODES, 2) == (found[1:], True)
        assert promised(tx, NOW, NOW + 4 * HOUR, {}, 2) == ([], False)
