"""How long a refusal means, and what buckets an answer tells: X's three, Graph's usage."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from channels import facebook_quota, x_quota
from channels.quota_headers import LONGEST_WAIT
from channels.wire import Answer
from db.records import Bucket

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
DATE = {"Date": "Sun, 22 Nov 2026 10:00:00 GMT"}
QUARTER, DAY = "x-rate-limit", "x-user-limit-24hour"
MINUTE = timedelta(minutes=1)


def answer(headers: dict[str, str]) -> Answer:
    return Answer(429, CaseInsensitiveDict({**DATE, **headers}), b"")


def window(prefix: str, remaining: int, after: timedelta) -> dict[str, str]:
    reset = str(int((NOW + after).timestamp()))
    return {f"{prefix}-limit": "100", f"{prefix}-remaining": str(remaining), f"{prefix}-reset": reset}


def test_the_exhausted_window_s_reset_counts() -> None:
    assert x_quota.wait_of(answer(window(QUARTER, 0, 9 * MINUTE))) == 9 * MINUTE


def test_a_day_s_cap_counts_though_the_short_window_is_open() -> None:
    headers = window(QUARTER, 83, 9 * MINUTE) | window(DAY, 0, 600 * MINUTE)
    assert x_quota.wait_of(answer(headers)) == 600 * MINUTE


def test_of_several_exhausted_windows_the_latest_counts() -> None:
    headers = (
        window(QUARTER, 0, 9 * MINUTE) | window(DAY, 0, 600 * MINUTE) | window("x-app-limit-24hour", 0, 700 * MINUTE)
    )
    assert x_quota.wait_of(answer(headers)) == 700 * MINUTE


def test_an_open_window_s_later_reset_does_not_count() -> None:
    headers = window(QUARTER, 0, 9 * MINUTE) | window(DAY, 5, 600 * MINUTE)
    assert x_quota.wait_of(answer(headers)) == 9 * MINUTE


def test_where_none_is_exhausted_the_latest_reset_counts() -> None:
    headers = window(QUARTER, 3, 9 * MINUTE) | window(DAY, 5, 600 * MINUTE)
    assert x_quota.wait_of(answer(headers)) == 600 * MINUTE


@pytest.mark.parametrize(
    "headers",
    [
        {},
        window(QUARTER, 0, -MINUTE),
        {f"{QUARTER}-remaining": "0"},
        {f"{QUARTER}-reset": "soon", f"{QUARTER}-remaining": "0"},
        {f"{QUARTER}-reset": "99999999999999999999", f"{QUARTER}-remaining": "0"},
        {"Retry-After": "0"},
        {"Retry-After": "Sun, 22 Nov 2026 09:00:00 GMT"},
    ],
)
def test_where_nothing_usable_is_told_the_wait_is_a_quarter_of_an_hour(headers: dict[str, str]) -> None:
    assert x_quota.wait_of(answer(headers)) == 15 * MINUTE


def test_the_wait_is_counted_by_the_answer_s_own_clock() -> None:
    headers = {"Date": "Sun, 22 Nov 2026 10:08:00 GMT"} | window(QUARTER, 0, 9 * MINUTE)
    assert x_quota.wait_of(Answer(429, CaseInsensitiveDict(headers), b"")) == MINUTE


@pytest.mark.parametrize(("value", "wait"), [("120", 2 * MINUTE), ("Sun, 22 Nov 2026 10:30:00 GMT", 30 * MINUTE)])
def test_retry_after_is_obeyed_in_both_forms(value: str, wait: timedelta) -> None:
    assert x_quota.wait_of(answer({"Retry-After": value})) == wait
    assert facebook_quota.wait_of(answer({"Retry-After": value})) == wait


@given(
    st.dictionaries(st.sampled_from([f"{p}-{w}" for p in (QUARTER, DAY) for w in ("remaining", "reset")]), st.text())
)
def test_whatever_the_headers_say_the_wait_is_sane(headers: dict[str, str]) -> None:
    wait = x_quota.wait_of(answer(headers))
    assert timedelta(0) < wait <= LONGEST_WAIT


def test_x_tells_its_buckets_and_the_moment() -> None:
    quota = x_quota.quota_of(answer(window(QUARTER, 7, 9 * MINUTE) | window(DAY, 0, 600 * MINUTE)))
    assert quota.date_at == NOW
    assert quota.buckets == (
        Bucket("15 minutes", 100, 7, NOW + 9 * MINUTE),
        Bucket("user 24 hours", 100, 0, NOW + 600 * MINUTE),
    )


def usage(minutes: object, calls: object = 97) -> dict[str, str]:
    case = {"type": "pages", "call_count": calls, "total_time": 23, "estimated_time_to_regain_access": minutes}
    return {"X-Business-Use-Case-Usage": json.dumps({"42": [case]}), "X-App-Usage": '{"call_count":28,"total_time":85}'}


def test_graph_s_minutes_are_minutes() -> None:
    assert facebook_quota.wait_of(answer(usage(90))) == 90 * MINUTE


@pytest.mark.parametrize("headers", [{}, usage(0), usage("soon"), usage(None), {"X-Business-Use-Case-Usage": "{[}"}])
def test_where_graph_tells_no_minutes_the_wait_is_an_hour(headers: dict[str, str]) -> None:
    assert facebook_quota.wait_of(answer(headers)) == 60 * MINUTE


def test_graph_tells_what_is_used_in_percent_the_fullest_count_of_each() -> None:
    quota = facebook_quota.quota_of(answer(usage(90)))
    assert quota.date_at == NOW
    assert quota.buckets == (
        Bucket("app", used_percent=85.0),
        Bucket("pages 42", reset_at=NOW + 90 * MINUTE, used_percent=97.0),
    )


@given(
    st.text()
    | st.recursive(st.none() | st.floats() | st.text(), lambda inner: st.dictionaries(st.text(), inner)).map(json.dumps)
)
def test_no_usage_header_however_broken_stops_the_reading(header: str) -> None:
    headers = {"X-Business-Use-Case-Usage": header, "X-App-Usage": header}
    assert timedelta(0) < facebook_quota.wait_of(answer(headers)) <= LONGEST_WAIT
    facebook_quota.quota_of(answer(headers))
