"""The control of a rehearsal over HTTP, as curl would use it."""

from __future__ import annotations

import smtplib
from typing import Any

import pytest
import requests

from channels.rehearsal.catalogue import CATALOGUE
from channels.rehearsal.faults import Fault
from channels.rehearsal.platforms import RehearsalPlatforms
from tests.channels.rehearsal.callers import GraphCaller, XCaller


@pytest.fixture
def control(platforms: RehearsalPlatforms) -> str:
    return f"{platforms.addresses.page_url}/rehearsal"


def test_faults_are_ordered_listed_and_cleared(platforms: RehearsalPlatforms, control: str, x: XCaller) -> None:
    order: list[Any] = [
        {"platform": "x", "match": "send", "name": "x-401"},
        {"platform": "email", "match": "dot", "name": "closed", "when": "after", "times": 2},
    ]
    assert requests.post(f"{control}/faults", json=order, timeout=60).json() == {"waiting": 2}
    assert x.ask("POST", "/2/tweets", json={"text": "A"}).status_code == 401
    (left,) = requests.get(f"{control}/faults", timeout=60).json()
    assert (left["platform"], left["times"]) == ("email", 2)
    assert requests.delete(f"{control}/faults", timeout=60).json() == {"waiting": 0}
    assert platforms.faults.waiting() == ()


def test_one_fault_needs_no_list(platforms: RehearsalPlatforms, control: str) -> None:
    requests.post(f"{control}/faults", json={"platform": "x", "match": "any", "name": "hang"}, timeout=60)
    assert platforms.faults.waiting() == (Fault("x", "any", "hang"),)


def test_of_a_list_with_a_bad_fault_none_is_ordered(platforms: RehearsalPlatforms, control: str) -> None:
    order = [{"platform": "x", "match": "send", "name": "reset"}, {"platform": "x", "match": "send", "name": "flood"}]
    answer = requests.post(f"{control}/faults", json=order, timeout=60)
    assert answer.status_code == 400
    assert "flood" in answer.json()["error"]
    assert platforms.faults.waiting() == ()


def test_published_tells_all_three(platforms: RehearsalPlatforms, control: str, x: XCaller, graph: GraphCaller) -> None:
    id = x.post("On X.")
    graph.post("On Facebook.", link="https://www.example.com/")
    with smtplib.SMTP(platforms.addresses.smtp_host, platforms.addresses.smtp_port, "t.example", timeout=60) as line:
        line.sendmail("a@b.example", ["c@d.example"], "Subject: By mail\r\n\r\nHello\r\n")
    all_of_it: dict[str, Any] = requests.get(f"{control}/published", timeout=60).json()
    assert [all_of_it[name][0]["text"].strip() for name in ("x", "facebook", "email")] == [
        "On X.",
        "On Facebook.",
        "Hello",
    ]
    assert all_of_it["x"][0]["id"] == id
    assert all_of_it["x"][0]["created_at"] == "2026-09-21T08:00:00.250000+00:00"
    assert all_of_it["facebook"][0]["link"] == "https://www.example.com/"
    assert all_of_it["email"][0]["to"] == ["c@d.example"]
    assert all_of_it["email"][0]["subject"] == "By mail"


def test_reset_forgets_all_and_restores_the_rules(platforms: RehearsalPlatforms, control: str, x: XCaller) -> None:
    usual = platforms.rules
    first = x.post("A")
    requests.post(f"{control}/rules", json={"x": {"credits_micros": 1}}, timeout=60)
    requests.post(f"{control}/faults", json={"platform": "x", "match": "any", "name": "hang"}, timeout=60)
    assert x.account.user_id
    assert platforms.rules.x.credits_micros == 1
    assert requests.post(f"{control}/reset", timeout=60).json()["reset"] is True
    assert (platforms.published("x"), platforms.faults.waiting(), platforms.rules) == ((), (), usual)
    assert platforms.spent(x.account.user_id) == 0
    assert int(x.post("A")) > int(first)


@pytest.mark.parametrize(
    "change",
    [
        {"x": {"colour": 1}},
        {"y": {}},
        {"x": 5},
        {"x": {"premium": "yes"}},
        {"x": {"credits_micros": -1}},
        {"x": {"credits_micros": 1.5}},
        {"graph": {"scopes": "all"}},
        {"smtp": {"refused": [1]}},
        [1],
    ],
)
def test_rules_that_make_no_sense_are_400(platforms: RehearsalPlatforms, control: str, change: Any) -> None:
    usual = platforms.rules
    answer = requests.post(f"{control}/rules", json=change, timeout=60)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")
    assert platforms.rules == usual


def test_rules_change_key_by_key(platforms: RehearsalPlatforms, control: str) -> None:
    requests.post(f"{control}/rules", json={"x": {"premium": True}, "smtp": {"refused": ["nobody@"]}}, timeout=60)
    told = requests.post(f"{control}/rules", json={"x": {"lag_seconds": 3, "posts_a_day": None}}, timeout=60).json()
    rules = platforms.rules
    assert (rules.x.premium, rules.x.lag_seconds, rules.x.posts_a_day) == (True, 3.0, None)
    assert rules.smtp.refused == ("nobody@",)
    assert told["x"]["lag_seconds"] == 3
    assert requests.get(f"{control}/rules", timeout=60).json()["x"]["premium"] is True


def test_requests_are_told_without_tokens(control: str, x: XCaller, graph: GraphCaller) -> None:
    x.post("A")
    graph.ask("GET", f"/me?access_token={graph.page.token}")
    graph.post("B")
    told = requests.get(f"{control}/requests", timeout=60).text
    assert '"POST"' in told
    assert graph.page.token not in told
    assert x.account.access_token not in told


def test_the_catalogue_and_health_can_be_asked(control: str) -> None:
    assert set(requests.get(f"{control}/catalogue", timeout=60).json()) == set(CATALOGUE)
    assert requests.get(f"{control}/health", timeout=60).json()["rehearsal"] is True


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status"),
    [
        ("POST", "/reset", {"Origin": "https://evil.example"}, b"", 403),
        ("POST", "/reset", {"Sec-Fetch-Site": "cross-site"}, b"", 403),
        ("POST", "/faults", {"Content-Type": "text/plain"}, b"[]", 415),
        ("POST", "/faults", {"Content-Type": "application/json"}, b"[", 400),
        ("POST", "/reset", {"Host": "rebound.example"}, b"", 421),
        ("GET", "/published", {"Host": "rebound.example"}, b"", 421),
        ("PUT", "/reset", {}, b"", 405),
        ("GET", "/reset", {}, b"", 405),
        ("GET", "/nothing", {}, b"", 404),
    ],
)
def test_pages_of_other_sites_and_wrong_calls_are_refused(
    platforms: RehearsalPlatforms,
    control: str,
    x: XCaller,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    status: int,
) -> None:
    x.post("A")
    answer = requests.request(method, control + path, headers=headers, data=body, timeout=60)
    assert answer.status_code == status
    assert answer.json()["error"].endswith(".")
    assert len(platforms.published("x")) == 1
