"""Gone or changed at the source: seen before a post goes, held with the difference, and never in anybody's way."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from db import sightings, stops
from db.records import Cause, Delivery, Priority, Scope, State
from scheduler import newsroom
from scheduler.at_source import LOOKED_AT_FIRST, PATIENCE
from scheduler.calling import take_call
from scheduler.deliver import deliver_next
from scheduler.hand_in import hand_in
from scheduler.intake.targets import Said
from scheduler.newsroom import Reach
from tests.scheduler.house import MAIL, PATIENT, House, house
from tests.scheduler.intake.web import Web, web_server

SLOTTED = PATIENT.replace('kind = "x"', 'kind = "x"\nslots = ["daily 18:15"]')
EMPTY = "<rss version='2.0'><channel><title>The site</title></channel></rss>"
HEADLINE = "Ferry to run until midnight"


def page(headline: str = HEADLINE) -> str:
    data = json.dumps({"@type": "NewsArticle", "headline": headline, "articleBody": f"{headline} from 2 May. " * 10})
    return f'<html><head><title>{headline}</title><script type="application/ld+json">{data}</script></head></html>'


@contextmanager
def site(folder: Path, settings: str = SLOTTED, kind: str = "feed") -> Iterator[tuple[House, Web]]:
    """A house with one source, whose story is at /story."""
    with web_server() as web:
        web.put("/feed", EMPTY, "application/rss+xml")
        source = f'\n[sources.site]\nkind = "{kind}"\nurl = "{web.address}/feed"\nevery = "30 days"\nlocal = true\n'
        web.put("/story", page())
        with house(folder, settings + source) as h:
            yield h, web


def taken(h: House, web: Web, **said: object) -> int:
    """The story, planned for 18:15 on x-main and sent on fb-main, ten hours ago."""
    story = h.take(HEADLINE, url=f"{web.address}/story", source="site", **said)
    h.work()
    assert h.of(story, "x-main").state is State.PLANNED
    web.asked.clear()
    return story


def evening(h: House) -> None:
    h.clock.advance(timedelta(hours=10))
    h.work()


def looks(web: Web) -> int:
    return sum(path == "/story" for path, _ in web.asked)


def test_a_story_that_is_still_there_goes_after_one_look(tmp_path: Path) -> None:
    with site(tmp_path) as (h, web):
        story = taken(h, web)
        evening(h)
        assert (h.of(story, "x-main").state, looks(web)) == (State.SENT, 1)
        assert [one.verb for one in h.attempts(h.of(story, "x-main"))] == ["send"]


def test_a_story_that_came_in_just_now_is_not_looked_at(tmp_path: Path) -> None:
    with site(tmp_path, PATIENT) as (h, web):
        story = h.take(HEADLINE, url=f"{web.address}/story", source="site")
        h.work()
        assert (h.of(story, "x-main").state, looks(web)) == (State.SENT, 0)


def front(handler: Any) -> tuple[int, dict[str, str], bytes]:
    return 302, {"Location": "/"}, b""


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((404, {}, b"no"), "answers 404"),
        ((410, {}, b"gone"), "answers 410"),
        ((200, {"Content-Type": "text/html"}, b"<html><title>404 - Page not found</title></html>"), "does not exist"),
        (front, "leads to the front page"),
    ],
)
def test_a_story_that_is_gone_is_held_with_the_reason_and_the_ways_out(answer: Any, why: str, tmp_path: Path) -> None:
    with site(tmp_path) as (h, web):
        story = taken(h, web)
        web.put("/", "<html><title>The site</title><p>All the news.</p></html>")
        web.answers["/story"] = answer
        evening(h)
        held = h.of(story, "x-main")
        assert (held.state, held.tries, h.attempts(held)) == (State.PLANNED, 0, [])
        (told,) = [one for one in h.notices() if f"story {story} is held" in one]
        assert why in told
        assert "1 of its posts is out" in told  # on Facebook, at once
        with h.app.ground.reading() as tx:
            assert [one.cause for one in stops.over(tx, held, h.clock.now())] == [Cause.SOURCE]


def test_it_goes_by_itself_once_the_story_is_back(tmp_path: Path) -> None:
    with site(tmp_path) as (h, web):
        story = taken(h, web)
        web.answers["/story"] = (404, {}, b"no")
        evening(h)
        web.put("/story", page())
        h.work()
        assert h.of(story, "x-main").state is State.PLANNED  # a quarter of an hour lies between two looks
        h.clock.advance(timedelta(minutes=16))
        h.work()
        assert h.of(story, "x-main").state is State.SENT
        assert not [one for one in h.notices() if "is held" in one]


def test_a_person_may_let_it_go_all_the_same_and_is_not_asked_twice(tmp_path: Path) -> None:
    with site(tmp_path) as (h, web):
        story = taken(h, web)
        web.answers["/story"] = (404, {}, b"no")
        evening(h)
        newsroom.resume(h.app, Reach(Scope.STORY, str(story)), actor="ada", reason="it is behind the paywall now")
        h.work()
        h.clock.advance(timedelta(minutes=20))
        h.work()
        assert h.of(story, "x-main").state is State.SENT


def test_a_headline_that_changed_since_the_last_look_is_shown_with_both(tmp_path: Path) -> None:
    with site(tmp_path, SLOTTED.replace('"daily 18:15"', '"daily 18:15", "daily 20:15"')) as (h, web):
        first = taken(h, web)
        evening(h)
        assert h.of(first, "x-main").state is State.SENT
        newsroom.again(h.app, first, "x-main", actor="ada", text="The ferry, once more")
        web.put("/story", page("Ferry plan is dropped"))
        h.clock.advance(timedelta(hours=2))
        h.work()
        assert h.of(first, "x-main").state is State.PLANNED
        (told,) = [one for one in h.notices() if "is held" in one]
        assert 'now "Ferry plan is dropped", it was "Ferry to run until midnight"' in told


@pytest.mark.parametrize(("kind", "state"), [("feed", State.SENT), ("page", State.PLANNED)])
def test_a_feeds_headline_may_differ_from_the_pages_a_pages_own_may_not(
    kind: str, state: State, tmp_path: Path
) -> None:
    with site(tmp_path, kind=kind) as (h, web):
        web.answers["/feed"] = (500, {}, b"")
        story = taken(h, web)
        web.put("/story", page("Late boats: what the council decided"))
        evening(h)
        assert h.of(story, "x-main").state is state


@pytest.mark.parametrize("answer", [(500, {}, b""), (403, {}, b""), (429, {"Retry-After": "900"}, b"")])
def test_no_clear_answer_keeps_nothing(answer: Any, tmp_path: Path) -> None:
    with site(tmp_path) as (h, web):
        story = taken(h, web)
        web.answers["/story"] = answer
        evening(h)
        assert h.of(story, "x-main").state is State.SENT


def test_breaking_news_is_not_looked_at(tmp_path: Path) -> None:
    with site(tmp_path) as (h, web):
        story = taken(h, web)
        web.answers["/story"] = (404, {}, b"no")
        h.clock.advance(timedelta(hours=3))
        newsroom.declare_breaking(h.app, story, actor="ada")
        h.work()
        assert (h.of(story, "x-main").state, looks(web)) == (State.SENT, 0)


def test_a_channels_lane_asks_for_looks_and_never_makes_them_so_breaking_waits_behind_none(tmp_path: Path) -> None:
    with site(tmp_path) as (h, web):
        story = taken(h, web)
        at = h.clock.now() + timedelta(hours=10)
        h.clock.advance(timedelta(hours=10))
        outlet = h.app.outlets["x-main"]
        asked = deliver_next(h.app, outlet)
        assert isinstance(asked, Delivery)
        assert asked.reason == LOOKED_AT_FIRST
        urgent = h.promise("Quake off the coast", due_at=at, priority=Priority.BREAKING)
        deliver_next(h.app, outlet)
        assert h.see(urgent).state is State.SENT
        assert looks(web) == 0
        assert h.of(story, "x-main").reason == LOOKED_AT_FIRST


def test_a_look_that_was_lost_keeps_nothing(tmp_path: Path) -> None:
    with site(tmp_path) as (h, web):
        story = taken(h, web)
        h.clock.advance(timedelta(hours=10))
        outlet = h.app.outlets["x-main"]
        deliver_next(h.app, outlet)  # asks for the look, and whoever was to make it is gone
        waits = h.of(story, "x-main")
        assert (waits.reason, waits.next_at) == (LOOKED_AT_FIRST, h.clock.now() + PATIENCE)
        h.clock.advance(PATIENCE + timedelta(seconds=1))
        deliver_next(h.app, outlet)
        assert (h.of(story, "x-main").state, looks(web)) == (State.SENT, 0)


def test_a_source_may_say_that_its_stories_are_not_looked_at(tmp_path: Path) -> None:
    with web_server() as web:
        web.put("/feed", EMPTY, "application/rss+xml")
        source = f'\n[sources.site]\nkind = "feed"\nurl = "{web.address}/feed"\nlocal = true\nrecheck = false\n'
        with house(tmp_path, SLOTTED + source) as h:
            story = taken(h, web)
            evening(h)
            assert (h.of(story, "x-main").state, looks(web)) == (State.SENT, 0)


@pytest.mark.parametrize(("by_address", "state"), [(True, State.PLANNED), (False, State.SENT)])
def test_of_what_people_hand_in_only_what_came_from_an_address_is_looked_at(
    by_address: bool, state: State, tmp_path: Path
) -> None:
    with site(tmp_path) as (h, web):
        address = web.put("/story", page())
        if by_address:
            (handed,), _ = hand_in(h.app, f"{address}?utm_source=mail", actor="ada")
        else:
            text = f"{HEADLINE}\n\n{HEADLINE} from 2 May, the council of Port Selwyn decided on Tuesday."
            (handed,), _ = hand_in(h.app, "a.txt", actor="ada", said=Said(url=address), text=text.encode())
        h.work()
        web.answers["/story"] = (404, {}, b"no")
        evening(h)
        assert h.of(handed.article.id, "x-main").state is state


def test_an_issue_that_carries_a_story_which_is_gone_waits(tmp_path: Path) -> None:
    mail = MAIL + 'slots = ["daily 18:00"]\n'
    with site(tmp_path, SLOTTED + mail) as (h, web):
        h.readers(1)
        story = taken(h, web)
        web.answers["/story"] = (410, {}, b"gone")
        evening(h)
        with h.app.ground.reading() as tx:
            from db import deliveries, issues
            from db.records import SubjectKind

            (issue,) = issues.of_article(tx, story)
            (delivery,) = deliveries.of_subject(tx, SubjectKind.ISSUE, issue.id)
            assert delivery.state is State.PLANNED
            assert stops.over(tx, delivery, h.clock.now())


# --- taken back by the site itself ---------------------------------------------------------------


@pytest.fixture
def cms(tmp_path: Path) -> Iterator[House]:
    """A house whose source is a webhook."""
    secret = tmp_path / "cms.env"
    secret.write_text("WEBHOOK_SECRET=harbour\n")
    secret.chmod(0o600)
    with house(
        tmp_path, SLOTTED + '\n[sources.cms]\nkind = "webhook"\nsecret_file = "cms.env"\nrecheck = false\n'
    ) as h:
        yield h


def send(h: House, data: Any) -> list[str]:
    body = json.dumps(data).encode()
    signature = hmac.new(b"harbour", body, hashlib.sha256).hexdigest()
    return [one.what for one in take_call(h.app, "cms", body, {"X-Pressrun-Signature": f"sha256={signature}"})]


STORY = {
    "id": 17,
    "title": HEADLINE,
    "url": "https://news.example.org/ferry",
    "text": "The ferry will run until midnight from 2 May, the council decided on Tuesday by 19 votes to 12.",
    "published_at": "2026-09-21T06:00:00Z",
}


@pytest.mark.parametrize(
    "order",
    [
        STORY | {"status": "withdrawn"},
        {"event": "post.deleted", "id": 17},
        {"id": 17, "status": "trash", "title": {"rendered": HEADLINE}},
        {"event": "deleted", "url": "http://www.news.example.org/ferry/?utm_source=x"},
        {"post": {"current": {}, "previous": {"id": "17", "status": "published"}}},
    ],
)
def test_what_the_cms_takes_back_is_held_at_once_on_every_channel(cms: House, order: dict[str, Any]) -> None:
    assert send(cms, STORY) == ["new"]
    cms.work()
    assert send(cms, order) == ["withdrawn"]
    evening(cms)
    assert cms.of(1, "x-main").state is State.PLANNED
    (told,) = [one for one in cms.notices() if "is held" in one]
    assert "cms took it back; 1 of its posts is out" in told
    assert send(cms, order) == ["withdrawn"]
    assert len([one for one in cms.notices() if "is held" in one]) == 1


def test_a_story_that_the_cms_shows_again_goes_on(cms: House) -> None:
    send(cms, STORY)
    cms.work()
    send(cms, STORY | {"status": "draft"})
    assert send(cms, STORY) == ["same"]
    evening(cms)
    assert cms.of(1, "x-main").state is State.SENT
    assert not [one for one in cms.notices() if "is held" in one]


def test_a_look_never_brings_back_what_the_cms_took_back(cms: House) -> None:
    send(cms, STORY)
    cms.work()
    send(cms, STORY | {"status": "draft"})
    with cms.app.ground.reading() as tx:
        assert sightings.to_look_at_again(tx, cms.clock.now() + timedelta(days=1), 10) == []


def test_a_story_that_was_never_here_takes_nothing_back(cms: House) -> None:
    assert send(cms, {"event": "post.deleted", "id": 99}) == []
    assert cms.notices() == []
