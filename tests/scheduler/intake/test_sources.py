"""One look at a source, and what is remembered of it."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.records import Publish, SourceState
from scheduler.intake.errors import IntakeError
from scheduler.intake.fetching import Fetched, Fetcher, Wanted
from scheduler.intake.source_config import SourceConfig
from scheduler.intake.sources import failed_state, is_due, quiet_sentence, read_source
from tests.scheduler.intake.stories import NEWSPAPER_FORM, NOW, PARAGRAPHS
from tests.scheduler.intake.web import Web

EVERY = timedelta(minutes=10)


def no_web(wanted: Wanted) -> Fetched:
    raise AssertionError(f"nobody should fetch {wanted.url}")


def folder(path: Path) -> SourceConfig:
    return SourceConfig("inbox", "folder", path=path, every=EVERY, publish=Publish.AUTO, section="Harbour")


def lay(path: Path, text: str = NEWSPAPER_FORM, *, age: float = 60) -> Path:
    path.write_text(text, encoding="utf-8")
    touched = NOW.timestamp() - age
    os.utime(path, (touched, touched))
    return path


def test_a_folder_gives_its_story_files_by_name_and_leaves_others_alone(tmp_path: Path) -> None:
    lay(tmp_path / "b.txt")
    lay(tmp_path / "A.MD", f"# Ferries\n\n{PARAGRAPHS[2]}\n")
    for name in (".hidden.txt", "~$x.docx", "c.txt.part", "picture.jpg", "c.tmp", "notes"):
        lay(tmp_path / name)
    (tmp_path / "folder.txt").mkdir()
    reading = read_source(folder(tmp_path), None, NOW, no_web)
    assert [found.item_id for found in reading.articles] == ["A.MD", "b.txt"]
    story = reading.articles[1].article
    assert (story.source, story.publish, story.section) == ("inbox", Publish.AUTO, "Harbour")
    assert story.published_at is None


def test_a_file_still_being_written_waits_for_the_next_look(tmp_path: Path) -> None:
    lay(tmp_path / "half.txt", "Bridge", age=0.5)
    first = read_source(folder(tmp_path), None, NOW, no_web)
    assert first.articles == ()
    lay(tmp_path / "half.txt", age=0.5)
    later = read_source(folder(tmp_path), first.state, NOW + timedelta(seconds=5), no_web)
    assert later.articles[0].article.paragraphs == PARAGRAPHS


def test_a_file_with_a_time_to_come_does_not_wait_for_ever(tmp_path: Path) -> None:
    lay(tmp_path / "ahead.txt", age=-86_400)
    assert len(read_source(folder(tmp_path), None, NOW, no_web).articles) == 1


def test_an_unchanged_folder_is_not_read_again_and_a_changed_one_is(tmp_path: Path) -> None:
    lay(tmp_path / "a.txt")
    first = read_source(folder(tmp_path), None, NOW, no_web)
    again = read_source(folder(tmp_path), first.state, NOW, no_web)
    assert (again.unchanged, again.articles) == (True, ())
    lay(tmp_path / "a.txt", NEWSPAPER_FORM.replace("eleven", "twelve"), age=30)
    changed = read_source(folder(tmp_path), first.state, NOW, no_web)
    assert (changed.unchanged, len(changed.articles)) == (False, 1)


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    lay(tmp_path / "a.txt")
    lay(tmp_path / "b.txt", "")
    (tmp_path / "c.txt").write_bytes(bytes(range(256)) * 9)
    os.utime(tmp_path / "c.txt", (1, 1))
    reading = read_source(folder(tmp_path), None, NOW, no_web)
    assert [found.item_id for found in reading.articles] == ["a.txt"]
    assert {refused.item_id: refused.sentence.split(":")[0] for refused in reading.refused} == {
        "b.txt": "It is empty",
        "c.txt": "It is not text",
    }


def test_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="cannot be read"):
        read_source(folder(tmp_path / "none"), None, NOW, no_web)
    with pytest.raises(IntakeError, match="names no folder"):
        read_source(SourceConfig("inbox", "folder"), None, NOW, no_web)


RSS = "<rss version='2.0'><channel><title>C</title><item><title>Bridge</title><link>/1</link></item></channel></rss>"


def test_a_feed_is_asked_with_the_marks_of_last_time(web: Web, fetch: Fetcher) -> None:
    url = web.put("/feed", RSS, "application/rss+xml", ETag='"1"')
    config = SourceConfig("site", "feed", url=url, every=EVERY, local=True)
    first = read_source(config, None, NOW, fetch)
    assert first.articles[0].article.url == f"{web.address}/1"
    assert (first.state.etag, first.state.fetched_at, first.state.first_seen_at) == ('"1"', NOW, NOW)
    web.answers["/feed"] = (304, {}, b"")
    later = read_source(config, first.state, NOW + EVERY, fetch)
    assert (later.unchanged, later.articles) == (True, ())
    assert web.asked[1][1]["if-none-match"] == '"1"'
    assert (later.state.etag, later.state.first_seen_at) == ('"1"', NOW)


def test_a_source_on_this_machine_is_read_only_if_it_says_local(web: Web, fetch: Fetcher) -> None:
    with pytest.raises(IntakeError, match="local = true"):
        read_source(SourceConfig("site", "feed", url=web.put("/feed", RSS)), None, NOW, fetch)


def test_a_page_is_one_story(web: Web, fetch: Fetcher) -> None:
    body = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    url = web.put("/story", f"<html><title>Bridge closes</title><article><h1>Bridge closes</h1>{body}</article></html>")
    reading = read_source(SourceConfig("page", "page", url=url, local=True), None, NOW, fetch)
    assert [found.item_id for found in reading.articles] == [url]
    assert reading.articles[0].article.paragraphs == PARAGRAPHS


def test_a_wordpress_site_is_asked_at_its_rest_address(web: Web, fetch: Fetcher) -> None:
    web.put(
        "/wp-json/wp/v2/posts",
        '[{"id": 1, "status": "publish", "link": "https://c.example/1", "title": {"rendered": "A"}}]',
    )
    reading = read_source(SourceConfig("wp", "wordpress", url=web.address, local=True), None, NOW, fetch)
    assert reading.articles[0].article.headline == "A"
    assert "_embed=" in web.asked[0][0]


def sitemap(web: Web, count: int) -> SourceConfig:
    rows = ""
    for number in range(count):
        text = "".join(f"<p>{text} Number {number}.</p>" for text in PARAGRAPHS)
        url = web.put(
            f"/{number}", f"<html><title>T{number}</title><article><h1>Story {number}</h1>{text}</article></html>"
        )
        at = (NOW - timedelta(minutes=10 * number)).isoformat()
        rows += f"<url><loc>{url}</loc><n:news xmlns:n='x'><n:title>Story {number}</n:title><n:publication_date>{at}</n:publication_date></n:news></url>"
    web.put("/map.xml", f"<urlset>{rows}</urlset>", "application/xml")
    return SourceConfig("map", "sitemap", url=web.address + "/map.xml", local=True)


def test_a_sitemap_seen_first_fetches_few_pages_and_names_the_rest(web: Web, fetch: Fetcher) -> None:
    reading = read_source(sitemap(web, 8), None, NOW, fetch)
    assert len(reading.articles) == 8
    assert [bool(found.article.paragraphs) for found in reading.articles] == [True] * 3 + [False] * 5
    assert len(web.asked) == 4
    assert reading.articles[0].article.published_at == NOW


def test_a_sitemaps_known_pages_are_not_fetched_again(web: Web, fetch: Fetcher) -> None:
    config = sitemap(web, 8)
    state = SourceState("map", first_seen_at=NOW)
    reading = read_source(config, state, NOW, fetch, known=lambda item: not item.endswith("/5"))
    assert [found.item_id[-2:] for found in reading.articles] == ["/5"]
    assert len(web.asked) == 2


def test_the_next_look_is_spread_by_a_tenth_either_way(tmp_path: Path) -> None:
    moments = [read_source(folder(tmp_path), None, NOW, no_web, jitter=jitter).state.next_at for jitter in (0, 0.5, 1)]
    assert moments == [NOW + EVERY * 0.9, NOW + EVERY, NOW + EVERY * 1.1]


def test_a_failing_source_keeps_its_good_state_and_pauses_longer_each_time_up_to_six_hours() -> None:
    config = SourceConfig("site", "feed", url="https://c.example", every=EVERY)
    good = SourceState("site", first_seen_at=NOW, fetched_at=NOW, etag='"1"', new_count=7)
    states = [good]
    for _ in range(9):
        states.append(failed_state(config, states[-1], IntakeError("It broke."), NOW))
    pauses = [state.next_at - NOW for state in states[1:] if state.next_at]
    assert pauses[:3] == [EVERY * 2, EVERY * 4, EVERY * 8]
    assert pauses[-1] == timedelta(hours=6)
    assert states[-1] == replace(good, failures=9, error="It broke.", next_at=states[-1].next_at)


def test_a_site_that_says_when_to_come_back_is_not_asked_sooner() -> None:
    config = SourceConfig("site", "feed", url="https://c.example", every=EVERY)
    state = failed_state(config, None, IntakeError("Not now.", retry_after=timedelta(hours=9)), NOW)
    assert state.next_at == NOW + timedelta(hours=9)
    assert not is_due(state, NOW + timedelta(hours=8))
    assert is_due(state, NOW + timedelta(hours=9))
    assert is_due(None, NOW)


def test_a_source_that_is_only_quiet_is_told_when_that_is_unusual() -> None:
    begun = datetime(2026, 9, 20, 12, tzinfo=UTC)
    state = SourceState("site", first_seen_at=begun, new_at=begun + timedelta(hours=15), new_count=15)
    assert quiet_sentence(state, NOW) == (
        "site has had nothing new for 9 h, usually 60 min: check that it still publishes."
    )
    assert quiet_sentence(state, NOW - timedelta(hours=4)) == ""
    assert quiet_sentence(replace(state, new_count=2), NOW) == ""
