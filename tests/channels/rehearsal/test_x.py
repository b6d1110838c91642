"""The rehearsal X keeps X's rules, as tweepy meets them."""

from __future__ import annotations

import unicodedata
from typing import Any, cast

import pytest
import requests
import tweepy  # type: ignore[import-untyped]

from channels.rehearsal import accounts
from channels.rehearsal.platforms import RehearsalPlatforms
from channels.rehearsal.rules import Rules, XRules
from tests.channels.rehearsal.callers import XCaller, png
from tests.channels.rehearsal.conftest import Clock

LINK = "https://www.example.com/news/tower?a=1&b=2"


def test_a_post_answers_201_with_an_increasing_19_digit_string_id(x: XCaller) -> None:
    answer = x.ask("POST", "/2/tweets", json={"text": "The tower stands."})
    first, second = answer.json()["data"]["id"], x.post("It leans.")
    assert answer.status_code == 201
    assert isinstance(first, str)
    assert len(first) == 19
    assert int(second) > int(first)


def test_what_was_published_is_what_was_sent(platforms: RehearsalPlatforms, x: XCaller, clock: Clock) -> None:
    id = x.post(f"Rain & <sun> {LINK}")
    (post,) = platforms.published("x")
    assert (post.id, post.text, post.link, post.created_at) == (id, f"Rain & <sun> {LINK}", LINK, clock.at)
    assert not post.deleted
    assert post.is_public(clock.at)


def test_answers_show_t_co_links_of_23_characters_and_escaped_words(x: XCaller) -> None:
    answer = x.ask("POST", "/2/tweets", json={"text": f"Rain & <sun> {LINK} end"}).json()
    shown = answer["data"]["text"]
    short = shown.split()[3]
    assert shown == f"Rain &amp; &lt;sun&gt; {short} end"
    assert short.startswith("https://t.co/")
    assert len(short) == 23


def test_entities_name_what_a_link_stands_for_only_when_asked(x: XCaller) -> None:
    x.post(f"Rain & {LINK}")
    plain = x.timeline()[0]
    full = x.timeline(tweet_fields=["entities", "created_at"])[0]
    url = full.entities["urls"][0]
    assert "entities" not in plain.data
    assert url["expanded_url"] == LINK
    assert "Rain & xx"[: url["start"]] == "Rain & "
    assert url["end"] - url["start"] == 23
    assert full.data["created_at"] == "2026-09-21T08:00:00.250Z"


def test_words_are_kept_in_composed_form(x: XCaller) -> None:
    x.post(unicodedata.normalize("NFD", "Café"))
    assert x.timeline()[0].text == unicodedata.normalize("NFC", "Café")


def test_a_wrong_secret_is_401(platforms: RehearsalPlatforms) -> None:
    account = accounts.x_account("other")
    forged = accounts.XAccount(
        account.name, account.user_id, account.username, account.access_token, "wrong", account.refresh_token
    )
    caller = XCaller(platforms.addresses.x_url, forged)
    with pytest.raises(tweepy.Unauthorized):
        caller.post("Never.")
    caller.close()
    assert platforms.published("x") == ()


@pytest.mark.parametrize("off", [-301, 301])
def test_a_signature_older_or_newer_than_five_minutes_is_401(
    x: XCaller, monkeypatch: pytest.MonkeyPatch, off: int
) -> None:
    import time

    from oauthlib.oauth1 import rfc5849

    real = time.time()
    monkeypatch.setattr(rfc5849, "generate_timestamp", lambda: str(int(real + off)))
    assert x.ask("GET", "/2/users/me").status_code == 401
    monkeypatch.setattr(rfc5849, "generate_timestamp", lambda: str(int(real + off // 2)))
    assert x.ask("GET", "/2/users/me").status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer nonsense", 'OAuth oauth_token="x"', "Basic abc", "OAuth"])
def test_nobody_is_401(x: XCaller, header: str) -> None:
    answer = requests.get(f"{x.url}/2/users/me", headers={"Authorization": header}, timeout=60)
    assert answer.status_code == 401
    assert answer.json()["title"] == "Unauthorized"


def test_a_signature_covers_the_query(x: XCaller, monkeypatch: pytest.MonkeyPatch) -> None:
    send = x.session.send

    def tamper(request: requests.PreparedRequest, **options: Any) -> requests.Response:
        request.url = str(request.url).replace("max_results=5", "max_results=6")
        return send(request, **options)

    path = f"/2/users/{x.account.user_id}/tweets?max_results=5"
    assert x.ask("GET", path).status_code == 200
    monkeypatch.setattr(x.session, "send", tamper)
    assert x.ask("GET", path).status_code == 401


def test_an_app_only_token_may_read_and_not_write(x: XCaller) -> None:
    headers = {"Authorization": f"Bearer {accounts.X_APP_BEARER}"}
    read = requests.get(f"{x.url}/2/users/{x.account.user_id}/tweets", headers=headers, timeout=60)
    write = requests.post(f"{x.url}/2/tweets", headers=headers, json={"text": "No."}, timeout=60)
    assert read.status_code == 200
    assert write.status_code == 403
    assert write.json()["type"].endswith("/unsupported-authentication")


def test_refresh_tokens_rotate_and_access_tokens_live_two_hours(x: XCaller, clock: Clock) -> None:
    form = {
        "grant_type": "refresh_token",
        "client_id": accounts.X_CONSUMER_KEY,
        "refresh_token": accounts.X.refresh_token,
    }
    url = f"{x.url}/2/oauth2/token"
    pair = requests.post(url, data=form, timeout=60).json()
    spent = requests.post(url, data=form, timeout=60)
    headers = {"Authorization": f"Bearer {pair['access_token']}"}
    me = requests.get(f"{x.url}/2/users/me", headers=headers, timeout=60)
    clock.on(hours=2, seconds=1)
    later = requests.get(f"{x.url}/2/users/me", headers=headers, timeout=60)
    again = requests.post(url, data={**form, "refresh_token": pair["refresh_token"]}, timeout=60)
    assert spent.status_code == 400
    assert me.json()["data"]["id"] == accounts.X.user_id
    assert (later.status_code, again.status_code) == (401, 200)


def test_a_read_only_app_may_not_write(platforms: RehearsalPlatforms, x: XCaller) -> None:
    platforms.rules = Rules(x=XRules(may_write=False))
    answer = x.ask("POST", "/2/tweets", json={"text": "No."})
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("/oauth1-permissions")
    assert answer.headers["x-access-level"] == "read"


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "At least one"),
        ({"text": "  "}, "At least one"),
        ({"text": "a", "colour": "red"}, "colour"),
        ({"text": 5}, "string expected"),
        ({"text": "a", "media": {"media_ids": []}}, "media_ids"),
        ({"text": "a", "media": {"media_ids": ["1"] * 5}}, "media_ids"),
        ({"text": "a", "media": {"media_ids": [1]}}, "media_ids"),
        ({"text": "a", "media": {"media_ids": ["1"]}}, "media IDs"),
        ({"text": "a", "media": "x"}, "object expected"),
        ({"text": "a", "reply": {"in_reply_to_tweet_id": 5}}, "in_reply_to_tweet_id"),
        ({"text": "a", "reply": {"to": "5"}}, "to:"),
        ({"text": "a", "poll": {"options": ["a", "b"]}, "quote_tweet_id": "1"}, "exclude"),
        ([], "object expected"),
        ({"text": "a" * 281}, "too long"),
        ({"text": "界" * 141}, "too long"),
    ],
)
def test_a_post_that_is_not_right_is_400_and_says_why(
    platforms: RehearsalPlatforms, x: XCaller, body: object, word: str
) -> None:
    answer = x.ask("POST", "/2/tweets", json=body)
    assert answer.status_code == 400
    assert word in answer.json()["errors"][0]["message"]
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert platforms.published("x") == ()


def test_a_body_that_is_no_json_is_400(x: XCaller) -> None:
    assert (
        x.ask("POST", "/2/tweets", data=b'{"text": ', headers={"Content-Type": "application/json"}).status_code == 400
    )


def test_the_length_is_weighted_and_a_link_counts_23(x: XCaller) -> None:
    x.post("a" * 256 + " https://www.example.com/" + "b" * 300)
    x.post("界" * 140)
    answer = x.ask("POST", "/2/tweets", json={"text": "a" * 257 + " https://www.example.com/" + "b" * 300})
    assert answer.status_code == 400


def test_a_premium_account_may_say_more(platforms: RehearsalPlatforms, x: XCaller) -> None:
    platforms.rules = Rules(x=XRules(premium=True))
    assert x.post("a" * 281)


def test_the_same_words_again_are_403_until_the_window_is_over(x: XCaller, clock: Clock) -> None:
    x.post("The tower stands.")
    answer = x.ask("POST", "/2/tweets", json={"text": "The  tower\nstands."})
    clock.on(hours=12, seconds=1)
    assert answer.status_code == 403
    assert "duplicate content" in answer.json()["detail"]
    assert x.post("The tower stands.")


def test_deleted_words_may_be_said_again(x: XCaller) -> None:
    id = x.post("The tower stands.")
    x.client.delete_tweet(id)
    assert x.post("The tower stands.")


def test_another_account_may_say_the_same(platforms: RehearsalPlatforms, x: XCaller) -> None:
    x.post("The tower stands.")
    other = XCaller(platforms.addresses.x_url, accounts.x_account("x-sport"))
    other.post("The tower stands.")
    other.close()
    assert len({post.account for post in platforms.published("x")}) == 2


def test_two_cashtags_are_403(x: XCaller) -> None:
    assert x.post("One $ABC is well.")
    answer = x.ask("POST", "/2/tweets", json={"text": "Two $ABC and $DEF are not."})
    assert answer.status_code == 403
    assert "cashtag" in answer.json()["detail"]


def test_a_thread_is_replies_to_ones_own(platforms: RehearsalPlatforms, x: XCaller) -> None:
    first = x.post("One.")
    second = x.post("Two.", in_reply_to_tweet_id=first)
    assert [(post.id, post.kind, post.reply_to) for post in platforms.published("x")] == [
        (second, "reply", first),
        (first, "post", None),
    ]


def test_a_reply_to_others_needs_a_mention(platforms: RehearsalPlatforms, x: XCaller) -> None:
    other = XCaller(platforms.addresses.x_url, accounts.x_account("reader"))
    silent, asking = other.post("I read."), other.post("What does @newsroom say?")
    other.close()
    with pytest.raises(tweepy.Forbidden, match="are the author"):
        x.post("Hello.", in_reply_to_tweet_id=silent)
    assert x.post("This.", in_reply_to_tweet_id=asking)


def test_a_reply_to_what_is_gone_is_403(x: XCaller) -> None:
    id = x.post("One.")
    x.client.delete_tweet(id)
    with pytest.raises(tweepy.Forbidden, match="deleted or not visible"):
        x.post("Two.", in_reply_to_tweet_id=id)


def test_delete_takes_down_ones_own_and_only_that(platforms: RehearsalPlatforms, x: XCaller, clock: Clock) -> None:
    id = x.post("One.")
    other = XCaller(platforms.addresses.x_url, accounts.x_account("reader"))
    foreign = other.ask("DELETE", f"/2/tweets/{id}")
    other.close()
    answer, again = x.ask("DELETE", f"/2/tweets/{id}"), x.ask("DELETE", f"/2/tweets/{id}")
    unknown = x.ask("DELETE", "/2/tweets/12345")
    assert [one.status_code for one in (foreign, answer, again, unknown)] == [403, 200, 200, 404]
    assert answer.json() == {"data": {"deleted": True}}
    assert platforms.published("x")[0].deleted_at == clock.at
    assert x.timeline() == []


def test_the_timeline_is_newest_first_in_pages_back_to_a_moment(x: XCaller, clock: Clock) -> None:
    ids = []
    for number in range(12):
        ids.append(x.post(f"Number {number}."))
        clock.on(minutes=1)
    path = f"/2/users/{x.account.user_id}/tweets"
    seen: list[str] = []
    options: dict[str, str] = {"max_results": "5"}
    pages = 0
    while True:
        page = x.ask("GET", path, params=options).json()
        seen += [post["id"] for post in page["data"]]
        pages += 1
        if "next_token" not in page["meta"]:
            break
        options["pagination_token"] = page["meta"]["next_token"]
    since = x.ask("GET", path, params={"start_time": "2026-09-21T08:09:00Z"}).json()
    assert seen == ids[::-1]
    assert pages == 3
    assert [post["id"] for post in since["data"]] == ids[:8:-1]
    assert since["meta"]["newest_id"] == ids[-1]


def test_an_empty_timeline_has_no_data(x: XCaller) -> None:
    answer = x.ask("GET", f"/2/users/{x.account.user_id}/tweets")
    assert answer.json() == {"meta": {"result_count": 0}}


@pytest.mark.parametrize(
    "query",
    [
        "max_results=4",
        "max_results=101",
        "max_results=x",
        "start_time=yesterday",
        "colour=red",
        "since_id=a",
        "pagination_token=%25",
        "exclude=all",
        "start_time=2026-09-21T08:00:00",
    ],
)
def test_a_timeline_that_is_asked_wrongly_is_400(x: XCaller, query: str) -> None:
    assert x.ask("GET", f"/2/users/{x.account.user_id}/tweets?{query}").status_code == 400


def test_replies_can_be_left_out_and_ids_bound_the_timeline(x: XCaller) -> None:
    first = x.post("One.")
    second = x.post("Two.", in_reply_to_tweet_id=first)
    third = x.post("Three.")
    assert [post.data["id"] for post in x.timeline(exclude=["replies"])] == [third, first]
    assert [post.data["id"] for post in x.timeline(since_id=first)] == [third, second]
    assert [post.data["id"] for post in x.timeline(until_id=third)] == [second, first]


def test_single_posts_can_be_read_and_gone_ones_are_named(x: XCaller) -> None:
    kept, gone = x.post("One."), x.post("Two.")
    x.client.delete_tweet(gone)
    both = cast("Any", x.client.get_tweets([kept, gone], user_auth=True))
    one = cast("Any", x.client.get_tweet(kept, user_auth=True))
    none = x.ask("GET", f"/2/tweets/{gone}").json()
    assert [post.data["id"] for post in both.data] == [kept]
    assert both.errors[0]["resource_id"] == gone
    assert one.data.text == "One."
    assert none["errors"][0]["title"] == "Not Found Error"
    assert "data" not in none


def test_me_says_who_the_account_is(x: XCaller) -> None:
    me = cast("Any", x.client.get_me(user_auth=True))
    assert (str(me.data.id), me.data.username) == (x.account.user_id, "newsroom")


def test_an_edit_needs_premium_and_gives_a_new_id(platforms: RehearsalPlatforms, x: XCaller, clock: Clock) -> None:
    id = x.post("Teh tower.")
    body = {"text": "The tower.", "edit_options": {"previous_post_id": id}}
    refused = x.ask("POST", "/2/tweets", json=body)
    platforms.rules = Rules(x=XRules(premium=True))
    edited = x.ask("POST", "/2/tweets", json=body).json()["data"]["id"]
    clock.on(minutes=31)
    late = x.ask("POST", "/2/tweets", json={"text": "T.", "edit_options": {"previous_post_id": edited}})
    old = next(post for post in platforms.published("x") if post.id == id)
    assert (refused.status_code, late.status_code) == (403, 403)
    assert old.replaced_by == edited
    assert [post.data["id"] for post in x.timeline()] == [edited]


def test_the_old_picture_upload_is_410(x: XCaller) -> None:
    answer = x.ask("POST", "/1.1/media/upload.json", files={"media": png()})
    assert answer.status_code == 410
    assert answer.json()["errors"][0]["code"] == 251


def test_an_unknown_address_is_404(x: XCaller) -> None:
    assert x.ask("GET", "/3/tweets").status_code == 404
    assert x.ask("PUT", "/2/tweets").status_code == 404


def test_the_date_header_follows_the_platforms_clock(x: XCaller, clock: Clock) -> None:
    clock.on(days=3)
    assert x.ask("GET", "/2/users/me").headers["date"] == "Thu, 24 Sep 2026 08:00:00 GMT"
