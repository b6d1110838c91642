"""Opens and clicks, from the mail that a reader got to the report: off by default, never an open redirect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from channels.email.counting import link_mark
from db import hits, issues
from db.hit_totals import HitTally
from db.records import Frequency, HitKind, Mode
from db.session import GroundLost
from desk.web.app import public_door, readers_routes
from desk.web.counted import MOST_MADE_UP, MOST_OF_A_COPY, counted_routes
from scheduler import newsroom
from scheduler.hit_book import HitBook
from scheduler.issue_standing import standing_of
from scheduler.periodical import periodicals
from tests.scheduler.house import House, house
from tests.scheduler.readers import LETTERS, Wish, subscribe

SETTINGS = (
    LETTERS.replace("[newsroom]", '[newsroom]\npublic_url = "https://n.example.org"')
    + 'daily = ["daily 03:00"]\ncount_opens = true\ncount_clicks = true\n'
)
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"}
KEEP = timedelta(days=90)
APPLE, PROGRAM = {"User-Agent": "Mozilla/5.0"}, {"User-Agent": "curl/8.5"}


class Ground:
    """A house whose issue has gone to two readers, and a browser on the readers' pages."""

    def __init__(self, h: House) -> None:
        self.h = h
        self.door = public_door(h.app)
        counted = {name: one.counted for name, one in periodicals(h.app.settings).items()}
        self.book = HitBook(h.app.ground, h.clock.now, counted, keep=KEEP, every=3600)
        app = FastAPI()
        app.include_router(readers_routes(self.door))
        app.include_router(counted_routes(self.door, self.book))
        self.browser = TestClient(app, follow_redirects=False, base_url="https://n.example.org", headers=BROWSER)
        self.pages = {one.to[0].partition("@")[0]: one.html for one in h.platforms.published("email")}

    def links(self, name: str = "ann") -> list[str]:
        """The paths of a reader's counted links, each once."""
        found = re.findall(r'href="https://n\.example\.org(/k/[^"]+)"', self.pages[name])
        return list(dict.fromkeys(found))

    def pixel(self, name: str = "ann") -> str:
        found = re.search(r'src="https://n\.example\.org(/o/[^"]+)"', self.pages[name])
        assert found is not None
        return found[1]

    def tally(self) -> HitTally:
        self.book.write()
        with self.h.app.ground.reading() as tx:
            issue = issues.latest(tx, Mode.REHEARSAL, "morning")
            assert issue is not None
            return hits.tallies(tx, [issue.id]).get(issue.id, HitTally())


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("counted"), SETTINGS) as h:
        subscribe(h, {"ann": Wish(), "bob": Wish()})
        for headline in ("Ferry to run until midnight", "Bridge opens again", "Night bus stays"):
            h.take(headline)
        h.work()
        newsroom.cut_now(h.app, "morning", Frequency.DAILY, actor="ada")
        h.work()
        h.clock.advance(timedelta(hours=1))
        yield h


@pytest.fixture
def ground(sent: House) -> Ground:
    with sent.app.ground.transaction() as tx:
        tx.exec_driver_sql("delete from hits")
    return Ground(sent)


def test_a_link_leads_to_its_story_at_once_and_is_counted_once_a_copy(ground: Ground) -> None:
    first = ground.links()[0]
    for _ in range(3):
        answer = ground.browser.get(first)
        assert answer.status_code == 302
        assert answer.headers["location"].startswith("https://news.example.org/")
        assert link_mark(answer.headers["location"]) == first.rpartition("/")[2]
        assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")
    ground.browser.get(ground.links("bob")[0])
    assert ground.tally() == HitTally(clicked=2)


def test_the_pixel_is_an_empty_picture_that_any_mail_program_may_show(ground: Ground) -> None:
    answer = ground.browser.get(ground.pixel())
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.content.startswith(b"GIF89a")
    assert len(answer.content) < 60
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert ground.tally() == HitTally(opened=1)


def test_machines_are_counted_apart_and_a_person_behind_one_counts(ground: Ground) -> None:
    ground.browser.get(ground.pixel(), headers=APPLE)
    ground.browser.get(ground.pixel("bob"), headers=APPLE)
    ground.browser.get(ground.links("bob")[0], headers=PROGRAM)
    ground.browser.head(ground.links("bob")[1])
    assert ground.tally() == HitTally(opened_by_machine=2, clicked_by_machine=1)
    ground.browser.get(ground.pixel("bob"))
    ground.browser.get(ground.links("bob")[0])
    assert ground.tally() == HitTally(opened=1, opened_by_machine=1, clicked=1)


def test_a_guard_that_follows_every_link_as_a_browser_is_found_out_afterwards(ground: Ground) -> None:
    first, *others = ground.links()
    ground.browser.get(first)
    assert ground.tally() == HitTally(clicked=1)
    for one in others:
        ground.browser.get(one)
    assert ground.tally() == HitTally(clicked_by_machine=1)


def test_nobody_is_led_anywhere_but_to_the_issues_own_links(ground: Ground) -> None:
    token = ground.links()[0].split("/")[2]
    for path in (
        f"/k/{token}/{link_mark('https://evil.example')}",
        f"/k/{token}/https%3A%2F%2Fevil.example",
        f"/k/{token}x/{ground.links()[0].rpartition('/')[2]}",
        f"/k/{token[:-1]}/{ground.links()[0].rpartition('/')[2]}",
        f"/k/{token}/",
        "/o/forged.gif",
    ):
        answer = ground.browser.get(path)
        assert answer.status_code == 404, path
        assert "location" not in answer.headers
    assert ground.tally() == HitTally()


def test_what_was_made_up_is_told_to_wait_and_a_true_link_never_is(ground: Ground) -> None:
    statuses = [ground.browser.get(f"/k/made-up/{number}").status_code for number in range(MOST_MADE_UP + 1)]
    assert (statuses[0], statuses[-1]) == (404, 429)
    link = ground.links()[0]
    assert {ground.browser.get(link).status_code for _ in range(MOST_OF_A_COPY + 5)} == {302}
    ground.book.write()
    with ground.h.app.ground.reading() as tx:
        assert tx.exec_driver_sql("select times from hits").scalar_one() == MOST_OF_A_COPY


def test_no_row_holds_reader_address_network_or_program(ground: Ground) -> None:
    ground.browser.get(ground.links()[0])
    ground.book.write()
    with ground.h.app.ground.reading() as tx:
        row = tx.exec_driver_sql("select * from hits").mappings().one()
        seeds = [one for (one,) in tx.exec_driver_sql("select token_seed from subscribers")]
    told = " ".join(str(value) for value in row.values())
    assert not any(held in told for held in ("ann", "testclient", "Firefox", *seeds))
    assert set(row) == {
        *("id", "issue_id", "copy", "what", "link", "sign", "machine", "first_at", "times"),
        *("actor", "reason", "version", "created_at", "updated_at"),
    }


def test_leaving_and_choosing_are_never_counted(ground: Ground) -> None:
    page = ground.pages["ann"]
    assert len(re.findall(r'href="https://n\.example\.org/u/[^"]+"', page)) == 1
    assert len(re.findall(r'href="https://n\.example\.org/p/[^"]+"', page)) == 1


def test_while_the_database_is_away_calls_wait_and_then_count(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    ground.browser.get(ground.pixel())

    def away() -> None:
        raise GroundLost("away")

    with monkeypatch.context() as patch:
        patch.setattr(type(ground.h.app.ground), "transaction", lambda self: away())
        ground.book.write()
    assert ground.tally() == HitTally(opened=1)


def test_a_newsletter_that_no_longer_counts_keeps_its_old_links_and_counts_nothing(ground: Ground) -> None:
    book = HitBook(ground.h.app.ground, ground.h.clock.now, {"morning": frozenset()}, keep=KEEP, every=3600)
    app = FastAPI()
    app.include_router(counted_routes(ground.door, book))
    browser = TestClient(app, follow_redirects=False, headers=BROWSER)
    assert browser.get(ground.links()[0]).status_code == 302
    assert browser.get(ground.pixel()).status_code == 200
    book.write()
    assert ground.tally() == HitTally()


def test_the_report_names_each_link_by_its_headline(ground: Ground) -> None:
    ground.browser.get(ground.links()[0])
    ground.browser.get(ground.links("bob")[1], headers=PROGRAM)
    ground.book.write()
    with ground.h.app.ground.reading() as tx:
        issue = issues.latest(tx, Mode.REHEARSAL, "morning")
        assert issue is not None
        counted = standing_of(tx, issue, counted=True).counted
    assert counted is not None
    assert [(one.clicked, one.clicked_by_machine) for one in counted.links] == [(1, 0), (0, 1), (0, 0)]
    assert {one.headline for one in counted.links} == {
        "Ferry to run until midnight",
        "Bridge opens again",
        "Night bus stays",
    }
    assert counted.signs == (("click", "scanner", 1),)


def test_the_archive_holds_the_links_themselves_and_no_pixel(ground: Ground) -> None:
    with ground.h.app.ground.reading() as tx:
        issue = issues.latest(tx, Mode.REHEARSAL, "morning")
    assert issue is not None
    page = ground.browser.get(f"/n/morning/issues/{issue.id}").text
    assert "/k/" not in page
    assert "/o/" not in page
    assert "%%" not in page
    assert urlsplit(re.findall(r'href="(https://news[^"]+)"', page)[0]).hostname == "news.example.org"


def test_nothing_is_counted_unless_the_newsletter_says_so(tmp_path: Path) -> None:
    with house(tmp_path, SETTINGS.replace("count_opens = true\ncount_clicks = true\n", "")) as h:
        subscribe(h, {"ann": Wish()})
        h.take("Ferry to run until midnight")
        h.work()
        newsroom.cut_now(h.app, "morning", Frequency.DAILY, actor="ada")
        h.work()
        (mail,) = h.platforms.published("email")
        assert "/k/" not in mail.html
        assert "/o/" not in mail.html
        with h.app.ground.reading() as tx:
            issue = issues.latest(tx, Mode.REHEARSAL, "morning")
            assert issue is not None
            assert standing_of(tx, issue, counted=True).counted is None


def test_an_old_issue_leads_on_and_is_counted_no_more(ground: Ground) -> None:
    h = ground.h
    counted = {"morning": frozenset(HitKind)}
    book = HitBook(h.app.ground, h.clock.now, counted, keep=timedelta(minutes=59), every=3600)
    app = FastAPI()
    app.include_router(counted_routes(ground.door, book))
    browser = TestClient(app, follow_redirects=False, base_url="https://n.example.org", headers=BROWSER)
    assert browser.get(ground.links()[0]).headers["location"].startswith("https://news.example.org/")
    assert browser.get(ground.pixel()).status_code == 200
    book.write()
    assert ground.tally() == HitTally()
