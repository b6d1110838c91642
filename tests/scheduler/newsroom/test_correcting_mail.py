"""A newsletter is corrected: what has not begun goes right, exactly those who got it wrong are written to."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from channels.rehearsal.faults import Fault
from db import (
    archive,
    audit,
    deliveries,
    exclusions,
    issue_corrections,
    issue_counts,
    issues,
    posts,
    recipients,
    stops,
    subscribers,
)
from db.records import Cause, Delivery, KnownBy, Scope, State, Stop, SubjectKind
from scheduler import newsroom
from scheduler.newsroom import MailCorrected, Reach, Refused
from tests.scheduler.house import MAIL, SETTINGS, House, after_answers, house

WRONG = "The council decided by 12 votes to 19."
RIGHT = "The council decided by 19 votes to 12."
NOTE = "We had the two sides of the vote the wrong way round."


def taken(h: House, readers: int = 3) -> int:
    """A story in wrong words, and its readers; nothing has gone yet."""
    h.readers(readers)
    story = h.take()
    h.clock.advance(timedelta(minutes=1))
    return story


def correct(h: House, story: int, note: str = NOTE) -> MailCorrected:
    return newsroom.correct_mail(h.app, story, "mail", RIGHT, actor="ben", reason="wrong vote", note=note)


def issue_of(h: House, story: int) -> Delivery:
    with h.app.ground.reading() as tx:
        (issue, *_) = issues.of_article(tx, story)
        return deliveries.of_subject(tx, SubjectKind.ISSUE, issue.id)[0]


def text_of(h: House, issue: Delivery) -> str:
    with h.app.ground.reading() as tx:
        return posts.get(tx, issue.post_id).parts[0].text


def test_exactly_those_who_got_it_wrong_are_written_to_less_those_who_left(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        story = taken(h)
        h.work()
        assert issue_of(h, story).state is State.SENT
        h.readers(5)  # two more came since
        with h.app.ground.transaction() as tx:
            who = recipients.of_issue(tx, issue_of(h, story).subject_id)[0].subscriber_id
            subscribers.end_subscription(tx, "morning", who, source="one click", actor="r0", now=h.clock.now())
        done = correct(h, story)
        assert (done.misled, len(done.mails), done.exchanged, done.renewed) == (3, 1, 0, ())
        h.work()
        (mail,) = done.mails
        assert h.see(mail).state is State.SENT
        with h.app.ground.reading() as tx:
            counts = issue_counts.counts(tx, mail.subject_id)
            (gone,) = exclusions.of_issue(tx, mail.subject_id)
        assert (counts.sent, counts.excluded) == (2, 1)
        assert (gone.subscriber_id, gone.reason) == (who, "has unsubscribed since")
        told = h.platforms.published("email")[0]
        assert NOTE in told.text
        assert RIGHT in told.text
        assert WRONG not in told.text


def test_a_correction_says_that_it_is_one_in_the_inbox_and_begins_with_what_was_wrong(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        story = taken(h)
        h.work()
        with h.app.ground.reading() as tx:
            first = posts.get(tx, issue_of(h, story).post_id).parts[0]
            (mail,) = correct(h, story).mails
        with h.app.ground.reading() as tx:
            part = posts.get(tx, mail.post_id).parts[0]
        assert (part.subject, part.preheader) == (f"Correction: {first.subject}", NOTE)
        assert f"<title>{part.subject}</title>" in part.html
        assert part.text.index(NOTE) < part.text.index(RIGHT)
        h.work()
        assert {one.subject for one in h.platforms.published("email")[:3]} == {part.subject}


def test_the_archive_shows_the_right_words_and_the_log_those_that_each_reader_got(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        story = taken(h)
        h.work()
        issue = issue_of(h, story)
        correct(h, story)
        h.work()
        correct(h, story, "And the date was wrong too.")
        with h.app.ground.reading() as tx:
            page = archive.find(tx, issue.mode, ["mail"], issue.subject_id, now=h.clock.now())
            listed = archive.newest(tx, issue.mode, ["mail"], now=h.clock.now(), limit=9)
            got = {one.fingerprint for one in recipients.of_issue(tx, issue.subject_id)}
            (sent,) = (posts.by_fingerprint(tx, "mail", one) for one in got)
        assert page is not None
        assert sent is not None
        assert [one in page.html for one in (RIGHT, NOTE, "And the date was wrong too.")] == [True] * 3
        assert RIGHT not in sent.parts[0].html
        assert [one.subject for one in listed] == [f"Correction: {page.subject}", page.subject]


def test_a_second_correction_of_an_issue_under_way_does_not_bring_the_first_mistake_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(tmp_path, SETTINGS + MAIL + '[corrections]\nemail = "note"\n') as h:
        h.readers(6)
        stories = [h.take(), h.take("Library opens on Sundays")]
        h.clock.advance(timedelta(minutes=1))

        def both() -> None:
            for number, story in enumerate(stories):
                newsroom.correct_mail(h.app, story, "mail", f"{RIGHT} {number}", actor="ben", reason="wrong", note=NOTE)

        after_answers(monkeypatch, 2, both)
        h.work()
        h.clock.advance(timedelta(minutes=1))
        h.work()
        right = [one for one in h.platforms.published("email") if RIGHT in one.text]
        assert len(right) in (3, 4)
        assert all(f"{RIGHT} 0" in one.text and f"{RIGHT} 1" in one.text for one in right)


def test_what_was_put_right_before_anybody_had_it_wrong_is_told_nowhere_and_stays_right(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        story = taken(h, readers=2)
        h.platforms.faults.add(*[Fault("email", "rcpt", "smtp-451") for _ in range(2)])
        h.work()
        done = correct(h, story)
        assert (done.exchanged, done.misled, done.noted) == (2, 0, False)
        for _ in range(2):
            h.clock.advance(timedelta(minutes=40))
            h.work()
        issue = issue_of(h, story)
        with h.app.ground.reading() as tx:
            assert issue_corrections.untold(tx, issue.mode, "mail", h.clock.now()) == []
            page = archive.find(tx, issue.mode, ["mail"], issue.subject_id, now=h.clock.now())
        assert page is not None
        assert (RIGHT in page.html, NOTE in page.html) == (True, False)
        assert [RIGHT in one.text for one in h.platforms.published("email")] == [True, True]


def test_of_an_issue_under_way_the_copies_not_begun_get_the_right_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        story = taken(h, readers=5)
        done: list[MailCorrected] = []
        after_answers(monkeypatch, 2, lambda: done.append(correct(h, story)))
        h.work()
        h.clock.advance(timedelta(minutes=1))
        h.work()
        (result,) = done
        assert result.exchanged + result.misled == 5
        assert result.misled in (2, 3)
        corrected = [one for one in h.platforms.published("email") if NOTE in one.text]
        right = [one for one in h.platforms.published("email") if RIGHT in one.text and NOTE not in one.text]
        wrong = [one for one in h.platforms.published("email") if RIGHT not in one.text]
        assert len(right) == result.exchanged
        assert len(wrong) == result.misled
        assert sorted(one.to for one in corrected) == sorted(one.to for one in wrong)


def test_what_is_foreseen_is_what_is_done_and_until_then_nothing_is(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        story = taken(h)
        h.work()
        with h.app.ground.reading() as tx:
            before = issues.of_article(tx, story), issue_corrections.of_issue(tx, 1), audit.rows(tx)
        seen = newsroom.foresee_mail(h.app, story, "mail", RIGHT, actor="ben", note=NOTE)
        assert (seen.done.misled, [one.to_misled for one in seen.mails], seen.done.noted) == (3, [True], True)
        with h.app.ground.reading() as tx:
            assert (issues.of_article(tx, story), issue_corrections.of_issue(tx, 1), audit.rows(tx)) == before
        other = newsroom.foresee_mail(h.app, story, "mail", RIGHT, actor="ben", note="Another sentence.")
        with pytest.raises(Refused, match="look at it again"):
            newsroom.correct_mail(
                h.app, story, "mail", RIGHT, actor="ben", reason="wrong vote", note=NOTE, seen=other.done.mark
            )
        done = newsroom.correct_mail(
            h.app, story, "mail", RIGHT, actor="ben", reason="wrong vote", note=NOTE, seen=seen.done.mark
        )
        h.work()
        (mail,) = done.mails
        assert text_of(h, mail) == seen.mails[0].part.text
        went = [one for one in h.platforms.published("email") if NOTE in one.text]
        assert (len(went), {one.subject for one in went}) == (3, {seen.mails[0].part.subject})


def test_copies_that_have_not_begun_are_counted_and_left_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        story, seen = taken(h, 5), list[newsroom.Foreseen]()

        def look() -> None:
            seen.append(newsroom.foresee_mail(h.app, story, "mail", RIGHT, actor="ben", note=NOTE))

        after_answers(monkeypatch, 2, look)
        h.work()
        assert seen[0].done.exchanged > 0
        assert seen[0].done.exchanged + seen[0].done.misled == 5
        assert not [one for one in h.platforms.published("email") if RIGHT in one.text or NOTE in one.text]


def test_a_copy_that_was_put_off_while_the_correction_came_goes_right_at_its_next_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        story = taken(h, readers=2)
        h.platforms.faults.add(Fault("email", "rcpt", "smtp-451"))
        after_answers(monkeypatch, 1, lambda: correct(h, story))
        h.work()
        for _ in range(4):
            h.clock.advance(timedelta(minutes=40))
            h.work()
        found = h.platforms.published("email")
        assert sorted(one.to[0][:2] for one in found if NOTE not in one.text) == ["r0", "r1"]
        assert all(RIGHT in one.text for one in found)
        assert [one for one in found if NOTE in one.text] == [], "nobody has the wrong words, so nobody is written to"


def test_an_issue_that_nobody_began_to_get_goes_right_and_nobody_is_written_to(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL.replace("connections", 'publish = "approve"\nconnections')) as h:
        story = taken(h)
        h.work()
        assert issue_of(h, story).state is State.WAITING
        done = correct(h, story)
        assert [one.state for one in done.renewed] == [State.WAITING]
        assert (done.mails, done.misled, done.noted) == ((), 0, False)
        newsroom.approve_issue(h.app, done.renewed[0].id, actor="ada")
        h.work()
        assert len(h.platforms.published("email")) == 3
        assert all(RIGHT in one.text for one in h.platforms.published("email"))


def test_the_next_issue_carries_a_note_and_with_the_policy_only_that(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL + '[corrections]\nemail = "note"\n') as h:
        story = taken(h)
        h.work()
        done = correct(h, story)
        assert (done.mails, done.misled, done.noted) == ((), 3, True)
        h.work()
        assert len(h.platforms.published("email")) == 3
        h.clock.advance(timedelta(days=1))
        h.take("Library opens on Sundays")
        h.work()
        (newest, *_) = h.platforms.published("email")
        assert NOTE in newest.text


@pytest.mark.parametrize("after", [State.CANCELLED, State.EXPIRED])
def test_a_correction_told_in_an_issue_that_came_to_nothing_is_told_in_the_next(tmp_path: Path, after: State) -> None:
    letter = MAIL.replace("connections", 'publish = "approve"\nconnections')
    with house(tmp_path, SETTINGS + letter + '[corrections]\nemail = "note"\n') as h:
        story = taken(h)
        h.work()
        newsroom.approve_issue(h.app, issue_of(h, story).id, actor="ada")
        h.work()
        correct(h, story)
        h.clock.advance(timedelta(days=1))
        gone = h.take("Library opens on Sundays")
        h.work()
        assert NOTE in text_of(h, issue_of(h, gone))
        with h.app.ground.transaction() as tx:
            assert issue_corrections.untold(tx, issue_of(h, gone).mode, "mail", h.clock.now()) == []
            deliveries.move(tx, issue_of(h, gone), after, actor="ada", now=h.clock.now(), reason="not today")
        h.clock.advance(timedelta(days=1))
        next_one = h.take("Bakery closes for good")
        h.work()
        assert NOTE in text_of(h, issue_of(h, next_one))
        with h.app.ground.reading() as tx:
            assert issue_corrections.untold(tx, issue_of(h, next_one).mode, "mail", h.clock.now()) == []


@pytest.mark.parametrize("way", ["kill", "embargo"])
def test_no_issue_tells_a_correction_of_a_story_that_was_killed_or_is_under_embargo(tmp_path: Path, way: str) -> None:
    letter = MAIL.replace("connections", 'publish = "approve"\nconnections')
    with house(tmp_path, SETTINGS + letter + '[corrections]\nemail = "note"\n') as h:
        story = taken(h)
        h.work()
        newsroom.approve_issue(h.app, issue_of(h, story).id, actor="ada")
        h.work()
        correct(h, story)
        h.clock.advance(timedelta(days=1))
        other = h.take("Library opens on Sundays")
        h.work()
        telling = issue_of(h, other)
        assert NOTE in text_of(h, telling), "the box of the next issue tells it"
        assert telling.state is State.WAITING
        if way == "kill":
            newsroom.kill(h.app, story, actor="ben", reason="withdrawn")
            after = h.see(telling)
            assert (after.state, NOTE in text_of(h, after)) == (State.WAITING, False)
            with h.app.ground.reading() as tx:
                assert issue_corrections.untold(tx, after.mode, "mail", h.clock.now()) == []
        newsroom.approve_issue(h.app, telling.id, actor="ada")
        if way == "embargo":
            newsroom.embargo(h.app, story, h.clock.now() + timedelta(hours=1), actor="ben")
        h.work()
        went = [one for one in h.platforms.published("email") if "Library" in one.text]
        assert [NOTE in one.text for one in went] == ([False] * 3 if way == "kill" else [])
        h.clock.advance(timedelta(hours=1))
        h.work()
        went = [one for one in h.platforms.published("email") if "Library" in one.text]
        assert [NOTE in one.text for one in went] == [way == "embargo"] * 3


def test_a_correction_waits_for_a_later_issue_while_its_story_is_under_embargo(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL + '[corrections]\nemail = "note"\n') as h:
        story = taken(h)
        h.work()
        correct(h, story)
        h.clock.advance(timedelta(days=1))
        newsroom.embargo(h.app, story, h.clock.now() + timedelta(hours=12), actor="ben")
        h.take("Library opens on Sundays")
        h.work()
        assert NOTE not in h.platforms.published("email")[0].text
        h.clock.advance(timedelta(days=1))
        h.take("Bakery closes for good")
        h.work()
        (newest, *_) = h.platforms.published("email")
        assert "Bakery" in newest.text
        assert NOTE in newest.text


def test_the_log_ties_the_correction_to_its_issue_and_asking_twice_waits_for_its_end(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        story = taken(h)
        h.work()
        first = issue_of(h, story)
        done = correct(h, story)
        assert done.mails[0].purpose == f"correction-{first.id}-mail"
        with pytest.raises(Refused, match="corrects it already"):
            correct(h, story)
        h.work()
        again = correct(h, story, "And the date was wrong too.")
        assert again.mails[0].purpose == f"correction-{first.id}-mail-2"
        with h.app.ground.reading() as tx:
            rows = audit.rows(tx, verb="correct")
        assert [row.subject for row in rows] == [f"story {story} on mail"] * 2
        assert f"correction d{done.mails[0].id} to 3 readers" in rows[1].after


def test_a_kill_stops_the_correction_and_a_pause_holds_it(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        story = taken(h)
        h.work()
        newsroom.hold(h.app, Reach(Scope.EVERYTHING), actor="ada", reason="the accident")
        (mail,) = correct(h, story).mails
        h.work()
        assert h.see(mail).state is State.PLANNED
        killed = newsroom.kill(h.app, story, actor="ada", reason="withdrawn")
        assert any(row.delivery.id == mail.id for row in killed.rows)
        assert h.see(mail).state is State.CANCELLED
        assert any(stop.cause is Cause.KILLED for stop in _stops(h))
        assert len(h.platforms.published("email")) == 3


def test_what_cannot_be_corrected_says_why(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL + '[corrections]\nemail = "mail"\n') as h:
        story = h.take()
        with pytest.raises(Refused, match="no issue of mail carries story 1 yet"):
            correct(h, story)
        with pytest.raises(Refused, match="is no newsletter"):
            newsroom.correct_mail(h.app, story, "x-main", RIGHT, actor="ben", reason="wrong")
        with pytest.raises(Refused, match="say why"):
            newsroom.correct_mail(h.app, story, "mail", RIGHT, actor="ben", reason="")


def _stops(h: House) -> list[Stop]:
    with h.app.ground.reading() as tx:
        return stops.active(tx, h.clock.now())


def unsettled(h: House) -> tuple[int, Delivery]:
    """A story whose issue two of three readers got; of the third nobody knows."""
    story = taken(h)
    h.platforms.faults.add(Fault("email", "dot", "closed", when="after"))
    h.work()
    issue = issue_of(h, story)
    assert issue.state is State.UNSETTLED
    return story, issue


def states_of(h: House, issue: Delivery) -> list[State]:
    with h.app.ground.reading() as tx:
        return sorted(one.state for one in recipients.of_issue(tx, issue.subject_id))


def test_who_turns_out_not_to_have_got_it_gets_the_right_words_after_a_correction(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        story, issue = unsettled(h)
        before = len(h.platforms.published("email"))
        correct(h, story)
        newsroom.settle(h.app, issue.id, State.PLANNED, actor="ben")
        h.clock.advance(timedelta(minutes=1))
        h.work()
        assert h.see(issue).state is State.SENT
        later = h.platforms.published("email")[: len(h.platforms.published("email")) - before]
        assert [one for one in later if RIGHT not in one.text] == []
        assert len([one for one in later if NOTE not in one.text]) == 1


def test_an_issue_that_is_too_late_for_the_last_readers_was_sent_to_the_others(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        _, issue = unsettled(h)
        h.clock.advance(timedelta(days=30))
        settled = newsroom.settle(h.app, issue.id, State.PLANNED, actor="ben")
        assert (settled.state, settled.known_by) == (State.SENT, KnownBy.PERSON)
        assert states_of(h, issue) == [State.EXPIRED, State.SENT, State.SENT]


def test_an_issue_called_off_while_nobody_knew_of_one_reader_was_sent_to_the_others(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS + MAIL) as h:
        _, issue = unsettled(h)
        newsroom.cancel(h.app, issue.id, actor="ben", reason="wrong")
        assert newsroom.settle(h.app, issue.id, State.PLANNED, actor="ben").state is State.SENT
        assert states_of(h, issue) == [State.CANCELLED, State.SENT, State.SENT]
