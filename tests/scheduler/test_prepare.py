"""A story that changes at its source: machine's words follow it, a person's are held, and nothing goes a second time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from db import articles, deliveries
from db.records import Label, State, SubjectKind
from scheduler import newsroom
from scheduler.intake.taking import take_article
from tests.scheduler.house import SETTINGS, House, house

LATER = SETTINGS.replace('kind = "x"', 'kind = "x"\nslots = ["daily 20:00"]')
NEW_LEAD = (
    "The ferry will run until one in the morning, the council of Port Selwyn decided on Tuesday by 19 votes to 12."
)


def change(h: House, story: int, **said: object) -> None:
    """The source shows the same story with other content; the house works on it."""
    with h.app.ground.transaction() as tx:
        article = replace(articles.get(tx, story), **said)  # type: ignore[arg-type]
        assert article.url is not None
        slug = article.url.rsplit("/", 1)[1]
        taken = take_article(tx, article, slug, actor="daily run", now=h.clock.now())
    assert taken.what == "revision"
    h.work()


def test_the_machines_words_follow_the_article(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as h:
        story = h.take()
        h.work()
        before = h.of(story, "x-main")
        change(h, story, paragraphs=(NEW_LEAD,))
        after = h.of(story, "x-main")
        assert (after.id, after.state) == (before.id, State.PLANNED)
        assert after.fingerprint != before.fingerprint
        assert after.approved_fingerprint == after.fingerprint


def test_words_told_in_the_first_person_wait_for_a_person_and_go_in_that_persons_words(tmp_path: Path) -> None:
    told = (
        "I have taken the last ferry of Port Selwyn every night for eleven years, and my children learnt to sleep on it.",
        "We knew every bolt of its deck.",
    )
    with house(tmp_path) as h:
        story = h.take(paragraphs=told)
        h.work()
        waiting = h.of(story, "x-main")
        assert waiting.state is State.WAITING
        assert 'The words say "I" or "we" as if the newsroom spoke.' in waiting.reason
        assert not h.platforms.published("x")
        newsroom.edit(h.app, story, "x-main", "One reader took the last ferry for eleven years.", actor="ben")
        h.work()
        assert h.of(story, "x-main").state is State.SENT
    (tmp_path / "opinion").mkdir()
    with house(tmp_path / "opinion") as h:
        story = h.take(paragraphs=told, label=Label.OPINION)
        h.work()
        assert "as if the newsroom spoke" not in h.of(story, "x-main").reason


def test_a_release_waits_and_goes_on_a_person_s_yes_in_the_words_there_are(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = h.take(paragraphs=("FOR IMMEDIATE RELEASE", NEW_LEAD))
        h.work()
        waiting = h.of(story, "x-main")
        assert waiting.state is State.WAITING
        assert "the story reads like a press release" in waiting.reason
        assert not h.platforms.published("x")
        newsroom.approve(h.app, story, actor="ben")
        h.work()
        assert h.of(story, "x-main").state is State.SENT


def test_what_has_gone_is_not_sent_again(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = h.take()
        h.work()
        change(h, story, headline="Ferries to run until one")
        assert len(h.platforms.published("x")) == 1
        assert h.of(story, "x-main").state is State.SENT


def test_a_mended_comma_far_down_changes_nothing(tmp_path: Path) -> None:
    body = (
        NEW_LEAD,
        *(f"The council heard speaker number {number} for an hour, and then adjourned." for number in range(9)),
    )
    with house(tmp_path, LATER) as h:
        story = h.take(paragraphs=body)
        h.work()
        newsroom.edit(h.app, story, "x-main", "A person's own words", actor="ben")
        before = h.of(story, "x-main")
        change(h, story, paragraphs=(*body[:-1], body[-1].replace(", and", " and")))
        after = h.of(story, "x-main")
        assert (after.state, after.version) == (State.PLANNED, before.version)


def test_words_a_person_wrote_are_held_and_the_desk_is_told(tmp_path: Path) -> None:
    with house(tmp_path, LATER) as h:
        story = h.take()
        h.work()
        newsroom.edit(h.app, story, "x-main", "A person's own words", actor="ben")
        change(h, story, headline="Ferries to run until one", paragraphs=(NEW_LEAD,))
        held = h.of(story, "x-main")
        assert held.state is State.WAITING
        assert "changed" in held.reason
        assert [one for one in h.notices() if "x-main" in one and "changed" in one]
        newsroom.approve(h.app, story, actor="ben")
        assert h.of(story, "x-main").state is State.PLANNED


def test_words_a_person_approved_are_held_and_not_replaced(tmp_path: Path) -> None:
    approve = SETTINGS.replace('kind = "x"', 'kind = "x"\npublish = "approve"\nslots = ["daily 20:00"]')
    with house(tmp_path, approve) as h:
        story = h.take()
        h.work()
        newsroom.approve(h.app, story, actor="ben")
        before = h.of(story, "x-main")
        change(h, story, paragraphs=(NEW_LEAD,))
        held = h.of(story, "x-main")
        assert (held.state, held.fingerprint) == (State.WAITING, before.fingerprint)


def test_a_promise_that_still_waits_for_its_yes_takes_the_new_words(tmp_path: Path) -> None:
    approve = SETTINGS.replace('kind = "x"', 'kind = "x"\npublish = "approve"')
    with house(tmp_path, approve) as h:
        story = h.take()
        h.work()
        before = h.of(story, "x-main")
        change(h, story, paragraphs=(NEW_LEAD,))
        after = h.of(story, "x-main")
        assert after.state is State.WAITING
        assert after.fingerprint != before.fingerprint
        assert after.approved_fingerprint is None


def test_a_skipped_story_is_not_planned(tmp_path: Path) -> None:
    with house(tmp_path) as h:
        story = h.take()
        newsroom.skip(h.app, story, actor="ben")
        h.work()
        with h.app.ground.reading() as tx:
            assert deliveries.of_subject(tx, SubjectKind.ARTICLE, story) == []
