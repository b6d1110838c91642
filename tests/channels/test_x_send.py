"""X through real tweepy: what goes over the wire, and how each answer is read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels import x_account
from channels.rehearsal.faults import Fault
from channels.rehearsal.platforms import RehearsalPlatforms
from channels.x import XChannel
from db.records import Image, Outcome, Part
from tests.channels.drawn import picture, png
from tests.channels.kinds import x_channel
from tests.channels.scripted import answering, reply, serving
from tests.channels.x_ground import KEY, WORDS, a_while_ago, alone, failure_of, teaser


@pytest.fixture
def channel(platforms: RehearsalPlatforms) -> XChannel:
    return x_channel(platforms)


def test_one_post_is_one_call_signed_for_the_host_it_goes_to(channel: XChannel, platforms: RehearsalPlatforms) -> None:
    receipt = channel.send(Part(text=WORDS), KEY, None)
    assert [(call.verb, call.what, call.status) for call in platforms.requests("x")] == [("POST", "/2/tweets", 201)]
    assert receipt.url == f"{platforms.addresses.page_url}/x/{receipt.id}"
    assert (receipt.code, receipt.text) == ("201", WORDS)
    assert {bucket.name for bucket in receipt.quota.buckets} >= {"15 minutes", "user 24 hours"}
    assert receipt.quota.date_at is not None
    assert json.loads(receipt.raw)["data"]["id"] == receipt.id


def test_a_thread_hangs_together(channel: XChannel, platforms: RehearsalPlatforms) -> None:
    before = None
    for part in channel.compose(teaser("1/3 One\n---\n2/3 Two\n---\n3/3 Three")).parts:
        before = channel.send(part, KEY, before)
    three, two, one = platforms.published("x")
    assert (one.reply_to, two.reply_to, three.reply_to) == (None, one.id, two.id)


def test_a_picture_goes_first_with_its_alt_text(
    channel: XChannel, platforms: RehearsalPlatforms, tmp_path: Path
) -> None:
    image = picture(tmp_path)
    part = Part(text=WORDS, images=(image, picture(tmp_path, "b.png", png(4, 4), alt="")))
    receipt = channel.send(part, KEY, None)
    (published,) = platforms.published("x")
    assert published.alt == ("A grey square", "")
    assert [call.kind for call in platforms.requests("x")] == ["media", "alt", "media", "send"]
    assert [found.id for found in channel.find_existing(part, KEY, a_while_ago()).exact] == [receipt.id]


def test_a_picture_changed_since_it_was_approved_is_not_sent(
    channel: XChannel, platforms: RehearsalPlatforms, tmp_path: Path
) -> None:
    image = picture(tmp_path)
    Path(image.path or "").write_bytes(png(9, 9))
    failure = failure_of(channel, Part(text=WORDS, images=(image,)))
    assert failure.outcome is Outcome.REJECTED
    assert "not the one that was approved" in failure.sentence
    assert platforms.requests("x") == ()


def test_a_picture_that_is_gone_is_told_by_name(channel: XChannel, tmp_path: Path) -> None:
    failure = failure_of(channel, Part(text=WORDS, images=(Image(path=str(tmp_path / "gone.png")),)))
    assert failure.outcome is Outcome.REJECTED
    assert "gone.png" in failure.sentence


PREPARATION = {
    "closed": Outcome.UNREACHABLE,
    "reset": Outcome.UNREACHABLE,
    "body-cut": Outcome.UNREACHABLE,
    "503-html": Outcome.UNREACHABLE,
    "ok-html": Outcome.UNREACHABLE,
    "moved": Outcome.UNREACHABLE,
    "x-401": Outcome.UNAUTHORIZED,
    "x-402": Outcome.UNAUTHORIZED,
    "x-429": Outcome.RATE_LIMITED,
    "x-400": Outcome.REJECTED,
}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("match", ["media", "alt"])
@pytest.mark.parametrize(("name", "outcome"), PREPARATION.items())
def test_a_fault_while_a_picture_is_handed_over_is_never_uncertain(
    name: str, outcome: Outcome, match: str, when: str, platforms: RehearsalPlatforms, tmp_path: Path
) -> None:
    platforms.faults.add(Fault("x", match, name, when=when))
    failure = failure_of(x_channel(platforms), Part(text=WORDS, images=(picture(tmp_path),)))
    assert failure.outcome is outcome
    assert platforms.published("x") == ()


def test_without_an_id_for_the_picture_nothing_is_posted(platforms: RehearsalPlatforms, tmp_path: Path) -> None:
    platforms.faults.add(Fault("x", "media", "ok-no-id"))
    failure = failure_of(x_channel(platforms), Part(text=WORDS, images=(picture(tmp_path),)))
    assert (failure.outcome, failure.code) == (Outcome.UNREACHABLE, "no picture")
    assert platforms.published("x") == ()


def test_a_picture_that_used_up_the_time_leaves_the_post_unsent(
    platforms: RehearsalPlatforms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(x_account, "_LEFT_FOR_POST", 1.0)
    failure = failure_of(x_channel(platforms), Part(text=WORDS, images=(picture(tmp_path),)))
    assert (failure.outcome, failure.code) == (Outcome.UNREACHABLE, "late")
    assert platforms.published("x") == ()


REFUSED, STANDING, LATER, UNCERTAIN = Outcome.REJECTED, Outcome.UNAUTHORIZED, Outcome.RATE_LIMITED, Outcome.UNCERTAIN
ANSWERS = {
    **dict.fromkeys(["x-400", "x-too-long", "x-bad-media", "x-duplicate", "x-not-permitted", "x-cashtags"], REFUSED),
    **dict.fromkeys(["x-reply-not-allowed", "x-reply-not-author", "x-parent-gone"], REFUSED),
    **dict.fromkeys(["x-401", "x-402", "x-402-older", "x-oauth1-permissions", "x-client-not-enrolled"], STANDING),
    **dict.fromkeys(["x-official-client", "x-unsupported-authentication", "x-spend-cap", "x-suspended"], STANDING),
    **dict.fromkeys(["x-usage-capped", "x-usage-capped-403", "x-usage-capped-402"], STANDING),
    **dict.fromkeys(["x-429", "x-429-older", "x-429-no-headers", "x-429-past", "x-429-day", "x-429-both"], LATER),
    **dict.fromkeys(["429-retry-after", "429-empty"], LATER),
    **dict.fromkeys(["reset", "closed", "body-cut", "json-cut", "ok-html", "ok-empty", "ok-no-id"], UNCERTAIN),
    **dict.fromkeys(["ok-nothing", "ok-list", "ok-null", "ok-errors", "no-content-type"], UNCERTAIN),
    **dict.fromkeys(
        ["text-javascript", "error-no-error", "error-list", "error-null", "moved", "404", "413"], UNCERTAIN
    ),
    **{f"{status}-{form}": UNCERTAIN for status in (500, 502, 503, 504) for form in ("json", "html", "empty")},
}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("name", "outcome"), ANSWERS.items())
def test_each_answer_of_x_is_read_for_what_it_is(
    name: str, outcome: Outcome, when: str, platforms: RehearsalPlatforms
) -> None:
    platforms.faults.add(Fault("x", "send", name, when=when))
    failure = failure_of(x_channel(platforms))
    assert failure.outcome is outcome, failure
    assert len(failure.sentence) > 40
    sends = [call for call in platforms.requests("x") if call.kind == "send"]
    assert len(sends) == 1


def test_a_duplicate_by_x_s_own_rule_asks_to_look(channel: XChannel) -> None:
    channel.send(Part(text=WORDS), KEY, None)
    failure = failure_of(channel)
    assert (failure.outcome, failure.look) == (Outcome.REJECTED, True)


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("x-429", 900), ("x-429-day", 86_400), ("x-429-both", 86_400), ("x-429-no-headers", 900), ("x-429-past", 900)],
)
def test_a_limit_says_when_it_ends(name: str, seconds: int, platforms: RehearsalPlatforms) -> None:
    platforms.faults.add(Fault("x", "send", name))
    wait = failure_of(x_channel(platforms)).retry_after
    assert wait is not None
    assert abs(wait.total_seconds() - seconds) <= 2


def test_a_limit_is_counted_by_x_s_clock_not_ours(platforms: RehearsalPlatforms) -> None:
    reset = int(datetime(2031, 5, 1, 12, 10, tzinfo=UTC).timestamp())
    headers = f"Date: Thu, 01 May 2031 12:00:00 GMT\r\nx-rate-limit-remaining: 0\r\nx-rate-limit-reset: {reset}\r\n"
    with serving(answering(reply(b"{}", "429 Too Many Requests", headers))) as heard:
        failure = failure_of(alone(base_url=heard.url))
    assert failure.retry_after == timedelta(minutes=10)


def test_a_rate_header_that_tweepy_cannot_read_is_still_a_limit() -> None:
    with serving(answering(reply(b"{}", "429 Too Many Requests", "x-rate-limit-reset: soon\r\n"))) as heard:
        failure = failure_of(alone(base_url=heard.url))
    assert (failure.outcome, failure.retry_after) == (Outcome.RATE_LIMITED, timedelta(minutes=15))


@pytest.mark.parametrize(
    "body", [b'{"data": {"id": ""}}', b'{"data": {"id": null}}', b'{"data": [1]}', b'{"data": {"id": "a/b"}}']
)
def test_an_id_that_is_none_is_uncertain(body: bytes) -> None:
    with serving(answering(reply(body, "201 Created"))) as heard:
        failure = failure_of(alone(base_url=heard.url))
    assert (failure.outcome, failure.code) == (Outcome.UNCERTAIN, "no id")
    assert "never sends it twice" in failure.sentence


def test_keys_that_x_does_not_know_stop_the_channel(platforms: RehearsalPlatforms) -> None:
    failure = failure_of(x_channel(platforms, access_token_secret="wrong-wrong-wrong"))
    assert failure.outcome is Outcome.UNAUTHORIZED
    assert "secret file" in failure.sentence
    assert "wrong-wrong" not in repr(failure)


def test_a_key_that_cannot_be_put_on_the_wire_posts_nothing(platforms: RehearsalPlatforms) -> None:
    failure = failure_of(x_channel(platforms, consumer_key=None))
    assert (failure.outcome, failure.code) == (Outcome.UNREACHABLE, "wire: unsendable")
    assert platforms.requests("x") == ()
