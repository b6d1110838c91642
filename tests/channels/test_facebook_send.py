"""Facebook through the real facebook-sdk: what goes over the wire, and how each answer is read."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from channels import facebook_page
from channels.facebook import FacebookChannel
from channels.rehearsal.faults import Fault
from channels.rehearsal.platforms import RehearsalPlatforms
from db.records import Outcome, Part
from tests.channels.drawn import picture, png
from tests.channels.facebook_ground import (
    KEY,
    LINK,
    PAGE,
    WORDS,
    a_while_ago,
    alone,
    failure_of,
    link_part,
)
from tests.channels.kinds import facebook_channel
from tests.channels.scripted import answering, reply, serving


@pytest.fixture
def channel(platforms: RehearsalPlatforms) -> FacebookChannel:
    return facebook_channel(platforms)


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
