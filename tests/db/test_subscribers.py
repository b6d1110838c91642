"""People, lists and proofs: nobody is subscribed without one, nobody is brought back against their will."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from db import subscribers, suppressions
from db.errors import NotThere
from db.session import Ground
from db.subscribers import ConsentEvent, Entry, ListCounts, Proof, Tie

NOW = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
PROOF = Proof(ConsentEvent.IMPORTED, NOW - timedelta(days=9), "sign-up sheet at the fair", "Yes, mail me the news")


def people(*names: str) -> list[Entry]:
    return [Entry(f"{name}@example.org", f"{name}@example.org", name.title()) for name in names]


def subscribe(ground: Ground, *names: str, to: str = "daily") -> int:
    with ground.transaction() as tx:
        number = subscribers.put_list(tx, to, actor="ann", now=NOW)
        return subscribers.confirm_many(tx, number, people(*names), PROOF, actor="ann", now=NOW)


def on(ground: Ground, name: str = "daily", **more: int) -> list[subscribers.Candidate]:
    with ground.reading() as tx:
        return list(subscribers.candidates(tx, name, **more))


def test_a_list_has_one_number_for_life(ground: Ground) -> None:
    with ground.transaction() as tx:
        first = subscribers.put_list(tx, "daily", actor="ann", now=NOW)
        assert subscribers.put_list(tx, "daily", actor="bob", now=NOW) == first
        assert subscribers.list_id(tx, "daily") == first


def test_a_list_that_is_not_there_is_named(ground: Ground) -> None:
    with ground.reading() as tx, pytest.raises(NotThere, match='no list "weekly"'):
        subscribers.list_id(tx, "weekly")


def test_a_list_needs_a_name(ground: Ground) -> None:
    with ground.transaction() as tx, pytest.raises(ValueError, match="needs a name"):
        subscribers.put_list(tx, " ", actor="ann", now=NOW)


def test_each_subscription_comes_with_its_proof(ground: Ground) -> None:
    assert subscribe(ground, "lea", "tom") == 2
    lea, tom = on(ground)
    assert (lea.tie, lea.subscriber.name) == (Tie.CONFIRMED, "Lea")
    assert lea.subscriber.token_seed != tom.subscriber.token_seed
    assert len(lea.subscriber.token_seed) == 32
    with ground.reading() as tx:
        assert subscribers.consent_history(tx, lea.subscriber.id) == [PROOF]


def test_the_same_people_again_add_nobody_and_no_second_proof(ground: Ground) -> None:
    subscribe(ground, "lea")
    seed = on(ground)[0].subscriber.token_seed
    assert subscribe(ground, "lea") == 0
    (lea,) = on(ground)
    assert lea.subscriber.token_seed == seed
    with ground.reading() as tx:
        assert len(subscribers.consent_history(tx, lea.subscriber.id)) == 1


def test_one_person_may_be_on_two_lists(ground: Ground) -> None:
    subscribe(ground, "lea", to="daily")
    subscribe(ground, "lea", to="weekly")
    assert on(ground, "daily")[0].subscriber == on(ground, "weekly")[0].subscriber


def test_a_name_is_added_where_there_was_none_and_never_taken_away(ground: Ground) -> None:
    with ground.transaction() as tx:
        number = subscribers.put_list(tx, "daily", actor="ann", now=NOW)
        nameless = [Entry("lea@example.org", "lea@example.org")]
        subscribers.confirm_many(tx, number, nameless, PROOF, actor="ann", now=NOW)
    subscribe(ground, "lea")
    assert on(ground)[0].subscriber.name == "Lea"
    with ground.transaction() as tx:
        subscribers.confirm_many(tx, number, nameless, PROOF, actor="ann", now=NOW)
    assert on(ground)[0].subscriber.name == "Lea"


def test_an_ended_subscription_is_no_candidate_and_stays_ended(ground: Ground) -> None:
    subscribe(ground, "lea", "tom")
    lea = on(ground)[0].subscriber
    with ground.transaction() as tx:
        ended = subscribers.end_subscription(tx, "daily", lea.id, source="one-click", actor="reader", now=NOW)
        again = subscribers.end_subscription(tx, "daily", lea.id, source="one-click", actor="reader", now=NOW)
    assert (ended, again) == (True, False)
    assert subscribe(ground, "lea") == 0
    assert [one.subscriber.name for one in on(ground)] == ["Tom"]
    with ground.reading() as tx:
        assert [proof.event for proof in subscribers.consent_history(tx, lea.id)] == [
            ConsentEvent.IMPORTED,
            ConsentEvent.ENDED,
        ]
        assert subscribers.overview(tx) == [ListCounts("daily", 1, 0, 1)]
        candidate = subscribers.on_list(tx, "daily", lea.id)
    assert candidate is not None
    assert candidate.tie is Tie.ENDED


def test_leaving_a_list_one_was_never_on_writes_nothing(ground: Ground) -> None:
    subscribe(ground, "lea", to="daily")
    lea = on(ground)[0].subscriber
    with ground.transaction() as tx:
        subscribers.put_list(tx, "weekly", actor="ann", now=NOW)
        for name in ("weekly", "nowhere"):
            assert not subscribers.end_subscription(tx, name, lea.id, source="one-click", actor="reader", now=NOW)
        assert len(subscribers.consent_history(tx, lea.id)) == 1


def test_candidates_come_page_by_page_in_order_and_from_behind_a_number(ground: Ground) -> None:
    subscribe(ground, *[f"reader{number:02}" for number in range(25)])
    everybody = on(ground)
    assert [one.subscriber.id for one in on(ground, page=4)] == [one.subscriber.id for one in everybody]
    assert len(everybody) == 25
    after = everybody[9].subscriber.id
    assert [one.subscriber.id for one in on(ground, after=after, page=3)] == [
        one.subscriber.id for one in everybody[10:]
    ]


def test_a_link_leads_to_its_person_and_to_nobody_else(ground: Ground) -> None:
    subscribe(ground, "lea", "tom")
    tom = on(ground)[1].subscriber
    with ground.reading() as tx:
        assert subscribers.by_seed(tx, tom.token_seed) == tom
        assert subscribers.by_seed(tx, "0" * 32) is None


def test_an_overview_shows_a_list_without_anybody(ground: Ground) -> None:
    with ground.transaction() as tx:
        subscribers.put_list(tx, "daily", actor="ann", now=NOW)
        assert subscribers.overview(tx) == [ListCounts("daily", 0, 0, 0)]


def test_a_person_shows_no_secret_of_their_link(ground: Ground) -> None:
    subscribe(ground, "lea")
    lea = on(ground)[0].subscriber
    assert lea.token_seed not in repr(lea)


def test_a_suppression_stands_once_with_its_first_cause(ground: Ground) -> None:
    with ground.transaction() as tx:
        assert suppressions.add(tx, "a" * 64, suppressions.COMPLAINT, actor="reader", now=NOW)
        assert not suppressions.add(tx, "a" * 64, suppressions.BY_HAND, actor="ann", now=NOW)
        assert suppressions.standing(tx, ["a" * 64, "b" * 64]) == {"a" * 64: suppressions.COMPLAINT}
        assert suppressions.standing(tx, []) == {}
