"""What Graph says when it refuses, as a table: code and subcode -> one of the five errors -> a sentence for the desk.

Source: platform facts on Graph error handling, and the numbers that other publishers have met. Only numbers are
compared, never wording; the HTTP status only where there is no error object. Rows are tried from the top; the
first that fits wins, and an answer that fits none is uncertain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from channels.facebook_quota import quota_of, wait_of
from channels.masking import Mask
from channels.telling import RAW_LIMIT, Doing, nature_of, unclear
from channels.wire import Answer
from db.records import Failure, Outcome

WHERE: Final = "Facebook"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ``codes`` and ``subcodes`` must both fit, an empty one fits anything.

    ``either``: the number may stand as code or as subcode. ``transient``: only with ``is_transient``. ``statuses``:
    only where the answer holds no error object.
    """

    name: str
    outcome: Outcome
    sentence: str
    codes: frozenset[int] = frozenset()
    subcodes: frozenset[int] = frozenset()
    either: frozenset[int] = frozenset()
    statuses: frozenset[int] = frozenset()
    transient: bool = False
    again_after: timedelta | None = None
    at_most: int = 0
    retry_after: timedelta | None = None
    look: bool = False


def _all(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


_O = Outcome
_WAIT = "Facebook wants this Page to wait. Pressrun goes on by itself when the limit is over."
_TOKEN = "Connect the Page anew, or put a new Page token into the channel's secret file, then run the check."
_BLOCKED = (
    "Facebook has blocked this Page or person for now. Log in at facebook.com, follow what it asks, and let it rest for "
    "some hours."
)
_SERVICE = "a fault of its own that passes"

TABLE: Final[tuple[Row, ...]] = (
    Row(
        "duplicate",
        _O.REJECTED,
        "Facebook says the Page has just published the same words. Pressrun looks whether ours is there; if not, "
        "change the words.",
        either=_all(506, 1455006),
        look=True,
    ),
    Row(
        "photos posted already",
        _O.REJECTED,
        "Facebook says these photos were posted already. Pressrun looks whether the post is there; if not, add the "
        "photos again.",
        either=_all(1366051),
        look=True,
    ),
    # Not now.
    Row("posting too fast", _O.RATE_LIMITED, _WAIT, either=_all(1390008)),
    Row("too many calls", _O.RATE_LIMITED, _WAIT, codes=_all(4, 17, 32, 341, 613, 80001)),
    # A fault that passes says nothing of whether the post is out.
    Row("service", _O.UNCERTAIN, _SERVICE, either=_all(1363047, 1609010)),
    Row("service", _O.UNCERTAIN, _SERVICE, codes=_all(1, 2)),
    Row("transient", _O.UNCERTAIN, _SERVICE, transient=True),
    # Content.
    Row(
        "link not scraped",
        _O.REJECTED,
        "Facebook could not read the story's page, perhaps because it is not out yet. Pressrun asks again every three "
        "minutes, three times; then open the address, or post without the link.",
        either=_all(1609005),
        again_after=timedelta(minutes=3),
        at_most=3,
    ),
    Row(
        "photo",
        _O.REJECTED,
        "Facebook does not take this photo: it is too large or of a wrong format. Use a JPEG or PNG of at most 4 MB.",
        either=_all(1366046),
    ),
    Row(
        "content policy",
        _O.REJECTED,
        "Facebook says this post goes against its rules. Change the words or the picture, or post it by hand.",
        either=_all(1346003, 1404102),
    ),
    Row(
        "facebook link",
        _O.REJECTED,
        "Facebook does not take a link to facebook.com in a link post. Link to the story itself.",
        either=_all(1609008),
    ),
    Row(
        "bad address",
        _O.REJECTED,
        "Facebook says the link is no good address. Mend it.",
        either=_all(2061006),
    ),
    # Standing.
    Row("security check", _O.UNAUTHORIZED, _BLOCKED, either=_all(1404006, 1404112, 4854002)),
    Row(
        "authorization",
        _O.UNAUTHORIZED,
        f"The token may not post to this Page. {_TOKEN}",
        either=_all(1404078),
    ),
    Row("blocked", _O.UNAUTHORIZED, _BLOCKED, codes=_all(368), retry_after=timedelta(hours=6)),
    Row(
        "app removed",
        _O.UNAUTHORIZED,
        f"The person behind the token has removed the app. Let them log in to it again. {_TOKEN}",
        _all(102, 190),
        _all(458),
    ),
    Row(
        "checkpoint",
        _O.UNAUTHORIZED,
        f"The person behind the token must first pass a check at facebook.com. Then: {_TOKEN}",
        _all(102, 190),
        _all(459, 490),
    ),
    Row(
        "password changed",
        _O.UNAUTHORIZED,
        f"The password behind the token was changed, which ends the token. {_TOKEN}",
        _all(102, 190),
        _all(460),
    ),
    Row("token expired", _O.UNAUTHORIZED, f"The Page token has expired. {_TOKEN}", _all(102, 190), _all(463)),
    Row(
        "not confirmed",
        _O.UNAUTHORIZED,
        f"The person behind the token has not confirmed their account at facebook.com. Then: {_TOKEN}",
        _all(102, 190),
        _all(464),
    ),
    Row("token invalid", _O.UNAUTHORIZED, f"The Page token is no longer valid. {_TOKEN}", _all(102, 190), _all(467)),
    Row(
        "role lost",
        _O.UNAUTHORIZED,
        f"The person behind the token has lost their role on the Page. Give it back, or use another person. {_TOKEN}",
        _all(102, 190),
        _all(492),
    ),
    Row("token", _O.UNAUTHORIZED, f"Facebook does not accept the Page token. {_TOKEN}", codes=_all(102, 104, 190)),
    Row(
        "not visible",
        _O.REJECTED,
        "Facebook does not know or does not show what this call was for. Check page_id in the settings and whether the "
        "post still stands.",
        codes=_all(110, 210, 803, 9009),
    ),
    Row(
        "permission",
        _O.UNAUTHORIZED,
        "The token lacks a permission. It needs pages_manage_posts and pages_read_engagement, and its person the right "
        "to create content on the Page.",
        codes=frozenset({3, 10, *range(200, 300)}),
    ),
    # Parameters.
    Row(
        "no such object",
        _O.REJECTED,
        "Facebook finds nothing under this number, or does not show it to this token. Check page_id in the settings and "
        "whether the post still stands.",
        _all(100),
        _all(33),
    ),
    Row(
        "bad parameter",
        _O.REJECTED,
        "Facebook found a fault in this call. Read its words below, change the post or the settings, then try again.",
        codes=_all(100),
    ),
    # Answers without an error object.
    Row("token", _O.UNAUTHORIZED, f"Facebook does not accept the Page token. {_TOKEN}", statuses=_all(401)),
    Row("too many calls", _O.RATE_LIMITED, _WAIT, statuses=_all(429)),
)
"""The refusals of Graph that we know."""

NO_SUCH_OBJECT: Final = "no such object"
NOT_VISIBLE: Final = "not visible"
"""Row names that may mean "gone already" to a delete."""


def error_in(answer: Answer) -> Mapping[str, Any]:
    """The error object of an answer; empty where there is none."""
    content = answer.content()
    error = content.get("error") if isinstance(content, Mapping) else None
    return error if isinstance(error, Mapping) else {}


def row_for(answer: Answer) -> Row | None:
    """The first row that fits the answer."""
    error = error_in(answer)
    return next((row for row in TABLE if _fits(row, error, answer.status)), None)


def failure_for(answer: Answer, doing: Doing, mask: Mask) -> Failure:
    """The failure that an answer which is no success stands for."""
    error, row, quota = error_in(answer), row_for(answer), quota_of(answer)
    raw = mask(f"{answer.status} {answer.text()}")[:RAW_LIMIT]
    if row is None:
        code, why = nature_of(answer)
        return unclear(WHERE, doing, _code(error) or code, why, raw, quota)
    if row.outcome is Outcome.UNCERTAIN:
        return unclear(WHERE, doing, _code(error), row.sentence, raw, quota)
    wait = wait_of(answer) if row.outcome is Outcome.RATE_LIMITED else row.retry_after
    return Failure(
        row.outcome,
        f"{_code(error) or answer.status} {row.name}",
        row.sentence,
        raw=raw,
        retry_after=wait,
        again_after=row.again_after,
        at_most=row.at_most,
        look=row.look,
        quota=quota,
    )


def _fits(row: Row, error: Mapping[str, Any], status: int) -> bool:
    if not error:
        return status in row.statuses
    code, subcode = _number(error, "code"), _number(error, "error_subcode")
    return (
        not row.statuses
        and (not row.codes or code in row.codes)
        and (not row.subcodes or subcode in row.subcodes)
        and (not row.either or code in row.either or subcode in row.either)
        and (not row.transient or error.get("is_transient") is True)
    )


def _code(error: Mapping[str, Any]) -> str:
    code, subcode = _number(error, "code"), _number(error, "error_subcode")
    if code is None:
        return ""
    return str(code) if subcode is None else f"{code}/{subcode}"


def _number(error: Mapping[str, Any], name: str) -> int | None:
    value = error.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
