"""Embargo, breaking and the seconds of undo: when a story may go, and who may say so."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from db import articles, audit, deliveries, issues
from db.records import Mode, Priority, Scope, State, SubjectKind, Verb
from scheduler import deliver, newsroom
from scheduler.app import App
from scheduler.newsroom import Reach, Refused
from scheduler.work import Work
from tests.scheduler.house import MAIL, MORNING, SETTINGS, House, after_answers, house

LATER = SETTINGS.replace('kind = "x"', 'kind = "x"\nslots = ["daily 09:00", "daily 20:00"]')
ONLY_X = SETTINGS.replace('[channels.fb-main]\nkind = "facebook"\ndeadline = "10s"\n', "")
TOMORROW = MORNING + timedelta(days=1)


def at_noon(h: House, story: int) -> newsroom.Embargoed:
    return newsroom.embargo(h.app, story, MORNING + timedelta(hours=5), actor="ben", reason="agreed with the ministry")


def test_an_embargo_plans_what_was_to_go_too_early_anew_from_its_end(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as h:
        story = h.take()
        h.work()
        done = at_noon(h, story)
        (moved,) = done.moved
        assert (moved.channel, moved.next_at) == ("x-main", MORNING + timedelta(hours=11, minutes=30))
        assert [one.channel for one in done.too_late] == ["fb-main"]
        with h.app.ground.reading() as tx:
            (row,) = audit.rows(tx, verb="embargo")
        assert (row.actor, row.subject, row.reason) == ("ben", f"story {story}", "agreed with the ministry")


def test_lifted_the_posts_come_forward_and_a_persons_own_moment_stays(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as h:
        story, other = h.take(), h.take("Library opens on Sundays")
        h.work()
        for one in (story, other):
            at_noon(h, one)
        newsroom.schedule(h.app, other, MORNING + timedelta(hours=8), actor="ada", channels=["x-main"])
        done = newsroom.lift_embargo(h.app, story, actor="ben")
        assert [one.next_at for one in done.moved] == [MORNING + timedelta(minutes=30)]
        assert newsroom.lift_embargo(h.app, other, actor="ben").moved == ()
        with pytest.raises(Refused, match="no embargo"):
            newsroom.lift_embargo(h.app, story, actor="ben")


def test_an_embargo_ends_at_midnight_of_another_zone_to_the_second(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = h.take(embargo_at=TOMORROW + timedelta(days=3))
        h.work()
        midnight = datetime(2026, 9, 22, 0, 0, tzinfo=ZoneInfo("Asia/Kolkata"))
        newsroom.embargo(h.app, story, midnight, actor="ben")
        h.clock.advance(midnight - MORNING - timedelta(seconds=1))
        h.work()
        assert not h.platforms.published("x")
        h.clock.advance(timedelta(seconds=1))
        h.work()
        assert len(h.platforms.published("x")) == 1


def test_now_passes_an_embargo_only_by_name_and_for_a_reason(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = h.take(embargo_at=TOMORROW)
        h.work()
        with pytest.raises(Refused, match="--override-embargo"):
            newsroom.now(h.app, story, actor="ben")
        with pytest.raises(Refused, match="only for a reason"):
            newsroom.now(h.app, story, actor="ben", override_embargo=True)
        newsroom.now(
            h.app, story, actor="ben", channels=["x-main"], override_embargo=True, reason="it is out elsewhere"
        )
        h.work()
        assert h.of(story, "x-main").state is State.SENT
        assert h.of(story, "fb-main").state is State.PLANNED
        with h.app.ground.reading() as tx:
            (row,) = audit.rows(tx, verb="override embargo")
        assert (row.actor, row.reason) == ("ben", "it is out elsewhere")
        assert row.subject == f"delivery {h.of(story, 'x-main').id}"


def test_an_embargo_that_is_moved_asks_anew_even_for_what_had_passed_it(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = h.take(embargo_at=TOMORROW)
        h.work()
        newsroom.hold(h.app, Reach(Scope.EVERYTHING), actor="ada", reason="lunch")
        newsroom.now(h.app, story, actor="ben", override_embargo=True, reason="it is out elsewhere")
        newsroom.embargo(h.app, story, TOMORROW + timedelta(days=1), actor="ada")
        with h.app.ground.transaction() as tx:
            for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, story):
                deliveries.move(tx, one, State.PLANNED, actor="ada", now=h.clock.now(), next_at=h.clock.now())
        newsroom.resume(h.app, Reach(Scope.EVERYTHING), actor="ada")
        h.work()
        assert not h.platforms.published("x")


def test_an_embargo_that_comes_between_claim_and_call_does_not_call_it_back_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(tmp_path, ONLY_X) as h:
        said: list[newsroom.Embargoed] = []
        call = deliver._call

        def call_after_embargo(app: App, outlet: object, work: Work, attempt: object) -> object:
            if work.verb is Verb.SEND:
                said.append(at_noon(h, work.delivery.subject_id))
            return call(app, outlet, work, attempt)  # type: ignore[arg-type]

        monkeypatch.setattr(deliver, "_call", call_after_embargo)
        story = h.take()
        h.work()
        assert [one.state for one in said[0].too_late] == [State.SENDING]
        assert said[0].moved == ()
        assert h.of(story, "x-main").state is State.SENT


def test_a_pause_between_claim_and_call_tells_what_it_comes_too_late_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(tmp_path, ONLY_X) as h:
        laid: list[newsroom.Laid] = []
        call = deliver._call

        def call_after_pause(app: App, outlet: object, work: Work, attempt: object) -> object:
            laid.append(newsroom.hold(h.app, Reach(Scope.EVERYTHING), actor="ben", reason="the accident"))
            return call(app, outlet, work, attempt)  # type: ignore[arg-type]

        monkeypatch.setattr(deliver, "_call", call_after_pause)
        one, two = h.promise("A word"), h.promise("Another word")
        h.work()
        (in_flight,) = laid[0].in_flight
        assert h.see(in_flight).state is State.SENT
        assert {h.see(one).state, h.see(two).state} == {State.SENT, State.PLANNED}


def test_an_embargo_in_the_middle_of_an_issue_stops_it_before_its_next_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        h.readers(4)
        story = h.take()
        after_answers(monkeypatch, 1, lambda: at_noon(h, story))
        h.work()
        h.work()
        assert len(h.platforms.published("email")) == 1
        h.clock.advance(timedelta(hours=5))
        h.work()
        assert len(h.platforms.published("email")) == 4


def test_an_issue_that_carries_an_embargoed_story_is_told_to_wait(tmp_path: Path) -> None:
    approve = MAIL.replace('kind = "email"', 'kind = "email"\npublish = "approve"')
    with house(tmp_path, SETTINGS + approve) as h:
        h.readers(1)
        story = h.take()
        h.work()
        done = at_noon(h, story)
        with h.app.ground.reading() as tx:
            (issue,) = issues.of_article(tx, story)
        assert [one.subject_id for one in done.issues] == [issue.id]


def test_breaking_jumps_slots_spacing_and_quiet_hours_and_is_never_late(tmp_path: Path) -> None:
    held = LATER.replace('kind = "facebook"', 'kind = "facebook"\nquiet = "07:00-12:00"\nspacing = "2h"')
    with house(tmp_path, held) as h:
        story = h.take()
        h.work()
        done = newsroom.declare_breaking(h.app, story, actor="ada", reason="confirmed twice")
        assert {one.channel for one in done.moved} == {"x-main", "fb-main"}
        assert {one.latest_at for one in done.moved} == {MORNING + timedelta(hours=1)}
        h.work()
        assert {h.of(story, name).state for name in ("x-main", "fb-main")} == {State.SENT}


def test_breaking_waits_for_its_yes_and_for_its_embargo_and_expires_after_an_hour(tmp_path: Path) -> None:
    with house(tmp_path, ONLY_X.replace('kind = "x"', 'kind = "x"\npublish = "approve"')) as h:
        story = h.take(embargo_at=MORNING + timedelta(minutes=20))
        h.work()
        newsroom.declare_breaking(h.app, story, actor="ada")
        waiting = h.of(story, "x-main")
        assert (waiting.state, waiting.next_at) == (State.WAITING, MORNING + timedelta(minutes=20))
        h.clock.advance(timedelta(minutes=81))
        h.work()
        assert h.of(story, "x-main").state is State.EXPIRED


def test_breaking_goes_first_in_its_lane(tmp_path: Path) -> None:
    with house(tmp_path, ONLY_X.replace('kind = "x"', 'kind = "x"\nspacing = "10 min"')) as h:
        h.take("First story of the day")
        second = h.take("Second story of the day")
        third = h.take("Third story of the day")
        h.work()
        newsroom.declare_breaking(h.app, third, actor="ada")
        h.work()
        assert h.of(third, "x-main").state is State.SENT
        assert h.of(second, "x-main").state is State.PLANNED


def test_undone_it_is_news_like_any_other_and_takes_the_next_slot(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as h:
        story = h.take()
        h.work()
        newsroom.hold(h.app, Reach(Scope.STORY, str(story)), actor="ada", reason="wait")
        newsroom.declare_breaking(h.app, story, actor="ada")
        with pytest.raises(Refused, match="breaking already"):
            newsroom.declare_breaking(h.app, story, actor="ben")
        (moved,) = newsroom.undo_breaking(h.app, story, actor="ada", reason="it was a drill").moved
        assert (moved.priority, moved.next_at) == (Priority.NORMAL, MORNING + timedelta(minutes=30))
        with h.app.ground.reading() as tx:
            assert articles.get(tx, story).priority is Priority.NORMAL


def test_breaking_is_declared_by_those_who_may(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + '[rights]\nbreaking = ["Ada"]\n') as h:
        story = h.take()
        with pytest.raises(Refused, match="ben may not declare breaking news; those who may: Ada"):
            newsroom.declare_breaking(h.app, story, actor="ben")
        newsroom.declare_breaking(h.app, story, actor="ada")
        h.work()
        assert h.of(story, "x-main").priority is Priority.BREAKING


def test_now_on_a_live_channel_leaves_ten_seconds_in_which_cancel_stops_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "x.env"
    secrets.write_text(
        "\n".join(f"{name}=x" for name in ("CONSUMER_KEY", "CONSUMER_SECRET", "ACCESS_TOKEN", "ACCESS_TOKEN_SECRET"))
    )
    secrets.chmod(0o600)
    live = ONLY_X.replace('kind = "x"', 'kind = "x"\nmode = "live"\nsecret_file = "x.env"\nslots = ["daily 20:00"]')
    with house(tmp_path, live.replace("news.example.org", "www.harbourpost.org")) as h:
        assert h.app.outlets["x-main"].mode is Mode.LIVE
        story = h.take()
        monkeypatch.setattr("scheduler.journey.first_use", lambda app, outlet: False)
        h.work()
        (changed,) = newsroom.now(h.app, story, actor="ben")
        assert changed.delivery.next_at == MORNING + timedelta(seconds=10)
        h.clock.advance(timedelta(seconds=9))
        assert deliver.deliver_next(h.app, h.app.outlets["x-main"]) is None
        newsroom.cancel(h.app, changed.delivery.id, actor="ben", reason="wrong story")
        h.clock.advance(timedelta(seconds=5))
        assert deliver.deliver_next(h.app, h.app.outlets["x-main"]) is None
        assert h.see(changed.delivery).state is State.CANCELLED


def test_now_in_a_rehearsal_goes_at_once(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as h:
        story = h.take()
        h.work()
        (changed,) = newsroom.now(h.app, story, actor="ben")
        assert changed.delivery.next_at == MORNING
