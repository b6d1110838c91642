"""X through real tweepy: what is composed, what goes over the wire, how each answer is read."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from channels import x_account
from channels.errors import ChannelError, Rejected, Unreachable
from channels.rehearsal.accounts import x_account as rehearsal_account
from channels.rehearsal.faults import Fault
from channels.rehearsal.platforms import RehearsalPlatforms
from channels.x import XChannel, XConfig
from db.records import Failure, Image, Mode, Money, Outcome, Part, Post, Receipt, Teaser
from tests.channels.drawn import picture, png
from tests.channels.kinds import x_channel
from tests.channels.scripted import answering, reply, serving

KEY = "rehearsal/article-12/x-main/first"
LINK = "https://news.example.com/2026/river-path?utm_source=x&utm_content=a-12"
WORDS = f"Council votes to keep the river path open: lamps & gravel first {LINK}"


@pytest.fixture
def channel(platforms: RehearsalPlatforms) -> XChannel:
    return x_channel(platforms)


def alone(**changes: object) -> XChannel:
    """A channel without a platform, for what is pure."""
    values = {
        "consumer_key": "k" * 8,
        "consumer_secret": "s" * 8,
        "access_token": "t" * 8,
        "access_token_secret": "z" * 8,
    }
    return XChannel(XConfig(name="x-main", mode=Mode.REHEARSAL, **(values | changes)))  # type: ignore[arg-type]


def teaser(text: str = WORDS, **more: object) -> Teaser:
    return Teaser(channel="x-main", kind="x", text=text, **more)  # type: ignore[arg-type]


def a_while_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=15)


def failure_of(channel: XChannel, part: Part | None = None, before: Receipt | None = None) -> Failure:
    with pytest.raises(ChannelError) as caught:
        channel.send(part or Part(text=WORDS), KEY, before)
    return caught.value.failure


def codes(channel: XChannel, *parts: Part) -> list[str]:
    return [problem.code for problem in channel.validate(Post("x-main", "x", parts)) if problem.stops]


# --- pure --------------------------------------------------------------------------------------


def test_the_words_are_sent_as_they_stand() -> None:
    post = alone().compose(teaser(link=LINK))
    assert post.parts == (Part(text=WORDS, link=LINK),)


def test_a_line_of_three_dashes_makes_a_thread_and_the_writer_s_numbers_stay(tmp_path: Path) -> None:
    image = picture(tmp_path)
    text = f"1/3 First\n---\n2/3 Second - with --- inside\n  ---  \n3/3 Third {LINK}"
    parts = alone().compose(teaser(text, link=LINK, image=image)).parts
    assert [part.text for part in parts] == ["1/3 First", "2/3 Second - with --- inside", f"3/3 Third {LINK}"]
    assert [part.link for part in parts] == [None, None, LINK]
    assert [part.images for part in parts] == [(image,), (), ()]


def test_breaks_at_the_ends_make_no_empty_part() -> None:
    assert [part.text for part in alone().compose(teaser("---\nOne\n---\n\n---\nTwo\n---")).parts] == ["One", "Two"]


def test_letters_are_composed_as_x_counts_them() -> None:
    assert alone().compose(teaser("Cafe\u0301")).parts[0].text == "Café"


def test_a_picture_that_is_only_an_address_is_left_to_the_card() -> None:
    assert alone().compose(teaser(image=Image(url="https://news.example.com/a.jpg"))).parts[0].images == ()


def test_length_is_x_s_own_count() -> None:
    channel = alone()
    assert channel.measure("…") == 2
    assert codes(channel, Part(text="a" * 256 + " " + LINK)) == []
    assert codes(channel, Part(text="a" * 257 + " " + LINK)) == ["too long"]
    assert codes(alone(premium=True), Part(text="a" * 25_000)) == []
    assert codes(alone(premium=True), Part(text="a" * 25_001)) == ["too long"]


def test_a_problem_says_what_where_and_what_to_do() -> None:
    post = Post("x-main", "x", (Part(text="One"), Part(text="b" * 300)))
    (problem,) = alone().validate(post)
    assert problem.message == "Part 2 of the thread counts 300 on X, 280 are allowed. Shorten it by 20."


def test_empty_doubled_and_cash_are_problems() -> None:
    channel = alone()
    assert codes(channel, Part(text=" \n")) == ["empty"]
    assert codes(channel, Part(text="Same"), Part(text="Same")) == ["twice"]
    assert codes(channel, Part(text="Markets: $AAPL and $MSFT")) == ["cashtags"]
    assert codes(channel, Part(text="Markets: $AAPL, again $AAPL")) == []


def test_pictures_that_x_does_not_take_are_problems(tmp_path: Path) -> None:
    channel = alone()
    good = picture(tmp_path)
    assert codes(channel, Part(text="a", images=(good,) * 4)) == []
    assert codes(channel, Part(text="a", images=(good,) * 5)) == ["too many pictures"]
    large = picture(tmp_path, "large.png", png() + b"\0" * 5_000_000)
    assert codes(channel, Part(text="a", images=(large,))) == ["picture too large"]
    odd = picture(tmp_path, "odd.png", b"<svg></svg>")
    assert codes(channel, Part(text="a", images=(odd,))) == ["picture type"]
    assert codes(channel, Part(text="a", images=(dataclasses.replace(good, alt="a" * 1001),))) == ["alt text too long"]
    assert codes(channel, Part(text="a", images=(Image(path=str(tmp_path / "gone.png"), alt="a"),))) == ["no picture"]


def test_a_picture_without_alt_text_is_told_and_may_go(tmp_path: Path) -> None:
    post = Post("x-main", "x", (Part(text="a", images=(picture(tmp_path, alt=""),)),))
    assert [(problem.code, problem.stops) for problem in alone().validate(post)] == [("no alt text", False)]


@pytest.mark.parametrize(
    ("text", "price"),
    [("No link", 15_000), (WORDS, 200_000), ("Shares of Amazon.com rise", 200_000), ("Version 2.1 of a.b.c", 15_000)],
)
def test_the_price_is_that_of_a_link_as_soon_as_x_will_link_anything(text: str, price: int) -> None:
    channel = alone()
    assert channel.price(channel.compose(teaser(text))) == Money(price)


def test_each_part_and_each_alt_text_is_billed_and_prices_are_settings(tmp_path: Path) -> None:
    channel = alone()
    post = channel.compose(teaser(f"One\n---\nTwo {LINK}", image=picture(tmp_path)))
    assert channel.price(post) == Money(15_000 + 200_000 + 5_000)
    dearer = alone(post_price=Money(1), link_price=Money(20), alt_text_price=Money(300))
    assert dearer.price(post) == Money(321)


def test_no_secret_stands_in_a_repr() -> None:
    channel = alone()
    for secret in ("k" * 8, "s" * 8, "t" * 8, "z" * 8):
        assert secret not in repr(channel) + repr(channel.config)


# --- sending -----------------------------------------------------------------------------------


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


# --- reading what X says ------------------------------------------------------------------------

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


# --- looking -----------------------------------------------------------------------------------


def test_a_look_reads_every_page(
    channel: XChannel, platforms: RehearsalPlatforms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(x_account, "_PAGE", 5)
    first = channel.send(Part(text="The very first post of today"), KEY, None)
    for number in range(12):
        channel.send(Part(text=f"Bulletin number {number} has other words than {number * 77}"), KEY, None)
    look = channel.find_existing(Part(text="The very first post of today"), KEY, a_while_ago())
    assert ([found.id for found in look.exact], look.complete) == ([first.id], True)
    assert len([call for call in platforms.requests("x") if call.kind == "look"]) == 3


def test_a_look_that_stops_half_way_is_an_error_or_says_that_it_is_not_complete(
    channel: XChannel, platforms: RehearsalPlatforms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(x_account, "_PAGE", 5)
    for number in range(8):
        channel.send(Part(text=f"Bulletin number {number} has other words than {number * 77}"), KEY, None)
    newest, oldest = Part(text="Bulletin number 7 has other words than 539"), Part(text="Not posted at all, never")
    platforms.faults.add(Fault("x", "look", "none"), Fault("x", "look", "503-html"))
    look = channel.find_existing(newest, KEY, a_while_ago())
    assert (len(look.exact), look.complete) == (1, False)
    platforms.faults.add(Fault("x", "look", "none"), Fault("x", "look", "503-html"))
    with pytest.raises(ChannelError):
        channel.find_existing(oldest, KEY, a_while_ago())


def test_a_look_with_more_pages_than_x_shows_is_not_complete(
    channel: XChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(x_account, "_PAGE", 5)
    monkeypatch.setattr(x_account, "_MOST_PAGES", 1)
    for number in range(6):
        channel.send(Part(text=f"Bulletin number {number} has other words than {number * 77}"), KEY, None)
    assert not channel.find_existing(Part(text="Not posted at all, never"), KEY, a_while_ago()).complete


@pytest.mark.parametrize(
    "page",
    [
        b'{"meta": {"result_count": 2}}',
        b'{"data": [{"text": "no id"}], "meta": {"result_count": 1}}',
        b'{"data": [{"id": "1", "text": "a"}], "meta": {"result_count": 3}}',
    ],
)
def test_a_page_that_holds_less_than_it_says_is_not_complete(page: bytes) -> None:
    with serving(answering(reply(page))) as heard:
        channel = alone(base_url=heard.url, user_id="7")
        assert not channel.find_existing(Part(text=WORDS), KEY, a_while_ago()).complete


@pytest.mark.parametrize("page", [b"{}", b'{"errors": [{"title": "Not Found Error"}]}', b'{"meta": [], "data": []}'])
def test_an_answer_without_a_list_is_no_look_at_all(page: bytes) -> None:
    with serving(answering(reply(page))) as heard, pytest.raises(ChannelError):
        alone(base_url=heard.url, user_id="7").find_existing(Part(text=WORDS), KEY, a_while_ago())


def test_a_token_that_leads_in_a_circle_ends_the_look() -> None:
    page = b'{"data": [{"id": "1", "text": "a"}], "meta": {"result_count": 1, "next_token": "n1"}}'
    with serving(answering(reply(page), reply(page), reply(page))) as heard:
        look = alone(base_url=heard.url, user_id="7").find_existing(Part(text=WORDS), KEY, a_while_ago())
        assert len(heard.requests) == 2
    assert not look.complete


def test_the_account_s_number_is_asked_once_and_not_when_it_is_known(
    channel: XChannel, platforms: RehearsalPlatforms
) -> None:
    for _ in range(2):
        channel.find_existing(Part(text=WORDS), KEY, a_while_ago())
    known = x_channel(platforms, user_id=rehearsal_account("x-main").user_id)
    known.find_existing(Part(text=WORDS), KEY, a_while_ago())
    assert [call.kind for call in platforms.requests("x")] == ["check", "look", "look", "look"]


@pytest.mark.parametrize(
    "text",
    [
        WORDS,
        "Shares of Amazon.com & <others> rise; example.org says so",
        "Prüfung “läuft” 👩🏽‍🚒 weiter\n\n#Wien https://news.example.com/ü/ä?b=ß",
        "首相は述べた https://news.example.com/日本",
        "Cafe\u0301 & co",
        "AT&amp;T wrote &lt;this&gt; by itself",
        f"Two links {LINK} and {LINK}&page=2",
    ],
)
def test_what_x_makes_of_a_text_is_recognised(text: str, channel: XChannel) -> None:
    part = channel.compose(teaser(text)).parts[0]
    receipt = channel.send(part, KEY, None)
    look = channel.find_existing(part, KEY, a_while_ago())
    assert [found.id for found in look.exact] == [receipt.id]


def test_a_long_post_is_recognised_by_its_note() -> None:
    text = "Long words about the river path. " * 20 + LINK
    short = "https://t.co/AbCdEfGhIj"
    note = {"text": text.replace(LINK, short), "entities": {"urls": [{"url": short, "expanded_url": LINK}]}}
    row = {"id": "9", "text": text[:250] + "…", "created_at": "2036-01-01T00:00:00.000Z", "note_tweet": note}
    page = json.dumps({"data": [row], "meta": {"result_count": 1}}).encode()
    with serving(answering(reply(page))) as heard:
        look = alone(base_url=heard.url, user_id="7").find_existing(Part(text=text), KEY, a_while_ago())
    assert [found.id for found in look.exact] == ["9"]


def test_a_post_that_is_not_visible_yet_is_not_there_yet(channel: XChannel, platforms: RehearsalPlatforms) -> None:
    platforms.faults.add(Fault("x", "send", "timeline-lag", arguments={"seconds": 60}))
    channel.send(Part(text=WORDS), KEY, None)
    look = channel.find_existing(Part(text=WORDS), KEY, a_while_ago())
    assert (look.exact, look.complete) == ((), True)


# --- taking down, checking -----------------------------------------------------------------------


def test_a_post_that_never_was_is_gone_already(channel: XChannel) -> None:
    channel.delete(Receipt(id="1234567890123456789"))


def test_somebody_else_s_post_is_not_deleted_and_not_said_to_be(
    channel: XChannel, platforms: RehearsalPlatforms
) -> None:
    receipt = x_channel(platforms, name="x-other").send(Part(text=WORDS), KEY, None)
    with pytest.raises(Rejected):
        channel.delete(receipt)


def test_an_address_that_is_none_of_x_s_does_not_pass_for_gone(platforms: RehearsalPlatforms) -> None:
    channel = x_channel(platforms, base_url=platforms.addresses.x_url + "/wrong")
    with pytest.raises(ChannelError):
        channel.delete(Receipt(id="1"))


@pytest.mark.parametrize(
    "answer",
    [
        reply(b'{"data": {"deleted": true}}', headers="Content-Type: text/html\r\n"),
        reply(b'{"data": {"deleted": true}}', headers=""),
        reply(b'{"data": {"deleted": false}}'),
        reply(b'{"data": {"deleted": "true"}}'),
        reply(b'{"type": "https://api.x.com/2/problems/resource-not-found"}', "403 Forbidden"),
        reply(b'{"title": "Not Found", "type": "about:blank", "status": 404}', "404 Not Found"),
        reply(b"", "204 No Content"),
    ],
)
def test_only_x_s_own_clear_word_means_deleted(answer: bytes) -> None:
    with serving(answering(answer)) as heard, pytest.raises(ChannelError):
        alone(base_url=heard.url).delete(Receipt(id="1"))


@pytest.mark.parametrize(
    "body", [b'{"errors": [{"code": 144}]}', b'{"type": "https://api.x.com/2/problems/resource-not-found"}']
)
def test_x_s_two_words_for_no_such_post_mean_gone(body: bytes) -> None:
    with serving(answering(reply(body, "404 Not Found"))) as heard:
        alone(base_url=heard.url).delete(Receipt(id="1"))


def test_x_posts_cannot_be_corrected_in_place(channel: XChannel) -> None:
    with pytest.raises(Rejected, match="cannot be corrected in place"):
        channel.correct(Receipt(id="1"), channel.compose(teaser()))


def test_the_check_tells_whose_account_it_is(channel: XChannel) -> None:
    health, account = channel.check(), rehearsal_account("x-main")
    assert (health.ok, health.account_id, health.account_name) == (True, account.user_id, account.username)
    assert health.quota.buckets


def test_the_check_finds_a_read_only_app(channel: XChannel, platforms: RehearsalPlatforms) -> None:
    platforms.rules = platforms.rules.changed({"x": {"may_write": False}})
    health = channel.check()
    assert (health.ok, [problem.code for problem in health.problems]) == (False, ["read only"])


def test_the_check_finds_keys_of_another_account(platforms: RehearsalPlatforms) -> None:
    health = x_channel(platforms, user_id="42", handle="@somebody").check()
    assert not health.ok
    assert [(problem.code, problem.stops) for problem in health.problems] == [
        ("other account", True),
        ("other name", False),
    ]


def test_the_check_finds_keys_that_are_wrong_and_tells_none(platforms: RehearsalPlatforms) -> None:
    health = x_channel(platforms, access_token_secret="wrong-wrong-wrong").check()
    assert (health.ok, [problem.code for problem in health.problems]) == (False, ["401 unauthorized"])
    assert "wrong-wrong" not in repr(health)


def test_the_check_of_an_answer_without_an_account_is_no_check() -> None:
    with serving(answering(reply(b'{"data": {}}'))) as heard:
        assert not alone(base_url=heard.url).check().ok


def test_in_rehearsal_the_world_is_not_called() -> None:
    channel = alone()
    with pytest.raises(Unreachable, match=re.escape("nothing leaves this machine")):
        channel.send(Part(text=WORDS), KEY, None)
