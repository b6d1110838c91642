"""The editor's verbs, each as a person would use it, and what each refuses."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from channels.rehearsal.faults import Fault
from db import audit
from db.records import KnownBy, Outcome, State, Verb, Wish
from scheduler import newsroom
from scheduler.newsroom import Changed, Refused
from tests.scheduler.house import MAIL, MORNING, SETTINGS, House, house

APPROVE = SETTINGS.replace('kind = "x"', 'kind = "x"\npublish = "approve"')
LATER = SETTINGS.replace('kind = "x"', 'kind = "x"\nslots = ["daily 20:00"]')


def planned(h: House, **said: object) -> int:
    """A story whose post on X is planned for the evening, and not sent."""
    story = h.take(**said)  # type: ignore[arg-type]
    h.work()
    return story


def test_an_edit_is_what_goes_out_and_the_log_names_the_editor(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as h:
        story = planned(h)
        changed = newsroom.edit(h.app, story, "x-main", "The ferry runs late. https://news.example.org/f", actor="ben")
        assert isinstance(changed, Changed)
        assert changed.delivery.approved_by == "ben"
        h.clock.advance(timedelta(hours=13))
        h.work()
        (post,) = h.platforms.published("x")
        assert post.text == "The ferry runs late. https://news.example.org/f"
        (row,) = h.attempts(h.of(story, "x-main"))
        assert (row.teaser_writer, row.teaser_version) == ("ben", 2)


def test_an_edited_post_needs_a_new_yes_where_a_person_must_give_one(tmp_path: Path) -> None:
    with house(tmp_path, APPROVE) as h:
        story = planned(h)
        newsroom.approve(h.app, story, actor="ben")
        newsroom.edit(h.app, story, "x-main", "Other words", actor="ada")
        held = h.of(story, "x-main")
        assert (held.state, held.approved_fingerprint) == (State.WAITING, None)
        h.work()
        assert not h.platforms.published("x")


def test_a_post_that_the_channel_would_not_take_waits_with_the_reason(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as h:
        story = planned(h)
        changed = newsroom.edit(h.app, story, "x-main", "long " * 100, actor="ben")
        assert isinstance(changed, Changed)
        assert changed.delivery.state is State.WAITING
        with pytest.raises(Refused, match="cannot go yet"):
            newsroom.approve(h.app, story, actor="ben")


def test_a_yes_to_a_page_that_is_out_of_date_is_refused(tmp_path: Path) -> None:
    with house(tmp_path, APPROVE) as h:
        story = planned(h)
        seen = h.of(story, "x-main").fingerprint
        newsroom.edit(h.app, story, "x-main", "Other words", actor="ada")
        with pytest.raises(Refused, match="changed since you saw it"):
            newsroom.approve(h.app, story, actor="ben", fingerprint=seen)


def test_schedule_moves_the_post_and_a_past_moment_is_refused(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as h:
        story = planned(h)
        at = MORNING + timedelta(hours=3)
        (changed,) = newsroom.schedule(h.app, story, at, actor="ben", channels=["x-main"])
        assert (changed.delivery.due_at, changed.delivery.slot_at) == (at, None)
        with pytest.raises(Refused, match="is past"):
            newsroom.schedule(h.app, story, MORNING, actor="ben")


def test_now_passes_the_slot_and_an_embargo_holds_it(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as h:
        story = planned(h)
        newsroom.now(h.app, story, actor="ben", channels=["x-main"])
        h.work()
        assert h.of(story, "x-main").state is State.SENT
        secret = planned(h, headline="Under embargo", embargo_at=MORNING + timedelta(days=1))
        with pytest.raises(Refused, match="under embargo"):
            newsroom.now(h.app, secret, actor="ben")


def test_now_on_a_waiting_post_is_the_persons_yes(tmp_path: Path) -> None:
    with house(tmp_path, APPROVE) as h:
        story = planned(h)
        newsroom.now(h.app, story, actor="ben", channels=["x-main"])
        h.work()
        assert h.of(story, "x-main").approved_by == "ben"
        assert h.of(story, "x-main").state is State.SENT


def test_skip_calls_off_what_was_planned_and_nothing_comes_back(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as h:
        story = planned(h)
        gone = newsroom.skip(h.app, story, actor="ben", reason="told elsewhere")
        assert [one.state for one in gone] == [State.CANCELLED]
        h.clock.advance(timedelta(days=1))
        h.work()
        assert not h.platforms.published("x")


def test_cancel_of_a_post_that_may_be_out_takes_it_down_once_it_is_found(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "send", "closed", when="after"))
        story = h.take()
        h.work()
        lost = h.of(story, "x-main")
        after = newsroom.cancel(h.app, lost.id, actor="ben", reason="wrong picture")
        assert (after.state, after.wish) == (State.UNCERTAIN, Wish.CANCEL)
        h.clock.advance(timedelta(minutes=7))
        h.work()
        h.work()
        assert h.see(lost).state is State.SENT
        taken_back = h.of(story, "x-main")
        assert (taken_back.purpose, taken_back.state) == (f"takedown-{lost.id}", State.SENT)
        (post,) = h.platforms.published("x")
        assert post.deleted_at is not None
        assert h.attempts(taken_back)[0].verb is Verb.DELETE


def test_cancel_of_a_post_that_never_landed_ends_it(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "send", "closed", when="before"))
        story = h.take()
        h.work()
        lost = h.of(story, "x-main")
        newsroom.cancel(h.app, lost.id, actor="ben", reason="wrong picture")
        h.clock.advance(timedelta(minutes=7))
        h.work()
        assert h.see(lost).state is State.CANCELLED
        assert not h.platforms.published("x")


def test_what_has_ended_cannot_be_cancelled(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = h.take()
        h.work()
        with pytest.raises(Refused, match="sent already"):
            newsroom.cancel(h.app, h.of(story, "x-main").id, actor="ben", reason="late")


def test_an_edit_is_refused_while_the_words_may_be_out(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "send", "closed", when="after"))
        story = h.take()
        h.work()
        with pytest.raises(Refused, match="may be out already"):
            newsroom.edit(h.app, story, "x-main", "Better words", actor="ben")


def test_again_is_a_delivery_of_its_own_in_other_words(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        said = "“We have waited ten years for this ferry,” said Mayor Ada Quill on Tuesday."
        lead = (
            "The harbour ferry of Port Selwyn will run until midnight on every Friday and Saturday from the second of "
            "May, after the borough council voted on Tuesday to pay 340,000 pounds for the extra crossings."
        )
        story = h.take(paragraphs=(lead, "The vote was 19 to 12.", said))
        h.work()
        changed = newsroom.again(h.app, story, "x-main", actor="ben", reason="second push")
        assert (changed.delivery.purpose, changed.delivery.ordered_by) == ("again-1", "ben")
        h.work()
        second = h.of(story, "x-main")
        assert second.state is State.SENT
        texts = [one.text for one in h.platforms.published("x")]
        assert len(set(texts)) == 2


def test_again_without_other_words_asks_for_a_persons_own(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = h.take(paragraphs=("Ferries will run until midnight, the council of Port Selwyn decided.",))
        h.work()
        with pytest.raises(Refused, match="write your own"):
            newsroom.again(h.app, story, "x-main", actor="ben")
        newsroom.again(h.app, story, "x-main", actor="ben", text="Once more: the ferry runs until midnight")
        h.work()
        assert len(h.platforms.published("x")) == 2


def test_a_post_without_an_article_goes_with_its_picture_and_alt_text(tmp_path: Path) -> None:
    picture = tmp_path / "quay.png"
    picture.write_bytes(PNG)
    with house(tmp_path) as h:
        changed = newsroom.free_post(
            h.app, "The quay this morning", "x-main", actor="ben", image=picture, alt="A quay in fog"
        )
        picture.unlink()  # what was ordered is what goes, whatever becomes of the file
        h.work()
        assert h.see(changed.delivery).state is State.SENT
        (post,) = h.platforms.published("x")
        assert (post.text, post.alt) == ("The quay this morning", ("A quay in fog",))


def test_a_picture_without_alt_text_and_words_too_long_are_refused(tmp_path: Path) -> None:
    picture = tmp_path / "quay.png"
    picture.write_bytes(PNG)
    with house(tmp_path, SETTINGS + MAIL) as h:
        with pytest.raises(Refused, match="alt text"):
            newsroom.free_post(h.app, "The quay", "x-main", actor="ben", image=picture)
        with pytest.raises(Refused):
            newsroom.free_post(h.app, "long " * 100, "x-main", actor="ben")
        with pytest.raises(Refused, match="sends issues"):
            newsroom.free_post(h.app, "Hello", "mail", actor="ben")
        with pytest.raises(Refused, match="no channel"):
            newsroom.free_post(h.app, "Hello", "x-mian", actor="ben")
        with pytest.raises(Refused, match="is past"):
            newsroom.free_post(h.app, "Hello", "x-main", actor="ben", at=h.app.clock.now() - timedelta(minutes=1))


@pytest.mark.parametrize(
    ("verdict", "state"), [(State.SENT, State.SENT), (State.PLANNED, State.PLANNED), (State.UNKNOWN, State.UNKNOWN)]
)
def test_a_person_settles_what_looking_could_not_tell(tmp_path: Path, verdict: State, state: State) -> None:
    with house(tmp_path) as h:
        h.platforms.faults.add(Fault("x", "send", "closed", when="after"))
        h.platforms.faults.add(Fault("x", "look", "503-html", times=50))
        story = h.take()
        h.work()
        for _ in range(30):
            h.clock.advance(timedelta(minutes=3))
            h.work()
        lost = h.of(story, "x-main")
        assert lost.state is State.UNSETTLED
        assert any(f"delivery {lost.id}" in one for one in h.notices())
        settled = newsroom.settle(h.app, lost.id, verdict, actor="ben")
        assert settled.state is state
        last = h.attempts(lost)[-1]
        assert (last.verb, last.ordered_by) == (Verb.VERDICT, "ben")
        if verdict is State.SENT:
            assert settled.known_by is KnownBy.PERSON
        if verdict is State.UNKNOWN:
            assert last.outcome is Outcome.UNCERTAIN
            h.work()
            assert len(h.platforms.published("x")) == 1
        assert not any(f"delivery {lost.id}" in one for one in h.notices())


def test_every_verb_leaves_who_and_why_in_the_audit(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as h:
        story = planned(h)
        newsroom.edit(h.app, story, "x-main", "Better words", actor="ada", reason="clearer")
        newsroom.skip(h.app, story, actor="ben", reason="told elsewhere")
        with h.app.ground.reading() as tx:
            rows = [(one.actor, one.verb, one.reason) for one in audit.rows(tx)]
        assert ("ada", "edit", "clearer") in rows
        assert ("ben", "skip", "told elsewhere") in rows


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154"
    "789c63f8cfc000000301010018dd8db00000000049454e44ae426082"
)
