"""X through real tweepy: looking, taking down, checking."""

from __future__ import annotations

import json
import re

import pytest

from channels import x_account
from channels.errors import ChannelError, Rejected, Unreachable
from channels.rehearsal.accounts import x_account as rehearsal_account
from channels.rehearsal.faults import Fault
from channels.rehearsal.platforms import RehearsalPlatforms
from channels.x import XChannel
from db.records import Part, Receipt
from tests.channels.kinds import x_channel
from tests.channels.scripted import answering, reply, serving
from tests.channels.x_ground import KEY, LINK, WORDS, a_while_ago, alone, teaser


@pytest.fixture
def channel(platforms: RehearsalPlatforms) -> XChannel:
    return x_channel(platforms)


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
