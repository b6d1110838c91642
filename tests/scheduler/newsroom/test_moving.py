"""Moving one post in the calendar: the channel's rules stand against it in words, and who may passes them by name."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from db import audit
from db.records import Delivery, State
from scheduler import newsroom
from scheduler.agenda import agenda, hours_shown
from scheduler.newsroom import InTheWay, Refused
from scheduler.people.actor import Actor, NotAllowed
from scheduler.people.roles import MAY, Role
from tests.scheduler.house import MORNING, SETTINGS, House, house

RULED = SETTINGS.replace(
    'kind = "x"',
    'kind = "x"\nslots = ["daily 09:00", "daily 20:00"]\nquiet = "22:00-06:00"\nspacing = "30 min"\n'
    'except = ["2026-09-23"]\ndaily_cap = 2',
)
NOON = MORNING.replace(hour=10, minute=0)  # 12:00 in Berlin
APPROVER, EDITOR = (Actor(name, MAY[role]) for name, role in (("ada", Role.APPROVER), ("eve", Role.EDITOR)))


def on_x(h: House, headline: str = "The bridge opens on Sunday") -> Delivery:
    story = h.take(headline)
    h.work()
    return h.of(story, "x-main")


def test_a_post_goes_to_its_new_moment_and_nothing_else_of_its_story_moves(tmp_path: Path) -> None:
    with house(tmp_path, RULED) as h:
        post = on_x(h)
        changed = newsroom.move(h.app, post.id, NOON, actor=APPROVER)
        assert (changed.delivery.due_at, changed.delivery.slot_at) == (NOON, None)
        with h.app.ground.reading() as tx:
            (row,) = audit.rows(tx, verb="schedule")
        assert (row.actor, row.subject) == ("ada", f"delivery {post.id}")


def test_a_post_that_is_dropped_on_a_free_slot_takes_it(tmp_path: Path) -> None:
    with house(tmp_path, RULED) as h:
        post = on_x(h)
        evening = datetime(2026, 9, 21, 18, 0, tzinfo=UTC)
        assert newsroom.move(h.app, post.id, evening, actor=APPROVER).delivery.slot_at == evening
        other = on_x(h, "The library lends skates")
        assert other.due_at != evening


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 9, 21, 21, 0, tzinfo=UTC), "quiet then, until Tue 22 Sep 2026 06:00"),
        (datetime(2026, 9, 23, 10, 0, tzinfo=UTC), "nothing goes there on 2026-09-23"),
        (datetime(2026, 9, 22, 7, 15, tzinfo=UTC), "30 min lie between two posts"),
    ],
)
def test_what_stands_against_a_moment_is_said_and_passed_only_by_who_may(
    tmp_path: Path, moment: datetime, said: str
) -> None:
    with house(tmp_path, RULED) as h:
        post, other = on_x(h), on_x(h, "The library lends skates")
        newsroom.move(h.app, other.id, datetime(2026, 9, 22, 7, 0, tzinfo=UTC), actor=APPROVER)
        with pytest.raises(InTheWay, match=said):
            newsroom.move(h.app, post.id, moment, actor=APPROVER)
        with pytest.raises(NotAllowed):
            newsroom.move(h.app, post.id, moment, actor=EDITOR, override=True)
        moved = newsroom.move(h.app, post.id, moment, actor=APPROVER, override=True, reason="the mayor speaks")
        assert moved.delivery.due_at == moment


def test_the_cap_of_a_day_stands_against_a_third_post(tmp_path: Path) -> None:
    with house(tmp_path, RULED) as h:
        posts = [on_x(h, f"Story number {number} about the harbour") for number in range(3)]
        day = datetime(2026, 9, 24, 8, 0, tzinfo=UTC)
        for number, post in enumerate(posts[:2]):
            newsroom.move(h.app, post.id, day + timedelta(hours=number), actor=APPROVER)
        with pytest.raises(InTheWay, match="daily cap is 2"):
            newsroom.move(h.app, posts[2].id, day + timedelta(hours=5), actor=APPROVER)


def test_an_embargo_and_what_is_out_cannot_be_passed(tmp_path: Path) -> None:
    with house(tmp_path, RULED) as h:
        post = on_x(h)
        newsroom.embargo(h.app, post.subject_id, NOON + timedelta(days=1), actor="ada")
        with pytest.raises(Refused, match="under embargo"):
            newsroom.move(h.app, post.id, NOON, actor=APPROVER, override=True)
        page = h.of(post.subject_id, "fb-main")
        assert page.state is State.SENT
        with pytest.raises(Refused, match="only what is still to go"):
            newsroom.move(h.app, page.id, NOON, actor=APPROVER)


def test_the_agenda_shows_posts_free_slots_quiet_hours_and_closed_days(tmp_path: Path) -> None:
    with house(tmp_path, RULED) as h:
        post = on_x(h)
        week = agenda(h.app, MORNING.date(), 7, channel="x-main").days
        monday, wednesday = week[0], week[2]
        assert [(one.post.id, one.at.time()) for one in monday.entries] == [(post.id, time(9, 0))]
        assert [(one.channel, one.at.time()) for one in monday.free] == [("x-main", time(20, 0))]
        assert [hour.hour for hour in monday.hours if hour.quiet] == [0, 1, 2, 3, 4, 5, 22, 23]
        assert (wednesday.closed, wednesday.free) == (("x-main",), [])
        assert list(hours_shown(week)) == list(range(7, 21))


def test_the_day_on_which_clocks_change_says_by_how_much(tmp_path: Path) -> None:
    with house(tmp_path, RULED) as h:
        autumn = agenda(h.app, date(2026, 10, 25), 1).days[0]
        spring = agenda(h.app, date(2027, 3, 28), 1).days[0]
        assert (autumn.shift, spring.shift) == (timedelta(hours=-1), timedelta(hours=1))
