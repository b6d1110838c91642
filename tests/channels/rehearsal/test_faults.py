"""Every fault of the catalogue, met by the real clients: what they see, and what is published."""

from __future__ import annotations

import random
import smtplib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import facebook
import pytest
import requests
import tweepy  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from channels.rehearsal import line
from channels.rehearsal.accounts import FACEBOOK
from channels.rehearsal.catalogue import CATALOGUE, Wire
from channels.rehearsal.fault_classes import CLASSES, FaultClass, draw
from channels.rehearsal.faults import MATCHES, PLATFORMS, BadFault, Fault, as_json, fault_from
from channels.rehearsal.graph_answers import EVERY_CODE
from channels.rehearsal.platforms import RehearsalPlatforms
from tests.channels.rehearsal.callers import GraphCaller, XCaller, png
from tests.channels.rehearsal.conftest import Clock

ANSWERS = [name for name, entry in CATALOGUE.items() if entry.wire is Wire.ANSWER]
FEED = f"/{FACEBOOK.page_id}/feed"


def send(caller: XCaller | GraphCaller) -> requests.Response:
    if isinstance(caller, XCaller):
        return caller.ask("POST", "/2/tweets", json={"text": "The tower stands."})
    return caller.ask("POST", FEED, data={"message": "The tower stands."})


@pytest.fixture(params=["x", "facebook"])
def caller(request: pytest.FixtureRequest) -> XCaller | GraphCaller:
    found: XCaller | GraphCaller = request.getfixturevalue("x" if request.param == "x" else "graph")
    return found


def platform_of(caller: XCaller | GraphCaller) -> str:
    return "x" if isinstance(caller, XCaller) else "facebook"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_fault_answers_so_and_publishes_only_after(
    platforms: RehearsalPlatforms, x: XCaller, graph: GraphCaller, name: str, when: str
) -> None:
    for caller in (x, graph):
        platform = platform_of(caller)
        if platform not in CATALOGUE[name].platforms:
            continue
        platforms.faults.add(Fault(platform, "send", name, when))
        answer = send(caller)
        made = CATALOGUE[name].make
        assert made is not None
        wanted = made(platforms._now(), CATALOGUE[name].arguments)
        assert answer.status_code == wanted.status
        assert len(platforms.published(platform)) == (when == "after")
        assert platforms.requests(platform)[-1].fault == f"{name} {when}"
        assert platforms.faults.waiting() == ()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", ["reset", "closed", "body-cut"])
def test_a_cut_line_leaves_no_answer(
    platforms: RehearsalPlatforms, caller: XCaller | GraphCaller, name: str, when: str
) -> None:
    platforms.faults.add(Fault(platform_of(caller), "send", name, when))
    with pytest.raises(requests.RequestException):
        send(caller)
    assert len(platforms.published(platform_of(caller))) == (when == "after")


def test_a_reset_is_a_reset_and_an_end_is_an_end(platforms: RehearsalPlatforms, x: XCaller) -> None:
    seen = {}
    for name in ("reset", "closed"):
        platforms.faults.add(Fault("x", "any", name))
        host, port = platforms.addresses.x_url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), 5) as raw:
            raw.sendall(b"GET /2/users/me HTTP/1.1\r\nHost: x\r\n\r\n")
            try:
                seen[name] = raw.recv(100)
            except ConnectionResetError:
                seen[name] = b"reset"
    assert seen == {"reset": b"reset", "closed": b""}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_hang_lasts_until_the_caller_leaves(
    platforms: RehearsalPlatforms, caller: XCaller | GraphCaller, when: str
) -> None:
    platforms.faults.add(Fault(platform_of(caller), "send", "hang", when))
    for patience in (0.5, 3.0, 20.0):  # a busy machine has not begun with it when the first caller leaves
        caller.session.timeout = patience
        begun = time.monotonic()
        with pytest.raises(requests.ReadTimeout):
            send(caller)
        assert patience * 0.9 < time.monotonic() - begun < patience + 8
        platforms.rest()
        if not platforms.faults.waiting():
            break
    assert len(platforms.published(platform_of(caller))) == (when == "after")


def test_a_hang_is_bounded(platforms: RehearsalPlatforms, x: XCaller) -> None:
    platforms.faults.add(Fault("x", "send", "hang", arguments={"seconds": 0.1}))
    with pytest.raises(requests.ConnectionError):
        send(x)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_drip_outlasts_a_read_timeout(platforms: RehearsalPlatforms, x: XCaller, when: str) -> None:
    x.session.timeout = 1.5  # between two bytes, on a busy machine too
    platforms.faults.add(Fault("x", "send", "drip", when, arguments={"interval": 0.05, "seconds": 1.8}))
    begun = time.monotonic()
    with pytest.raises(requests.RequestException):
        send(x)
    assert time.monotonic() - begun > 1.6
    assert len(platforms.published("x")) == (when == "after")


def test_a_slow_answer_is_the_true_one(platforms: RehearsalPlatforms, x: XCaller) -> None:
    platforms.faults.add(Fault("x", "send", "slow", arguments={"seconds": 0.2}))
    begun = time.monotonic()
    assert send(x).status_code == 201
    assert time.monotonic() - begun > 0.15


@pytest.mark.parametrize("platform", ["x", "facebook", "email"])
def test_unplugged_refuses_at_once_also_on_a_kept_line_and_comes_back(
    platforms: RehearsalPlatforms, x: XCaller, graph: GraphCaller, platform: str
) -> None:
    def call() -> None:
        if platform == "email":
            smtplib.SMTP(platforms.addresses.smtp_host, platforms.addresses.smtp_port, timeout=60).quit()
        else:
            (x if platform == "x" else graph).ask("GET", "/2/users/me" if platform == "x" else "/me")

    call()
    platforms.faults.add(Fault(platform, "any", "unplugged", arguments={"seconds": 60}))
    for _ in range(3):
        with pytest.raises((requests.ConnectionError, OSError), match=r"(?i)refused"):
            call()
    platforms.faults.clear()
    call()


def test_unplugged_ends_by_itself(platforms: RehearsalPlatforms, x: XCaller) -> None:
    platforms.faults.add(Fault("x", "any", "unplugged", arguments={"seconds": 0.05}))
    time.sleep(0.06)
    assert platforms.faults.waiting() == ()
    for _ in range(100):
        try:
            assert x.ask("GET", "/2/users/me").status_code == 200
            return
        except requests.ConnectionError:
            time.sleep(0.01)
    pytest.fail("the port does not come back")


@pytest.mark.parametrize("when", ["before", "after"])
def test_cut_json_says_it_is_whole(platforms: RehearsalPlatforms, when: str, x: XCaller) -> None:
    platforms.faults.add(Fault("x", "send", "json-cut", when))
    with pytest.raises(requests.JSONDecodeError):
        x.post("The tower stands.")
    assert len(platforms.published("x")) == (when == "after")


def test_a_missing_content_type_and_a_wrong_one_come_with_the_true_body(
    platforms: RehearsalPlatforms, graph: GraphCaller
) -> None:
    platforms.faults.add(Fault("facebook", "send", "no-content-type", "after"))
    with pytest.raises(KeyError):
        graph.post("One.")
    platforms.faults.add(Fault("facebook", "send", "text-javascript", "after"))
    with pytest.raises(facebook.GraphAPIError):
        graph.post("Two.")
    platforms.faults.add(Fault("facebook", "send", "text-javascript", "before"))
    answer = graph.ask("POST", FEED, data={"message": "Three."})
    assert answer.json() == {}
    assert "javascript" in answer.headers["content-type"]
    assert [post.text for post in platforms.published("facebook")] == ["Two.", "One."]


@pytest.mark.parametrize(("code", "subcode"), EVERY_CODE)
def test_every_code_of_graph_can_be_met(
    platforms: RehearsalPlatforms, graph: GraphCaller, code: int, subcode: int | None
) -> None:
    platforms.faults.add(Fault("facebook", "send", "graph", arguments={"code": code, "subcode": subcode or 0}))
    with pytest.raises(facebook.GraphAPIError) as raised:
        graph.post("The tower stands.")
    assert raised.value.code == code
    assert subcode in (None, raised.value.result["error"].get("error_subcode"))


def test_a_graph_code_may_come_with_any_status_and_as_transient(
    platforms: RehearsalPlatforms, graph: GraphCaller
) -> None:
    arguments = {"code": 100, "status": 500, "transient": True}
    platforms.faults.add(Fault("facebook", "send", "graph", arguments=arguments))
    answer = send(graph)
    assert answer.status_code == 500
    assert answer.json()["error"]["is_transient"] is True


def rate_headers(answer: requests.Response) -> dict[str, int]:
    return {key.lower(): int(value) for key, value in answer.headers.items() if "limit" in key.lower()}


def test_the_variants_of_429_differ_in_their_headers(platforms: RehearsalPlatforms, x: XCaller, clock: Clock) -> None:
    seen = {}
    for name in (
        "x-429",
        "x-429-no-headers",
        "x-429-past",
        "x-429-day",
        "x-429-both",
        "429-retry-after",
        "x-429-older",
    ):
        platforms.faults.add(Fault("x", "send", name))
        with pytest.raises(tweepy.TooManyRequests) as raised:
            x.post("The tower stands.")
        seen[name] = raised.value.response
    now = int(clock.at.timestamp())
    plain, past, day, both = (rate_headers(seen[name]) for name in ("x-429", "x-429-past", "x-429-day", "x-429-both"))
    assert (plain["x-rate-limit-remaining"], plain["x-rate-limit-reset"]) == (0, now + 900)
    assert rate_headers(seen["x-429-no-headers"]) == {}
    assert past["x-rate-limit-reset"] < now
    assert day["x-rate-limit-remaining"] > 0 == day["x-user-limit-24hour-remaining"]
    assert day["x-user-limit-24hour-reset"] == now + 86_400
    assert both["x-rate-limit-remaining"] == 0 == both["x-user-limit-24hour-remaining"]
    assert seen["429-retry-after"].headers["retry-after"] == "900"
    assert rate_headers(seen["429-retry-after"]) == {}
    assert seen["x-429-older"].json()["errors"][0]["code"] == 88


def test_what_lags_is_published_and_not_seen_yet(
    platforms: RehearsalPlatforms, x: XCaller, graph: GraphCaller, clock: Clock
) -> None:
    platforms.faults.add(Fault("x", "send", "timeline-lag", arguments={"seconds": 30}))
    platforms.faults.add(Fault("facebook", "send", "closed", "after", arguments={"lag": 30}))
    id = x.post("The tower stands.")
    with pytest.raises(requests.RequestException):
        send(graph)
    assert len(platforms.published("x")) == len(platforms.published("facebook")) == 1
    assert x.timeline() == [] == graph.published()
    assert "errors" in x.ask("GET", f"/2/tweets/{id}").json()
    clock.on(seconds=30)
    assert len(x.timeline()) == len(graph.published()) == 1


def test_a_wrong_date_header(platforms: RehearsalPlatforms, x: XCaller) -> None:
    platforms.faults.add(Fault("x", "any", "date-off", arguments={"seconds": -120}))
    assert x.ask("GET", "/2/users/me").headers["date"] == "Mon, 21 Sep 2026 07:58:00 GMT"


@pytest.mark.parametrize(
    ("match", "hits"),
    [("send", "send"), ("look", "look"), ("media", "media"), ("alt", "alt"), ("delete", "delete"), ("check", "check")],
)
def test_a_fault_strikes_only_what_it_waits_for(
    platforms: RehearsalPlatforms, x: XCaller, match: str, hits: str
) -> None:
    media = x.upload(png())
    id = x.post("Zero.")
    platforms.faults.add(Fault("x", match, "404"))
    calls: dict[str, Callable[[], requests.Response]] = {
        "send": lambda: x.ask("POST", "/2/tweets", json={"text": "One."}),
        "look": lambda: x.ask("GET", f"/2/users/{x.account.user_id}/tweets"),
        "media": lambda: x.ask(
            "POST", "/2/media/upload", files={"media": png()}, data={"media_category": "tweet_image"}
        ),
        "alt": lambda: x.ask("POST", "/2/media/metadata", json={"id": media, "metadata": {"alt_text": {"text": "A"}}}),
        "check": lambda: x.ask("GET", "/2/users/me"),
        "delete": lambda: x.ask("DELETE", f"/2/tweets/{id}"),
    }
    assert {name for name, call in calls.items() if call().status_code == 404} == {hits}


def test_graph_calls_are_told_apart(platforms: RehearsalPlatforms, graph: GraphCaller) -> None:
    id = graph.post("One.")
    graph.api.put_comment(id, "Two.")
    graph.ask("POST", f"/{id}", data={"message": "Three."})
    graph.published()
    graph.ask("GET", f"/{id}")
    graph.ask("GET", "/me")
    graph.ask("DELETE", f"/{id}")
    assert [one.kind for one in platforms.requests("facebook")] == [
        "send", "send", "correct", "look", "look", "check", "delete",
    ]  # fmt: skip


def test_faults_strike_in_order_and_none_lets_a_call_pass(platforms: RehearsalPlatforms, x: XCaller) -> None:
    platforms.faults.add(Fault("x", "send", "none"), Fault("x", "send", "x-401", times=2), Fault("x", "send", "x-402"))
    codes = [x.ask("POST", "/2/tweets", json={"text": f"{number}"}).status_code for number in range(5)]
    assert codes == [201, 401, 401, 402, 201]


def test_a_fault_may_let_some_pass_and_want_certain_words(platforms: RehearsalPlatforms, x: XCaller) -> None:
    platforms.faults.add(Fault("x", "send", "x-401", skip=1, containing="tower stands"))
    texts = ["A tower stands.", "A house.", "Their tower stands.", "My tower stands."]
    codes = [x.ask("POST", "/2/tweets", json={"text": text}).status_code for text in texts]
    assert codes == [201, 201, 401, 201]


def test_words_are_found_in_forms_too(platforms: RehearsalPlatforms, graph: GraphCaller) -> None:
    platforms.faults.add(Fault("facebook", "send", "404", containing="Grüße & more"))
    assert graph.ask("POST", FEED, data={"message": "Other"}).status_code == 200
    assert graph.ask("POST", FEED, data={"message": "Grüße & more"}).status_code == 404


@pytest.mark.parametrize(
    "bad",
    [
        {"platform": "mastodon", "match": "send", "name": "reset"},
        {"platform": "x", "match": "sing", "name": "reset"},
        {"platform": "x", "match": "send", "name": "flood"},
        {"platform": "x", "match": "send", "name": "reset", "when": "during"},
        {"platform": "x", "match": "send", "name": "graph"},
        {"platform": "x", "match": "send", "name": "reset", "times": 0},
        {"platform": "x", "match": "send", "name": "reset", "times": True},
        {"platform": "x", "match": "send", "name": "reset", "skip": -1},
        {"platform": "x", "match": "send", "name": "hang", "arguments": {"minutes": 3}},
        {"platform": "x", "match": "send", "name": "hang", "arguments": {"seconds": "3"}},
        {"platform": "x", "match": "send", "name": "hang", "arguments": 3},
        {"platform": "x", "match": "send", "name": "hang", "containing": 3},
        {"platform": "x", "match": "send"},
        {"platform": "x", "match": "send", "name": "hang", "colour": "red"},
        ["x", "send", "hang"],
        {"platform": ["x"], "match": "send", "name": "hang"},
    ],
)
def test_an_order_that_means_nothing_is_refused_in_a_sentence(bad: object) -> None:
    with pytest.raises(BadFault, match=r"\.$"):
        fault_from(bad)


@given(
    st.sampled_from([(p, m, n) for n, e in CATALOGUE.items() for p in e.platforms for m in MATCHES]),
    st.sampled_from(["before", "after"]),
    st.integers(1, 9),
    st.integers(0, 9),
    st.text(max_size=5),
)
def test_a_fault_survives_the_way_through_json(
    place: tuple[str, str, str], when: str, times: int, skip: int, containing: str
) -> None:
    fault = Fault(*place, when, times, skip, containing, {"lag": 0.5})
    assert fault_from(as_json(fault)) == fault


# --- e-mail ------------------------------------------------------------------------------------

MAIL = b"Subject: tower\r\n\r\nThe tower stands.\r\n"


def mail(platforms: RehearsalPlatforms, timeout: float = 5) -> None:
    host, port = platforms.addresses.smtp_host, platforms.addresses.smtp_port
    client = smtplib.SMTP(host, port, "test.example", timeout=timeout)
    try:
        client.sendmail("desk@news.example", ["reader@mail.example"], MAIL)
    finally:
        client.close()


@pytest.mark.parametrize("stage", ["connect", "ehlo", "mail", "rcpt", "data", "dot"])
@pytest.mark.parametrize(
    "name", [name for name, e in CATALOGUE.items() if e.wire is Wire.REPLY and name != "smtp-garbage"]
)
def test_any_reply_can_come_at_any_stage(platforms: RehearsalPlatforms, name: str, stage: str) -> None:
    platforms.faults.add(Fault("email", stage, name))
    if stage == "ehlo":
        platforms.faults.add(Fault("email", stage, name))  # smtplib tries HELO next
    with pytest.raises(smtplib.SMTPException) as raised:
        mail(platforms)
    assert platforms.published("email") == ()
    error: Any = raised.value
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = error.recipients["reader@mail.example"][0]
    elif isinstance(error, smtplib.SMTPServerDisconnected):
        code = 421 if stage == "ehlo" else 0  # 421 closes the line, HELO finds nobody
    else:
        code = error.smtp_code
    assert code == CATALOGUE[name].arguments["code"]


@pytest.mark.parametrize("name", ["reset", "closed", "hang", "drip"])
@pytest.mark.parametrize("stage", ["connect", "ehlo", "mail", "rcpt", "data", "dot"])
def test_the_line_can_break_at_any_stage(platforms: RehearsalPlatforms, name: str, stage: str) -> None:
    arguments = {"seconds": 0.2, "interval": 0.05} if name == "drip" else {"seconds": 0.2} if name == "hang" else {}
    platforms.faults.add(Fault("email", stage, name, arguments=arguments))
    with pytest.raises((smtplib.SMTPException, OSError)):
        mail(platforms, timeout=0.1 if name == "hang" else 60)
    assert platforms.published("email") == ()


@pytest.mark.parametrize("name", ["reset", "closed", "hang", "smtp-451", "smtp-550", "smtp-421", "smtp-garbage"])
def test_a_mail_may_be_out_although_its_250_never_came(platforms: RehearsalPlatforms, name: str) -> None:
    platforms.faults.add(Fault("email", "dot", name, "after", arguments={"seconds": 0.2} if name == "hang" else {}))
    with pytest.raises((smtplib.SMTPException, OSError)):
        mail(platforms, timeout=60)
    (kept,) = platforms.published("email")
    assert kept.raw == MAIL


def test_a_slow_banner_is_a_banner(platforms: RehearsalPlatforms) -> None:
    platforms.faults.add(Fault("email", "connect", "slow", arguments={"seconds": 0.2}))
    begun = time.monotonic()
    mail(platforms)
    assert time.monotonic() - begun > 0.15
    assert len(platforms.published("email")) == 1


def test_421_may_come_in_the_middle_and_closes_the_line(platforms: RehearsalPlatforms) -> None:
    client = smtplib.SMTP(platforms.addresses.smtp_host, platforms.addresses.smtp_port, "t.example", timeout=60)
    client.ehlo()
    platforms.faults.add(Fault("email", "any", "smtp-421"))
    assert client.docmd("NOOP")[0] == 421
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.docmd("NOOP")
    client.close()


def test_one_recipient_alone_can_be_refused(platforms: RehearsalPlatforms) -> None:
    platforms.faults.add(Fault("email", "rcpt", "smtp-550", containing="second@", times=9))
    client = smtplib.SMTP(platforms.addresses.smtp_host, platforms.addresses.smtp_port, "t.example", timeout=60)
    refused = client.sendmail("desk@news.example", ["first@mail.example", "second@mail.example"], MAIL)
    client.close()
    assert list(refused) == ["second@mail.example"]
    assert platforms.published("email")[0].to == ("first@mail.example",)


def test_send_means_the_final_dot(platforms: RehearsalPlatforms) -> None:
    platforms.faults.add(Fault("email", "send", "smtp-554"))
    with pytest.raises(smtplib.SMTPDataError):
        mail(platforms)


# --- classes -----------------------------------------------------------------------------------


def test_there_are_eight_classes_and_each_has_faults_for_each_platform() -> None:
    assert len(FaultClass) == 8
    assert all(CLASSES[kind][platform] for kind in FaultClass for platform in PLATFORMS)


@pytest.mark.parametrize("platform", ["x", "facebook"])
@pytest.mark.parametrize(
    ("kind", "landed"),
    [
        (FaultClass.LOST_BEFORE, False),
        (FaultClass.LOST_AFTER, True),
        (FaultClass.REFUSED, False),
        (FaultClass.REFUSED_LANDED, True),
        (FaultClass.RATE_LIMITED, False),
    ],
)
def test_a_class_says_whether_the_post_is_out(
    platforms: RehearsalPlatforms, x: XCaller, graph: GraphCaller, kind: FaultClass, landed: bool, platform: str
) -> None:
    caller = x if platform == "x" else graph
    for fault in CLASSES[kind][platform]:
        platforms.reset()
        platforms.faults.add(fault)
        try:
            clear = send(caller).status_code < 300
        except requests.RequestException:
            clear = False
        assert not clear, fault
        assert len(platforms.published(platform)) == landed, fault


def test_the_same_seed_draws_the_same_fault() -> None:
    def drawn(seed: int) -> list[Fault]:
        chance = random.Random(seed)
        return [draw(kind, platform, chance) for kind in FaultClass for platform in PLATFORMS]

    assert drawn(5) == drawn(5)
    assert drawn(5) != drawn(6)


def test_the_client_that_retries_by_itself_would_be_seen(platforms: RehearsalPlatforms, x: XCaller) -> None:
    platforms.faults.add(Fault("x", "send", "closed", "after"))
    with pytest.raises(requests.ConnectionError):
        x.post("The tower stands.")
    assert len([one for one in platforms.requests("x") if one.kind == "send"]) == 1


def test_what_a_caller_asked_for_who_has_left_before_it_was_begun_is_never_done(
    platforms: RehearsalPlatforms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy machine must not publish long after everybody was told that the call is over."""
    plug = next(one for one in platforms._plugs if f":{one.port}" in platforms.addresses.graph_url)
    begun: list[bool] = []
    serving = plug.serving

    @contextmanager
    def late(connection: socket.socket) -> Iterator[bool]:
        assert line.wait_for_leaving(connection, 30.0, threading.Event())
        with serving(connection) as wanted:
            begun.append(wanted)
            yield wanted

    monkeypatch.setattr(plug, "serving", late)
    body = b"message=Too+late"
    with socket.create_connection(("127.0.0.1", plug.port)) as caller:
        caller.sendall(
            f"POST {FEED} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {FACEBOOK.token}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
    end = time.monotonic() + 30.0
    while not begun and time.monotonic() < end:
        time.sleep(0.005)
    platforms.rest()
    assert begun == [False]
    assert platforms.published("facebook") == ()
    assert platforms.requests("facebook") == ()
