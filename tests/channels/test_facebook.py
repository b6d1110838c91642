"""Facebook through the real facebook-sdk: what is composed, what goes over the wire, how each answer is read."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels import facebook_page
from channels.errors import ChannelError, Rejected, Unauthorized
from channels.facebook import FacebookChannel, FacebookConfig
from channels.facebook_health import token_problems, version_problems
from channels.rehearsal.accounts import facebook_page as rehearsal_page
from channels.rehearsal.faults import Fault
from channels.rehearsal.platforms import RehearsalPlatforms
from db.records import Failure, Image, Mode, Money, Outcome, Part, Post, Receipt, Teaser
from tests.channels.drawn import picture, png
from tests.channels.kinds import facebook_channel
from tests.channels.scripted import answering, reply, serving

KEY = "rehearsal/article-12/facebook-main/first"
LINK = "https://news.example.com/2026/river-path?utm_source=facebook&utm_content=a-12"
WORDS = "Council votes to keep the river path open: lamps & gravel first"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
PAGE = rehearsal_page("facebook-main")


@pytest.fixture
def channel(platforms: RehearsalPlatforms) -> FacebookChannel:
    return facebook_channel(platforms)


def alone(**changes: object) -> FacebookChannel:
    """A channel without a platform, for what is pure."""
    values = {"page_id": "42", "token": "EAATOKENTOKEN"} | changes
    return FacebookChannel(FacebookConfig(name="facebook-main", mode=Mode.REHEARSAL, **values))  # type: ignore[arg-type]


def teaser(text: str = WORDS, **more: object) -> Teaser:
    return Teaser(channel="facebook-main", kind="facebook", text=text, **more)  # type: ignore[arg-type]


def a_while_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=15)


def link_part() -> Part:
    return Part(text=WORDS, link=LINK)


def failure_of(channel: FacebookChannel, part: Part | None = None) -> Failure:
    with pytest.raises(ChannelError) as caught:
        channel.send(part or link_part(), KEY, None)
    return caught.value.failure


def codes(*parts: Part) -> list[str]:
    return [problem.code for problem in alone().validate(Post("facebook-main", "facebook", parts)) if problem.stops]


# --- pure --------------------------------------------------------------------------------------


def test_a_link_goes_beside_the_words_and_no_photo_with_it() -> None:
    assert alone().compose(teaser(link=LINK)).parts == (link_part(),)
    only_address = Image(url="https://news.example.com/a.jpg")
    assert alone().compose(teaser(link=LINK, image=only_address)).parts == (link_part(),)


def test_a_photo_post_carries_the_link_at_the_end_of_the_words_once(tmp_path: Path) -> None:
    image = picture(tmp_path)
    wanted = (Part(text=f"{WORDS}\n\n{LINK}", images=(image,)),)
    assert alone().compose(teaser(link=LINK, image=image)).parts == wanted
    assert alone().compose(teaser(f"{WORDS}\n\n{LINK}", link=LINK, image=image)).parts == wanted


def test_length_is_counted_in_characters() -> None:
    assert alone().measure("Cafe\u0301 …") == 6
    assert codes(Part(text="a" * 63_206)) == []
    assert codes(Part(text="a" * 63_207)) == ["too long"]


def test_what_facebook_would_refuse_is_a_problem(tmp_path: Path) -> None:
    good = picture(tmp_path)
    assert codes(Part(text=" ")) == ["empty"]
    assert codes(Part(text="a"), Part(text="b")) == ["parts"]
    assert codes(Part(text="a", link="news.example.com")) == ["link"]
    assert codes(Part(text="a", link="https://[bad")) == ["link"]
    assert codes(Part(text="a", link="https://www.facebook.com/42")) == ["link"]
    assert codes(Part(text="a", images=(good,) * 10)) == []
    assert codes(Part(text="a", images=(good,) * 11)) == ["too many pictures"]
    webp = picture(tmp_path, "a.webp", b"RIFF\0\0\0\0WEBPVP8 ")
    assert codes(Part(text="a", images=(webp,))) == ["picture type"]
    large = picture(tmp_path, "large.png", png() + b"\0" * 4_000_000)
    assert codes(Part(text="a", images=(large,))) == ["picture too large"]


def test_facebook_bills_nothing() -> None:
    assert alone().price(alone().compose(teaser(link=LINK))) == Money(0)


def test_no_secret_stands_in_a_repr() -> None:
    channel = alone(app_secret="secretsecret")
    told = repr(channel) + repr(channel.config)
    assert "EAATOKEN" not in told
    assert "secretsecret" not in told


# --- sending -----------------------------------------------------------------------------------


def test_a_link_post_is_one_call_that_brings_its_address(
    channel: FacebookChannel, platforms: RehearsalPlatforms
) -> None:
    receipt = channel.send(link_part(), KEY, None)
    (published,) = platforms.published("facebook")
    assert (published.text, published.link, published.id) == (WORDS, LINK, receipt.id)
    assert receipt.url == f"{platforms.addresses.page_url}/facebook/{receipt.id}"
    assert receipt.at is not None
    assert receipt.quota.buckets[0].used_percent is not None
    (call,) = platforms.requests("facebook")
    assert (call.verb, call.what.split("?")[0], call.status) == ("POST", f"/v25.0/{PAGE.page_id}/feed", 200)


def test_the_token_is_in_no_address_and_no_body_and_its_proof_is_with_it() -> None:
    answers = [reply(b'{"id": "42_1"}'), reply(b'{"data": []}'), reply(b'{"success": true}')]
    with serving(answering(*answers)) as heard:
        channel = alone(base_url=heard.url, app_secret="secretsecret")
        receipt = channel.send(link_part(), KEY, None)
        channel.find_existing(link_part(), KEY, a_while_ago())
        channel.delete(receipt)
    assert len(heard.requests) == 3
    for request in heard.requests:
        head, _, body = request.partition(b"\r\n\r\n")
        assert b"Authorization: Bearer EAATOKENTOKEN\r\n" in head + b"\r\n"
        assert b"EAATOKEN" not in head.split(b"\r\n")[0] + body
        assert b"secretsecret" not in request
        assert request.count(b"appsecret_proof=") == 1


def test_the_version_is_a_setting() -> None:
    with serving(answering(reply(b'{"id": "42_1"}'))) as heard:
        receipt = alone(base_url=heard.url, version="v26.0").send(Part(text=WORDS), KEY, None)
        assert heard.requests[0].startswith(b"POST /v26.0/42/feed?fields=")
    assert receipt.url == "https://www.facebook.com/42_1"


def test_photos_are_handed_over_unpublished_and_posted_together(
    channel: FacebookChannel, platforms: RehearsalPlatforms, tmp_path: Path
) -> None:
    images = (picture(tmp_path), picture(tmp_path, "b.png", png(4, 4), alt=""))
    part = Part(text=f"{WORDS}\n\n{LINK}", images=images)
    receipt = channel.send(part, KEY, None)
    (published,) = platforms.published("facebook")
    assert (published.alt, published.link) == (("A grey square", ""), None)
    assert [call.kind for call in platforms.requests("facebook")] == ["media", "media", "send"]
    assert [found.id for found in channel.find_existing(part, KEY, a_while_ago()).exact] == [receipt.id]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("closed", Outcome.UNREACHABLE),
        ("reset", Outcome.UNREACHABLE),
        ("503-html", Outcome.UNREACHABLE),
        ("ok-html", Outcome.UNREACHABLE),
        ("ok-no-id", Outcome.UNREACHABLE),
        ("graph-limit", Outcome.RATE_LIMITED),
    ],
)
def test_a_fault_while_a_photo_is_handed_over_is_never_uncertain(
    name: str, outcome: Outcome, when: str, platforms: RehearsalPlatforms, tmp_path: Path
) -> None:
    platforms.faults.add(Fault("facebook", "media", name, when=when))
    failure = failure_of(facebook_channel(platforms), Part(text=WORDS, images=(picture(tmp_path),)))
    assert failure.outcome is outcome
    assert platforms.published("facebook") == ()


def test_photos_that_used_up_the_time_leave_the_post_unsent(
    channel: FacebookChannel, platforms: RehearsalPlatforms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facebook_page, "_LEFT_FOR_POST", 1.0)
    failure = failure_of(channel, Part(text=WORDS, images=(picture(tmp_path),)))
    assert (failure.outcome, failure.code) == (Outcome.UNREACHABLE, "late")
    assert platforms.published("facebook") == ()


def test_a_photo_changed_since_it_was_approved_is_not_sent(
    channel: FacebookChannel, platforms: RehearsalPlatforms, tmp_path: Path
) -> None:
    image = dataclasses.replace(picture(tmp_path), sha256="0" * 64)
    failure = failure_of(channel, Part(text=WORDS, images=(image,)))
    assert "not the one that was approved" in failure.sentence
    assert platforms.requests("facebook") == ()


# --- reading what Facebook says ------------------------------------------------------------------

UNCERTAIN = Outcome.UNCERTAIN
ANSWERS = {
    **dict.fromkeys(["reset", "closed", "body-cut", "json-cut", "ok-html", "ok-empty", "ok-no-id"], UNCERTAIN),
    **dict.fromkeys(["ok-nothing", "ok-list", "ok-null", "ok-errors", "no-content-type"], UNCERTAIN),
    **dict.fromkeys(
        ["text-javascript", "error-no-error", "error-list", "error-null", "moved", "404", "413"], UNCERTAIN
    ),
    **dict.fromkeys(["graph-empty-error", "graph"], UNCERTAIN),
    **{f"{status}-{form}": UNCERTAIN for status in (500, 502, 503, 504) for form in ("json", "html", "empty")},
    **dict.fromkeys(["graph-limit", "429-retry-after", "429-empty"], Outcome.RATE_LIMITED),
}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("name", "outcome"), ANSWERS.items())
def test_each_answer_of_graph_is_read_for_what_it_is(
    name: str, outcome: Outcome, when: str, platforms: RehearsalPlatforms
) -> None:
    platforms.faults.add(Fault("facebook", "send", name, when=when))
    failure = failure_of(facebook_channel(platforms))
    assert failure.outcome is outcome, failure
    assert len([call for call in platforms.requests("facebook") if call.kind == "send"]) == 1


@pytest.mark.parametrize(
    ("code", "subcode", "outcome"),
    [
        (4, 0, Outcome.RATE_LIMITED),
        (32, 0, Outcome.RATE_LIMITED),
        (80001, 0, Outcome.RATE_LIMITED),
        (190, 463, Outcome.UNAUTHORIZED),
        (200, 0, Outcome.UNAUTHORIZED),
        (368, 0, Outcome.UNAUTHORIZED),
        (100, 0, Outcome.REJECTED),
        (506, 0, Outcome.REJECTED),
        (1609005, 0, Outcome.REJECTED),
        (2, 0, Outcome.UNCERTAIN),
        (54321, 0, Outcome.UNCERTAIN),
    ],
)
def test_each_code_of_graph_comes_through_the_sdk(
    code: int, subcode: int, outcome: Outcome, platforms: RehearsalPlatforms
) -> None:
    platforms.faults.add(Fault("facebook", "send", "graph", arguments={"code": code, "subcode": subcode}))
    failure = failure_of(facebook_channel(platforms))
    assert failure.outcome is outcome
    assert failure.code.startswith(str(code))
    assert failure.quota.date_at is not None


def test_a_limit_says_in_minutes_when_it_ends(platforms: RehearsalPlatforms) -> None:
    platforms.faults.add(Fault("facebook", "send", "graph-limit", arguments={"minutes": 95}))
    failure = failure_of(facebook_channel(platforms))
    assert failure.retry_after == timedelta(minutes=95)
    assert any(bucket.used_percent == 100.0 for bucket in failure.quota.buckets)


def test_the_same_words_again_ask_to_look(channel: FacebookChannel) -> None:
    channel.send(link_part(), KEY, None)
    failure = failure_of(channel)
    assert (failure.outcome, failure.look) == (Outcome.REJECTED, True)


def test_a_page_that_cannot_be_scraped_yet_may_be_asked_again(platforms: RehearsalPlatforms) -> None:
    platforms.rules = platforms.rules.changed({"graph": {"unreachable_links": ["river-path"]}})
    failure = failure_of(facebook_channel(platforms))
    assert (failure.outcome, failure.again_after, failure.at_most) == (Outcome.REJECTED, timedelta(minutes=3), 3)


def test_a_token_that_is_none_stops_the_channel_and_is_not_told(platforms: RehearsalPlatforms) -> None:
    failure = failure_of(facebook_channel(platforms, token="EAAWRONGWRONG", app_secret=None))
    assert failure.outcome is Outcome.UNAUTHORIZED
    assert "EAAWRONG" not in repr(failure)


@pytest.mark.parametrize("body", [b'{"id": ""}', b'{"id": null}', b'{"id": ["42_1"]}', b'{"id": "42_x"}'])
def test_an_id_that_is_none_is_uncertain(body: bytes) -> None:
    with serving(answering(reply(body))) as heard:
        failure = failure_of(alone(base_url=heard.url))
    assert (failure.outcome, failure.code) == (Outcome.UNCERTAIN, "no id")


def test_an_image_in_place_of_an_answer_is_uncertain() -> None:
    with serving(answering(reply(png(), headers="Content-Type: image/png\r\n"))) as heard:
        assert failure_of(alone(base_url=heard.url)).outcome is Outcome.UNCERTAIN


def test_without_a_token_nothing_is_posted(platforms: RehearsalPlatforms) -> None:
    failure = failure_of(facebook_channel(platforms, token=""))
    assert failure.outcome in (Outcome.UNAUTHORIZED, Outcome.UNREACHABLE)
    assert platforms.published("facebook") == ()


# --- looking -----------------------------------------------------------------------------------


def test_a_look_reads_every_page(
    channel: FacebookChannel, platforms: RehearsalPlatforms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facebook_page, "_PAGE", 5)
    first = channel.send(link_part(), KEY, None)
    for number in range(12):
        channel.send(Part(text=f"Bulletin number {number} has other words than {number * 77}"), KEY, None)
    look = channel.find_existing(link_part(), KEY, a_while_ago())
    assert ([found.id for found in look.exact], look.complete) == ([first.id], True)
    assert len([call for call in platforms.requests("facebook") if call.kind == "look"]) == 3


def test_a_look_that_stops_half_way_is_an_error_or_says_that_it_is_not_complete(
    channel: FacebookChannel, platforms: RehearsalPlatforms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facebook_page, "_PAGE", 5)
    for number in range(8):
        channel.send(Part(text=f"Bulletin number {number} has other words than {number * 77}"), KEY, None)
    half = (Fault("facebook", "look", "none"), Fault("facebook", "look", "503-html"))
    platforms.faults.add(*half)
    look = channel.find_existing(Part(text="Bulletin number 7 has other words than 539"), KEY, a_while_ago())
    assert (len(look.exact), look.complete) == (1, False)
    platforms.faults.add(*half)
    with pytest.raises(ChannelError):
        channel.find_existing(link_part(), KEY, a_while_ago())


def test_a_look_with_more_pages_than_are_read_is_not_complete(
    channel: FacebookChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facebook_page, "_PAGE", 5)
    monkeypatch.setattr(facebook_page, "_MOST_PAGES", 1)
    for number in range(6):
        channel.send(Part(text=f"Bulletin number {number} has other words than {number * 77}"), KEY, None)
    assert not channel.find_existing(link_part(), KEY, a_while_ago()).complete


@pytest.mark.parametrize(
    "page",
    [
        {"data": [{"message": "no id"}]},
        {"data": [], "paging": {"next": "https://graph.facebook.com/x"}},
        {"data": [], "paging": {"next": "https://graph.facebook.com/x", "cursors": {"after": ""}}},
    ],
)
def test_a_page_that_is_not_whole_is_not_complete(page: object) -> None:
    with serving(answering(reply(json.dumps(page).encode()))) as heard:
        assert not alone(base_url=heard.url).find_existing(link_part(), KEY, a_while_ago()).complete


def test_a_cursor_that_leads_in_a_circle_ends_the_look() -> None:
    page = json.dumps({"data": [{"id": "42_1"}], "paging": {"next": "n", "cursors": {"after": "c"}}}).encode()
    with serving(answering(reply(page), reply(page), reply(page))) as heard:
        look = alone(base_url=heard.url).find_existing(link_part(), KEY, a_while_ago())
        assert len(heard.requests) == 2
    assert not look.complete


@pytest.mark.parametrize("page", [b"{}", b'{"data": {}}', b'{"success": true}'])
def test_an_answer_without_a_list_is_no_look_at_all(page: bytes) -> None:
    with serving(answering(reply(page))) as heard, pytest.raises(ChannelError):
        alone(base_url=heard.url).find_existing(link_part(), KEY, a_while_ago())


def test_links_that_facebook_wraps_and_posts_that_are_not_public_are_told_apart() -> None:
    shim = f"https://l.facebook.com/l.php?u={LINK.replace('&', '%26').replace('?', '%3F')}&h=AT0"
    rows = [
        {"id": "42_1", "message": WORDS, "is_published": False, "attachments": {"data": [{"url": shim}]}},
        {"id": "42_2", "message": WORDS, "is_published": True, "attachments": {"data": [{"url": shim}]}},
        {"id": "42_3", "message": WORDS, "permalink_url": "/42/posts/3"},
    ]
    with serving(answering(reply(json.dumps({"data": rows}).encode()))) as heard:
        look = alone(base_url=heard.url).find_existing(link_part(), KEY, a_while_ago())
    assert ([found.id for found in look.exact], [found.id for found in look.near]) == (["42_2"], ["42_3"])
    assert look.near[0].url == "https://www.facebook.com/42/posts/3"


@pytest.mark.parametrize(
    "text", ["Prüfung “läuft” 👩🏽‍🚒 weiter\n\n#Wien", "首相は述べた", "A & B <c>", f"Inline {LINK}."]
)
def test_what_facebook_makes_of_a_text_is_recognised(text: str, channel: FacebookChannel) -> None:
    for part in (Part(text=text), Part(text=text, link=LINK)):
        receipt = channel.send(part, KEY, None)
        assert receipt.id in [found.id for found in channel.find_existing(part, KEY, a_while_ago()).exact]


# --- correcting, taking down -----------------------------------------------------------------------


def test_a_correction_keeps_the_post_and_its_link(channel: FacebookChannel, platforms: RehearsalPlatforms) -> None:
    receipt = channel.send(link_part(), KEY, None)
    corrected = channel.correct(receipt, channel.compose(teaser("Corrected words", link=LINK)))
    (published,) = platforms.published("facebook")
    assert (published.text, published.link) == ("Corrected words", LINK)
    assert (corrected.id, corrected.url, corrected.text) == (receipt.id, receipt.url, "Corrected words")


def test_a_correction_that_is_not_confirmed_is_uncertain(
    channel: FacebookChannel, platforms: RehearsalPlatforms
) -> None:
    receipt = channel.send(link_part(), KEY, None)
    platforms.faults.add(Fault("facebook", "correct", "ok-nothing"))
    with pytest.raises(ChannelError) as caught:
        channel.correct(receipt, channel.compose(teaser("Corrected words")))
    assert caught.value.outcome is Outcome.UNCERTAIN


def test_what_the_token_may_not_see_does_not_pass_for_gone(
    channel: FacebookChannel, platforms: RehearsalPlatforms
) -> None:
    other = facebook_channel(platforms, name="facebook-other").send(link_part(), KEY, None)
    with pytest.raises(Rejected):
        channel.delete(other)
    assert not platforms.published("facebook")[0].deleted


def test_a_delete_with_a_token_that_died_does_not_pass_for_gone(
    channel: FacebookChannel, platforms: RehearsalPlatforms
) -> None:
    receipt = channel.send(link_part(), KEY, None)
    platforms.faults.add(Fault("facebook", "delete", "graph", arguments={"code": 100, "subcode": 33}))
    platforms.faults.add(Fault("facebook", "check", "graph", arguments={"code": 190}))
    with pytest.raises(Unauthorized):
        channel.delete(receipt)


@pytest.mark.parametrize(
    "answer",
    [
        reply(b'{"success": true}', headers="Content-Type: text/javascript\r\n"),
        reply(b'{"success": true}', headers=""),
        reply(b'{"success": false}'),
        reply(b'{"success": "true"}'),
        reply(b'{"success": true}', "500 Internal Server Error"),
        reply(b"{}"),
        reply(b"false"),
    ],
)
def test_only_facebook_s_own_clear_word_means_deleted(answer: bytes) -> None:
    with serving(answering(answer)) as heard, pytest.raises(ChannelError) as caught:
        alone(base_url=heard.url).delete(Receipt(id="42_1"))
    assert caught.value.outcome is Outcome.UNCERTAIN


def test_a_bare_true_confirms_as_old_versions_did() -> None:
    with serving(answering(reply(b"true"))) as heard:
        alone(base_url=heard.url).delete(Receipt(id="42_1"))


# --- checking ----------------------------------------------------------------------------------


def test_the_check_tells_whose_page_it_is(channel: FacebookChannel) -> None:
    health = channel.check()
    assert (health.ok, health.account_id, health.account_name) == (True, PAGE.page_id, PAGE.name)
    assert health.problems == ()
    assert health.notes[0].startswith("The token's access to data ends on ")


def test_the_check_finds_the_token_of_a_person(platforms: RehearsalPlatforms) -> None:
    health = facebook_channel(platforms, token=PAGE.user_token).check()
    assert not health.ok
    assert "other page" in [problem.code for problem in health.problems]


def test_the_check_finds_a_missing_permission(channel: FacebookChannel, platforms: RehearsalPlatforms) -> None:
    platforms.rules = platforms.rules.changed({"graph": {"scopes": ["pages_read_engagement"]}})
    health = channel.check()
    assert not health.ok
    assert "pages_manage_posts" in health.problems[0].message


def test_the_check_finds_an_expired_token(channel: FacebookChannel, platforms: RehearsalPlatforms) -> None:
    platforms.rules = platforms.rules.changed({"graph": {"token_problem": 463}})
    health = channel.check()
    assert (health.ok, [problem.code for problem in health.problems]) == (False, ["190/463 token expired"])


def test_without_the_app_s_secret_the_check_asks_who_it_is_and_no_more(platforms: RehearsalPlatforms) -> None:
    assert facebook_channel(platforms, app_secret=None, app_id=None).check().ok
    assert [call.what.split("?")[0] for call in platforms.requests("facebook")] == ["/v25.0/me"]


def test_a_version_that_is_no_longer_served_is_told(platforms: RehearsalPlatforms) -> None:
    health = facebook_channel(platforms, version="v19.0").check()
    assert health.ok
    assert [problem.code for problem in health.problems] == ["other version"]


def test_a_version_s_end_is_told_a_month_before() -> None:
    end = datetime(2027, 1, 21, tzinfo=UTC)
    assert version_problems("v21.0", "v21.0", end - timedelta(days=31)) == []
    assert [problem.code for problem in version_problems("v21.0", "v21.0", end - timedelta(days=30))] == ["old version"]
    assert version_problems("v26.0", "v26.0", end) == []
    assert version_problems("v21.0", None, None) == []


def told(**changes: object) -> dict[str, object]:
    scopes = ["pages_manage_posts", "pages_read_engagement"]
    return {"is_valid": True, "profile_id": "42", "scopes": scopes, "expires_at": 0} | changes


def test_a_good_token_has_no_problem() -> None:
    assert token_problems(told(), "42", NOW) == ([], [])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"is_valid": False}, "token"),
        ({"is_valid": None}, "token"),
        ({"scopes": None}, "permission"),
        ({"profile_id": 43}, "other page"),
    ],
)
def test_a_token_that_will_not_do_is_told(changes: dict[str, object], code: str) -> None:
    problems, _ = token_problems(told(**changes), "42", NOW)
    assert [(problem.code, problem.stops) for problem in problems] == [(code, True)]


def test_a_token_s_end_is_noted_and_a_week_before_it_is_a_problem() -> None:
    far, near = NOW + timedelta(days=20), NOW + timedelta(days=6)
    assert token_problems(told(expires_at=int(far.timestamp())), "42", NOW) == ([], ["The token ends on 2026-12-12."])
    problems, _ = token_problems(told(expires_at=int(near.timestamp())), "42", NOW)
    assert [(problem.code, problem.stops) for problem in problems] == [("token ends", False)]
    assert token_problems(told(expires_at="soon"), "42", NOW) == ([], [])
    assert token_problems(told(expires_at=10**30), "42", NOW) == ([], [])
