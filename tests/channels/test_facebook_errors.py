"""Every code of Graph that we know; and that an unknown one is never called a refusal."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from channels.facebook_errors import TABLE, failure_for
from channels.masking import Mask
from channels.telling import Doing
from channels.wire import Answer
from db.records import Failure, Outcome

REFUSED, STANDING, LATER, UNCERTAIN = Outcome.REJECTED, Outcome.UNAUTHORIZED, Outcome.RATE_LIMITED, Outcome.UNCERTAIN


def failure(status: int, body: object, doing: Doing = Doing.PUBLISH) -> Failure:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return failure_for(Answer(status, CaseInsensitiveDict(), data), doing, Mask())


def error(code: object, subcode: object = None, **more: Any) -> dict[str, Any]:
    told = {"message": "m", "type": "OAuthException", "code": code, "fbtrace_id": "A1", **more}
    return {"error": told if subcode is None else told | {"error_subcode": subcode}}


KNOWN: list[tuple[int, int | None, Outcome, str]] = [
    *[(code, None, UNCERTAIN, "") for code in (1, 2)],
    *[(code, None, LATER, "too many calls") for code in (4, 17, 32, 80001, 341)],
    (613, 1996, LATER, "too many calls"),
    (613, None, LATER, "too many calls"),
    (368, None, STANDING, "blocked"),
    *[(code, None, STANDING, "permission") for code in (3, 10, 200, 230, 299)],
    (100, None, REFUSED, "bad parameter"),
    (100, 33, REFUSED, "no such object"),
    (102, None, STANDING, "token"),
    (104, None, STANDING, "token"),
    (190, None, STANDING, "token"),
    (190, 458, STANDING, "app removed"),
    (190, 459, STANDING, "checkpoint"),
    (190, 460, STANDING, "password changed"),
    (190, 463, STANDING, "token expired"),
    (190, 464, STANDING, "not confirmed"),
    (190, 467, STANDING, "token invalid"),
    (190, 490, STANDING, "checkpoint"),
    (190, 492, STANDING, "role lost"),
    (506, None, REFUSED, "duplicate"),
    (506, 1455006, REFUSED, "duplicate"),
    (1609005, None, REFUSED, "link not scraped"),
    (100, 1609005, REFUSED, "link not scraped"),
    *[(code, None, REFUSED, "not visible") for code in (110, 210, 803, 9009)],
    (324, 1366046, REFUSED, "photo"),
    (100, 1366051, REFUSED, "photos posted already"),
    (100, 1390008, LATER, "posting too fast"),
    *[(100, subcode, REFUSED, "content policy") for subcode in (1346003, 1404102)],
    *[(368, subcode, STANDING, "security check") for subcode in (1404006, 1404112, 4854002)],
    (100, 1404078, STANDING, "authorization"),
    (100, 1609008, REFUSED, "facebook link"),
    (100, 2061006, REFUSED, "bad address"),
    *[(1, subcode, UNCERTAIN, "") for subcode in (1363047, 1609010)],
]


@pytest.mark.parametrize("status", [200, 400, 403, 500])
@pytest.mark.parametrize(("code", "subcode", "outcome", "name"), KNOWN)
def test_a_known_code_is_known_whatever_the_status(
    status: int, code: int, subcode: int | None, outcome: Outcome, name: str
) -> None:
    found = failure(status, error(code, subcode))
    number = str(code) if subcode is None else f"{code}/{subcode}"
    assert (found.outcome, found.code) == (outcome, f"{number} {name}".strip())
    assert found.look is (name in ("duplicate", "photos posted already"))
    if outcome is LATER:
        assert found.retry_after == timedelta(minutes=60)


def test_every_row_of_the_table_is_proved() -> None:
    proved = {name for _, _, _, name in KNOWN if name} | {"service", "transient"}
    assert {row.name for row in TABLE} == proved


def test_only_a_link_not_scraped_may_be_asked_again() -> None:
    again = {row.name: (row.again_after, row.at_most) for row in TABLE if row.at_most}
    assert again == {"link not scraped": (timedelta(minutes=3), 3)}


def test_a_block_asks_for_hours_of_rest() -> None:
    assert failure(400, error(368)).retry_after == timedelta(hours=6)


@pytest.mark.parametrize("code", [100, 200, 368, 190, 999])
def test_a_fault_that_passes_says_nothing_of_whether_the_post_is_out(code: int) -> None:
    assert failure(400, error(code, is_transient=True)).outcome is UNCERTAIN


def test_a_limit_that_passes_is_still_a_limit() -> None:
    assert failure(403, error(4, is_transient=True)).outcome is LATER


@pytest.mark.parametrize(("status", "outcome"), [(401, STANDING), (429, LATER)])
@pytest.mark.parametrize("body", [b"", b"<html>", {}])
def test_without_an_error_object_the_status_counts_where_it_is_clear(
    status: int, outcome: Outcome, body: object
) -> None:
    assert failure(status, body).outcome is outcome


ODD: list[object] = [b"", b"<html>", {}, [], {"error": {}}]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, error(12345)),
        (400, error("190")),
        (400, error([190])),
        (400, error(True)),
        (400, {"error": {}}),
        (400, {"error": "no"}),
        (400, {"error": None}),
        (400, b""),
        (403, b"<html>"),
        (404, b""),
        (301, b""),
        *[(status, body) for status in (500, 502, 503, 504) for body in ODD],
        (200, {"error": {"message": "?"}}),
    ],
)
def test_what_is_not_in_the_table_is_uncertain(status: int, body: object) -> None:
    assert failure(status, body).outcome is UNCERTAIN


def test_every_sentence_is_plain_and_says_what_comes_next() -> None:
    for row in TABLE:
        if row.outcome is not UNCERTAIN:
            assert row.sentence.endswith("."), row.name
            assert 30 < len(row.sentence) < 220, row.name
            assert "Graph" not in row.sentence, row.name


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["error", "code", "error_subcode", "is_transient", "message"]), inner)
    ),
    max_leaves=8,
)


@given(st.integers(200, 599), JSON, st.sampled_from(Doing))
def test_no_body_however_odd_stops_the_reading(status: int, body: object, doing: Doing) -> None:
    assert failure(status, body, doing).sentence
