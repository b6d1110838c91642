"""Every refusal of X that we know, by its body; and that an unknown one is never called a refusal."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from channels.masking import Mask
from channels.telling import Doing
from channels.wire import Answer
from channels.x_errors import TABLE, failure_for
from db.records import Failure, Outcome

TYPES = "https://api.twitter.com/2/problems/"
NEWER = "https://api.x.com/2/problems/"


def answer(status: int, body: object) -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, CaseInsensitiveDict(), data)


def failure(status: int, body: object, doing: Doing = Doing.PUBLISH) -> Failure:
    return failure_for(answer(status, body), doing, Mask())


def problem(detail: str = "", type_: str = "about:blank", title: str = "Forbidden", **more: Any) -> dict[str, Any]:
    return {"title": title, "detail": detail, "type": type_, **more}


REFUSED, STANDING, LATER = Outcome.REJECTED, Outcome.UNAUTHORIZED, Outcome.RATE_LIMITED
CAP = "Usage cap exceeded: Monthly product cap"
CREDITS = "Your enrolled account [1] does not have any credits to fulfill this request."
REPLY = (
    "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the author"
)
TOO_LONG = "Your Tweet text is too long. For more information on how Twitter determines text length see"

KNOWN: list[tuple[int, object, Outcome, str]] = [
    (400, problem("One or more parameters", TYPES + "invalid-request", "Invalid Request"), REFUSED, "invalid-request"),
    (
        400,
        problem("One or more", NEWER + "invalid-request", errors=[{"message": TOO_LONG}]),
        REFUSED,
        "too-long",
    ),
    (403, {"errors": [{"code": 186, "message": "Tweet needs to be a bit shorter."}]}, REFUSED, "too-long"),
    (
        400,
        problem("x", TYPES + "invalid-request", errors=[{"message": "Your media IDs are invalid."}]),
        REFUSED,
        "media",
    ),
    (400, problem("Some fault nobody named"), REFUSED, "bad-request"),
    (401, problem("Unauthorized", title="Unauthorized"), STANDING, "unauthorized"),
    (401, b"", STANDING, "unauthorized"),
    (402, problem(CREDITS, TYPES + "credits", "CreditsDepleted", account_id=1), STANDING, "credits-depleted"),
    (402, problem("credits depleted", NEWER + "credits-depleted", "Payment Required"), STANDING, "credits-depleted"),
    (402, b"", STANDING, "credits-depleted"),
    (403, problem("credits depleted", NEWER + "credits-depleted"), STANDING, "credits-depleted"),
    (403, problem("You are not allowed to create a Tweet with duplicate content."), REFUSED, "duplicate"),
    (403, {"errors": [{"code": 187, "message": "Status is a duplicate."}]}, REFUSED, "duplicate"),
    (403, problem("You are not permitted to perform this action."), REFUSED, "generic-refusal"),
    (403, problem(REPLY), REFUSED, "reply-not-allowed"),
    (
        403,
        problem("You can only reply to or quote posts where you are mentioned or are the author."),
        REFUSED,
        "reply-not-allowed",
    ),
    (
        403,
        problem("A reply it may not be.", NEWER + "not-authorized-for-resource", "Authorization Error"),
        REFUSED,
        "reply-not-allowed",
    ),
    (
        403,
        problem("You attempted to reply to a Tweet that is deleted or not visible to you."),
        REFUSED,
        "parent-gone",
    ),
    (403, problem("Not configured.", TYPES + "oauth1-permissions"), STANDING, "oauth1-permissions"),
    (
        403,
        problem("x", TYPES + "client-forbidden", "Client Forbidden", reason="client-not-enrolled"),
        STANDING,
        "client-not-enrolled",
    ),
    (
        403,
        problem("x", NEWER + "client-forbidden", reason="official-client-forbidden"),
        STANDING,
        "official-client-forbidden",
    ),
    (403, problem("x", NEWER + "client-forbidden"), STANDING, "client-forbidden"),
    (403, problem("x", TYPES + "unsupported-authentication"), STANDING, "unsupported-authentication"),
    (403, problem("Blocked.", title="SpendCapReached"), STANDING, "spend-cap"),
    (403, problem("Blocked.", NEWER + "spend-cap-reached"), STANDING, "spend-cap"),
    (403, problem("x", NEWER + "user-suspended"), STANDING, "user-suspended"),
    (403, problem("User has been suspended."), STANDING, "user-suspended"),
    (403, {"errors": [{"code": 64, "message": "Your account is suspended."}]}, STANDING, "user-suspended"),
    (403, problem("Your post may have a maximum of one cashtag."), REFUSED, "cashtags"),
    (429, problem("Too Many Requests", title="Too Many Requests"), LATER, "rate-limited"),
    (429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, LATER, "rate-limited"),
    (429, b"", LATER, "rate-limited"),
    (429, b"<html>", LATER, "rate-limited"),
    *[(status, problem(CAP, TYPES + "usage-capped"), STANDING, "usage-capped") for status in (402, 403, 429)],
    (429, problem(CAP, "about:blank", "UsageCapExceeded", period="Monthly"), STANDING, "usage-capped"),
]


@pytest.mark.parametrize(("status", "body", "outcome", "code"), KNOWN)
def test_a_known_refusal_is_known(status: int, body: object, outcome: Outcome, code: str) -> None:
    found = failure(status, body)
    assert (found.outcome, found.code) == (outcome, f"{status} {code}")
    assert found.raw.startswith(f"{status} ")
    assert (found.retry_after is not None) is (outcome is LATER)
    assert found.look is (code == "duplicate")


def test_every_row_of_the_table_is_proved() -> None:
    assert {row.code for row in TABLE} == {code for _, _, _, code in KNOWN}


def test_no_row_believes_a_server_that_fails() -> None:
    assert all(row.statuses and max(row.statuses) < 500 for row in TABLE)


def test_only_a_few_may_be_asked_again() -> None:
    again = {row.code: (row.again_after, row.at_most) for row in TABLE if row.at_most}
    assert again == {
        "generic-refusal": (timedelta(hours=1), 1),
        "parent-gone": (timedelta(seconds=10), 2),
        "media": (timedelta(seconds=5), 1),
    }


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, problem("A reason nobody has met.")),
        (403, b"<html>Access denied</html>"),
        (403, []),
        (400, []),
        (400, {}),
        (400, {"errors": None}),
        (400, b""),
        (404, b""),
        (404, problem("Not Found")),
        (410, {}),
        (413, b"<html>"),
        (301, b""),
        (418, {"detail": "duplicate content"}),
        *[
            (status, body)
            for status in (500, 502, 503, 504)
            for body in (b"", b"<html>", {}, problem("duplicate content"))
        ],
        (503, problem(CAP, TYPES + "usage-capped")),
    ],
)
def test_what_is_not_in_the_table_is_uncertain(status: int, body: object) -> None:
    found = failure(status, body)
    assert found.outcome is Outcome.UNCERTAIN
    assert str(status) in found.code


def test_what_is_not_in_the_table_is_unreachable_while_nothing_is_posted_yet() -> None:
    found = failure(503, b"", Doing.PREPARE)
    assert found.outcome is Outcome.UNREACHABLE
    assert "Nothing was posted" in found.sentence


def test_every_sentence_is_plain_and_says_what_comes_next() -> None:
    for row in TABLE:
        assert row.sentence.endswith("."), row.code
        assert 40 < len(row.sentence) < 220, row.code
        assert not {"HTTP", "403", "JSON", "API v2"} & set(row.sentence.split()), row.code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["errors", "type", "title", "detail", "code", "reason", "message"]), inner)
    ),
    max_leaves=8,
)


@given(st.integers(300, 599), JSON, st.sampled_from(Doing))
def test_no_body_however_odd_stops_the_reading(status: int, body: object, doing: Doing) -> None:
    found = failure(status, body, doing)
    assert found.sentence
    if status >= 500:
        assert found.outcome in (Outcome.UNCERTAIN, Outcome.UNREACHABLE)
