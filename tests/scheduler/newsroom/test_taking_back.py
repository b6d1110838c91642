"""Take down, kill and revive: what is out comes down, what cannot is told, and nothing comes back by itself."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from channels.rehearsal.faults import Fault
from db import audit, deliveries, issue_counts, issues, queue
from db.records import Outcome, Scope, State, SubjectKind, Verb, Wish
from scheduler import deliver, newsroom
from scheduler.app import App
from scheduler.newsroom import Did, Reach, Refused
from scheduler.work import Work
from tests.scheduler.house import MAIL, SETTINGS, House, after_answers, house

LATER = SETTINGS.replace('kind = "x"', 'kind = "x"\nslots = ["daily 20:00"]')
EVENING_MAIL = MAIL.replace('kind = "email"', 'kind = "email"\npublish = "approve"')


def out(h: House, **said: object) -> int:
    """A story that is out on X and Facebook."""
    story = h.take(**said)  # type: ignore[arg-type]
    h.work()
    return story


def kill(h: House, story: int) -> newsroom.Killed:
    return newsroom.kill(h.app, story, actor="ben", reason="the source withdrew it")


def gone(h: House, *platforms: str) -> bool:
    """Whether everything that was published is deleted."""
    return all(post.deleted_at is not None for name in platforms for post in h.platforms.published(name))


@pytest.mark.parametrize(("channel", "platform"), [("x-main", "x"), ("fb-main", "facebook")])
def test_a_post_is_taken_down_through_the_platform_and_its_first_delivery_stays_sent(
    tmp_path: Path, channel: str, platform: str
) -> None:
    with house(tmp_path) as h:
        story = out(h)
        post = h.of(story, channel)
        done = newsroom.take_down(h.app, post.id, actor="ben", reason="wrong picture")
        assert done.did is Did.REMOVING
        assert done.removal is not None
        (removal,) = newsroom.carry_out(h.app, [done.removal.id])
        assert (removal.state, removal.ordered_by) == (State.SENT, "ben")
        assert gone(h, platform)
        assert h.see(post).state is State.SENT
        (row,) = h.attempts(removal)
        assert (row.verb, row.outcome) == (Verb.DELETE, Outcome.SENT)


def test_asked_twice_it_is_one_order_and_gone_already_is_success(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        post = h.of(out(h), "x-main")
        first = newsroom.take_down(h.app, post.id, actor="ben", reason="wrong picture")
        again = newsroom.take_down(h.app, post.id, actor="ben", reason="wrong picture")
        assert first.removal is not None
        assert again.removal is not None
        assert first.removal.id == again.removal.id
        h.work()
        assert newsroom.take_down(h.app, post.id, actor="ben", reason="once more").did is Did.CANCELLED


def test_a_refused_take_down_is_shown_and_may_be_ordered_once_more(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        post = h.of(out(h), "x-main")
        h.platforms.faults.add(Fault("x", "delete", "x-too-long", times=1))
        done = newsroom.take_down(h.app, post.id, actor="ben", reason="wrong picture")
        assert done.removal is not None
        (removal,) = newsroom.carry_out(h.app, [done.removal.id])
        assert removal.state is State.FAILED
        assert not gone(h, "x")
        assert any(f"delivery {removal.id}" in one for one in h.notices())
        once_more = newsroom.take_down(h.app, post.id, actor="ben", reason="wrong picture")
        assert once_more.removal is not None
        assert once_more.removal.purpose == f"takedown-{post.id}-2"
        newsroom.carry_out(h.app, [once_more.removal.id])
        assert gone(h, "x")


def test_a_take_down_that_does_not_leave_the_house_is_asked_again_until_it_is_done(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        post = h.of(out(h), "x-main")
        h.platforms.faults.add(Fault("x", "delete", "unplugged", arguments={"seconds": 3600.0}))
        newsroom.take_down(h.app, post.id, actor="ben", reason="wrong picture")
        for _ in range(12):
            h.clock.advance(timedelta(hours=1))
            h.work()
        removal = h.of(post.subject_id, "x-main")
        assert (removal.state, removal.tries > 6) == (State.PLANNED, True)
        h.platforms.faults.clear()
        h.clock.advance(timedelta(hours=2))
        h.work()
        assert gone(h, "x")


@pytest.mark.parametrize(("channel", "platform"), [("x-main", "x"), ("fb-main", "facebook")])
def test_a_take_down_without_any_clear_answer_becomes_a_persons_matter_with_one_notice(
    tmp_path: Path, channel: str, platform: str
) -> None:
    with house(tmp_path) as h:
        post = h.of(out(h), channel)
        h.platforms.faults.add(Fault(platform, "delete", "503-html", times=50))
        done = newsroom.take_down(h.app, post.id, actor="ben", reason="wrong picture")
        assert done.removal is not None
        for _ in range(30):
            h.clock.advance(timedelta(hours=2))
            h.work()
        removal = h.see(done.removal)
        assert removal.state is State.UNSETTLED
        assert len(h.attempts(removal)) == 6
        mine = [one for one in h.notices() if f"delivery {removal.id}" in one]
        assert len(mine) == 1
        assert "6 calls brought no clear answer" in mine[0]

        h.platforms.faults.clear()
        newsroom.settle(h.app, removal.id, State.PLANNED, actor="cem")
        assert "cem says: it is not taken down" in h.see(removal).reason
        h.clock.advance(timedelta(hours=2))
        h.work()
        assert h.see(removal).state is State.SENT
        assert gone(h, platform)
        assert not [one for one in h.notices() if f"delivery {removal.id}" in one]


def test_a_pause_does_not_keep_a_post_from_being_taken_down(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        post = h.of(out(h), "x-main")
        newsroom.hold(h.app, Reach(Scope.EVERYTHING), actor="ada", reason="the accident")
        newsroom.take_down(h.app, post.id, actor="ben", reason="wrong picture")
        h.work()
        assert gone(h, "x")


def test_mail_that_has_gone_is_told_with_its_number(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        h.readers(3)
        out(h)
        with h.app.ground.reading() as tx:
            (issue,) = [one for one in deliveries.in_states(tx, (State.SENT,)) if one.subject_kind is SubjectKind.ISSUE]
        with pytest.raises(Refused, match="3 mails were accepted and stay with their readers"):
            newsroom.take_down(h.app, issue.id, actor="ben", reason="wrong picture")


def test_what_never_went_out_is_not_taken_down(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as h:
        story = out(h)
        with pytest.raises(Refused, match="call it off"):
            newsroom.take_down(h.app, h.of(story, "x-main").id, actor="ben", reason="wrong")
        newsroom.cancel(h.app, h.of(story, "x-main").id, actor="ben", reason="wrong")
        with pytest.raises(Refused, match="nothing of it is known to be out"):
            newsroom.take_down(h.app, h.of(story, "x-main").id, actor="ben", reason="wrong")
        with pytest.raises(Refused, match="say why"):
            newsroom.take_down(h.app, h.of(story, "fb-main").id, actor="ben", reason="")


def test_kill_cancels_what_is_planned_removes_what_is_out_and_tells_what_stays(tmp_path: Path) -> None:
    with house(tmp_path, LATER + MAIL) as h:
        h.readers(2)
        story = out(h)
        done = kill(h, story)
        by_channel = {row.delivery.channel: row for row in done.rows}
        assert {name: row.did for name, row in by_channel.items()} == {
            "x-main": Did.CANCELLED,
            "fb-main": Did.REMOVING,
            "mail": Did.BEYOND,
        }
        assert by_channel["mail"].accepted == 2
        newsroom.carry_out(h.app, done.removals)
        assert gone(h, "facebook")
        assert h.of(story, "x-main").state is State.CANCELLED
        with h.app.ground.reading() as tx:
            (row,) = audit.rows(tx, verb="kill")
        assert (row.actor, row.reason) == ("ben", "the source withdrew it")


def test_a_killed_story_never_comes_back_from_its_source_until_it_is_revived(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = out(h)
        kill(h, story)
        h.work()
        h.take(headline="Ferry to run until midnight", dek="With a new paragraph that changes it.")
        h.clock.advance(timedelta(hours=1))
        h.work()
        assert gone(h, "x", "facebook")
        with pytest.raises(Refused, match="was killed"):
            newsroom.again(h.app, story, "x-main", actor="ada", text="Once more: the ferry")
        with h.app.ground.reading() as tx:
            assert not queue.waiting(tx, 10)
        newsroom.revive(h.app, story, actor="ada", reason="the source stands by it")
        h.work()  # the revision that came meanwhile is looked at first
        newsroom.again(h.app, story, "x-main", actor="ada", text="Once more: the ferry")
        h.work()
        assert [post.text for post in h.platforms.published("x") if post.deleted_at is None] == ["Once more: the ferry"]
        with pytest.raises(Refused, match="was not killed"):
            newsroom.revive(h.app, story, actor="ada")


def test_kill_while_a_worker_is_inside_the_call_finds_and_removes_the_post(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(tmp_path, SETTINGS.replace('[channels.fb-main]\nkind = "facebook"\ndeadline = "10s"\n', "")) as h:
        killed: list[newsroom.Killed] = []
        call = deliver._call

        def call_while_killed(app: App, outlet: object, work: Work, attempt: object) -> object:
            answer = call(app, outlet, work, attempt)  # type: ignore[arg-type]
            if work.verb is Verb.SEND:
                killed.append(kill(h, work.delivery.subject_id))  # it is out, and its receipt is not written yet
            return answer

        monkeypatch.setattr(deliver, "_call", call_while_killed)
        story = out(h)
        assert [row.did for row in killed[0].rows] == [Did.WISHED]
        h.work()
        assert gone(h, "x")
        assert h.of(story, "x-main").purpose.startswith("takedown-")


def test_kill_of_a_post_whose_answer_was_lost_removes_it_once_it_is_found(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "send", "closed", when="after"))
        story = out(h)
        lost = h.of(story, "x-main")
        done = kill(h, story)
        assert {row.delivery.channel: row.did for row in done.rows} == {"x-main": Did.WISHED, "fb-main": Did.REMOVING}
        assert h.see(lost).wish is Wish.TAKE_DOWN
        h.clock.advance(timedelta(minutes=7))
        h.work()
        h.work()
        assert gone(h, "x", "facebook")


def test_a_receipt_that_turns_up_after_the_kill_is_taken_down_all_the_same(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "send", "x-too-long", when="after"))
        story = out(h)
        failed = h.of(story, "x-main")
        assert failed.state is State.FAILED
        kill(h, story)
        h.clock.advance(timedelta(minutes=7))
        h.work()
        h.work()
        assert gone(h, "x")


def test_an_issue_that_nobody_has_begun_to_get_goes_without_the_killed_story(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + EVENING_MAIL) as h:
        h.readers(2)
        bad, good = h.take("Bad story of the day"), h.take("Good story of the day")
        h.work()
        with h.app.ground.reading() as tx:
            (waiting,) = deliveries.in_states(tx, (State.WAITING,))
        done = kill(h, bad)
        assert {row.delivery.channel: row.did for row in done.rows}["mail"] is Did.LEFT_OUT
        newsroom.approve_issue(h.app, waiting.id, actor="ada")
        h.work()
        mails = h.platforms.published("email")
        assert len(mails) == 2
        assert all("Good story" in mail.text and "Bad story" not in mail.text for mail in mails)
        with h.app.ground.reading() as tx:
            assert issues.of_article(tx, bad) == []
            assert len(issues.of_article(tx, good)) == 1


def test_an_issue_with_only_the_killed_story_is_called_off(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + EVENING_MAIL) as h:
        h.readers(2)
        story = out(h)
        done = kill(h, story)
        assert {row.delivery.channel: row.did for row in done.rows}["mail"] is Did.CANCELLED
        h.work()
        assert not h.platforms.published("email")


def test_kill_in_the_middle_of_an_issue_cancels_the_readers_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        h.readers(5)
        story = h.take()
        rows: list[newsroom.TakenBack] = []

        def kill_it() -> None:
            rows.extend(row for row in kill(h, story).rows if row.delivery.channel == "mail")

        after_answers(monkeypatch, 2, kill_it)
        h.work()
        h.work()
        assert len(h.platforms.published("email")) == 2
        (row,) = rows
        assert (row.did, row.accepted) == (Did.STOPPED, 1)  # the second answer is in, not written down yet
        with h.app.ground.reading() as tx:
            counts = issue_counts.counts(tx, row.delivery.subject_id)
        assert (counts.sent, counts.cancelled, counts.open) == (2, 3, 0)
        assert not [one for one in h.notices() if "failed" in one]


def test_kill_continues_where_the_first_one_was_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with house(tmp_path) as h:
        story = out(h)
        with monkeypatch.context() as patch:
            patch.setattr(audit, "write", lambda *told, **said: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                kill(h, story)
        h.work()
        assert not gone(h, "x", "facebook")  # one transaction: all of it or nothing
        first, second = kill(h, story), kill(h, story)
        assert first.removals == second.removals
        h.work()
        assert gone(h, "x", "facebook")


@pytest.mark.usefixtures("no_garbage_collected")
def test_killing_thirty_live_posts_starts_its_first_delete_soon(tmp_path: Path) -> None:
    """Within a second on a free machine, as make bench-verbs measures; here the work itself is counted."""
    with house(tmp_path) as h:
        story = out(h)
        post = h.of(story, "x-main")
        for number in range(29):
            newsroom.again(h.app, story, "x-main", actor="ada", text=f"Once more, number {number}: the ferry")
            h.work()
        begun = time.thread_time()
        done = kill(h, story)
        assert len(done.removals) == 31
        deliver.deliver_next(h.app, h.app.outlets["x-main"])
        assert time.thread_time() - begun < 2
        assert sum(one.deleted_at is not None for one in h.platforms.published("x")) == 1
        assert h.see(post).state is State.SENT


def test_stop_shows_the_whole_of_a_story_and_stops_it_the_way_that_is_chosen(tmp_path: Path) -> None:
    with house(tmp_path, LATER + MAIL) as h:
        h.readers(1)
        story = out(h)
        there = newsroom.whole(h.app, story)
        assert [one.channel for one in there.planned] == ["x-main"]
        assert {one.channel for one in there.live} == {"fb-main", "mail"}
        assert there.in_flight == ()
        newsroom.cancel_story(h.app, story, actor="ben", reason="wrong")
        rows = newsroom.take_story_down(h.app, story, actor="ben", reason="wrong")
        assert {row.delivery.channel: row.did for row in rows} == {"fb-main": Did.REMOVING, "mail": Did.BEYOND}
        h.work()
        assert gone(h, "facebook")
        assert [one.channel for one in newsroom.whole(h.app, story).live] == ["mail"]
        with pytest.raises(Refused, match="nothing of story"):
            newsroom.cancel_story(h.app, story, actor="ben", reason="wrong")


def test_skip_leaves_a_take_down_alone(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = out(h)
        newsroom.take_down(h.app, h.of(story, "x-main").id, actor="ben", reason="wrong picture")
        newsroom.skip(h.app, story, actor="ben", reason="told elsewhere")
        h.work()
        assert gone(h, "x")
