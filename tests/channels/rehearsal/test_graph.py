"""The rehearsal Graph keeps Graph's rules, as facebook-sdk meets them."""

from __future__ import annotations

import hashlib
import hmac
import json
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import facebook
import pytest
import requests

from channels.rehearsal import accounts
from channels.rehearsal.accounts import FACEBOOK
from channels.rehearsal.platforms import RehearsalPlatforms
from channels.rehearsal.rules import GraphRules, Rules
from tests.channels.rehearsal.callers import GraphCaller, png
from tests.channels.rehearsal.conftest import Clock

LINK = "https://www.example.com/news/tower?a=1&b=2"
FEED = f"/{FACEBOOK.page_id}/feed"


def code_of(answer: requests.Response) -> tuple[int, int, int | None]:
    error = answer.json()["error"]
    assert {"message", "type", "code", "fbtrace_id"} <= set(error)
    return answer.status_code, error["code"], error.get("error_subcode")


def test_a_link_post_is_published_and_read_back(
    platforms: RehearsalPlatforms, graph: GraphCaller, clock: Clock
) -> None:
    id = graph.post("The tower stands.", link=LINK)
    (post,) = platforms.published("facebook")
    fields = "id,message,created_time,is_published,attachments{unshimmed_url,url}"
    (read,) = graph.published(fields=fields)
    assert id.startswith(FACEBOOK.page_id + "_")
    assert (post.id, post.text, post.link, post.created_at) == (id, "The tower stands.", LINK, clock.at)
    assert read["message"] == "The tower stands."
    assert read["created_time"] == "2026-09-21T08:00:00+0000"
    assert read["is_published"] is True
    assert read["attachments"]["data"][0]["unshimmed_url"] == LINK
    assert read["attachments"]["data"][0]["url"].startswith("https://l.facebook.com/l.php?u=https%3A")


def test_fields_on_a_post_read_after_the_write(platforms: RehearsalPlatforms, graph: GraphCaller) -> None:
    made = graph.api.put_object(FACEBOOK.page_id, "feed", message="Hello.", fields="id,permalink_url,created_time")
    assert made["permalink_url"] == f"{platforms.addresses.page_url}/facebook/{made['id']}"
    assert requests.get(made["permalink_url"], timeout=60).status_code == 200
    assert made["created_time"] == "2026-09-21T08:00:00+0000"


@pytest.mark.parametrize("where", ["header", "query", "form", "multipart"])
def test_the_token_may_stand_in_header_query_or_form(graph: GraphCaller, where: str) -> None:
    url = f"{graph.url}/v26.0{FEED}"
    token = {"access_token": FACEBOOK.token}
    ways: dict[str, dict[str, Any]] = {
        "header": {"headers": {"Authorization": f"Bearer {FACEBOOK.token}"}, "data": {"message": "A"}},
        "query": {"params": token, "data": {"message": "A"}},
        "form": {"data": {**token, "message": "A"}},
        "multipart": {"files": {"access_token": (None, FACEBOOK.token), "message": (None, "A")}},
    }
    answer = requests.post(url, timeout=60, **ways[where])
    assert answer.status_code == 200
    assert "x-business-use-case-usage" in answer.headers


def test_a_wrong_token_is_190_and_none_is_104(graph: GraphCaller) -> None:
    wrong = graph.ask("POST", FEED, token="EAARnonsense", data={"message": "A"})
    none = requests.post(f"{graph.url}/v26.0{FEED}", data={"message": "A"}, timeout=60)
    assert code_of(wrong)[:2] == (400, 190)
    assert "invalid_token" in wrong.headers["WWW-Authenticate"]
    assert code_of(none)[1] == 104


def test_a_token_that_died_says_why(platforms: RehearsalPlatforms, graph: GraphCaller) -> None:
    platforms.rules = Rules(graph=GraphRules(token_problem=463))
    with pytest.raises(facebook.GraphAPIError, match="Session has expired") as raised:
        graph.post("A")
    assert raised.value.result["error"]["error_subcode"] == 463


def test_another_page_or_a_persons_token_may_not_post(graph: GraphCaller) -> None:
    other = accounts.facebook_page("other")
    assert code_of(graph.ask("POST", FEED, token=other.token, data={"message": "A"}))[1] == 100
    assert code_of(graph.ask("POST", FEED, token=FACEBOOK.user_token, data={"message": "A"}))[:2] == (403, 200)


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("pages_manage_posts", "POST", FEED),
        ("pages_read_engagement", "GET", f"/{FACEBOOK.page_id}/published_posts"),
        ("pages_manage_engagement", "POST", "/1_2/comments"),
    ],
)
def test_a_missing_permission_is_403_code_200(
    platforms: RehearsalPlatforms, graph: GraphCaller, scope: str, method: str, path: str
) -> None:
    scopes = tuple(one for one in GraphRules().scopes if one != scope)
    platforms.rules = Rules(graph=GraphRules(scopes=scopes))
    answer = graph.ask(method, path, data={"message": "A"} if method == "POST" else None)
    assert code_of(answer)[:2] == (403, 200)
    assert scope in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"message": "  "},
        {"message": "a" * 63_207},
        {"message": "a", "published": "perhaps"},
        {"message": "a", "scheduled_publish_time": "1790000000"},
        {"message": "a", "published": "false", "scheduled_publish_time": "soon"},
        {"message": "a", "attached_media": "media_fbid"},
        {"message": "a", "attached_media[0]": '{"media_fbid": "12"}'},
        {"link": "not a link"},
        {"link": "http://localhost/x"},
    ],
)
def test_a_post_that_is_not_right_is_100(
    platforms: RehearsalPlatforms, graph: GraphCaller, form: dict[str, str]
) -> None:
    assert code_of(graph.ask("POST", FEED, data=form))[:2] == (400, 100)
    assert platforms.published("facebook") == ()


def test_63206_characters_are_not_too_many(graph: GraphCaller) -> None:
    assert graph.post("a" * 63_206)


def test_the_same_post_twice_in_a_row_is_506_and_later_not(graph: GraphCaller) -> None:
    graph.post("The tower stands.", link=LINK)
    twice = graph.ask("POST", FEED, data={"message": "The  tower stands.", "link": LINK})
    assert code_of(twice) == (400, 506, 1455006)
    assert graph.post("The tower stands.", link=LINK + "&c=3")
    assert graph.post("The tower stands.", link=LINK)


def test_a_link_that_cannot_be_scraped_is_1609005(platforms: RehearsalPlatforms, graph: GraphCaller) -> None:
    platforms.rules = Rules(graph=GraphRules(unreachable_links=("/not-yet/",)))
    answer = graph.ask("POST", FEED, data={"message": "A", "link": "https://www.example.com/not-yet/1"})
    assert code_of(answer)[1] == 1609005
    assert graph.post("A", link="https://www.example.com/there/1")


@pytest.mark.parametrize("value", ["True", "true", "1"])
def test_booleans_are_read_in_any_spelling(platforms: RehearsalPlatforms, graph: GraphCaller, value: str) -> None:
    graph.post("A", published=value)
    assert platforms.published("facebook")[0].is_published


def test_a_scheduled_post_waits_and_then_is_public(
    platforms: RehearsalPlatforms, graph: GraphCaller, clock: Clock
) -> None:
    at = int(clock.at.timestamp()) + 3_600
    id = graph.post("Later.", published=False, scheduled_publish_time=at)
    page = FACEBOOK.page_id
    waiting = graph.api.get_connections(page, "scheduled_posts", fields="id,scheduled_publish_time")["data"]
    assert waiting == [{"id": id, "scheduled_publish_time": at}]
    assert graph.published() == []
    assert not platforms.published("facebook")[0].is_public(clock.at)
    clock.on(hours=1)
    assert [post["id"] for post in graph.published()] == [id]
    assert graph.api.get_connections(page, "scheduled_posts")["data"] == []


@pytest.mark.parametrize("seconds", [599, 30 * 86_400 + 60])
def test_a_schedule_outside_10_minutes_to_30_days_is_100(graph: GraphCaller, clock: Clock, seconds: int) -> None:
    form = {"message": "A", "published": "false", "scheduled_publish_time": str(int(clock.at.timestamp()) + seconds)}
    assert code_of(graph.ask("POST", FEED, data=form))[1] == 100


def test_a_photo_goes_out_with_its_alt_text(platforms: RehearsalPlatforms, graph: GraphCaller) -> None:
    album = f"{FACEBOOK.page_id}/photos"
    made = graph.api.put_photo(BytesIO(png()), album_path=album, caption="Look.", alt_text_custom="A tower")
    (post,) = platforms.published("facebook")
    assert made == {"id": post.media[0], "post_id": post.id}
    assert (post.text, post.alt) == ("Look.", ("A tower",))


def test_photos_are_uploaded_unpublished_and_posted_together(platforms: RehearsalPlatforms, graph: GraphCaller) -> None:
    album = f"{FACEBOOK.page_id}/photos"
    photos = [
        graph.api.put_photo(BytesIO(png()), album_path=album, published="false", alt_text_custom=f"Tower {number}")[
            "id"
        ]
        for number in (1, 2)
    ]
    assert platforms.published("facebook") == ()
    assert [one.kind for one in platforms.requests("facebook")] == ["media", "media"]
    graph.post("Two.", attached_media=json.dumps([{"media_fbid": photo} for photo in photos]))
    again = graph.ask(
        "POST", FEED, data={"message": "Three.", "attached_media[0]": json.dumps({"media_fbid": photos[0]})}
    )
    assert platforms.published("facebook")[0].alt == ("Tower 1", "Tower 2")
    assert code_of(again)[1:] == (100, 1366051)


def test_the_list_that_facebook_sdk_spoils_is_refused(platforms: RehearsalPlatforms, graph: GraphCaller) -> None:
    with pytest.raises(facebook.GraphAPIError, match="attached_media"):
        graph.post("Two.", attached_media=[{"media_fbid": "1"}])
    assert platforms.published("facebook") == ()


def test_a_photo_by_address_or_a_bad_one(platforms: RehearsalPlatforms, graph: GraphCaller) -> None:
    path = f"/{FACEBOOK.page_id}/photos"
    assert graph.ask("POST", path, data={"url": "https://www.example.com/a.jpg", "caption": "A"}).status_code == 200
    assert code_of(graph.ask("POST", path, data={"caption": "A"}))[1] == 324
    assert code_of(graph.ask("POST", path, files={"source": b"no picture"}))[1:] == (100, 1366046)
    big = b"\xff\xd8\xff" + b"\0" * (4 * 1024 * 1024)
    assert code_of(graph.ask("POST", path, files={"source": big}))[1:] == (100, 1366046)
    assert len(platforms.published("facebook")) == 1


def test_a_comment_carries_the_link(platforms: RehearsalPlatforms, graph: GraphCaller) -> None:
    id = graph.post("The tower stands.")
    made = graph.api.put_comment(id, f"Read: {LINK}")
    comment = platforms.published("facebook")[0]
    assert (comment.id, comment.kind, comment.reply_to) == (made["id"], "comment", id)
    assert [post["id"] for post in graph.published()] == [id]
    assert code_of(graph.ask("POST", f"/{id}/comments", data={}))[1] == 100


def test_words_can_be_edited_and_the_link_stays(
    platforms: RehearsalPlatforms, graph: GraphCaller, clock: Clock
) -> None:
    id = graph.post("Teh tower.", link=LINK)
    later = clock.on(minutes=5)
    assert graph.api.request(f"v26.0/{id}", post_args={"message": "The tower."}) == {"success": True}
    (post,) = platforms.published("facebook")
    assert (post.text, post.link, post.edited_at) == ("The tower.", LINK, later)
    assert code_of(graph.ask("POST", f"/{id}", data={"colour": "red"}))[1] == 100


def test_what_was_taken_down_does_not_exist_any_more(platforms: RehearsalPlatforms, graph: GraphCaller) -> None:
    id = graph.post("The tower stands.")
    assert graph.api.delete_object(id) == {"success": True}
    assert platforms.published("facebook")[0].deleted
    assert code_of(graph.ask("GET", f"/{id}")) == (400, 100, 33)
    assert code_of(graph.ask("DELETE", f"/{id}")) == (400, 100, 33)
    assert graph.published() == []


def test_published_posts_come_newest_first_in_cursor_pages(graph: GraphCaller, clock: Clock) -> None:
    ids = []
    for number in range(7):
        ids.append(graph.post(f"Number {number}."))
        clock.on(minutes=1)
    page = graph.api.get_connections(FACEBOOK.page_id, "published_posts", limit=3)
    seen = [post["id"] for post in page["data"]]
    assert parse_qs(urlsplit(page["paging"]["next"]).query)["access_token"] == [FACEBOOK.token]
    while "next" in page["paging"]:
        page = requests.get(page["paging"]["next"], timeout=60).json()
        seen += [post["id"] for post in page["data"]]
    since = int(clock.at.timestamp()) - 120
    assert seen == ids[::-1]
    assert [post["id"] for post in graph.published(since=since)] == ids[:4:-1]
    assert [post["id"] for post in graph.published(until=since)] == ids[4::-1]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "since=whenever", "since=99999999999999999999", "after=nonsense"]
)
def test_a_list_that_is_asked_wrongly_is_100(graph: GraphCaller, query: str) -> None:
    assert code_of(graph.ask("GET", f"/{FACEBOOK.page_id}/published_posts?{query}"))[1] == 100


@pytest.mark.parametrize(
    ("fields", "code"), [("id,colour", 100), ("id,link", 12), ("id,attachments{url", 2500), ("id}", 2500)]
)
def test_fields_that_a_post_does_not_have_are_refused(graph: GraphCaller, fields: str, code: int) -> None:
    id = graph.post("A")
    assert code_of(graph.ask("GET", f"/{id}?fields={fields}"))[1] == code


def test_the_version_served_is_told_and_an_expired_one_is_the_oldest_alive(graph: GraphCaller, clock: Clock) -> None:
    def served(version: str) -> str:
        url = f"{graph.url}/{version}me" if not version else f"{graph.url}/{version}/me"
        return requests.get(url, params={"access_token": FACEBOOK.token}, timeout=60).headers["facebook-api-version"]

    assert [served(version) for version in ("v26.0", "v22.0", "v3.1", "v99.0")] == ["v26.0", "v22.0", "v21.0", "v21.0"]
    clock.on(days=365)
    assert served("v21.0") == "v23.0"


def test_usage_rises_and_the_limit_is_80001(platforms: RehearsalPlatforms, graph: GraphCaller) -> None:
    platforms.rules = Rules(graph=GraphRules(calls_a_day=4))
    shares = []
    for _ in range(4):
        usage = json.loads(graph.ask("GET", "/me").headers["x-business-use-case-usage"])
        shares.append(usage[FACEBOOK.page_id][0]["call_count"])
    refused = graph.ask("POST", FEED, data={"message": "A"})
    wait = json.loads(refused.headers["x-business-use-case-usage"])[FACEBOOK.page_id][0]
    assert shares == [25, 50, 75, 100]
    assert code_of(refused)[1] == 80001
    assert wait["estimated_time_to_regain_access"] == 1_440
    assert "x-app-usage" in refused.headers


def test_me_accounts_and_the_token_exchange_lead_to_the_page_token(graph: GraphCaller) -> None:
    person = facebook.GraphAPI(FACEBOOK.user_token, session=graph.session)
    person.version = "v26.0"
    long = person.extend_access_token(accounts.FACEBOOK_APP_ID, accounts.FACEBOOK_APP_SECRET)
    (row,) = person.get_connections("me", "accounts")["data"]
    assert long["expires_in"] > 5_000_000
    assert (row["id"], row["access_token"]) == (FACEBOOK.page_id, FACEBOOK.token)
    assert "CREATE_CONTENT" in row["tasks"]
    assert graph.api.get_object("me")["name"] == FACEBOOK.name
    assert person.get_app_access_token(accounts.FACEBOOK_APP_ID, accounts.FACEBOOK_APP_SECRET).startswith("1002")
    with pytest.raises(facebook.GraphAPIError, match="client secret"):
        person.extend_access_token(accounts.FACEBOOK_APP_ID, "wrong")


def test_debug_token_says_what_a_token_may(platforms: RehearsalPlatforms, graph: GraphCaller) -> None:
    app = (accounts.FACEBOOK_APP_ID, accounts.FACEBOOK_APP_SECRET)
    good = graph.api.debug_access_token(FACEBOOK.token, *app)["data"]
    bad = graph.api.debug_access_token("EAARnonsense", *app)["data"]
    platforms.rules = Rules(graph=GraphRules(token_problem=460))
    dead = graph.api.debug_access_token(FACEBOOK.token, *app)["data"]
    assert (good["is_valid"], good["type"], good["expires_at"]) == (True, "PAGE", 0)
    assert "pages_manage_posts" in good["scopes"]
    assert (bad["is_valid"], dead["is_valid"], dead["error"]["subcode"]) == (False, False, 460)


def test_a_wrong_appsecret_proof_is_refused(graph: GraphCaller) -> None:
    proof = hmac.new(accounts.FACEBOOK_APP_SECRET.encode(), FACEBOOK.token.encode(), hashlib.sha256).hexdigest()
    assert graph.ask("GET", f"/me?appsecret_proof={proof}").status_code == 200
    assert code_of(graph.ask("GET", "/me?appsecret_proof=00"))[1] == 100


@pytest.mark.parametrize(("method", "path"), [("GET", "/999_1"), ("PUT", FEED), ("POST", "/1/feed"), ("GET", "/a/b/c")])
def test_what_graph_does_not_have_is_100_33(graph: GraphCaller, method: str, path: str) -> None:
    assert code_of(graph.ask(method, path)) == (400, 100, 33)


def test_a_broken_multipart_body_is_400(graph: GraphCaller) -> None:
    headers = {"Authorization": f"Bearer {FACEBOOK.token}", "Content-Type": "multipart/form-data; boundary=b"}
    answer = requests.post(f"{graph.url}/v26.0{FEED}", data=b"--b\r\nnothing", headers=headers, timeout=60)
    assert answer.status_code == 400
    assert "cut short" in answer.json()["detail"]
