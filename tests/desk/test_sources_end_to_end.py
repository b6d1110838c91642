"""From every kind of source to the words an editor sees, through the real commands and local servers."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import Message
from typing import Any

import pytest

from db import sources
from db.records import SourceState
from desk.web.app import web_app
from desk.web.serving import WebServer
from scheduler.app import App
from scheduler.clock import SystemClock
from tests.desk.newsdesk import FERRY, SETTINGS, Newsdesk, start
from tests.desk.site import (
    DREDGER,
    ORCHARD,
    OUTLET,
    PIECES,
    Piece,
    atom,
    json_feed,
    json_ld_page,
    open_graph_page,
    rss,
    sitemap,
    wordpress_posts,
)
from tests.scheduler.intake.web import Web, web_server

SECRET = "between the two of us"


@pytest.fixture
def web() -> Iterator[Web]:
    """The newspaper's own web server."""
    with web_server() as server:
        yield server


def source(kind: str, url: str, more: str = "local = true") -> str:
    return f'{SETTINGS}\n[sources.gazette]\nkind = "{kind}"\nurl = "{url}"\n{more}\n'


def put_site(web: Web) -> None:
    web.put("/wp-json/wp/v2/posts", wordpress_posts(web.address), "application/json; charset=UTF-8")
    web.put("/rss", rss(web.address), "application/rss+xml; charset=utf-8")
    web.put("/atom", atom(web.address), "application/atom+xml")
    web.put("/feed.json", json_feed(web.address), "application/feed+json")
    web.put("/news.xml", sitemap(web.address), "application/xml")
    web.put(f"/{DREDGER.slug}", json_ld_page(web.address, DREDGER))
    web.put(f"/{ORCHARD.slug}", open_graph_page(web.address, ORCHARD))


def stories(room: Newsdesk) -> dict[str, dict[str, Any]]:
    """What the newsroom has, by headline, as ``show`` tells it."""
    found = {}
    for number in range(1, 9):
        told = room.tell("show", str(number), "--json")
        if told.code:
            break
        story = told.json["story"]
        found[story["headline"]] = story
    return found


def words(room: Newsdesk, number: int) -> dict[str, dict[str, Any]]:
    """What would be sent of a story, by channel."""
    told = room.tell("preview", str(number), "--json")
    assert told.code == 0, told.err
    return {one["channel"]: one for one in told.json["posts"]}


def check_teaser(room: Newsdesk, story: dict[str, Any], piece: Piece) -> None:
    """The words carry the news and the address, and nothing of the page around it."""
    seen = words(room, story["story"])
    x = json.dumps(seen["x-main"], ensure_ascii=False)
    assert story["url"] in x
    for one in seen.values():
        text = json.dumps(one, ensure_ascii=False)
        assert any(name in text for name in (piece.dek.split(",")[0][:40], piece.paragraphs[0][:40])), text
        for stray in ("cookies", "Sign up", "Read more", "Share this", "All rights", "<p>", *piece.authors):
            assert stray not in text


KINDS = {
    "wordpress": ("wordpress", "/", (DREDGER, ORCHARD)),
    "rss": ("feed", "/rss", (DREDGER, ORCHARD)),
    "atom": ("feed", "/atom", (DREDGER, ORCHARD)),
    "json feed": ("feed", "/feed.json", (DREDGER, ORCHARD)),
    "sitemap": ("sitemap", "/news.xml", (DREDGER, ORCHARD)),
    "page with JSON-LD": ("page", f"/{DREDGER.slug}", (DREDGER,)),
    "page with OpenGraph": ("page", f"/{ORCHARD.slug}", (ORCHARD,)),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_source_of_each_kind_becomes_articles_and_teasers(name: str, room: Newsdesk, web: Web) -> None:
    kind, path, pieces = KINDS[name]
    put_site(web)
    room.set(source(kind, f"{web.address}{path}"))
    told = room.tell("tick")
    assert (told.code, told.err) in ((0, ""), (1, ""))
    found = stories(room)
    assert set(found) == {piece.headline for piece in pieces}
    for piece in pieces:
        story = found[piece.headline]
        assert story["authors"] == list(piece.authors)
        assert story["url"].startswith(f"{web.address}/{piece.slug}")
        assert story["section"] == piece.section
        assert story["published_at"].startswith(f"2026-09-21T{piece.published_at.hour + 2:02}:")
        check_teaser(room, story, piece)
    (state,) = room.tell("sources", "--json").json["sources"]
    assert (state["state"], state["new_today"], state["new_total"]) == ("ok", len(pieces), len(pieces))


@pytest.mark.parametrize("path", ["/rss", "/atom", "/feed.json", "/news.xml", "/wp-json/wp/v2/posts"])
def test_add_takes_the_stories_of_each_kind_of_address_that_a_source_lets_in(
    path: str, room: Newsdesk, web: Web
) -> None:
    put_site(web)
    room.set(source("page", f"{web.address}/elsewhere"))
    told = room.tell("add", f"{web.address}{path}", "--json")
    assert (told.code, told.err) == (0, "")
    assert {one["headline"] for one in told.json["stories"]} == {piece.headline for piece in PIECES}
    assert {one["what"] for one in told.json["stories"]} == {"new"}
    again = room.tell("add", f"{web.address}{path}", "--json")
    assert {one["what"] for one in again.json["stories"]} == {"same"}


@pytest.mark.parametrize("piece", PIECES, ids=lambda one: one.slug)
def test_add_takes_a_page_and_the_words_are_the_pages(piece: Piece, room: Newsdesk, web: Web) -> None:
    put_site(web)
    room.set(source("page", f"{web.address}/elsewhere"))
    told = room.tell("add", f"{web.address}/{piece.slug}", "--json")
    assert (told.code, told.err) == (0, "")
    (story,) = told.json["stories"]
    assert (story["headline"], story["outlet"]) == (piece.headline, OUTLET)
    room.tell("tick")
    check_teaser(room, story, piece)


def test_a_long_feed_gives_its_newest_ten_and_tells_of_the_rest(room: Newsdesk, web: Web) -> None:
    items = "".join(
        f"<item><title>The council of street {n} met on day {n}</title><link>{web.address}/s/{n}</link>"
        f"<guid>{n}</guid><pubDate>{n:02} Sep 2026 08:00:00 GMT</pubDate></item>"
        for n in range(1, 15)
    )
    web.put("/long", f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>', "application/rss+xml")
    room.set(source("page", f"{web.address}/elsewhere"))
    told = room.tell("add", f"{web.address}/long", "--json")
    assert told.code == 2
    assert [one["headline"].split()[-1] for one in told.json["stories"]] == [str(n) for n in range(14, 4, -1)]
    assert 'It holds 4 more stories, all older, which were left: to follow it, make it a source with kind = "feed"' in (
        told.err
    )


def test_nothing_on_this_machine_is_fetched_without_the_newsrooms_word(room: Newsdesk, web: Web) -> None:
    put_site(web)
    told = room.tell("add", f"{web.address}/{DREDGER.slug}")
    assert told.code == 2
    assert "is not on the public internet" in told.err
    room.set(source("page", f"{web.address}/elsewhere"))
    port = web.address.rpartition(":")[2]
    assert room.tell("add", f"http://localhost:{port}/{DREDGER.slug}").code == 2  # another door than the source's
    assert web.asked == []


def test_a_source_gives_its_section_and_its_rule_to_stories_without(room: Newsdesk, web: Web) -> None:
    feed = rss(web.address).replace(f"<category>{DREDGER.section}</category>", "")
    web.put("/rss", feed, "application/rss+xml")
    more = 'local = true\nsection = "Coast"\npublish = "approve"'
    room.set(source("feed", f"{web.address}/rss", more))
    room.tell("tick")
    found = stories(room)
    assert (found[DREDGER.headline]["section"], found[ORCHARD.headline]["section"]) == ("Coast", "Education")
    rows = room.tell("log", "--json", "--channel", "x-main").json["deliveries"]
    assert {row["state"] for row in rows} == {"waiting"}


# --- pressrun sources ---


def test_sources_shows_what_failed_and_that_it_mended_itself(room: Newsdesk, web: Web) -> None:
    room.set(source("feed", f"{web.address}/rss"))
    assert room.tell("sources").lines[2].split()[:5] == ["gazette", "feed", "not", "read", "yet"]
    room.tell("tick")
    failing = room.tell("sources")
    assert failing.code == 0
    assert failing.lines[2].split()[:3] == ["gazette", "feed", "failing"]
    assert f"gazette cannot be read: {web.address}/rss is not there: check the address (404)." in " ".join(
        failing.out.split()
    )
    put_site(web)
    room.clock.advance(room.app().sources["gazette"].every * 3)
    room.tell("tick")
    (state,) = room.tell("sources", "--json").json["sources"]
    assert (state["state"], state["failures"], state["sentence"]) == ("ok", 0, None)
    assert state["fetched_at"] is not None


def test_sources_names_the_stories_that_could_not_be_read_until_they_can(room: Newsdesk) -> None:
    box = room.folder / "box"
    box.mkdir()
    room.set(f'{SETTINGS}\n[sources.box]\nkind = "folder"\npath = "box"\n')
    bad = box / "bad.txt"
    bad.write_bytes(bytes(range(256)) * 20)
    room.write(name="box/good.txt")
    old = room.clock.now().timestamp() - 600
    for file in box.iterdir():
        os.utime(file, (old, old))
    room.tell("tick")
    shown = " ".join(room.tell("sources").out.split())
    assert "box brought one that cannot be read, bad.txt: It is not text" in shown
    (state,) = room.tell("sources", "--json").json["sources"]
    assert [one["item"] for one in state["refused"]] == ["bad.txt"]
    assert (state["state"], state["new_total"]) == ("ok", 1)
    bad.write_text(FERRY.replace("Ferry", "Late ferry"))
    os.utime(bad, (old + 60, old + 60))
    room.clock.advance(timedelta(minutes=5))
    room.tell("tick")
    assert room.tell("sources", "--json").json["sources"][0]["refused"] == []


def test_sources_check_tells_what_would_come_and_stores_nothing(room: Newsdesk, web: Web) -> None:
    put_site(web)
    room.set(source("feed", f"{web.address}/rss"))
    told = room.tell("sources", "check", "gazette")
    assert (told.code, told.err) == (0, "")
    assert "gazette can be read: 2 new." in told.lines
    assert f"  new: {DREDGER.headline}" in told.lines
    assert stories(room) == {}
    assert room.tell("sources", "--json").json["sources"][0]["state"] == "not read yet"
    room.tell("tick")
    (look,) = room.tell("sources", "check", "--json").json["sources"]
    assert [one["what"] for one in look["stories"]] == ["same", "same"]
    before = (room.folder / "pressrun.db").read_bytes()
    room.tell("sources", "check")
    assert (room.folder / "pressrun.db").read_bytes() == before


def test_sources_check_ends_with_1_and_the_sentence_for_a_source_that_cannot_be_read(room: Newsdesk, web: Web) -> None:
    room.set(source("wordpress", web.address))
    told = room.tell("sources", "check")
    assert told.code == 1
    assert "is not there: check the address (404)." in " ".join(told.out.split())
    web.put("/wp-json/wp/v2/posts", "<html><body>Forbidden by a plug-in</body></html>")
    assert "This is not a WordPress site's REST answer" in room.tell("sources", "check").out
    unknown = room.tell("sources", "check", "gazete")
    assert unknown.code == 2
    assert "There is no source 'gazete' in the settings; they name gazette." in unknown.err


# --- webhooks, to the real web server ---


@pytest.fixture
def served(room: Newsdesk) -> Iterator[tuple[App, str]]:
    """A newsroom with a webhook source and its web door open."""
    secret = room.folder / "cms.env"
    secret.write_text(f"WEBHOOK_SECRET={SECRET}\n", encoding="utf-8")
    secret.chmod(0o600)
    room.set(f'{SETTINGS}\n[sources.cms]\nkind = "webhook"\nsecret_file = "cms.env"\nsection = "Coast"\n')
    app = room.app()
    server = WebServer(web_app(app), "127.0.0.1", 0)
    server.start()
    yield app, server.address
    server.stop()
    app.close()


def call(
    address: str, body: bytes, headers: dict[str, str] | None = None, path: str = "/intake/cms"
) -> tuple[int, Any, Message]:
    """One POST: status, answer, headers."""
    request = urllib.request.Request(f"{address}{path}", data=body, headers=headers or {}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read()), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read()), error.headers


def signed(body: bytes, name: str = "X-Pressrun-Signature", prefix: str = "sha256=") -> dict[str, str]:
    return {name: prefix + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}


def plain_call(room: Newsdesk) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(
        {
            "id": DREDGER.number,
            "title": DREDGER.headline,
            "dek": DREDGER.dek,
            "byline": " and ".join(DREDGER.authors),
            "body": "\n".join(DREDGER.paragraphs),
            "url": f"https://gazette.example.org/{DREDGER.slug}",
            "published_at": DREDGER.published_at.isoformat(),
        }
    ).encode()
    return body, signed(body)


def ghost_call(room: Newsdesk) -> tuple[bytes, dict[str, str]]:
    current = {
        "id": "66f0",
        "uuid": "2f1c",
        "title": DREDGER.headline,
        "slug": DREDGER.slug,
        "html": DREDGER.markup,
        "status": "published",
        "visibility": "public",
        "published_at": DREDGER.published_at.isoformat(),
        "custom_excerpt": DREDGER.dek,
        "authors": [{"id": "1", "name": name} for name in DREDGER.authors],
        "tags": [],
        "url": f"https://gazette.example.org/{DREDGER.slug}/",
    }
    body = json.dumps({"post": {"current": current, "previous": {"status": "draft"}}}).encode()
    stamp = str(int(room.clock.now().timestamp() * 1000))
    digest = hmac.new(SECRET.encode(), body + stamp.encode(), hashlib.sha256).hexdigest()
    return body, {"X-Ghost-Signature": f"sha256={digest}, t={stamp}"}


def wordpress_call(room: Newsdesk) -> tuple[bytes, dict[str, str]]:
    post = json.loads(wordpress_posts("https://gazette.example.org"))[0]
    post["_embedded"]["wp:term"] = []
    body = json.dumps(post).encode()
    return body, signed(body, "X-WP-Webhook-Signature", "")


@pytest.mark.parametrize("make", [plain_call, ghost_call, wordpress_call])
def test_a_signed_call_becomes_an_article_and_its_teasers(
    make: Callable[[Newsdesk], tuple[bytes, dict[str, str]]], room: Newsdesk, served: tuple[App, str]
) -> None:
    body, headers = make(room)
    status, answer, _ = call(served[1], body, headers)
    assert (status, answer) == (200, {"stories": [{"story": 1, "what": "new", "headline": DREDGER.headline}]})
    assert call(served[1], body, headers)[1]["stories"][0]["what"] == "same"
    room.tell("tick")
    story = stories(room)[DREDGER.headline]
    assert (story["section"], story["authors"]) == ("Coast", list(DREDGER.authors))
    check_teaser(room, story, DREDGER)
    (state,) = room.tell("sources", "--json").json["sources"]
    assert (state["kind"], state["state"], state["new_today"], state["next_at"]) == ("webhook", "ok", 1, None)
    assert "to http://127.0.0.1:8000/intake/cms while pressrun serve runs" in " ".join(
        room.tell("sources", "check").out.split()
    )


def test_a_call_that_is_not_signed_is_refused_and_leaves_no_trace(room: Newsdesk, served: tuple[App, str]) -> None:
    body, headers = plain_call(room)
    for wrong in ({}, {"X-Pressrun-Signature": "sha256=" + "0" * 64}, signed(body + b" ")):
        status, answer, _ = call(served[1], body, wrong)
        assert status == 403
        assert "not signed with this source's secret" in answer["error"]
    assert stories(room) == {}
    assert room.tell("sources", "--json").json["sources"][0]["state"] == "not read yet"
    assert call(served[1], body, headers)[0] == 200


def test_a_call_that_is_too_long_or_no_story_or_for_nobody_is_told_so(room: Newsdesk, served: tuple[App, str]) -> None:
    address = served[1]
    long = b"x" * 8_000_001
    assert call(address, long, signed(long))[0] == 413
    for body in (b"", b"no json", b"[1]", b'{"body": "x"}', b"[" * 100_000, b"\xff\xfe\x00"):
        status, answer, _ = call(address, body, signed(body))
        assert status == 422, body[:20]
        assert answer["error"].endswith(".")
    assert room.tell("sources", "--json").json["sources"][0]["state"] == "failing"
    assert "Source cms: " in room.tell("doctor").out
    body, headers = plain_call(room)
    assert call(address, body, headers, "/intake/nobody")[0] == 404
    assert call(address, body, headers)[0] == 200
    assert room.tell("sources", "--json").json["sources"][0]["state"] == "ok"
    assert "Source cms: " not in room.tell("doctor").out


def test_a_draft_and_a_deletion_are_answered_and_are_no_story(room: Newsdesk, served: tuple[App, str]) -> None:
    for form in ({"title": "T", "body": "B", "status": "draft"}, {"post": {"current": {}, "previous": {"id": "1"}}}):
        body = json.dumps(form).encode()
        assert call(served[1], body, signed(body))[:2] == (200, {"stories": []})


def test_a_secret_that_cannot_be_read_is_told_to_us_and_not_to_the_caller(
    room: Newsdesk, served: tuple[App, str]
) -> None:
    body, headers = plain_call(room)
    (room.folder / "cms.env").chmod(0o644)
    status, answer, told = call(served[1], body, headers)
    assert (status, told["Retry-After"]) == (503, "300")
    assert "cms.env" not in answer["error"]


def test_what_a_site_sends_to_serve_goes_out_by_itself(room: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.clock.SystemClock", SystemClock)  # both processes on the same clock
    secret = room.folder / "cms.env"
    secret.write_text(f"WEBHOOK_SECRET={SECRET}\n", encoding="utf-8")
    secret.chmod(0o600)
    at_once = SETTINGS.replace('slots = ["daily 18:15"]', "")
    room.set(f'{at_once}\n[sources.cms]\nkind = "webhook"\nsecret_file = "cms.env"\n')
    process = start(room.folder, "serve")
    try:
        assert process.stdout is not None
        process.stdout.readline()
        address = process.stdout.readline().strip().removeprefix("Answering at ").rstrip(".")
        body, headers = plain_call(room)
        assert call(address, body, headers)[0] == 200
        until = time.monotonic() + 60
        state = ""
        while state != "sent" and time.monotonic() < until:
            time.sleep(0.2)
            rows = room.tell("log", "--json", "--channel", "x-main").json["deliveries"]
            state = rows[0]["state"] if rows else ""
        assert state == "sent"
        process.terminate()
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, err) == (0, "")


def test_a_source_that_is_only_quiet_is_told_apart_from_one_that_fails(room: Newsdesk) -> None:
    room.set(f'{SETTINGS}\n[sources.gazette]\nkind = "feed"\nurl = "https://gazette.example.org/feed"\n')
    now = room.clock.now()
    state = SourceState(
        "gazette",
        first_seen_at=now - timedelta(days=3),
        fetched_at=now,
        next_at=now + timedelta(minutes=5),
        new_at=now - timedelta(days=1),
        new_count=48,
    )
    app = room.app()
    with app.ground.transaction() as tx:
        sources.save(tx, state, actor="daily run", now=now)
    app.close()
    told = room.tell("sources")
    assert told.lines[2].split() == [
        "gazette",
        "feed",
        "quiet",
        "Mon",
        "21",
        "Sep",
        "08:30",
        "Mon",
        "21",
        "Sep",
        "08:35",
        "0",
        "48",
    ]
    assert "gazette has had nothing new for 24 h, usually 60 min: check that it still publishes." in " ".join(
        told.out.split()
    )
