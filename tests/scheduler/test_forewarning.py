"""A word in time before something expires: when, for what, and that it is taken down again."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import quota
from db.records import (
    Bucket,
    Cause,
    Delivery,
    Mode,
    Quota,
    Scope,
    State,
    Stop,
    SubjectKind,
)
from db.stops import lay, lift
from scheduler import forewarning, newsroom
from scheduler.forewarning import SHARE, WARNING, warn_from
from tests.scheduler.house import MORNING, SETTINGS, House, house

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def promise(due_at: datetime, latest_at: datetime | None) -> Delivery:
    return Delivery(
        mode=Mode.REHEARSAL,
        subject_kind=SubjectKind.POST,
        subject_id=1,
        channel="x-main",
        kind="x",
        purpose="first",
        post_id=1,
        fingerprint="f",
        state=State.WAITING,
        due_at=due_at,
        next_at=due_at,
        latest_at=latest_at,
    )


@pytest.mark.parametrize(
    ("span", "before"), [(12 * HOUR, HOUR), (4 * HOUR, HOUR), (2 * HOUR, HOUR / 2), (HOUR, HOUR / 4)]
)
def test_the_warning_comes_an_hour_or_a_quarter_of_the_span_before(span: timedelta, before: timedelta) -> None:
    assert warn_from(promise(MORNING, MORNING + span)) == MORNING + span - before


def test_what_never_expires_is_never_warned_of() -> None:
    assert warn_from(promise(MORNING, None)) is None


@given(st.timedeltas(timedelta(days=-1), timedelta(days=9)))
def test_the_warning_never_comes_before_three_quarters_are_over_nor_after_the_end(span: timedelta) -> None:
    begins = warn_from(promise(MORNING, MORNING + span))
    assert begins is not None
    assert begins <= MORNING + span
    assert MORNING + span - begins <= min(WARNING, max(span, timedelta(0)) / SHARE)


# --- in the house ---


def warnings(h: House) -> list[str]:
    return [one for one in h.notices() if "expire" in one]


def waits(h: House, text: str, **said: object) -> Delivery:
    latest = h.clock.now() + 12 * HOUR
    return h.promise(text, latest_at=latest, approved=False, **said)  # type: ignore[arg-type]


def test_posts_without_a_yes_are_one_notice_an_hour_before_and_it_goes_with_them(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        first, second = waits(h, "One for a person"), waits(h, "Another for a person", channel="fb-main")
        h.clock.advance(11 * HOUR - MINUTE)
        h.work()
        assert not warnings(h)
        h.clock.advance(MINUTE)
        h.work()
        (told,) = warnings(h)
        assert f"delivery d{first.id} on x-main, delivery d{second.id} on fb-main: expire from then on" in told
        assert "Mon 21 Sep 2026 20:30 Europe/Berlin" in told
        assert "It waits for a person's yes" in told
        h.clock.advance(HOUR)
        h.work()
        assert h.see(first).state is State.EXPIRED
        assert not warnings(h)


def test_a_short_span_is_warned_of_in_its_last_quarter(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.promise("Good for two hours", latest_at=MORNING + 2 * HOUR, approved=False)
        h.clock.advance(89 * MINUTE)
        h.work()
        assert not warnings(h)
        h.clock.advance(MINUTE)
        h.work()
        assert len(warnings(h)) == 1


def test_an_approval_takes_the_warning_down(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS.replace('kind = "x"', 'kind = "x"\npublish = "approve"')) as h:
        story = h.take()
        h.work()
        h.clock.advance(11 * HOUR + MINUTE)
        h.work()
        (told,) = warnings(h)
        assert "It waits for a person's yes" in told
        newsroom.approve(h.app, story, actor="ben")
        h.work()
        h.work()
        assert not warnings(h)
        assert h.of(story, "x-main").state is State.SENT


def test_two_reasons_are_two_notices(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        waits(h, "One for a person")
        h.promise("Held", latest_at=MORNING + 12 * HOUR)
        with h.app.ground.transaction() as tx:
            stop = Stop(Scope.CHANNEL, "x-main", None, Cause.PERSON, "legal looks at it", "ada", MORNING)
            lay(tx, stop, actor="ada", now=MORNING)
        h.clock.advance(11 * HOUR)
        h.work()
        assert len(warnings(h)) == 2
        assert any("Held: legal looks at it" in one for one in warnings(h))
        with h.app.ground.transaction() as tx:
            lift(tx, scope=Scope.CHANNEL, target="x-main", cause=Cause.PERSON, by="ada", now=h.clock.now())
        h.work()
        h.work()
        assert [one for one in warnings(h) if "Held" in one] == []
        assert len(warnings(h)) == 1


def test_a_budget_and_a_wait_that_would_let_posts_expire_are_told(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS.replace('kind = "x"', 'kind = "x"\nmonthly_budget = 0.01')) as h:
        h.promise("Dear", latest_at=MORNING + 12 * HOUR)
        h.promise("Must wait", "fb-main", latest_at=MORNING + 12 * HOUR)
        with h.app.ground.transaction() as tx:
            wait = Bucket("told to wait", remaining=0, reset_at=MORNING + 13 * HOUR)
            quota.save(tx, Mode.REHEARSAL, "fb-main", Quota((wait,)), now=MORNING)
        h.work()
        h.clock.advance(11 * HOUR)
        h.work()
        assert len(warnings(h)) == 2
        assert any("used its monthly budget" in one for one in warnings(h))
        assert any("was told to wait" in one for one in warnings(h))


def test_what_is_about_to_go_by_itself_is_no_warning(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.promise("Late but fine", due_at=MORNING - 11 * HOUR, latest_at=MORNING + 30 * MINUTE)
        forewarning.warn(h.app)
        assert not warnings(h)


def test_nothing_is_said_while_the_clock_cannot_be_believed(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        waits(h, "One for a person")
        h.clock.jump(11 * HOUR + MINUTE)
        h.work()
        assert not warnings(h)


def test_many_are_counted_not_listed(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        ids = [waits(h, f"Post number {number}").id for number in range(5)]
        h.clock.advance(11 * HOUR)
        h.work()
        (told,) = warnings(h)
        assert f"delivery d{ids[2]} on x-main and 2 more" in told
        assert f"d{ids[3]}" not in told
