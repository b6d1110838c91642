"""What is laid for the webhooks, on both databases: in the change's own transaction, to those that ask, in order."""

from __future__ import annotations

from datetime import timedelta

from db import deliveries, webhooks
from db.records import Mode, State
from db.session import Ground
from db.webhooks import Webhook
from tests.db.samples import ANNA, NOW, stored_article, stored_delivery


def test_events_are_laid_for_those_that_ask_and_given_out_in_order(ground: Ground) -> None:
    with ground.transaction() as tx:
        wanted = [
            Webhook("all", "a", True, (), NOW),
            Webhook("ends", "b", True, ("cancelled",), NOW),
            Webhook("away", "c", False, (), NOW),
        ]
        webhooks.keep(tx, wanted, now=NOW)
        first = stored_delivery(tx, stored_article(tx).id)
        second = stored_delivery(tx, stored_article(tx, url="https://example.org/2").id, mode=Mode.LIVE)
        deliveries.move(tx, first, State.CANCELLED, **ANNA)
        assert [(one.event, one.before) for one in webhooks.events(tx, "all", limit=9)] == [
            ("cancelled", "planned"),
            ("planned", ""),
            ("planned", ""),
        ]
        assert [one.event for one in webhooks.events(tx, "ends", limit=9)] == ["cancelled"]
        assert [one.delivery_id for one in webhooks.events(tx, "away", limit=9)] == [second.id]
        owed = webhooks.next_owed(tx, "all", NOW)
        assert owed is not None
        webhooks.later(tx, owed, NOW + timedelta(minutes=1), now=NOW)
        other = webhooks.next_owed(tx, "all", NOW)
        assert other is not None
        assert other.delivery_id == second.id
        webhooks.done(tx, other, webhooks.TOLD, now=NOW)
        assert webhooks.next_owed(tx, "all", NOW) is None
        assert webhooks.next_moment(tx) == NOW
        number = webhooks.open_try(tx, owed, "{}", worker="w", now=NOW)
        webhooks.close_try(tx, owed, number, status=500, sentence="no", now=NOW)
        assert [one.status for one in webhooks.tries(tx, [owed.id])[owed.id]] == [500]
        again = NOW + timedelta(minutes=1)
        assert webhooks.counts(tx)["all"] == webhooks.Counts(2, 1, 0)
        assert webhooks.replay(tx, "all", since=None, event_id=None, everything=True, actor="anna", now=again) == 1
        failed = webhooks.failed(tx, "all", "no", again_at=again, now=NOW)
        assert failed is not None
        assert (failed.failures, failed.failing_since) == (1, NOW)
        assert webhooks.forget(tx, NOW + timedelta(days=1), most=10) == 5
        assert webhooks.events(tx, "all", limit=9) == []
