"""Whoever wrote the words does not say yes to them alone, where the settings ask for four eyes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from db.records import State, Teaser
from scheduler import newsroom
from scheduler.newsroom import Refused
from tests.scheduler.house import SETTINGS, House, house

FOUR_EYES = SETTINGS.replace('kind = "x"', 'kind = "x"\npublish = "approve"') + "[rights]\nfour_eyes = true\n"


@pytest.fixture
def h(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, FOUR_EYES) as made:
        yield made


def prepared(h: House) -> int:
    story = h.take()
    h.work()
    return story


def test_the_machines_words_need_one_person(h: House) -> None:
    story = prepared(h)
    (done,) = newsroom.approve(h.app, story, actor="ada", channels=["x-main"])
    assert done.delivery.state is State.PLANNED


def test_who_edited_the_words_cannot_approve_them_and_another_can(h: House) -> None:
    story = prepared(h)
    newsroom.edit(h.app, story, "x-main", "Ada's words", actor="ada")
    before = h.of(story, "x-main")
    with pytest.raises(Refused, match="Ada wrote the words"):
        newsroom.approve(h.app, story, actor="Ada", channels=["x-main"])
    with pytest.raises(Refused, match="four_eyes"):
        newsroom.now(h.app, story, actor="ada", channels=["x-main"])
    assert h.of(story, "x-main") == before, "what is refused changes nothing"
    (done,) = newsroom.approve(h.app, story, actor="ben", channels=["x-main"])
    assert (done.delivery.state, done.delivery.approved_by) == (State.PLANNED, "ben")


def test_an_edit_where_nobody_needs_to_approve_waits_for_another_person(h: House) -> None:
    story = h.take()
    newsroom.embargo(h.app, story, h.clock.now() + timedelta(hours=1), actor="ada")
    h.work()
    done = newsroom.edit(h.app, story, "fb-main", "Ada's words", actor="ada")
    assert not isinstance(done, Teaser)
    assert (done.delivery.state, done.delivery.reason) == (
        State.WAITING,
        "written by ada; it waits for another person's yes.",
    )


def test_words_of_ones_own_wait_for_another_person(h: House) -> None:
    done = newsroom.free_post(h.app, "The site is slow today.", "fb-main", actor="ada")
    assert done.delivery.state is State.WAITING
    with pytest.raises(Refused):
        newsroom.approve_issue(h.app, done.delivery.id, actor="ada")
    assert newsroom.approve_issue(h.app, done.delivery.id, actor="ben").delivery.state is State.PLANNED


def test_a_correction_and_once_more_in_own_words_wait_for_another_person(h: House) -> None:
    story = prepared(h)
    first = h.of(story, "fb-main")
    assert first.state is State.SENT
    done = newsroom.correct(h.app, story, "fb-main", "Right words.", actor="ada", reason="wrong vote")
    assert done.delivery.state is State.WAITING
    h.work()
    assert h.platforms.published("facebook")[0].text != "Right words."
    newsroom.approve(h.app, story, actor="ben", channels=["fb-main"])
    h.work()
    assert h.platforms.published("facebook")[0].text == "Right words."
    more = newsroom.again(h.app, story, "fb-main", actor="ada", text="Once more.")
    assert more.delivery.state is State.WAITING


def test_without_the_setting_one_person_is_enough(tmp_path: Path) -> None:
    with house(tmp_path, FOUR_EYES.replace("four_eyes = true", "four_eyes = false")) as h:
        story = prepared(h)
        newsroom.edit(h.app, story, "x-main", "Ada's words", actor="ada")
        (done,) = newsroom.approve(h.app, story, actor="ada", channels=["x-main"])
        assert done.delivery.state is State.PLANNED


def test_what_nobody_approves_is_told_in_time_and_expires(h: House) -> None:
    story = prepared(h)
    waiting = h.of(story, "x-main")
    assert waiting.latest_at is not None
    h.clock.advance(waiting.latest_at - h.clock.now() - timedelta(minutes=50))
    h.work()
    assert any(f"d{waiting.id} on x-main: expires" in one for one in h.notices())
    h.clock.advance(timedelta(hours=1))
    h.work()
    assert h.of(story, "x-main").state is State.EXPIRED
    assert not h.platforms.published("x")
