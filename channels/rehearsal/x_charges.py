"""What X counts: posts in 15 minutes and in a day, and the money that each call costs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from channels.rehearsal import meters, x_answers
from channels.rehearsal.exchange import Refused
from channels.rehearsal.rules import XRules
from channels.rehearsal.store import Store, micros

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
CYCLE = timedelta(days=30)
_FOR_EVER = timedelta(days=36_500)

CALLS_IN_15_MIN = {"delete": 50, "look": 900, "check": 75, "media": 500, "alt": 500, "token": 500}
"""Calls that one account may make in 15 minutes, by kind; sending is in the rules."""


def call_limit(rules: XRules, kind: str) -> int | None:
    """How many calls of this kind one account may make in 15 minutes."""
    return rules.posts_per_15_min if kind in ("send", "correct") else CALLS_IN_15_MIN.get(kind, 500)


def count_call(store: Store, rules: XRules, account: str, kind: str, now: datetime) -> None:
    """Counts a call. Raises ``Refused`` with 429 when the window is used up."""
    if meters.read(store, account, f"calls {kind}", QUARTER, call_limit(rules, kind), now).exhausted:
        raise Refused(x_answers.too_many())
    meters.count(store, account, f"calls {kind}", QUARTER, now)


def day_meters(store: Store, rules: XRules, account: str, now: datetime) -> dict[str, meters.Meter]:
    """The 24-hour counters of posts: the account's own posts, and all of the app's."""
    return {
        "user": meters.read(store, account, "day posts", DAY, rules.posts_a_day, now),
        "app": meters.read(store, "app", "day posts", DAY, rules.posts_per_24_hours, now),
    }


def pay_post(store: Store, rules: XRules, account: str, now: datetime, *, link: bool, reply: bool) -> None:
    """Pays for a post and counts it for the day. Raises ``Refused`` with 402, 403 or 429; then nothing is counted."""
    bucket, limit = ("day replies", rules.replies_a_day) if reply else ("day posts", rules.posts_a_day)
    app = day_meters(store, rules, account, now)["app"]
    if app.exhausted or meters.read(store, account, bucket, DAY, limit, now).exhausted:
        raise Refused(x_answers.too_many())
    pay(store, rules, account, now, rules.price_link if link else rules.price_post)
    meters.count(store, account, bucket, DAY, now)
    meters.count(store, "app", "day posts", DAY, now)


def pay(store: Store, rules: XRules, account: str, now: datetime, price: int) -> None:
    """Takes the price from the credits. Raises ``Refused``: 402 without credit, 403 over the spending limit."""
    spent = meters.read(store, account, "spent", _FOR_EVER, None, now).used
    if rules.credits_micros is not None and spent + price > rules.credits_micros:
        raise Refused(x_answers.credits_depleted())
    cycle = meters.read(store, account, "spent in cycle", CYCLE, None, now).used
    if rules.spend_cap_micros is not None and cycle + price > rules.spend_cap_micros:
        raise Refused(x_answers.spend_cap())
    meters.count(store, account, "spent", _FOR_EVER, now, price)
    meters.count(store, account, "spent in cycle", CYCLE, now, price)


def pay_read(store: Store, rules: XRules, account: str, now: datetime, ids: Sequence[str]) -> None:
    """Pays for posts of one's own that were read, each once a UTC day."""
    midnight = micros(now.replace(hour=0, minute=0, second=0, microsecond=0))
    with store.change() as db:
        db.execute("delete from meters where account = ? and bucket like 'read %' and since <> ?", (account, midnight))
        before = db.total_changes
        db.executemany(
            "insert or ignore into meters values (?, ?, ?, 1)", [(account, f"read {id}", midnight) for id in ids]
        )
        new = db.total_changes - before
        if new:
            pay(store, rules, account, now, rules.price_read * new)


def spent(store: Store, account: str) -> int:
    """All that the account has paid, in millionths of a dollar."""
    row = store.row("select used from meters where account = ? and bucket = 'spent'", (account,))
    return int(row["used"]) if row else 0


def rate_headers(store: Store, rules: XRules, account: str, kind: str, now: datetime) -> dict[str, str]:
    """The three families of rate headers, as they stand after this call."""
    call = meters.read(store, account, f"calls {kind}", QUARTER, call_limit(rules, kind), now)
    families = {"x-rate-limit": call}
    for who, meter in day_meters(store, rules, account, now).items():
        families[f"x-{who}-limit-24hour"] = meter
    headers = {}
    for family, meter in families.items():
        headers[f"{family}-limit"] = str(1_000_000 if meter.limit is None else meter.limit)
        headers[f"{family}-remaining"] = str(meter.remaining)
        headers[f"{family}-reset"] = str(-(-micros(meter.reset_at) // 1_000_000))
    return headers
