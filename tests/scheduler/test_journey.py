"""From a story in the queue to readers and the log, through the real SDKs and mail code, in rehearsal."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from channels.rehearsal.faults import Fault
from db.records import KnownBy, Label, Mode, Outcome, Priority, State, Verb
from scheduler import journey, newsroom
from tests.scheduler.house import MAIL, MORNING, SETTINGS, house


def test_a_story_reaches_x_the_page_and_the_readers_of_the_list(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        h.readers(3)
        story = h.take()
        h.work()
        (on_x,) = h.platforms.published("x")
        (on_page,) = h.platforms.published("facebook")
        mails = h.platforms.published("email")
        assert "https://news.example.org/ferry-to-run-until-midnight" in on_x.text
        assert on_page.link == "https://news.example.org/ferry-to-run-until-midnight"
        assert len(mails) == 3
        assert h.of(story, "x-main").state is State.SENT
        assert h.of(story, "fb-main").known_by is KnownBy.ANSWERED
        assert not h.troubles


def test_the_log_holds_the_exact_text_who_ordered_and_what_it_cost(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = h.take()
        h.work()
        (row,) = h.attempts(h.of(story, "x-main"))
        (published,) = h.platforms.published("x")
        assert row.text == published.text
        assert (row.verb, row.outcome, row.mode) == (Verb.SEND, Outcome.SENT, Mode.REHEARSAL)
        assert (row.ordered_by, row.approved_by, row.teaser_writer) == ("daily run",) * 3
        assert (row.teaser_version, row.article_revision) == (1, 1)
        assert row.cost.micros == 200_000
        assert row.receipt_id == published.id
        assert row.url is not None
        assert row.url.endswith(published.id)


def test_nothing_goes_twice_however_often_it_is_ticked(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.take()
        for _ in range(3):
            h.work()
            h.clock.advance(timedelta(hours=1))
        assert len(h.platforms.published("x")) == 1
        assert len(h.platforms.published("facebook")) == 1


@pytest.mark.parametrize(("channel", "kind"), [("x-main", "x"), ("fb-main", "facebook")])
def test_a_lost_answer_is_looked_for_and_not_sent_again(tmp_path: Path, channel: str, kind: str) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault(kind, "send", "closed", when="after"))
        story = h.take()
        h.work()
        assert h.of(story, channel).state is State.UNCERTAIN
        h.clock.advance(timedelta(minutes=7))
        h.work()
        found = h.of(story, channel)
        assert (found.state, found.known_by) == (State.SENT, KnownBy.LOOKING)
        assert len(h.platforms.published(kind)) == 1
        assert [row.verb for row in h.attempts(found)] == [Verb.SEND, Verb.LOOK]


@pytest.mark.parametrize(("channel", "kind"), [("x-main", "x"), ("fb-main", "facebook")])
def test_a_post_that_surely_is_not_there_goes_again_under_its_key(tmp_path: Path, channel: str, kind: str) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault(kind, "send", "closed", when="before"))
        story = h.take()
        h.work()
        h.clock.advance(timedelta(minutes=7))
        h.work()
        assert h.of(story, channel).state is State.SENT
        assert [row.verb for row in h.attempts(h.of(story, channel))] == [Verb.SEND, Verb.LOOK, Verb.SEND]
        assert len(h.platforms.published(kind)) == 1


def test_not_there_is_not_believed_before_the_settle_time(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "send", "closed", when="after", arguments={"lag": 300.0}))
        story = h.take()
        h.work()
        h.clock.advance(timedelta(minutes=4))  # the post is out, and no look can see it yet
        h.work()
        assert h.of(story, "x-main").state is State.UNCERTAIN
        h.clock.advance(timedelta(minutes=3))
        h.work()
        assert h.of(story, "x-main").state is State.SENT
        assert len(h.platforms.published("x")) == 1


def test_a_refused_credential_stops_one_channel_tells_once_and_goes_on_by_itself(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "any", "x-401", times=2))
        first, second = h.take("First story of the day"), h.take("Second story of the day")
        h.work()
        assert len([one for one in h.notices() if "x-main is stopped" in one]) == 1
        assert h.of(first, "fb-main").state is State.SENT
        assert h.of(second, "fb-main").state is State.SENT
        for _ in range(4):
            h.clock.advance(timedelta(minutes=16))
            h.work()
        assert {h.of(story, "x-main").state for story in (first, second)} == {State.SENT}
        assert len(h.platforms.published("x")) == 2
        assert not h.notices()


def test_breaking_goes_first_then_the_newest(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.promise("An older one", due_at=MORNING - timedelta(hours=2))
        h.promise("A newer one", due_at=MORNING - timedelta(hours=1))
        h.promise("A breaking one", due_at=MORNING - timedelta(hours=3), priority=Priority.BREAKING)
        journey.deliver_due(h.app)
        assert h.app.engine.wait(120)
        texts = [one.text for one in sorted(h.platforms.published("x"), key=lambda one: int(one.id))]
        assert texts == ["A breaking one", "A newer one", "An older one"]


def test_what_is_past_its_latest_time_expires_and_never_goes(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        late = h.promise("Yesterday's weather", latest_at=MORNING - timedelta(minutes=1))
        h.work()
        assert h.see(late).state is State.EXPIRED
        assert not h.platforms.published("x")


def test_an_embargo_holds_until_its_moment(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = h.take(embargo_at=MORNING + timedelta(hours=2))
        h.work()
        assert h.of(story, "x-main").due_at == MORNING + timedelta(hours=2)
        assert not h.platforms.published("x")
        h.clock.advance(timedelta(hours=2))
        h.work()
        assert h.of(story, "x-main").state is State.SENT


def test_one_issue_a_day_carries_every_story_since_the_last(tmp_path: Path) -> None:
    slots = 'slots = ["daily 09:00"]\n'  # 07:00 UTC in summer
    with house(tmp_path, SETTINGS + MAIL + slots) as h:
        h.readers(2)
        h.take("First story of the day")
        h.take("Second story of the day")
        h.work()
        assert not h.platforms.published("email")
        h.clock.advance(timedelta(minutes=31))
        h.work()
        mails = h.platforms.published("email")
        assert len(mails) == 2
        assert all("First story of the day" in one.text and "Second story of the day" in one.text for one in mails)
        h.take("Third story of the day")
        h.work()
        assert len(h.platforms.published("email")) == 2
        h.clock.advance(timedelta(days=1))
        h.work()
        third = h.platforms.published("email")[:2] if len(h.platforms.published("email")) == 4 else ()
        assert len(third) == 2
        assert all("First story" not in one.text for one in third)


def test_a_list_without_readers_is_told_once_and_its_stories_wait(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        story = h.take()
        h.work()
        h.work()
        assert [one for one in h.notices() if "no reader" in one] == h.notices()
        assert len(h.notices()) == 1
        h.readers(1)
        h.work()
        assert len(h.platforms.published("email")) == 1
        assert not h.notices()
        assert h.of(story, "x-main").state is State.SENT


def test_a_section_that_asks_for_a_person_waits_and_says_why(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + '\n[sections.Opinion]\npublish = "approve"\n') as h:
        story = h.take(section="Opinion", label=Label.OPINION)
        h.work()
        assert h.of(story, "x-main").state is State.WAITING
        assert "person's yes" in h.of(story, "x-main").reason
        newsroom.approve(h.app, story, actor="ben")
        h.work()
        sent = h.of(story, "x-main")
        assert (sent.state, sent.approved_by) == (State.SENT, "ben")
        (post,) = h.platforms.published("x")
        assert post.text.startswith("Opinion")


def test_a_slot_holds_one_post_and_the_next_takes_the_next_slot(tmp_path: Path) -> None:
    slots = SETTINGS.replace('kind = "x"', 'kind = "x"\nslots = ["daily 09:00", "daily 12:00"]')
    with house(tmp_path, slots) as h:
        first, second = h.take("First story of the day"), h.take("Second story of the day")
        h.work()
        assert h.of(first, "x-main").due_at == MORNING + timedelta(minutes=30)
        assert h.of(second, "x-main").due_at == MORNING + timedelta(hours=3, minutes=30)
        assert journey.next_moment(h.app, h.clock.now()) == MORNING + timedelta(minutes=30)


def test_a_story_that_asks_for_a_person_is_in_no_issue_before_its_yes(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL + '\n[sections.Opinion]\npublish = "approve"\n') as h:
        h.readers(1)
        held = h.take("An opinion of the day", section="Opinion")
        h.take("Plain news of the day")
        h.work()
        (first,) = h.platforms.published("email")
        assert "An opinion of the day" not in first.text
        newsroom.approve(h.app, held, actor="ben")
        h.clock.advance(timedelta(days=1))
        h.work()
        second = h.platforms.published("email")[0]
        assert "An opinion of the day" in second.text


def test_a_release_is_in_no_issue_before_its_yes(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        h.readers(1)
        held = h.take("A release of the day", paragraphs=("FOR IMMEDIATE RELEASE", "The ferry will run until one."))
        h.take("Plain news of the day")
        h.work()
        (first,) = h.platforms.published("email")
        assert "A release of the day" not in first.text
        newsroom.approve(h.app, held, actor="ben")
        h.clock.advance(timedelta(days=1))
        h.work()
        assert "A release of the day" in h.platforms.published("email")[0].text


def test_a_story_that_cannot_be_written_is_told_and_keeps_no_other_waiting(tmp_path: Path) -> None:
    folder = tmp_path / "own" / "x"
    folder.mkdir(parents=True)
    (folder / "broken.j2").write_text("{{ nothing_of_that_name }}")
    with house(tmp_path, SETTINGS + '\n[teasers]\nfolder = "own"\n') as h:
        broken = h.take("A story in a section with a broken template", section="Broken")
        fine = h.take("A story in another section", section="Sport")
        h.work()
        assert h.of(fine, "x-main").state is State.SENT
        (told,) = h.notices()
        assert f"story {broken} has no words yet" in told
        assert "nothing_of_that_name" in told
        (folder / "broken.j2").unlink()
        h.work()
        assert h.of(broken, "x-main").state is State.SENT
        assert not h.notices()
