from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from time import thread_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.records import (
    MACHINE,
    Article,
    Delivery,
    Mode,
    Part,
    Post,
    Priority,
    Problem,
    Publish,
    State,
    SubjectKind,
)
from scheduler.plan import (
    FLOOD_GAP,
    HORIZON,
    Checked,
    Planned,
    Rules,
    find_moment,
    plan_deliveries,
    publish_of,
    reschedule,
    spread,
    taken_from,
)
from scheduler.slots import Quiet, Slot, Slots, end_of_quiet, parse_quiet, parse_slots
from tests.scheduler.test_slots import many_slots, near_a_change, quiets

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 9, 21, 9, 0, tzinfo=UTC)  # a Monday, 10:00 in London
ARTICLE = Article("Harbour reopens", ("It reopened.",), "inbox", id=12, url="https://n.example.org/1", published_at=NOW)
HOUR = timedelta(hours=1)


def rules(**more: object) -> Rules:
    held: dict[str, object] = {
        "channel": "x-main",
        "mode": Mode.REHEARSAL,
        "zone": LONDON,
        "latest": 12 * HOUR,
        "publish": Publish.AUTO,
    }
    return Rules(**(held | more))  # type: ignore[arg-type]


def post(channel: str = "x-main") -> Post:
    return Post(channel, "x", (Part("Harbour reopens"),), id=3)


def delivery(at: datetime, **more: object) -> Delivery:
    held: dict[str, object] = {
        "mode": Mode.REHEARSAL,
        "subject_kind": SubjectKind.ARTICLE,
        "subject_id": 1,
        "channel": "x-main",
        "kind": "x",
        "purpose": "first",
        "post_id": 1,
        "fingerprint": "f",
        "state": State.PLANNED,
        "due_at": at,
        "next_at": at,
        "latest_at": None,
    }
    return Delivery(**(held | more))  # type: ignore[arg-type]


def plan(given_rules: Rules, *taken: Delivery, article: Article = ARTICLE, now: datetime = NOW) -> Planned:
    (planned,) = plan_deliveries(article, [Checked(post())], {"x-main": given_rules}, taken, now)
    return planned


# --- when ---


def test_immediately_is_now() -> None:
    planned = plan(rules())
    assert (planned.due_at, planned.latest_at, planned.slot_at) == (NOW, NOW + 12 * HOUR, None)
    assert (planned.state, planned.reason, planned.purpose) == (State.PLANNED, "", "first")


def test_each_channel_is_planned_by_its_own_rules() -> None:
    by_channel = {"x-main": rules(), "fb-main": rules(channel="fb-main", slots=parse_slots(["daily 18:15"]))}
    planned = plan_deliveries(ARTICLE, [Checked(post()), Checked(post("fb-main"))], by_channel, [], NOW)
    assert [(one.channel, one.due_at) for one in planned] == [("x-main", NOW), ("fb-main", NOW + 8.25 * HOUR)]


def test_the_next_free_slot_is_taken_and_one_that_is_taken_is_left_alone() -> None:
    slotted = rules(slots=parse_slots(["daily 10:00", "daily 18:00"]))
    assert plan(slotted).slot_at == NOW
    taken = delivery(NOW, slot_at=NOW)
    assert plan(slotted, taken).slot_at == NOW + 8 * HOUR
    assert plan(slotted, replace(taken, channel="fb-main")).slot_at == NOW
    assert plan(slotted, replace(taken, mode=Mode.LIVE)).slot_at == NOW


def test_spacing_is_kept_on_both_sides() -> None:
    spaced = rules(spacing=HOUR)
    earlier, later = delivery(NOW - timedelta(minutes=30)), delivery(NOW + 1.25 * HOUR)
    assert plan(spaced, earlier).due_at == NOW + 0.5 * HOUR
    assert plan(spaced, earlier, later).due_at == NOW + 2.25 * HOUR


def test_quiet_hours_are_waited_for() -> None:
    at_night = datetime(2026, 9, 21, 22, 30, tzinfo=UTC)
    assert plan(rules(quiet=parse_quiet("22:00-06:30")), now=at_night).due_at == datetime(
        2026, 9, 22, 5, 30, tzinfo=UTC
    )


def test_a_full_day_moves_to_the_next_local_day() -> None:
    held = [delivery(datetime(2026, 9, 20, 23, 30, tzinfo=UTC)), delivery(NOW)]  # both on the 21st in London
    assert plan(rules(daily_cap=2), *held).due_at == datetime(2026, 9, 21, 23, 0, tzinfo=UTC)
    assert plan(rules(daily_cap=3), *held).due_at == NOW


def test_a_day_that_is_entered_twice_is_left_at_its_second_end() -> None:
    # At one minute past midnight clocks went back to 23:01 of the day before.
    st_johns = ZoneInfo("America/St_Johns")
    again = datetime(2010, 11, 6, 23, 30, tzinfo=st_johns).replace(fold=1).astimezone(UTC)
    held = delivery(again - 5 * HOUR)
    second_midnight = datetime(2010, 11, 7, tzinfo=st_johns).replace(fold=1).astimezone(UTC)
    assert plan(rules(zone=st_johns, daily_cap=1), held, now=again).due_at == second_midnight


def test_excepted_days_are_passed_over() -> None:
    resting = rules(except_dates=frozenset({date(2026, 9, 21), date(2026, 9, 22)}))
    assert plan(resting).due_at == datetime(2026, 9, 22, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize("priority", list(Priority))
def test_nothing_is_due_before_the_embargo(priority: Priority) -> None:
    lifted = NOW + 7.5 * HOUR
    planned = plan(rules(), article=replace(ARTICLE, embargo_at=lifted, priority=priority))
    assert planned.due_at == lifted
    slotted = rules(slots=parse_slots(["daily 17:00", "daily 17:30", "daily 18:00"]))
    assert plan(slotted, article=replace(ARTICLE, embargo_at=lifted)).slot_at == lifted


def test_breaking_news_passes_slots_spacing_quiet_hours_and_the_cap_and_is_never_late() -> None:
    strict = rules(
        slots=parse_slots(["sun 03:00"]),
        spacing=5 * HOUR,
        quiet=parse_quiet("00:00-23:59"),
        daily_cap=1,
        breaking_latest=timedelta(minutes=40),
    )
    planned = plan(strict, delivery(NOW), article=replace(ARTICLE, priority=Priority.BREAKING))
    assert (planned.due_at, planned.slot_at) == (NOW, None)
    assert planned.latest_at == NOW + timedelta(minutes=40)
    assert planned.priority is Priority.BREAKING


def test_without_latest_a_delivery_never_expires() -> None:
    assert plan(rules(latest=None)).latest_at is None


def test_a_channel_that_can_never_speak_waits_for_a_person_with_the_reason() -> None:
    silent = rules(slots=parse_slots(["daily 10:30"]), quiet=parse_quiet("10:00-11:00"))
    planned = plan(silent)
    assert planned.state is State.WAITING
    assert "no free place within a year" in planned.reason


def test_what_is_taken_must_reach_back_to_the_start_of_the_local_day_and_one_spacing() -> None:
    assert taken_from(rules(), NOW) == datetime(2026, 9, 20, 23, 0, tzinfo=UTC)
    assert taken_from(rules(spacing=30 * HOUR), NOW) == NOW - 30 * HOUR


# --- whether it waits ---


@pytest.mark.parametrize(
    ("source", "section", "channel", "expected"),
    [
        (None, None, Publish.AUTO, Publish.AUTO),
        (None, None, Publish.APPROVE, Publish.APPROVE),
        (Publish.APPROVE, None, Publish.AUTO, Publish.APPROVE),
        (None, Publish.APPROVE, Publish.AUTO, Publish.APPROVE),
        (Publish.AUTO, Publish.AUTO, Publish.APPROVE, Publish.APPROVE),
        (Publish.AUTO, Publish.AUTO, Publish.AUTO, Publish.AUTO),
    ],
)
def test_of_source_section_and_channel_the_strictest_wins(
    source: Publish | None, section: Publish | None, channel: Publish, expected: Publish
) -> None:
    article = replace(ARTICLE, section="Obituaries", publish=source)
    assert publish_of(article, channel, {"obituaries": section} if section else {}) is expected


def test_what_needs_a_yes_waits_and_what_does_not_carries_the_machines() -> None:
    waiting = plan(rules(publish=Publish.APPROVE))
    assert waiting.state is State.WAITING
    assert waiting.reason == "It waits for a person's yes."
    assert waiting.delivery().needs_approval
    going = plan(rules()).delivery(ordered_by="Ada")
    assert (going.approved_by, going.needs_approval, going.ordered_by) == (MACHINE, False, "Ada")
    assert going.key == "rehearsal/article-12/x-main/first"
    assert (going.due_at, going.next_at, going.post_id) == (NOW, NOW, 3)


def test_a_problem_that_stops_is_the_reason_and_one_that_does_not_is_none() -> None:
    problems = (Problem("long", "It is 12 over the limit: shorten it."), Problem("alt", "No alt text.", stops=False))
    (planned,) = plan_deliveries(ARTICLE, [Checked(post(), problems)], {"x-main": rules()}, [], NOW)
    assert planned.state is State.WAITING
    assert planned.reason == "It is 12 over the limit: shorten it."
    (planned,) = plan_deliveries(ARTICLE, [Checked(post(), problems[1:])], {"x-main": rules()}, [], NOW)
    assert planned.state is State.PLANNED


def test_live_a_story_without_address_or_date_waits_for_a_person() -> None:
    live = rules(mode=Mode.LIVE)
    assert plan(live).state is State.PLANNED
    assert "no address" in plan(live, article=replace(ARTICLE, url=None)).reason
    assert plan(live, article=replace(ARTICLE, url=None, no_link=True)).state is State.PLANNED
    assert "no date" in plan(live, article=replace(ARTICLE, published_at=None)).reason
    assert plan(rules(), article=replace(ARTICLE, url=None, published_at=None)).state is State.PLANNED


# --- moving and releasing ---


def test_a_delivery_is_moved_without_standing_in_its_own_way() -> None:
    slotted = rules(slots=parse_slots(["daily 10:00", "daily 18:00"]))
    own = delivery(NOW, id=5, slot_at=NOW)
    moved = reschedule(own, slotted, [own], NOW)
    assert moved is not None
    assert moved.slot_at == NOW
    moved = reschedule(own, slotted, [own], NOW, not_before=NOW + HOUR)
    assert moved is not None
    assert (moved.slot_at, moved.latest_at) == (NOW + 8 * HOUR, NOW + 20 * HOUR)


def test_after_an_outage_breaking_goes_first_then_the_newest_and_the_stale_is_dropped() -> None:
    old = delivery(NOW - 11 * HOUR, id=1, latest_at=NOW + HOUR)
    new = delivery(NOW - 2 * HOUR, id=2, latest_at=NOW + 10 * HOUR)
    newest = delivery(NOW - HOUR, id=3, latest_at=NOW + 11 * HOUR)
    gone = delivery(NOW - 13 * HOUR, id=4, latest_at=NOW - HOUR)
    breaking = delivery(NOW - 3 * HOUR, id=5, priority=Priority.BREAKING)
    releases = spread([old, new, newest, gone, breaking], rules(spacing=HOUR), NOW)
    due = [(one.delivery.id, one.moment and one.moment.due_at) for one in releases]
    assert due == [(5, NOW), (3, NOW + HOUR), (2, NOW + 2 * HOUR), (1, None), (4, None)]
    assert releases[1].moment is not None
    assert releases[1].moment.latest_at == NOW + 11 * HOUR


def test_two_breaking_stories_that_were_held_do_not_go_back_to_back() -> None:
    held = [delivery(NOW - number * HOUR, id=number, priority=Priority.BREAKING) for number in (1, 2)]
    at_night = datetime(2026, 9, 21, 23, 0, tzinfo=UTC)
    releases = spread(held, rules(quiet=parse_quiet("22:00-06:30"), spacing=HOUR), at_night)
    assert [one.moment and one.moment.due_at for one in releases] == [at_night, at_night + FLOOD_GAP]


# --- promises for any rules ---

some_rules = st.builds(
    Rules,
    channel=st.just("x-main"),
    mode=st.just(Mode.REHEARSAL),
    zone=st.just(LONDON),
    slots=many_slots | st.just(Slots()),
    quiet=quiets | st.none(),
    spacing=st.integers(0, 300).map(lambda minutes: timedelta(minutes=minutes)),
    latest=st.just(12 * HOUR),
    daily_cap=st.integers(1, 4) | st.none(),
    publish=st.just(Publish.AUTO),
)


def check_kept(kept: Rules, chosen: list[datetime]) -> None:
    """None inside quiet hours, none nearer than the spacing, none past the cap, none on an excepted day."""
    for at in chosen:
        assert end_of_quiet(kept.quiet, kept.zone, at) == at
        assert at.astimezone(kept.zone).date() not in kept.except_dates
    assert all(later - earlier >= kept.spacing for earlier, later in pairwise(sorted(chosen)))
    if kept.daily_cap is not None:
        days = Counter(at.astimezone(kept.zone).date() for at in chosen)
        assert max(days.values(), default=0) <= kept.daily_cap


@given(some_rules, near_a_change(), st.integers(1, 12), st.booleans())
def test_whatever_the_rules_say_is_kept_for_a_whole_queue(
    given_rules: Rules, place: tuple[ZoneInfo, datetime], count: int, rests: bool
) -> None:
    zone, now = place
    days = frozenset({(now.astimezone(zone) + timedelta(days=1)).date()}) if rests else frozenset()
    kept = replace(given_rules, zone=zone, except_dates=days)
    taken: list[Delivery] = []
    for number in range(count):
        article = replace(ARTICLE, id=number + 1)
        (planned,) = plan_deliveries(article, [Checked(post())], {"x-main": kept}, taken, now)
        if planned.state is State.WAITING:
            assert "no free place" in planned.reason
            continue
        assert now <= planned.due_at <= now + HORIZON
        assert planned.slot_at == (None if kept.slots.immediately else planned.due_at)
        taken.append(planned.delivery())
    check_kept(kept, [one.due_at for one in taken])
    slots = [one.slot_at for one in taken if one.slot_at is not None]
    assert len(slots) == len(set(slots))


@given(some_rules, near_a_change(), st.lists(st.integers(-600, 0), min_size=1, max_size=12))
def test_a_release_is_spaced_newest_first_and_never_late(
    given_rules: Rules, place: tuple[ZoneInfo, datetime], ages: list[int]
) -> None:
    zone, now = place
    kept = replace(given_rules, zone=zone)
    held = [
        delivery(due := now + timedelta(minutes=age), id=number, latest_at=due + 12 * HOUR)
        for number, age in enumerate(ages)
    ]
    releases = spread(held, kept, now)
    assert sorted(one.delivery.id for one in releases) == list(range(len(held)))
    out = [(one.moment.due_at, one.delivery) for one in releases if one.moment is not None]
    assert all(now <= at and one.latest_at is not None and at < one.latest_at for at, one in out)
    assert [one.due_at for _, one in out] == sorted((one.due_at for _, one in out), reverse=True)
    check_kept(replace(kept, spacing=max(kept.spacing, FLOOD_GAP)), [at for at, _ in out])


@pytest.mark.usefixtures("no_garbage_collected")
def test_ten_thousand_promises_are_planned_around_at_once() -> None:
    taken = [delivery(NOW + number * timedelta(minutes=5), id=number + 1) for number in range(10_000)]
    began = thread_time()
    assert plan(rules(spacing=timedelta(minutes=5)), *taken).due_at == NOW + 10_000 * timedelta(minutes=5)
    assert thread_time() - began < 2.0


def test_without_any_free_slot_in_a_year_there_is_no_moment() -> None:
    every_hour = Slots(tuple(Slot(day, time(hour)) for day in range(7) for hour in range(24)))
    assert find_moment(rules(slots=every_hour, quiet=Quiet(time(0), time(23, 59))), [], NOW) is None
