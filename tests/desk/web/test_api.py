"""The API: a token opens what it may and no more, a write is done once for each key, and every no is a sentence."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from db import api_answers, api_tokens, deliveries, teasers
from db.records import State, SubjectKind
from desk.cli.rooms import ROOT
from desk.web.api.app import ROOMS
from desk.web.api.problems import Problem, problem_of
from desk.web.api.routes import MOST_BYTES, _up_to
from scheduler import newsroom
from scheduler.newsroom.grounds import Refused
from scheduler.people import api_tokens as making
from scheduler.people import staffing
from scheduler.people.actor import NotAllowed
from scheduler.people.roles import Permission, Role
from tests.desk.test_verbs import PNG
from tests.desk.web.ground import NAMES, Site

ROUTES = [route for room in ROOMS for route in room.routes if isinstance(route, APIRoute)]


@dataclass
class Answer:
    status: int
    headers: Any
    body: Any


def made(site: Site, *scopes: Permission, role: Role = Role.APPROVER) -> str:
    token = making.make_token(site.app, NAMES[role], "the CMS", scopes or tuple(Permission)[:5], actor="test")
    return token.text


def call(site: Site, path: str, token: str | None, asked: object = None, **headers: str) -> Answer:
    sent = {"Accept": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    data = None
    if asked is not None:
        data = json.dumps(asked).encode()
        sent["Content-Type"] = "application/json"
    request = urllib.request.Request(f"{site.address}/api/v1{path}", data, sent)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return Answer(answer.status, answer.headers, json.loads(answer.read() or b"null"))
    except urllib.error.HTTPError as error:
        with error:
            text = error.read()
            return Answer(error.code, error.headers, json.loads(text) if text else None)


def waiting(site: Site) -> int:
    """The story of the sample newsroom that waits for a yes."""
    with site.app.ground.reading() as tx:
        return deliveries.in_states(tx, {State.WAITING})[0].subject_id


def test_every_read_answers_and_says_when_nothing_changed(read_site: Site) -> None:
    token = made(read_site, Permission.READ)
    for path in ("/stories", "/stories/1", "/deliveries", "/deliveries/1", "/channels", "/needs", "/calendar"):
        answer = call(read_site, path, token)
        assert answer.status == 200, path
        same = call(read_site, path, token, If_None_Match=answer.headers["ETag"])
        assert (same.status, same.body) == (304, None)


def test_the_log_is_paged_by_its_mark_and_nothing_is_shown_twice(read_site: Site) -> None:
    token = made(read_site, Permission.READ)
    with read_site.app.ground.reading() as tx:
        every = sorted(one.id for one in deliveries.in_states(tx, frozenset(State)))
    for order in ("newest", "-state", "channel", "story"):
        seen, cursor = list[dict[str, Any]](), ""
        while True:
            page = call(read_site, f"/deliveries?limit=4&order={order}&cursor={cursor}", token).body
            seen += page["deliveries"]
            if page["next"] is None:
                break
            cursor = page["next"]
        assert sorted(one["delivery"] for one in seen) == every
        if order == "channel":
            assert [one["channel"] for one in seen] == sorted(one["channel"] for one in seen)
    assert call(read_site, f"/deliveries?order=state&cursor={cursor}", token).status == 422
    assert call(read_site, "/deliveries?order=colour", token).status == 422
    assert call(read_site, "/deliveries?cursor=rubbish", token).status == 422


@pytest.mark.parametrize(
    ("token", "word"), [(None, "no-token"), ("pressrun_no-such", "no-such-token"), ("", "no-token")]
)
def test_without_a_token_that_opens_nothing_is_told(read_site: Site, token: str | None, word: str) -> None:
    answer = call(read_site, "/stories", token)
    assert (answer.status, answer.body["title"]) == (401, word)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_a_yes_through_the_api_is_given_in_the_persons_and_the_programs_name(site: Site) -> None:
    story = waiting(site)
    answer = call(site, f"/stories/{story}/approve", made(site, Permission.APPROVE), {}, Idempotency_Key="a")
    assert answer.status == 200
    assert {one["approved_by"] for one in answer.body["deliveries"]} == {"Anand (the CMS)"}


def test_a_token_never_may_more_than_it_says_or_than_its_person(site: Site) -> None:
    story = waiting(site)
    answer = call(site, f"/stories/{story}/approve", made(site, Permission.READ), {}, Idempotency_Key="a")
    assert (answer.status, answer.body["title"]) == (403, "not-allowed")
    with pytest.raises(Refused, match="never may more"):
        made(site, Permission.APPROVE, role=Role.EDITOR)
    token = made(site, Permission.APPROVE)
    staffing.set_role(site.app, NAMES[Role.APPROVER], Role.VIEWER, actor="test")
    assert call(site, f"/stories/{story}/approve", token, {}, Idempotency_Key="b").status == 403
    staffing.let_go(site.app, NAMES[Role.APPROVER], actor="test")
    assert call(site, "/stories", token).status == 401


def test_a_write_under_the_same_key_is_done_once_and_answered_the_same(site: Site) -> None:
    token = made(site, Permission.WORD)
    words = {"text": "Is the press running?", "channel": "x-main"}
    first = call(site, "/posts", token, words, Idempotency_Key="post 1")
    again = call(site, "/posts", token, words, Idempotency_Key="post 1")
    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body
    assert again.headers["Idempotent-Replayed"] == "true"
    other = call(site, "/posts", token, {**words, "text": "Other words"}, Idempotency_Key="post 1")
    assert (other.status, other.body["title"]) == (422, "key-used")
    assert call(site, "/posts", token, words).body["title"] == "no-key"
    with site.app.ground.reading() as tx:
        number = first.body["deliveries"][0]["delivery"]
        assert deliveries.get(tx, number).id == max(one.id for one in deliveries.in_states(tx, frozenset(State)))


def test_a_no_is_kept_under_its_key_too(site: Site) -> None:
    token = made(site, Permission.STOP)
    for _ in range(2):
        answer = call(site, "/pause", token, {}, Idempotency_Key="no reason")
        assert (answer.status, answer.body["title"]) == (409, "refused")
        assert "say why" in answer.body["detail"]


def test_a_call_that_died_before_its_answer_is_never_done_a_second_time(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = made(site, Permission.WORD)
    words = {"text": "Is the press running?", "channel": "x-main"}
    really = newsroom.free_post

    def dies(*args: Any, **named: Any) -> Any:
        really(*args, **named)
        raise RuntimeError("the process died here")

    monkeypatch.setattr(newsroom, "free_post", dies)
    assert call(site, "/posts", token, words, Idempotency_Key="k").status == 500
    monkeypatch.setattr(newsroom, "free_post", really)
    again = call(site, "/posts", token, words, Idempotency_Key="k")
    assert (again.status, again.body["title"]) == (409, "begun")


def test_a_body_that_tells_no_length_is_held_no_further_than_is_taken() -> None:
    came = 0

    async def receive() -> Message:
        nonlocal came
        came += 1
        return {"type": "http.request", "body": b"[" * MOST_BYTES, "more_body": True}

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    bounded = Request(scope, _up_to(MOST_BYTES, Request(scope, receive)))
    with ThreadPoolExecutor(1) as beside, pytest.raises(Problem, match="up to 1 MB"):
        beside.submit(asyncio.run, bounded.body()).result()
    assert came == 2


def test_what_is_not_understood_says_where(site: Site) -> None:
    token = made(site, Permission.APPROVE, Permission.SETTLE)
    story = waiting(site)
    wrong = call(site, f"/stories/{story}/schedule", token, {"at": "someday"}, Idempotency_Key="1")
    assert (wrong.status, wrong.body["title"]) == (422, "not-understood")
    assert "no time" in wrong.body["detail"] or "someday" in wrong.body["detail"]
    more = call(site, f"/stories/{story}/schedule", token, {"at": "in 30m", "colour": "red"}, Idempotency_Key="2")
    assert "colour" in more.body["detail"]
    assert call(site, "/stories/999999", made(site, Permission.READ)).status == 404
    assert call(site, "/deliveries/1/settle", token, {"verdict": "perhaps"}, Idempotency_Key="3").status == 422
    assert call(site, "/nothing", token).body["title"] == "nothing-here"
    unread = problem_of(HTTPException(400))
    assert unread is not None
    assert (unread.word, "as JSON" in unread.sentence) == ("not-understood", True)


def test_a_story_comes_in_through_the_api_and_is_found_by_its_headline(site: Site) -> None:
    token = made(site, Permission.READ, Permission.QUEUE)
    body = "The old tram runs again from Monday.\n\nIt stood still for nine years."
    story = {
        "title": "The old tram is back",
        "body": body,
        "url": "https://news.example.org/tram",
        "section": "Transport",
    }
    answer = call(site, "/stories", token, story, Idempotency_Key="tram")
    assert (answer.status, answer.body["headline"]) == (201, "The old tram is back")
    found = call(site, "/stories?text=old%20tram", token).body["stories"]
    assert [one["url"] for one in found] == ["https://news.example.org/tram"]


def test_the_description_names_every_address_and_its_token(read_site: Site) -> None:
    described = call(read_site, "/openapi.json", None).body
    assert set(described["paths"]) == {route.path for route in ROUTES}
    for path, verbs in described["paths"].items():
        for verb in verbs.values():
            assert verb["security"], path
            assert verb["summary"], path
            assert verb["description"], path


def test_a_token_is_taken_back_by_its_person_or_by_an_admin_and_shown_once(site: Site) -> None:
    token = making.make_token(site.app, NAMES[Role.EDITOR], "a script", [Permission.READ], actor="test")
    assert "pressrun_" not in repr(token)
    with pytest.raises(NotAllowed):
        making.end_token(site.app, token.token.id, actor=site_actor(site, Role.APPROVER))
    assert call(site, "/channels", token.text).status == 200
    making.end_token(site.app, token.token.id, actor=site_actor(site, Role.EDITOR))
    assert call(site, "/channels", token.text).status == 401
    with site.app.ground.reading() as tx:
        assert [one.name for one, _ in api_tokens.every(tx)] == []


def site_actor(site: Site, role: Role) -> Any:
    from scheduler.people.actor import Actor
    from scheduler.people.roles import MAY

    return Actor(NAMES[role], MAY[role])


def test_answers_are_kept_for_a_day(site: Site) -> None:
    token = made(site, Permission.STOP)
    call(site, "/pause", token, {}, Idempotency_Key="old")
    with site.app.ground.transaction() as tx:
        assert api_answers.forget(tx, site.clock.now()) == 0
        assert api_answers.forget(tx, site.clock.now().replace(year=2027)) == 1


def test_docs_api_names_every_address_and_word() -> None:
    doc = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    for route in ROUTES:
        last = "/" + route.path.rpartition("/")[2]
        assert route.path in doc or f"`{last}`" in doc, route.path
    source = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "desk" / "web" / "api").glob("*.py"))
    for word in set(re.findall(r'Problem\(\d{3}, "([a-z-]+)"', source)) - {"own-fault"}:
        assert f"`{word}`" in doc, word


def test_a_storys_picture_hashtags_and_campaign_are_changed_and_an_old_version_is_refused(site: Site) -> None:
    token, story = made(site), waiting(site)
    png = base64.b64encode(PNG).decode()
    kept = call(site, "/pictures", token, {"data": png}, Idempotency_Key="p")
    assert (kept.status, kept.body["media_type"]) == (201, "image/png")
    assert call(site, "/pictures", token, {"data": "<svg>"}, Idempotency_Key="p2").status == 422
    asked = {"channel": "x-main", "image": kept.body["sha256"], "alt": "A pier", "hashtags": ["Puerto"]}
    asked |= {"utm": {"utm_campaign": "api"}, "version": 1}
    done = call(site, f"/stories/{story}/words", token, asked, Idempotency_Key="w")
    assert done.status == 200, done.body
    with site.app.ground.reading() as tx:
        words = teasers.newest(tx, SubjectKind.ARTICLE, story, "x-main")
    assert words is not None
    assert words.image is not None
    assert (words.version, words.image.sha256, words.image.alt) == (2, kept.body["sha256"], "A pier")
    assert "#Puerto" in words.text
    assert "utm_campaign=api" in words.text
    old = call(site, f"/stories/{story}/words", token, asked, Idempotency_Key="w2")
    assert (old.status, "changed the words" in old.body["detail"]) == (409, True)


ODD = ["\ud800", "\udfff\ud800", "\x00", "a\x00b", "\u2028", "\ufeff", "\U0010ffff", "1e999", "9" * 400]
"""Texts that JSON can write and hardly anybody can keep."""


def test_an_odd_text_is_kept_or_refused_and_never_a_fault(site: Site) -> None:
    token = made(site, *Permission, role=Role.ADMIN)
    for odd in ODD:
        for asked in (
            {"text": odd, "channel": "x-main"},
            {"text": "a", "channel": odd},
            {"text": "a", "channel": "x-main", odd: odd},
            {"text": "a", "channel": "x-main", "at": odd},
            odd,
            [odd],
        ):
            answer = call(site, "/posts", token, asked, Idempotency_Key=ascii([odd, asked])[:200])
            assert answer.status in ((201, 404, 409, 422) if "\0" not in odd else (422,)), (asked, answer.body)
        written = urllib.parse.quote(odd.encode("utf-8", "surrogatepass"))
        for path in (
            "/deliveries?text=%",
            "/deliveries?cursor=%",
            "/stories?text=%",
            "/newsletters/%/next",
            "/stories/%",
        ):
            answer = call(site, path.replace("%", written), token)
            assert answer.status in ((200, 404, 409, 422) if "\0" not in odd else (422,)), (path, odd, answer.body)
    said = call(site, "/posts", token, {"text": "a\0", "channel": "x-main"}, Idempotency_Key="nul").body["detail"]
    assert said == "body: an invisible NUL character (U+0000) stands in it; take it out."


def test_numbers_that_no_row_has_are_refused_in_a_sentence(read_site: Site) -> None:
    token = made(read_site, Permission.READ, Permission.APPROVE)
    for path in ("/stories/0", "/stories/-1", f"/stories/{2**53}", f"/stories/{10**400}", f"/stories?before={2**63}"):
        assert call(read_site, path, token).status == 422, path
    for number in (True, "5", 5.5, 10**400, None):
        answer = call(
            read_site, "/newsletters/mail/alert", token, {"story": number}, Idempotency_Key=f"n {number}"[:200]
        )
        assert (answer.status, "story" in answer.body["detail"]) == (422, True), number


@pytest.mark.parametrize("key", ["", " ", "a" * 201, "\xe9", "a\tb", "\x7f"])
def test_a_key_that_no_header_carries_safely_is_refused(key: str, read_site: Site) -> None:
    answer = call(read_site, "/pause", made(read_site, Permission.STOP), {"why": "a"}, Idempotency_Key=key)
    assert (answer.status, answer.body["title"]) == (400, "no-key")


def test_a_filter_that_there_is_not_is_told_with_those_that_there_are(read_site: Site) -> None:
    answer = call(read_site, "/deliveries?stat=failed", made(read_site, Permission.READ))
    assert answer.status == 422
    assert answer.body["detail"].startswith(
        "query.stat: there is no such parameter; there are: by_whom, cause, channel, "
    )


def test_an_address_asked_in_another_way_names_all_its_ways_and_one_with_a_line_break_is_not_there(
    read_site: Site,
) -> None:
    token = made(read_site, Permission.READ)
    request = urllib.request.Request(f"{read_site.address}/api/v1/stories", method="DELETE")
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request, timeout=60)
    with error.value as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")
        assert json.loads(answer.read())["title"] == "not-this-way"
    assert call(read_site, "/sto%0Aries", token).body["title"] == "nothing-here"


def test_a_headline_of_two_lines_stays_one_headline(site: Site) -> None:
    asked = {"title": "A ferry\nuntil\x85midnight ", "byline": "Jo\u2028Doe", "body": "It runs from Monday."}
    made_now = call(site, "/stories", made(site, Permission.QUEUE), asked, Idempotency_Key="two")
    assert (made_now.status, made_now.body["headline"]) == (201, "A ferry until midnight")
    assert made_now.body["authors"] == ["Jo Doe"]
