"""Facebook through the real facebook-sdk: looking, correcting, taking down, checking."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from channels import facebook_page
from channels.errors import ChannelError, Rejected, Unauthorized
from channels.facebook import FacebookChannel
from channels.facebook_health import token_problems, version_problems
from channels.rehearsal.faults import Fault
from channels.rehearsal.platforms import RehearsalPlatforms
from db.records import Outcome, Part, Receipt
from tests.channels.facebook_ground import (
    KEY,
    LINK,
    NOW,
    PAGE,
    WORDS,
    a_while_ago,
    alone,
    link_part,
    teaser,
)
from tests.channels.kinds import facebook_channel
from tests.channels.scripted import answering, reply, serving


@pytest.fixture
def channel(platforms: RehearsalPlatforms) -> FacebookChannel:
    return facebook_channel(platforms)


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
