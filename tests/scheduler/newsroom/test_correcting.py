"""A correction is a delivery of its own: in place on Facebook, an answer or a new post on X."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from channels.rehearsal.faults import Fault
from db.records import Outcome, State, Verb
from scheduler import newsroom
from scheduler.newsroom import Refused
from tests.scheduler.house import MAIL, SETTINGS, House, house

RIGHT = "Correction: the council voted 19 to 12."
REPOST = SETTINGS + '[corrections]\nx = "repost"\n'


def out(h: House) -> int:
    story = h.take()
    h.work()
    return story


def correct(h: House, story: int, channel: str, text: str = RIGHT) -> newsroom.Changed:
    return newsroom.correct(h.app, story, channel, text, actor="ben", reason="wrong figures")


def test_facebook_replaces_the_words_in_place_under_the_same_number(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = out(h)
        first = h.of(story, "fb-main")
        (before,) = h.platforms.published("facebook")
        done = correct(h, story, "fb-main")
        assert done.delivery.purpose == f"correction-{first.id}-edit"
        h.work()
        (after,) = h.platforms.published("facebook")
        assert (after.id, after.text) == (before.id, RIGHT)
        (row,) = h.attempts(done.delivery)
        assert (row.verb, row.outcome, row.ordered_by, row.text.splitlines()[0]) == (
            Verb.CORRECT,
            Outcome.SENT,
            "ben",
            RIGHT,
        )
        assert (h.see(first).state, h.see(done.delivery).state) == (State.SENT, State.SENT)


def test_an_edit_whose_answer_was_lost_is_asked_again_and_ends_once(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = out(h)
        done = correct(h, story, "fb-main")
        h.platforms.faults.add(Fault("facebook", "correct", "closed", when="after"))
        h.work()
        assert h.see(done.delivery).state is State.UNCERTAIN
        with pytest.raises(Refused, match="cannot be called back"):
            newsroom.cancel(h.app, done.delivery.id, actor="ada", reason="never mind")
        h.clock.advance(timedelta(minutes=7))
        h.work()
        assert h.see(done.delivery).state is State.SENT
        assert [row.verb for row in h.attempts(done.delivery)] == [Verb.CORRECT, Verb.CORRECT]
        assert len(h.platforms.published("facebook")) == 1


def test_on_x_the_correction_answers_the_post(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = out(h)
        done = correct(h, story, "x-main")
        assert done.delivery.purpose.endswith("-reply")
        h.work()
        first, second = sorted(h.platforms.published("x"), key=lambda post: int(post.id))
        assert (second.text, second.reply_to) == (RIGHT, first.id)
        assert first.deleted_at is None


def test_an_answer_whose_answer_was_lost_is_looked_for_and_not_said_twice(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = out(h)
        done = correct(h, story, "x-main")
        h.platforms.faults.add(Fault("x", "send", "closed", when="after"))
        h.work()
        h.clock.advance(timedelta(minutes=7))
        h.work()
        assert h.see(done.delivery).state is State.SENT
        assert len(h.platforms.published("x")) == 2


def test_posted_anew_the_old_one_comes_down_only_once_the_new_one_is_out(tmp_path: Path) -> None:
    with house(tmp_path, REPOST) as h:
        story = out(h)
        first = h.of(story, "x-main")
        h.platforms.faults.add(Fault("x", "send", "x-429", times=1))
        done = correct(h, story, "x-main")
        assert done.delivery.purpose == f"correction-{first.id}-repost"
        h.work()
        assert [post.deleted_at for post in h.platforms.published("x")] == [None]  # never a silent delete
        for _ in range(3):
            h.clock.advance(timedelta(minutes=20))
            h.work()
        assert [post.text for post in h.platforms.published("x") if post.deleted_at is None] == [RIGHT]
        assert h.of(story, "x-main").purpose == f"takedown-{first.id}"


def test_a_second_correction_is_a_delivery_of_its_own(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = out(h)
        first = h.of(story, "fb-main")
        correct(h, story, "fb-main")
        with pytest.raises(Refused, match="corrects it already"):
            correct(h, story, "fb-main", "Other words")
        h.work()
        second = correct(h, story, "fb-main", "Correction: 19 to 13.")
        assert second.delivery.purpose == f"correction-{first.id}-edit-2"
        h.work()
        (post,) = h.platforms.published("facebook")
        assert post.text == "Correction: 19 to 13."


EDITING = SETTINGS.replace('kind = "x"', 'kind = "x"\nedit_window = "30 min"\nread_lag = "0s"\nsettle = "1 min"')


def test_x_edits_in_place_while_its_window_is_open_each_time_the_newest_version(tmp_path: Path) -> None:
    with house(tmp_path, EDITING) as h:
        h.platforms.rules = h.platforms.rules.changed({"x": {"premium": True}})
        story = out(h)
        first = h.of(story, "x-main")
        done = correct(h, story, "x-main")
        assert done.delivery.purpose == f"correction-{first.id}-edit"
        assert done.delivery.cost.micros == 15_000
        h.work()
        again = correct(h, story, "x-main", "Correction: 19 to 13.")
        assert again.delivery.purpose == f"correction-{first.id}-edit-2"
        h.work()
        standing = [post for post in h.platforms.published("x") if post.deleted_at is None]
        assert [post.text for post in standing] == ["Correction: 19 to 13."]
        assert len(h.platforms.published("x")) == 3
        killed = newsroom.kill(h.app, story, actor="ben", reason="withdrawn")
        assert len(killed.removals) == 2  # one on X, whatever its versions, and one on Facebook
        h.work()
        assert all(post.deleted_at for post in h.platforms.published("x"))


def test_an_edit_on_x_whose_answer_was_lost_is_found_and_not_made_twice(tmp_path: Path) -> None:
    with house(tmp_path, EDITING) as h:
        h.platforms.rules = h.platforms.rules.changed({"x": {"premium": True}})
        story = out(h)
        done = correct(h, story, "x-main")
        h.platforms.faults.add(Fault("x", "correct", "closed", when="after"))
        h.work()
        assert h.see(done.delivery).state is State.UNCERTAIN
        h.clock.advance(timedelta(minutes=7))
        h.work()
        assert h.see(done.delivery).state is State.SENT
        assert [row.verb for row in h.attempts(done.delivery)] == [Verb.CORRECT, Verb.LOOK]
        assert len(h.platforms.published("x")) == 2


def test_outside_its_window_or_where_x_refused_an_edit_the_policy_decides(tmp_path: Path) -> None:
    with house(tmp_path, EDITING) as h:
        story = out(h)
        refused = correct(h, story, "x-main")
        h.work()
        assert h.see(refused.delivery).state is State.FAILED  # the account is not Premium
        h.clock.advance(timedelta(minutes=5))
        h.work()
        assert correct(h, story, "x-main").delivery.purpose.endswith("-reply")
        h.work()
        other = h.take("Library opens on Sundays")
        h.work()
        h.clock.advance(timedelta(minutes=28))
        assert correct(h, other, "x-main").delivery.purpose.endswith("-reply")


def test_a_kill_takes_down_the_answer_too_and_the_edited_post_once(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = out(h)
        correct(h, story, "x-main")
        correct(h, story, "fb-main")
        h.work()
        done = newsroom.kill(h.app, story, actor="ben", reason="withdrawn")
        assert len(done.removals) == 3
        h.work()
        assert all(post.deleted_at for name in ("x", "facebook") for post in h.platforms.published(name))


def test_the_nightly_look_does_not_miss_what_was_changed_in_place(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = out(h)
        first, other = h.of(story, "fb-main"), h.of(story, "x-main")
        done = correct(h, story, "fb-main")
        h.work()
        h.clock.advance(timedelta(hours=20))
        h.work()
        h.work()
        assert [row.verb for row in h.attempts(other)] == [Verb.SEND, Verb.LOOK]
        assert [row.verb for row in h.attempts(first)] == [Verb.SEND]
        assert [row.verb for row in h.attempts(done.delivery)] == [Verb.CORRECT]


def test_what_cannot_be_corrected_says_why(tmp_path: Path) -> None:
    later = SETTINGS.replace('kind = "x"', 'kind = "x"\nslots = ["daily 20:00"]')
    with house(tmp_path, later + MAIL) as h:
        story = out(h)
        with pytest.raises(Refused, match="nothing of story 1 is out on x-main"):
            correct(h, story, "x-main")
        with pytest.raises(Refused, match="is a newsletter"):
            correct(h, story, "mail")
        with pytest.raises(Refused, match="no words"):
            correct(h, story, "fb-main", " ")
        with pytest.raises(Refused, match="say why"):
            newsroom.correct(h.app, story, "fb-main", RIGHT, actor="ben", reason="")
        newsroom.kill(h.app, story, actor="ben", reason="withdrawn")
        with pytest.raises(Refused, match="was killed"):
            correct(h, story, "fb-main")
