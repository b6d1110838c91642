"""What X says when it refuses, as a table: its answer -> one of the five errors -> a sentence for the desk.

Source: platform facts on X API v2 (problem details of RFC 9457 style, legacy ``errors[].code``, and observed
bodies). Codes are compared as codes: the last part of ``type``, ``title``, ``reason``, legacy numbers; the wording
of ``detail`` only where X gives nothing else. Rows are tried from the top; the first that fits wins, and an answer
that fits none is uncertain.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from channels.masking import Mask
from channels.telling import RAW_LIMIT, Doing, nature_of, unclear
from channels.wire import Answer
from channels.x_quota import quota_of, wait_of
from db.records import Failure, Outcome

WHERE: Final = "X"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. All that it names must fit; an empty field fits anything. No row names a status of 500
    or more: what X's servers say while they fail proves nothing.

    ``types``, ``titles`` and ``reasons`` are in lower case; ``legacy`` are numbers of ``errors[].code``; ``words`` is
    a pattern in ``detail`` or ``errors[].message``.
    """

    code: str
    outcome: Outcome
    sentence: str
    statuses: frozenset[int] = frozenset()
    types: frozenset[str] = frozenset()
    titles: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    legacy: frozenset[int] = frozenset()
    words: str = ""
    again_after: timedelta | None = None
    at_most: int = 0
    look: bool = False


def _all(*names: str) -> frozenset[str]:
    return frozenset(names)


_O = Outcome
_NO_CREDIT = (
    "The X account has no credits left. Buy credits in the X developer console; the channel goes on by itself after "
    "the next check."
)
_CAP_USED = (
    "X says the account's usage cap for this period is used up. Raise the cap in the X developer console or wait for "
    "the next period."
)
_SUSPENDED = "X has suspended or locked this account. Log in at x.com, follow what it asks, then run the check."
_WRONG_KEYS = (
    "X does not accept this channel's keys. Connect it anew, or check the four keys in its secret file and that this "
    "machine's clock is right, then run the check."
)
_APP_READ_ONLY = (
    "The X app may only read. Set it to 'Read and write' in the developer console, then connect the channel anew, "
    "or put a new access token into its secret file."
)
_DUPLICATE = (
    "X says the account has published the same words lately. Pressrun looks whether ours is there; if not, change "
    "the words."
)
_GENERIC = (
    "X refused this without a reason, as it does at times. Pressrun asks once more after an hour; if it is "
    "refused again, change the words or post it by hand."
)
_NO_EDIT = (
    "X does not let this account edit this post: it needs Premium, and the post's window for edits to be open. Give the "
    "correction again: it then answers the post or replaces it, as [corrections] says."
)

TABLE: Final[tuple[Row, ...]] = (
    # Usage and money: told by type, since they are seen with 402, 403 and 429 alike.
    Row("usage-capped", _O.UNAUTHORIZED, _CAP_USED, frozenset({402, 403, 429}), types=_all("usage-capped")),
    Row("usage-capped", _O.UNAUTHORIZED, _CAP_USED, frozenset({402, 403, 429}), titles=_all("usagecapexceeded")),
    Row(
        "spend-cap",
        _O.UNAUTHORIZED,
        "The spending limit set in the X developer console is reached. Raise it there or wait for the next billing "
        "cycle.",
        frozenset({402, 403, 429}),
        titles=_all("spendcapreached", "spend cap reached"),
    ),
    Row(
        "spend-cap",
        _O.UNAUTHORIZED,
        "The spending limit set in the X developer console is reached. Raise it there or wait for the next billing "
        "cycle.",
        frozenset({402, 403, 429}),
        types=_all("spend-cap-reached", "spend-cap"),
    ),
    Row("credits-depleted", _O.UNAUTHORIZED, _NO_CREDIT, frozenset({402})),
    Row("credits-depleted", _O.UNAUTHORIZED, _NO_CREDIT, frozenset({403}), types=_all("credits", "credits-depleted")),
    # Standing.
    Row("unauthorized", _O.UNAUTHORIZED, _WRONG_KEYS, frozenset({401})),
    Row("oauth1-permissions", _O.UNAUTHORIZED, _APP_READ_ONLY, frozenset({403}), types=_all("oauth1-permissions")),
    Row(
        "client-not-enrolled",
        _O.UNAUTHORIZED,
        "The X app is not enrolled in a project that may post. Enrol it in the X developer console, then run the "
        "check.",
        frozenset({403}),
        reasons=_all("client-not-enrolled"),
    ),
    Row(
        "official-client-forbidden",
        _O.UNAUTHORIZED,
        "X does not let this app use the API. Make an app of your own in the X developer console and use its keys.",
        frozenset({403}),
        reasons=_all("official-client-forbidden"),
    ),
    Row(
        "client-forbidden",
        _O.UNAUTHORIZED,
        "X does not let this app post. Look at the app's access in the X developer console, then run the check.",
        frozenset({403}),
        types=_all("client-forbidden"),
    ),
    Row(
        "unsupported-authentication",
        _O.UNAUTHORIZED,
        "These keys belong to an app, not to an account, and may only read. Put the account's access token and secret "
        "into the secret file.",
        frozenset({403}),
        types=_all("unsupported-authentication"),
    ),
    Row("user-suspended", _O.UNAUTHORIZED, _SUSPENDED, frozenset({403}), types=_all("user-suspended")),
    Row("user-suspended", _O.UNAUTHORIZED, _SUSPENDED, frozenset({403}), legacy=frozenset({64, 326})),
    Row(
        "user-suspended",
        _O.UNAUTHORIZED,
        _SUSPENDED,
        frozenset({403}),
        words=r"\buser-suspended\b|account (?:is|has been) suspended|user (?:is|has been) suspended",
    ),
    # Content.
    Row("duplicate", _O.REJECTED, _DUPLICATE, frozenset({403}), legacy=frozenset({187}), look=True),
    Row("duplicate", _O.REJECTED, _DUPLICATE, frozenset({403}), words=r"duplicate content", look=True),
    Row(
        "cashtags",
        _O.REJECTED,
        "X allows one cashtag in a post. Take the others out.",
        frozenset({400, 403}),
        words=r"one cashtag|cashtags?\b.*\b(?:limit|maximum|more than)",
    ),
    Row(
        "reply-not-allowed",
        _O.REJECTED,
        "X allows a reply only to one's own post or where one was mentioned. Post it by itself, without the thread.",
        frozenset({403}),
        types=_all("not-authorized-for-resource"),
        words=r"reply",
    ),
    Row(
        "reply-not-allowed",
        _O.REJECTED,
        "X allows a reply only to one's own post or where one was mentioned. Post it by itself, without the thread.",
        frozenset({403}),
        words=r"only reply to or quote|reply to this conversation is not allowed",
    ),
    Row(
        "parent-gone",
        _O.REJECTED,
        "The part before this one is gone or not visible yet. Pressrun tries again in ten seconds; if it is gone, the "
        "thread ends here.",
        frozenset({400, 403}),
        words=r"deleted or not visible",
        again_after=timedelta(seconds=10),
        at_most=2,
    ),
    Row(
        "generic-refusal",
        _O.REJECTED,
        _GENERIC,
        frozenset({403}),
        words=r"not permitted to perform this action",
        again_after=timedelta(hours=1),
        at_most=1,
    ),
    Row(
        "too-long",
        _O.REJECTED,
        "X counts this post as too long. Shorten it.",
        frozenset({400, 403}),
        words=r"text is too long|text too long",
    ),
    Row(
        "too-long",
        _O.REJECTED,
        "X counts this post as too long. Shorten it.",
        frozenset({400, 403}),
        legacy=frozenset({186}),
    ),
    Row(
        "media",
        _O.REJECTED,
        "X no longer knows the picture that was handed over. Pressrun hands it over again once; if that fails too, "
        "take another picture.",
        frozenset({400}),
        words=r"media[ _]?ids?\b.*(?:invalid|expired|not found)|invalid.*\bmedia[ _]?id",
        again_after=timedelta(seconds=5),
        at_most=1,
    ),
    Row(
        "invalid-request",
        _O.REJECTED,
        "X found a fault in this post. Read its words below, change the post, then send it again.",
        frozenset({400}),
        types=_all("invalid-request"),
    ),
    Row(
        "bad-request",
        _O.REJECTED,
        "X found a fault in this post. Read its words below, change the post, then send it again.",
        frozenset({400}),
        words=r"\S",
    ),
    # Not now.
    Row(
        "rate-limited",
        _O.RATE_LIMITED,
        "X wants this account to wait. Pressrun goes on by itself when the limit is over.",
        frozenset({429}),
    ),
)
"""The refusals of X that we know."""


def failure_for(answer: Answer, doing: Doing, mask: Mask) -> Failure:
    """The failure that an answer which is no success stands for."""
    quota = quota_of(answer)
    raw = mask(f"{answer.status} {answer.text()}")[:RAW_LIMIT]
    row = next((row for row in TABLE if _fits(row, answer)), None)
    if row is None:
        code, why = nature_of(answer)
        return unclear(WHERE, doing, code, why, raw, quota)
    if doing is Doing.CORRECT and row.outcome is Outcome.REJECTED and row.again_after is not None:
        return Failure(row.outcome, f"{answer.status} no edit", _NO_EDIT, raw=raw, quota=quota)  # its window closes
    wait = wait_of(answer) if row.outcome is Outcome.RATE_LIMITED else None
    return Failure(
        row.outcome,
        f"{answer.status} {row.code}",
        row.sentence,
        raw=raw,
        retry_after=wait,
        again_after=row.again_after,
        at_most=row.at_most,
        look=row.look,
        quota=quota,
    )


def _fits(row: Row, answer: Answer) -> bool:
    if row.statuses and answer.status not in row.statuses:
        return False
    content = answer.content()
    if not isinstance(content, Mapping):
        return not (row.types or row.titles or row.reasons or row.legacy or row.words)
    problems = [content, *_errors(content)]
    return (
        (not row.types or any(_last_part(problem.get("type")) in row.types for problem in problems))
        and (not row.titles or any(_lower(problem.get("title")) in row.titles for problem in problems))
        and (not row.reasons or any(_lower(problem.get("reason")) in row.reasons for problem in problems))
        and (not row.legacy or any(_number(problem.get("code")) in row.legacy for problem in problems[1:]))
        and (not row.words or any(_says(problem, row.words) for problem in problems))
    )


def _errors(content: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    errors = content.get("errors")
    return [error for error in errors if isinstance(error, Mapping)] if isinstance(errors, list) else []


def _last_part(value: object) -> str:
    return value.rstrip("/").rsplit("/", 1)[-1].lower() if isinstance(value, str) else ""


def _lower(value: object) -> str:
    return value.lower() if isinstance(value, str) else ""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _says(problem: Mapping[str, Any], words: str) -> bool:
    said = " ".join(str(problem.get(name, "")) for name in ("detail", "message", "title"))
    return re.search(words, said, re.IGNORECASE | re.DOTALL) is not None
