"""Reading people page by page, finding those who never confirmed, erasing one, and orders that are listed and lifted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from db import choices, consents, readers, subscribers, suppressions
from db.consents import ConsentEvent, Proof
from db.records import Choices, Frequency
from db.session import Ground
from db.subscribers import Entry, Tie

NOW = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
PROOF = Proof(ConsentEvent.IMPORTED, NOW - timedelta(days=9), "the fair", "Yes", "readers.csv", "v1", "203.0.113.5")


def subscribe(ground: Ground, *names: str, to: str = "daily") -> dict[str, int]:
    entries = [Entry(f"{name}@example.org", f"{name}@example.org", name.title()) for name in names]
    with ground.transaction() as tx:
        number = subscribers.put_list(tx, to, actor="ann", now=NOW)
        subscribers.confirm_many(tx, number, entries, PROOF, actor="ann", now=NOW)
        people = [subscribers.find(tx, one.key) for one in entries]
    return {one.address.split("@")[0]: one.id for one in people if one is not None}


def ask(ground: Ground, name: str, *, at: datetime = NOW, to: str = "daily") -> int:
    with ground.transaction() as tx:
        number = subscribers.put_list(tx, to, actor="reader", now=at)
        entry = Entry(f"{name}@example.org", f"{name}@example.org")
        who, _ = subscribers.ask(tx, number, entry, actor="reader", now=at)
        consents.note(tx, number, [who], Proof(ConsentEvent.ASKED, at, "form"), actor="reader", now=at)
    return who


def names(ground: Ground, **asked: object) -> list[str]:
    with ground.reading() as tx:
        pages = list(readers.on_lists(tx, **asked))  # type: ignore[arg-type]
    return [f"{one.subscriber.address.split('@')[0]} {one.list_name}" for page in pages for one in page]


def test_a_proof_is_kept_whole(ground: Ground) -> None:
    lea = subscribe(ground, "lea")["lea"]
    with ground.reading() as tx:
        (kept,) = consents.history(tx, lea)
    assert (kept.list_name, kept.proof, kept.actor, kept.issue_id) == ("daily", PROOF, "ann", None)


def test_people_are_read_page_by_page_each_subscription_once(ground: Ground) -> None:
    subscribe(ground, "lea", "tom", "zoe")
    subscribe(ground, "tom", to="weekly")
    expected = ["lea daily", "tom daily", "tom weekly", "zoe daily"]
    for page in (1, 2, 3, 100):
        assert names(ground, page=page) == expected
    assert names(ground, list_name="weekly") == ["tom weekly"]
    assert names(ground, holding="ZOE@") == ["zoe daily"]
    assert names(ground, holding="%") == []
    with ground.reading() as tx:
        assert readers.count(tx) == 4
        assert readers.count(tx, list_name="daily", tie=Tie.CONFIRMED) == 3


def test_a_subscription_shows_the_newest_proof_it_stands_on(ground: Ground) -> None:
    lea = subscribe(ground, "lea")["lea"]
    with ground.transaction() as tx:
        number = subscribers.list_id(tx, "daily")
        subscribers.end_subscription(tx, "daily", lea, source="one click", issue_id=7, actor="reader", now=NOW)
        yes = Proof(ConsentEvent.CONFIRMED, NOW, "letter", "New words")
        assert subscribers.confirm(tx, number, lea, yes, actor="reader", now=NOW)
        assert not subscribers.confirm(tx, number, lea, yes, actor="reader", now=NOW)
        (one,) = readers.of_person(tx, lea)
        history = consents.history(tx, lea)
    assert (one.tie, one.ended_at, one.consent_source, one.consent_wording) == (
        Tie.CONFIRMED,
        None,
        "letter",
        "New words",
    )
    assert [row.issue_id for row in history] == [None, 7, None]


def test_asking_moves_nothing_that_stands(ground: Ground) -> None:
    numbers = subscribe(ground, "on", "off")
    with ground.transaction() as tx:
        to = subscribers.list_id(tx, "daily")
        subscribers.end_subscription(tx, "daily", numbers["off"], source="one click", actor="reader", now=NOW)
        for name, stood in (("on", Tie.CONFIRMED), ("off", Tie.ENDED), ("new", Tie.UNCONFIRMED)):
            entry = Entry(f"{name}@example.org", f"{name}@example.org")
            assert subscribers.ask(tx, to, entry, actor="reader", now=NOW)[1] is stood
        assert subscribers.ended_at(tx, to, numbers["off"]) == NOW
        assert subscribers.ended_at(tx, to, numbers["on"]) is None


def test_only_those_are_forgotten_who_confirmed_nothing_and_asked_long_ago(ground: Ground) -> None:
    old, later = NOW - timedelta(days=30), NOW
    forgotten = ask(ground, "old", at=old)
    ask(ground, "both", at=old)
    subscribe(ground, "both", to="weekly")
    ask(ground, "again", at=old)
    ask(ground, "again", at=later)
    ask(ground, "new", at=later)
    with ground.reading() as tx:
        assert readers.never_confirmed(tx, NOW - timedelta(days=8), 100) == [forgotten]
        assert readers.never_confirmed(tx, NOW + timedelta(days=1), 1) != []


def test_erasing_takes_everything_and_leaves_others_alone(ground: Ground) -> None:
    numbers = subscribe(ground, "lea", "tom")
    with ground.transaction() as tx:
        to = subscribers.list_id(tx, "daily")
        for who in numbers.values():
            chosen = Choices(sections={"politics": frozenset({Frequency.WEEKLY})})
            choices.choose(tx, to, who, chosen, actor="reader", now=NOW)
        assert readers.erase(tx, numbers["lea"], actor="ada", now=NOW)
        assert not readers.erase(tx, numbers["lea"], actor="ada", now=NOW)
        assert subscribers.find(tx, "lea@example.org") is None
        assert consents.history(tx, numbers["lea"]) == []
        assert len(consents.history(tx, numbers["tom"])) == 1
        assert choices.of(tx, to, numbers["lea"]) == Choices()
        assert choices.of(tx, to, numbers["tom"]).sections
    assert subscribe(ground, "lea")["lea"] > max(numbers.values()), "an erased person's number was given away"


def test_orders_are_listed_newest_first_counted_and_lifted_by_cause(ground: Ground) -> None:
    with ground.transaction() as tx:
        for number, cause in enumerate((suppressions.COMPLAINT, suppressions.UNSUBSCRIBED, suppressions.BY_HAND)):
            listed = "daily" if cause == suppressions.UNSUBSCRIBED else ""
            suppressions.add(tx, f"hash{number}", cause, actor="ann", now=NOW, reason="why", list_name=listed)
        assert [one.cause for one in suppressions.newest(tx, page=1)] == ["by hand", "unsubscribed", "complaint"]
        assert [one.cause for one in suppressions.newest(tx, cause="complaint")] == ["complaint"]
        assert suppressions.counts(tx) == {"complaint": 1, "unsubscribed": 1, "by hand": 1}
        assert suppressions.lists_named(tx) == {"", "daily"}
        every = ["hash0", "hash1", "hash2"]
        assert suppressions.lift(tx, every, [suppressions.UNSUBSCRIBED]) == 1
        assert [one.address_hash for one in suppressions.over(tx, every)] == ["hash0", "hash2"]
        assert suppressions.lift(tx, []) == 0
        assert suppressions.lift(tx, every) == 2
