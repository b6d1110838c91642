"""What a subscription asks for is kept whole, and read again without reading the whole list."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from db import choices, subscribers
from db.records import EVERY_OTHER, Choices, Frequency
from db.session import Ground
from db.subscribers import ConsentEvent, Entry, Proof

NOW = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
PROOF = Proof(ConsentEvent.IMPORTED, NOW, "sign-up sheet", "Yes")
AT_ONCE, DAILY, WEEKLY, NEVER = Frequency.IMMEDIATE, Frequency.DAILY, Frequency.WEEKLY, Frequency.NEVER
FULL = Choices(
    sections={"politics": frozenset({AT_ONCE, DAILY}), "sport": frozenset({NEVER}), EVERY_OTHER: frozenset({WEEKLY})},
    paused_until=NOW + timedelta(days=14),
    zone="Asia/Tokyo",
    quiet_start=time(22),
    quiet_end=time(6, 30),
    alerts_a_day=3,
)


def people(ground: Ground, *names: str, to: str = "daily") -> dict[str, int]:
    entries = [Entry(f"{name}@example.org", f"{name}@example.org") for name in names]
    with ground.transaction() as tx:
        number = subscribers.put_list(tx, to, actor="ann", now=NOW)
        subscribers.confirm_many(tx, number, entries, PROOF, actor="ann", now=NOW)
        found = subscribers.candidates(tx, to)
        return {one.subscriber.address.split("@")[0]: one.subscriber.id for one in found}


def choose(ground: Ground, subscriber_id: int, chosen: Choices, to: str = "daily") -> bool:
    with ground.transaction() as tx:
        return choices.choose(tx, subscribers.list_id(tx, to), subscriber_id, chosen, actor="reader", now=NOW)


def chosen_by(ground: Ground, subscriber_id: int, to: str = "daily") -> Choices:
    with ground.reading() as tx:
        return choices.of(tx, subscribers.list_id(tx, to), subscriber_id)


def at_once(ground: Ground, section: str, page: int = 1_000) -> list[str]:
    with ground.reading() as tx:
        found = subscribers.candidates_at_once(tx, "daily", section, page=page)
        return [one.subscriber.address.split("@")[0] for one in found]


def test_who_chose_nothing_gets_the_newsletter_as_it_comes(ground: Ground) -> None:
    lea = people(ground, "lea")["lea"]
    assert chosen_by(ground, lea) == Choices()
    assert Choices().wants("Politics", DAILY, usual={DAILY})
    assert not Choices().wants("Politics", AT_ONCE, usual={DAILY})


def test_choices_come_back_as_they_were_made_and_with_each_candidate(ground: Ground) -> None:
    numbers = people(ground, "lea", "tom")
    assert choose(ground, numbers["lea"], FULL)
    assert chosen_by(ground, numbers["lea"]) == FULL
    with ground.reading() as tx:
        assert [one.choices for one in subscribers.candidates(tx, "daily")] == [FULL, Choices()]
        alone = subscribers.on_list(tx, "daily", numbers["lea"])
        assert alone is not None
        assert alone.choices == FULL


def test_new_choices_replace_the_old_ones_whole(ground: Ground) -> None:
    lea = people(ground, "lea")["lea"]
    choose(ground, lea, FULL)
    choose(ground, lea, Choices(sections={"Politics": frozenset({WEEKLY})}))
    assert chosen_by(ground, lea) == Choices(sections={"politics": frozenset({WEEKLY})})


def test_choices_belong_to_one_list(ground: Ground) -> None:
    lea = people(ground, "lea")["lea"]
    people(ground, "lea", to="weekly")
    choose(ground, lea, FULL, to="weekly")
    assert chosen_by(ground, lea) == Choices()
    with ground.reading() as tx:
        assert [one.choices for one in subscribers.candidates(tx, "daily")] == [Choices()]


def test_a_section_named_goes_before_every_other() -> None:
    assert FULL.wants("  POLITICS ", AT_ONCE, usual={DAILY})
    assert not FULL.wants("Sport", WEEKLY, usual={DAILY})
    assert FULL.wants("Culture", WEEKLY, usual={DAILY})
    assert not FULL.wants("Culture", DAILY, usual={DAILY})


def test_a_pause_ends_by_itself() -> None:
    assert FULL.paused(NOW)
    assert not FULL.paused(NOW + timedelta(days=14))


def test_an_ended_subscription_takes_no_choices(ground: Ground) -> None:
    lea = people(ground, "lea")["lea"]
    with ground.transaction() as tx:
        subscribers.end_subscription(tx, "daily", lea, source="one click", actor="reader", now=NOW)
    assert not choose(ground, lea, FULL)
    assert chosen_by(ground, lea) == Choices()


@pytest.mark.parametrize(
    "wrong",
    [
        replace(FULL, quiet_end=None),
        replace(FULL, quiet_end=FULL.quiet_start),
        replace(FULL, alerts_a_day=-1),
        Choices(sections={"politics": frozenset()}),
        Choices(sections={"politics": frozenset({NEVER, DAILY})}),
        Choices(sections={"politics": frozenset({DAILY}), "Politics": frozenset({DAILY})}),
        Choices(sections={f"s{number}": frozenset({DAILY}) for number in range(201)}),
    ],
)
def test_choices_that_contradict_themselves_are_refused_and_nothing_changes(ground: Ground, wrong: Choices) -> None:
    lea = people(ground, "lea")["lea"]
    choose(ground, lea, FULL)
    with pytest.raises(ValueError, match=r"quiet|cap|frequency|never|section"):
        choose(ground, lea, wrong)
    assert chosen_by(ground, lea) == FULL


def test_an_alert_goes_to_those_who_want_its_section_at_once_and_to_nobody_else(ground: Ground) -> None:
    numbers = people(ground, "all", "but", "daily", "gone", "never", "one", "silent")
    choose(ground, numbers["all"], Choices(sections={EVERY_OTHER: frozenset({AT_ONCE})}))
    choose(ground, numbers["one"], Choices(sections={"Politics": frozenset({AT_ONCE, DAILY})}))
    choose(ground, numbers["gone"], Choices(sections={"Politics": frozenset({AT_ONCE})}))
    choose(ground, numbers["daily"], Choices(sections={"Politics": frozenset({DAILY})}))
    choose(
        ground, numbers["but"], Choices(sections={EVERY_OTHER: frozenset({AT_ONCE}), "politics": frozenset({DAILY})})
    )
    choose(ground, numbers["never"], Choices(sections={EVERY_OTHER: frozenset({NEVER})}))
    with ground.transaction() as tx:
        subscribers.end_subscription(tx, "daily", numbers["gone"], source="one click", actor="reader", now=NOW)
    assert at_once(ground, "Politics") == ["all", "one"]
    assert at_once(ground, "Politics", page=1) == ["all", "one"]
    assert at_once(ground, "Culture") == ["all", "but"]
