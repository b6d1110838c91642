"""One story is one article; new ones go into the queue; nothing floods, nothing is posted again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import articles, notices, queue, sources
from db.records import MACHINE, Article, Image, Priority
from db.schema import create_or_check
from db.session import Ground, open_ground
from scheduler.intake.alike import MARKS, marks_of
from scheduler.intake.fetching import Fetcher
from scheduler.intake.source_config import SourceConfig
from scheduler.intake.take_in import Taken, TakenIn, take_article, take_in
from scheduler.intake.taking import BEFORE, remember
from scheduler.intake.targets import DESK, Said, read_target, with_said
from tests.scheduler.intake.stories import NEWSPAPER_FORM, NOW, PARAGRAPHS
from tests.scheduler.intake.test_files import PNG
from tests.scheduler.intake.test_sources import lay
from tests.scheduler.intake.web import Web

LATER = NOW + timedelta(hours=2)
URL = "https://courier.example/harbour/bridge"
STORY = Article("Bridge closes", PARAGRAPHS, "site", guid="1", url=URL, published_at=NOW)


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    opened = open_ground(f"sqlite:///{tmp_path / 'ground.db'}")
    create_or_check(opened)
    yield opened
    opened.close()


def take(ground: Ground, article: Article, item: str = "1", *, actor: str = MACHINE, now: datetime = NOW) -> Taken:
    with ground.transaction() as tx:
        return take_article(tx, article, item, actor=actor, now=now)


def queued(ground: Ground) -> list[int]:
    with ground.reading() as tx:
        return [place.article_id for place in queue.waiting(tx, 100)]


def stored(ground: Ground, article_id: int | None) -> Article:
    assert article_id is not None
    with ground.reading() as tx:
        return articles.get(tx, article_id)


def test_a_new_story_is_stored_and_put_in_the_queue(ground: Ground) -> None:
    taken = take(ground, STORY)
    assert taken.what == "new"
    assert queued(ground) == [taken.article_id]
    assert stored(ground, taken.article_id).paragraphs == PARAGRAPHS


@pytest.mark.parametrize(
    "again",
    [
        STORY,
        replace(STORY, url=URL + "/"),
        replace(STORY, url=URL.replace("https", "http")),
        replace(STORY, url=URL + "?utm_source=feed&fbclid=1#top"),
        replace(STORY, url="https://courier.example/moved/bridge"),
        replace(STORY, url=None),
        replace(STORY, source="agency", url="https://agency.example/9"),
        replace(STORY, source="agency", url=URL, headline="Old bridge closes", paragraphs=PARAGRAPHS[:2]),
    ],
    ids=["itself", "slash", "http", "tracking", "moved", "no address", "syndicated", "worded differently elsewhere"],
)
def test_the_same_story_under_another_guid_is_the_same_story(ground: Ground, again: Article) -> None:
    first = take(ground, STORY)
    assert take(ground, again, "another guid") == Taken(first.article_id, "same")
    assert stored(ground, first.article_id).revision == 1
    assert queued(ground) == [first.article_id]


def test_a_near_identical_twin_elsewhere_is_the_same_story_unless_a_number_differs(ground: Ground) -> None:
    first = take(ground, STORY)
    twin = replace(
        STORY, source="agency", url="https://agency.example/1", paragraphs=(*PARAGRAPHS[:3], PARAGRAPHS[3] + " So far.")
    )
    assert take(ground, twin, "a") == Taken(first.article_id, "same")
    other = replace(
        twin, url="https://agency.example/2", paragraphs=tuple(text.replace("400", "500") for text in PARAGRAPHS)
    )
    assert take(ground, other, "b").what == "new"


def test_a_twin_is_found_whatever_its_headline_and_not_after_a_month(ground: Ground) -> None:
    first = take(ground, STORY)
    twin = replace(
        STORY,
        source="agency",
        headline="Crossing shut: what travellers should know",
        url="https://agency.example/1",
        paragraphs=(*PARAGRAPHS[:3], PARAGRAPHS[3] + " So far."),
    )
    assert take(ground, twin, "a") == Taken(first.article_id, "same")
    assert stored(ground, first.article_id).headline == "Bridge closes"
    unlike = replace(twin, url="https://agency.example/2", paragraphs=tuple(reversed(PARAGRAPHS[:2])) * 2)
    assert take(ground, unlike, "b").what == "new"
    assert take(ground, replace(twin, url="https://agency.example/3"), "c", now=NOW + timedelta(days=40)).what == "new"


@given(st.lists(st.text(max_size=60), max_size=8))
def test_any_text_has_marks_that_fit_the_database(paragraphs: list[str]) -> None:
    marks = marks_of(replace(STORY, paragraphs=tuple(paragraphs)))
    assert len(marks) <= MARKS
    assert all(0 <= mark < 2**63 for mark in marks)


def test_a_date_that_lies_ahead_is_the_sources_own_embargo_and_moves_with_it(ground: Ground) -> None:
    ahead = NOW + timedelta(days=3)
    held = replace(STORY, published_at=ahead, embargo_at=ahead)
    first = take(ground, held)
    assert stored(ground, first.article_id).embargo_at == ahead
    later = ahead + timedelta(days=1)
    assert take(ground, replace(held, published_at=later, embargo_at=later)) == Taken(first.article_id, "revision")
    moved = stored(ground, first.article_id)
    assert (moved.embargo_at, moved.flags[-1]) == (later, "Changed since it was taken in: date of publication.")
    out = replace(held, published_at=NOW, embargo_at=None)  # its site brought it out before its time
    assert take(ground, out, now=LATER) == Taken(first.article_id, "revision")
    assert stored(ground, first.article_id).embargo_at is None
    assert take(ground, out, now=LATER).what == "same"


def test_an_embargo_that_has_passed_and_one_that_the_desk_lifted_change_nothing(ground: Ground) -> None:
    ahead = NOW + timedelta(days=3)
    held = replace(STORY, published_at=ahead, embargo_at=ahead)
    first = take(ground, held)
    assert first.article_id is not None
    with ground.transaction() as tx:
        articles.set_embargo(tx, first.article_id, None, actor="ada", now=NOW)
    assert take(ground, held).what == "same"
    assert stored(ground, first.article_id).embargo_at is None
    passed = replace(held, embargo_at=None)  # the same date, which no longer lies ahead
    assert take(ground, passed, now=ahead + timedelta(hours=1)).what == "same"


def test_a_mended_typo_is_a_flagged_revision_of_the_same_story(ground: Ground) -> None:
    first = take(ground, STORY)
    assert first.article_id is not None
    with ground.transaction() as tx:
        queue.done(tx, first.article_id, actor=MACHINE, now=NOW)
    mended = replace(STORY, headline="Bridge closes on Monday")
    assert take(ground, mended, now=LATER) == Taken(first.article_id, "revision")
    now = stored(ground, first.article_id)
    assert (now.revision, now.headline) == (2, "Bridge closes on Monday")
    assert now.flags[-1] == "Changed since it was taken in: headline."
    assert queued(ground) == [first.article_id]  # to be brought up to date, see the tests of prepare
    assert take(ground, mended, now=LATER).what == "same"


def test_a_story_that_moves_and_changes_under_its_guid_keeps_its_article(ground: Ground) -> None:
    first = take(ground, STORY)
    moved = replace(STORY, url="https://courier.example/harbour/old-bridge", headline="Old bridge closes")
    assert take(ground, moved) == Taken(first.article_id, "revision")
    assert stored(ground, first.article_id).url == moved.url
    assert take(ground, replace(moved, guid="2"), "2") == Taken(first.article_id, "same")


def test_one_story_listed_under_two_addresses_does_not_move_to_and_fro(ground: Ground) -> None:
    first = take(ground, STORY)
    other = replace(STORY, guid="2", url="https://courier.example/news/bridge")
    for _ in range(3):
        assert take(ground, other, "2") == Taken(first.article_id, "same")
        assert take(ground, STORY) == Taken(first.article_id, "same")
    assert stored(ground, first.article_id).url == URL


def test_what_was_there_before_we_watched_is_taken_only_when_a_person_hands_it_over(ground: Ground) -> None:
    with ground.transaction() as tx:
        remember(tx, "1", STORY, None, MACHINE, NOW, BEFORE)
    mended = replace(STORY, headline="Bridge closes on Monday")
    assert take(ground, mended) == Taken(None, "same")
    assert take(ground, mended, actor="anna").what == "new"


def test_a_guid_used_again_for_another_story_is_another_story(ground: Ground) -> None:
    first = take(ground, STORY)
    other = Article(
        "Council elects a mayor",
        ("Ana Ruiz won the vote on Tuesday night.",),
        "site",
        url="https://courier.example/mayor",
    )
    assert take(ground, other, "1").what == "new"
    assert stored(ground, first.article_id).headline == "Bridge closes"


def test_an_older_state_from_another_cache_changes_nothing(ground: Ground) -> None:
    newer = replace(STORY, modified_at=LATER)
    older = replace(STORY, headline="Brigde closes", modified_at=NOW)
    first = take(ground, newer)
    assert take(ground, older) == Taken(first.article_id, "same")
    assert take(ground, newer) == Taken(first.article_id, "same")
    assert stored(ground, first.article_id).revision == 1


def test_two_short_stories_with_one_headline_on_two_days_are_two(ground: Ground) -> None:
    monday = Article("Morning briefing", (), "site", url="https://courier.example/mon")
    assert take(ground, monday, "mon").what == "new"
    assert take(ground, replace(monday, url="https://courier.example/tue"), "tue").what == "new"


def test_an_address_that_arrives_later_becomes_the_storys_own(ground: Ground) -> None:
    bare = replace(STORY, url=None, published_at=None, source=DESK, flags=("No address: x.",))
    first = take(ground, bare, "a.txt", actor="anna")
    known = replace(bare, url=URL)
    assert take(ground, known, "a.txt", actor="anna") == Taken(first.article_id, "revision")
    assert stored(ground, first.article_id).url == URL
    assert take(ground, STORY, "1") == Taken(first.article_id, "same")


def test_what_a_person_orders_counts_without_any_other_change_and_stays(ground: Ground) -> None:
    by_hand = replace(STORY, source=DESK)
    first = take(ground, by_hand, "a.txt", actor="anna")
    ordered = with_said(by_hand, Said(priority=Priority.BREAKING, no_link=True, embargo_at=LATER))
    assert take(ground, ordered, "a.txt", actor="anna").what == "revision"
    assert take(ground, replace(by_hand, headline="Bridge closed"), "a.txt", actor="anna").what == "revision"
    now = stored(ground, first.article_id)
    assert (now.priority, now.no_link, now.embargo_at, now.headline) == (
        Priority.BREAKING,
        True,
        LATER,
        "Bridge closed",
    )


# --- whole sources -----------------------------------------------------------------------------


def feed(*stories: tuple[str, datetime | None]) -> str:
    items = "".join(
        f"<item><title>{title}</title><guid isPermaLink='false'>{title}</guid><link>https://c.example/{title.replace(' ', '-')}</link>"
        + (f"<pubDate>{at.strftime('%a, %d %b %Y %H:%M:%S +0000')}</pubDate>" if at else "")
        + f"<description>{PARAGRAPHS[0]} {title}.</description></item>"
        for title, at in stories
    )
    return f"<rss version='2.0'><channel><title>C</title>{items}</channel></rss>"


class Site:
    """A feed on this machine, looked at by the real verb."""

    def __init__(self, ground: Ground, web: Web, fetch: Fetcher) -> None:
        self.ground, self.web, self.fetch = ground, web, fetch
        self.config = SourceConfig("site", "feed", url=web.address + "/feed", local=True)

    def shows(self, *stories: tuple[str, datetime | None]) -> None:
        self.web.put("/feed", feed(*stories), "application/rss+xml")

    def look(self, now: datetime = NOW) -> TakenIn:
        return take_in(self.ground, self.config, now, fetch=self.fetch)


@pytest.fixture
def site(ground: Ground, web: Web, fetch: Fetcher) -> Site:
    return Site(ground, web, fetch)


def hours_ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def test_the_first_sight_of_a_feed_never_floods(site: Site) -> None:
    site.shows(*((f"Story {n}", hours_ago(n)) for n in range(40)), ("Undated", None))
    taken = site.look()
    assert (len(taken.new), taken.left_out) == (3, 38)
    headlines = {stored(site.ground, one).headline for one in taken.new}
    assert headlines == {"Story 0", "Story 1", "Story 2"}
    with site.ground.reading() as tx:
        seen = sources.item(tx, "site", "Story 9")
    assert seen is not None
    assert (seen.article_id, seen.reason) == (None, BEFORE)


def test_an_old_feed_seen_first_sends_nothing(site: Site) -> None:
    site.shows(*((f"Story {n}", hours_ago(25 + n)) for n in range(5)))
    assert site.look().new == ()


def test_what_was_left_out_stays_out_when_it_is_mended_or_gets_a_new_guid(site: Site) -> None:
    old = [(f"Story {n}", hours_ago(n)) for n in range(6)]
    site.shows(*old)
    site.look()
    site.web.put("/feed", feed(*old).replace("harbour master", "harbourmaster").replace("'>Story 5", "'>new-Story 5"))
    again = site.look(LATER)
    assert again.new == ()
    assert len(again.changed) == 3


def test_an_archive_story_that_surfaces_later_is_left_out_and_a_new_one_is_taken(site: Site) -> None:
    site.shows(("Story 0", hours_ago(1)))
    site.look()
    site.shows(("Fresh", LATER), ("From the archive", hours_ago(24 * 90)), ("Undated", None))
    taken = site.look(LATER)
    assert {stored(site.ground, one).headline for one in taken.new} == {"Fresh", "Undated"}
    assert taken.left_out == 1
    assert site.look(LATER).new == ()


def test_the_same_items_again_are_nothing_new(site: Site) -> None:
    site.shows(("Story 0", hours_ago(1)), ("Story 1", hours_ago(2)))
    assert len(site.look().new) == 2
    again = site.look(LATER)
    assert (again.new, again.changed, again.same) == ((), (), 2)


def test_a_source_that_fails_says_so_once_keeps_its_state_and_recovers_alone(site: Site) -> None:
    site.shows(("Story 0", hours_ago(1)))
    site.look()
    site.web.answers["/feed"] = (500, {}, b"")
    first, second = site.look(LATER), site.look(LATER)
    assert "trouble of its own" in first.error
    assert (first.told, second.told) == (True, False)
    with site.ground.reading() as tx:
        state = sources.get(tx, "site")
        assert state is not None
        assert (state.failures, state.first_seen_at, state.fetched_at) == (2, NOW, NOW)
        assert [notice.cause_key for notice in notices.standing(tx)] == ["source site"]
    site.shows(("Story 0", hours_ago(1)), ("Story 1", LATER))
    well = site.look(LATER)
    assert (well.recovered, len(well.new), well.error) == (True, 1, "")
    with site.ground.reading() as tx:
        assert notices.standing(tx) == []
        state = sources.get(tx, "site")
        assert state is not None
        assert (state.failures, state.error, state.new_count, state.new_at) == (0, "", 2, LATER)


def test_a_fault_of_our_own_is_a_failure_of_the_source_and_no_crash(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("scheduler.intake.take_in.read_source", broken)
        failed = site.look()
    assert "a fault of its own while reading it (ZeroDivisionError)" in failed.error
    with site.ground.reading() as tx:
        state = sources.get(tx, "site")
    assert state is not None
    assert state.next_at is not None
    assert (state.failures, state.next_at > NOW) == (1, True)


def test_a_folder_filled_on_purpose_is_taken_whole_and_its_bad_files_are_named(
    ground: Ground, fetch: Fetcher, tmp_path: Path
) -> None:
    box = tmp_path / "box"
    box.mkdir()
    for number in range(5):
        lay(box / f"{number}.txt", f"Story {number}\n\n" + "\n".join(f"{text} {number}" for text in PARAGRAPHS))
    lay(box / "bad.txt", "")
    config = SourceConfig("inbox", "folder", path=box)
    taken = take_in(ground, config, NOW, fetch=fetch)
    assert (len(taken.new), [one.item_id for one in taken.refused]) == (5, ["bad.txt"])
    lay(box / "bad.txt", NEWSPAPER_FORM, age=30)
    assert len(take_in(ground, config, NOW, fetch=fetch).new) == 1


def test_a_file_written_over_with_another_story_is_a_new_story_and_with_a_mended_one_a_revision(
    ground: Ground, fetch: Fetcher, tmp_path: Path
) -> None:
    box = tmp_path / "box"
    box.mkdir()
    config = SourceConfig("inbox", "folder", path=box)
    lay(box / "today.txt")
    first = take_in(ground, config, NOW, fetch=fetch)
    lay(box / "today.txt", NEWSPAPER_FORM.replace("eleven weeks", "twelve weeks"), age=40)
    assert take_in(ground, config, NOW, fetch=fetch).changed == first.new
    lay(box / "today.txt", "Council elects a mayor\n\nAna Ruiz won the vote on Tuesday night, officials said.", age=30)
    assert len(take_in(ground, config, NOW, fetch=fetch).new) == 1


def test_pictures_are_kept_only_where_both_a_place_and_a_yes_are_given(
    ground: Ground, web: Web, fetch: Fetcher, tmp_path: Path
) -> None:
    picture = web.put("/b.png", PNG, "image/png")
    svg = web.put("/b.svg", "<svg onload='x()'/>", "image/svg+xml")
    items = "".join(
        f"<item><title>Story {n}</title><guid>{n}</guid><pubDate>Mon, 21 Sep 2026 11:00:00 GMT</pubDate>"
        f"<enclosure url='{url}' type='image/x'/><description>{PARAGRAPHS[n]}</description></item>"
        for n, url in enumerate((picture, svg))
    )
    web.put("/feed", f"<rss version='2.0'><channel>{items}</channel></rss>")
    config = SourceConfig("site", "feed", url=web.address + "/feed", local=True)
    media = tmp_path / "media"
    take_in(ground, replace(config, name="other"), NOW, fetch=fetch, media=media)
    assert not media.exists()
    with ground.transaction() as tx:
        known = articles.newest(tx)
        assert known is not None
        assert known.image is not None
        assert known.image.path is None

    other = open_ground(f"sqlite:///{tmp_path / 'second.db'}")
    create_or_check(other)

    def yes(image: Image) -> bool:
        return True

    taken = take_in(other, config, NOW, fetch=fetch, media=media, may_keep=yes)
    with other.reading() as tx:
        first, second = (articles.get(tx, one) for one in sorted(taken.new))
    other.close()
    assert first.image is not None
    assert first.image.path is not None
    assert (Path(first.image.path).read_bytes(), first.image.media_type) == (PNG, "image/png")
    assert first.image.path == str(media / f"{first.image.sha256}.png")
    assert second.image is not None
    assert second.image.path is None
    assert "no JPEG, PNG, GIF or WebP" in second.flags[-1]


def test_a_person_hands_over_files_and_addresses(ground: Ground, web: Web, fetch: Fetcher, tmp_path: Path) -> None:
    path = lay(tmp_path / "bridge.txt")
    ((found,), _) = read_target(str(path), now=NOW, fetch=fetch)
    assert (found.item_id, found.article.source) == (str(path), DESK)
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    url = web.put("/story", f"<html><title>Bridge closes</title><article><h1>Bridge closes</h1>{body}</article></html>")
    ((page,), _) = read_target(url, now=NOW, fetch=fetch, local=True)
    assert (page.article.headline, page.article.url) == ("Bridge closes", url)
    said = with_said(found.article, Said(url=URL, section="Harbour"))
    assert (said.url, said.section) == (URL, "Harbour")
    assert not any("No address" in flag for flag in said.flags)


def test_a_source_that_is_only_quiet_is_told_once_and_cleared_by_the_next_story(site: Site) -> None:
    stories = [(f"Story {n}", NOW + timedelta(hours=n)) for n in range(8)]
    for n in range(8):
        site.shows(*stories[: n + 1])
        site.look(NOW + timedelta(hours=n))
    for hour in (9, 16, 17):
        site.look(NOW + timedelta(hours=hour))
    with site.ground.reading() as tx:
        (notice,) = notices.standing(tx)
    assert "nothing new for 10 h, usually 52 min" in notice.sentence
    site.shows(*stories, ("News at last", NOW + timedelta(hours=18)))
    site.look(NOW + timedelta(hours=18))
    with site.ground.reading() as tx:
        assert notices.standing(tx) == []
