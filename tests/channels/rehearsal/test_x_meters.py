"""What the rehearsal X counts: calls, posts of the day, money."""

from __future__ import annotations

import pytest
import tweepy  # type: ignore[import-untyped]

from channels.rehearsal.platforms import RehearsalPlatforms
from channels.rehearsal.rules import Rules, XRules
from tests.channels.rehearsal.callers import XCaller, png
from tests.channels.rehearsal.conftest import Clock

FAMILIES = ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/2/tweets", 400),
        ("GET", "/2/users/me", 200),
        ("DELETE", "/2/tweets/1", 404),
        ("GET", "/2/tweets/1", 200),
    ],
)
def test_every_answer_carries_all_three_families_of_rate_headers(
    x: XCaller, method: str, path: str, status: int
) -> None:
    answer = x.ask(method, path, json={} if method == "POST" else None)
    assert answer.status_code == status
    for family in FAMILIES:
        assert {f"{family}-{word}" for word in ("limit", "remaining", "reset")} <= {
            key.lower() for key in answer.headers
        }
    assert answer.headers["x-access-level"] == "read-write"
    assert answer.headers["x-transaction-id"]


def test_the_15_minute_window_refuses_and_begins_anew(platforms: RehearsalPlatforms, x: XCaller, clock: Clock) -> None:
    platforms.rules = Rules(x=XRules(posts_per_15_min=2))
    x.post("One.")
    clock.on(minutes=5)
    x.post("Two.")
    refused = x.ask("POST", "/2/tweets", json={"text": "Three."})
    reset = int(refused.headers["x-rate-limit-reset"])
    assert refused.status_code == 429
    assert refused.headers["x-rate-limit-remaining"] == "0"
    assert reset - int(clock.at.timestamp()) == 601
    clock.on(seconds=601)
    assert x.post("Three.")


def test_a_day_s_posts_run_out_while_the_window_has_room(
    platforms: RehearsalPlatforms, x: XCaller, clock: Clock
) -> None:
    platforms.rules = Rules(x=XRules(posts_a_day=1))
    first = x.post("One.")
    refused = x.ask("POST", "/2/tweets", json={"text": "Two."})
    assert refused.status_code == 429
    assert refused.headers["x-user-limit-24hour-remaining"] == "0"
    assert int(refused.headers["x-rate-limit-remaining"]) > 0
    assert x.post("A reply counts apart.", in_reply_to_tweet_id=first)
    clock.on(days=1)
    assert x.post("Two.")


def test_the_app_s_day_counts_all_accounts(platforms: RehearsalPlatforms, x: XCaller) -> None:
    platforms.rules = Rules(x=XRules(posts_per_24_hours=1))
    x.post("One.")
    with pytest.raises(tweepy.TooManyRequests):
        x.post("Two.")


def test_posts_links_deletes_alt_texts_and_reads_cost_what_x_asks(platforms: RehearsalPlatforms, x: XCaller) -> None:
    def cost() -> int:
        before, cost.last = cost.last, platforms.spent(x.account.user_id)  # type: ignore[attr-defined]
        return int(cost.last - before)  # type: ignore[attr-defined]

    cost.last = 0  # type: ignore[attr-defined]
    plain = x.post("No link.")
    assert cost() == 15_000
    x.post("A link: https://www.example.com/")
    assert cost() == 200_000
    x.post("A bare one: example.com")
    assert cost() == 200_000
    x.client.delete_tweet(plain)
    assert cost() == 10_000
    media = x.upload(png())
    x.ask("POST", "/2/media/metadata", json={"id": media, "metadata": {"alt_text": {"text": "A"}}})
    assert cost() == 5_000
    x.timeline()
    assert cost() == 2_000
    x.timeline()
    assert cost() == 0


def test_a_refused_post_costs_nothing(platforms: RehearsalPlatforms, x: XCaller) -> None:
    x.ask("POST", "/2/tweets", json={"text": "a" * 300})
    assert platforms.spent(x.account.user_id) == 0


def test_without_credit_a_post_is_402(platforms: RehearsalPlatforms, x: XCaller) -> None:
    platforms.rules = Rules(x=XRules(credits_micros=30_000))
    x.post("One.")
    x.post("Two.")
    answer = x.ask("POST", "/2/tweets", json={"text": "Three."})
    assert answer.status_code == 402
    assert answer.json()["type"].endswith("/credits-depleted")
    assert len(platforms.published("x")) == 2


def test_over_the_spending_limit_a_post_is_403_until_the_next_cycle(
    platforms: RehearsalPlatforms, x: XCaller, clock: Clock
) -> None:
    platforms.rules = Rules(x=XRules(spend_cap_micros=15_000))
    x.post("One.")
    answer = x.ask("POST", "/2/tweets", json={"text": "Two."})
    clock.on(days=30)
    assert answer.status_code == 403
    assert answer.json()["title"] == "SpendCapReached"
    assert x.post("Two.")
