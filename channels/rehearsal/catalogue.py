"""Every fault that the rehearsal platforms can play, by name.

An entry says what the caller meets, for whom it is, what it can be told, and how it is made: as an answer in
place of the true one, or as something done to the line. docs/rehearsal.md shows this table; a test holds the
two together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from channels.rehearsal import graph_answers, x_answers
from channels.rehearsal.exchange import Answer, json_answer

Arguments = Mapping[str, object]
Making = Callable[[datetime, Arguments], Answer]

HTTP = ("x", "facebook")
ALL = ("x", "facebook", "email")


class Wire(StrEnum):
    """What is done to the line."""

    PASS = "pass"  # the true answer comes
    ANSWER = "answer"  # another answer comes
    CLOSE = "close"  # the line is closed without a word
    RESET = "reset"  # the line is cut with a reset
    HANG = "hang"  # nothing comes until the caller leaves, for so many seconds at most
    DRIP = "drip"  # the answer comes byte by byte
    CUT = "cut"  # half of the answer comes, then the line is closed
    CLIP = "clip"  # half of the answer comes, and says it is whole
    LABEL = "label"  # the true answer comes with another content type
    SLOW = "slow"  # the true answer comes after so many seconds
    UNPLUG = "unplug"  # nobody listens at the port
    REPLY = "reply"  # e-mail: this reply comes in place of the true one


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of the catalogue. ``arguments`` are the defaults, and the only names that it takes."""

    what: str
    wire: Wire
    platforms: tuple[str, ...] = HTTP
    make: Making | None = None
    arguments: Mapping[str, object] = field(default_factory=dict)


def _always(answer: Callable[[], Answer]) -> Making:
    return lambda now, arguments: answer()


def _page(status: int) -> Making:
    words = {200: "OK", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}
    name = words.get(status, "Gateway Timeout")
    body = f"<!DOCTYPE html><html><head><title>{name}</title></head><body><h1>{name}</h1></body></html>"
    return lambda now, arguments: Answer(status, body.encode(), "text/html; charset=utf-8", bare=True)


def _empty(status: int) -> Making:
    return lambda now, arguments: Answer(status, b"", None, bare=True)


def _json(status: int) -> Making:
    body = {"title": "Service Unavailable", "detail": "Service Unavailable", "type": "about:blank", "status": status}
    return lambda now, arguments: json_answer(body, status)


def _number(arguments: Arguments, name: str) -> float:
    value = arguments[name]
    return float(value) if isinstance(value, (int, float)) else 0.0


def _epoch(at: datetime) -> str:
    return str(int(at.timestamp()))


def _limited(*, window: str = "", left: str = "0", day: bool = False, bare: bool = False) -> Making:
    """429 with rate headers: 15 minutes and a day, each exhausted or not."""

    def make(now: datetime, arguments: Arguments) -> Answer:
        answer = x_answers.too_many()
        if bare:
            return Answer(answer.status, answer.body, answer.content_type, bare=True)
        soon = now + timedelta(seconds=_number(arguments, "seconds"))
        headers = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": left, "x-rate-limit-reset": _epoch(soon)}
        if window == "past":
            headers["x-rate-limit-reset"] = _epoch(now - timedelta(seconds=60))
        if day:
            late = _epoch(now + timedelta(seconds=_number(arguments, "day_seconds")))
            for who in ("user", "app"):
                headers |= {
                    f"x-{who}-limit-24hour-limit": "100" if who == "user" else "10000",
                    f"x-{who}-limit-24hour-remaining": "0" if who == "user" else "9000",
                    f"x-{who}-limit-24hour-reset": late,
                }
        return Answer(answer.status, answer.body, answer.content_type, headers)

    return make


def _retry_after(now: datetime, arguments: Arguments) -> Answer:
    answer = x_answers.too_many()
    headers = {"Retry-After": str(int(_number(arguments, "seconds")))}
    return Answer(answer.status, answer.body, answer.content_type, headers, bare=True)


def _graph(now: datetime, arguments: Arguments) -> Answer:
    subcode, status = int(_number(arguments, "subcode")), int(_number(arguments, "status"))
    transient = True if arguments["transient"] else None
    return graph_answers.code_error(int(_number(arguments, "code")), subcode or None, status or None, transient)


def _graph_limit(now: datetime, arguments: Arguments) -> Answer:
    answer = graph_answers.page_limit()
    minutes = int(_number(arguments, "minutes"))
    usage = (
        '{"100":[{"type":"pages","call_count":100,"total_cputime":30,"total_time":30,'
        f'"estimated_time_to_regain_access":{minutes}}}]}}'
    )
    return Answer(answer.status, answer.body, answer.content_type, {"x-business-use-case-usage": usage})


def _moved(now: datetime, arguments: Arguments) -> Answer:
    return Answer(301, b"", None, {"Location": str(arguments["location"])}, bare=True)


def _smtp(what: str, code: int, text: str) -> Entry:
    return Entry(what, Wire.REPLY, ("email",), arguments={"code": code, "text": text})


_RATE = {"seconds": 900.0}
_DAY = {"seconds": 900.0, "day_seconds": 86_400.0}

CATALOGUE: Mapping[str, Entry] = {
    # --- the line -----------------------------------------------------------------------------
    "none": Entry("Nothing: the call passes.", Wire.PASS, ALL),
    "reset": Entry("The connection is reset without an answer.", Wire.RESET, ALL),
    "closed": Entry("The connection is closed without an answer.", Wire.CLOSE, ALL),
    "hang": Entry("No answer ever comes; the line is closed after `seconds`.", Wire.HANG, ALL, None, {"seconds": 30.0}),
    "drip": Entry(
        "The answer comes one byte every `interval` seconds, and is cut after `seconds`.",
        Wire.DRIP,
        ALL,
        _json(503),
        {"interval": 0.1, "seconds": 30.0},
    ),
    "slow": Entry("The true answer comes after `seconds`.", Wire.SLOW, ALL, None, {"seconds": 1.0}),
    "body-cut": Entry("The connection is closed in the middle of the answer.", Wire.CUT, HTTP, _json(503)),
    "unplugged": Entry(
        "Nobody listens at the port, from now on for `seconds`, or until the faults are cleared.",
        Wire.UNPLUG,
        ALL,
        None,
        {"seconds": 1.0},
    ),
    # --- what is published is not seen yet, the clock is wrong -----------------------------------
    "timeline-lag": Entry(
        "What the call publishes is out of every look for `seconds`.", Wire.PASS, HTTP, None, {"seconds": 60.0}
    ),
    "date-off": Entry("The answer's Date header is wrong by `seconds`.", Wire.PASS, HTTP, None, {"seconds": 3_600.0}),
    # --- the servers behind the gateway ------------------------------------------------------
    **{
        f"{status}-json": Entry(f"HTTP {status} with JSON.", Wire.ANSWER, HTTP, _json(status))
        for status in (500, 502, 503, 504)
    },
    **{
        f"{status}-html": Entry(f"HTTP {status} with a web page.", Wire.ANSWER, HTTP, _page(status))
        for status in (500, 502, 503, 504)
    },
    **{
        f"{status}-empty": Entry(f"HTTP {status} without a body.", Wire.ANSWER, HTTP, _empty(status))
        for status in (500, 502, 503, 504)
    },
    # --- answers that cannot be read ---------------------------------------------------------
    "ok-html": Entry("HTTP 200 with a web page.", Wire.ANSWER, HTTP, _page(200)),
    "ok-empty": Entry("HTTP 200 without a body.", Wire.ANSWER, HTTP, _empty(200)),
    "ok-no-id": Entry(
        "HTTP 200 with JSON that names no id.", Wire.ANSWER, HTTP, lambda now, a: json_answer({"data": {}})
    ),
    "ok-nothing": Entry("HTTP 200 with an empty JSON object.", Wire.ANSWER, HTTP, lambda now, a: json_answer({})),
    "ok-list": Entry("HTTP 200 with a JSON list.", Wire.ANSWER, HTTP, lambda now, a: json_answer([])),
    "ok-null": Entry("HTTP 200 with the JSON value null.", Wire.ANSWER, HTTP, lambda now, a: json_answer(None)),
    "ok-errors": Entry(
        "HTTP 200 with errors and no data.",
        Wire.ANSWER,
        HTTP,
        lambda now, a: json_answer({"errors": [{"title": "Internal Error", "detail": "Something went wrong."}]}),
    ),
    "json-cut": Entry(
        "HTTP 200 with JSON that is cut in the middle.",
        Wire.CLIP,
        HTTP,
        lambda now, a: json_answer({"data": {"id": "1900000000000000001", "text": "cut in the middle"}}),
    ),
    "no-content-type": Entry(
        "JSON without a Content-Type: the true answer, or {} where nothing was done.",
        Wire.LABEL,
        HTTP,
        lambda now, a: Answer(200, b"{}", None, bare=True),
    ),
    "text-javascript": Entry(
        "JSON that is called text/javascript: the true answer, or {} where nothing was done.",
        Wire.LABEL,
        HTTP,
        lambda now, a: json_answer({}, 200, "text/javascript; charset=UTF-8"),
    ),
    "error-no-error": Entry(
        "HTTP 500 with an empty JSON object.", Wire.ANSWER, HTTP, lambda now, a: json_answer({}, 500)
    ),
    "error-list": Entry(
        "HTTP 400 with a JSON list.", Wire.ANSWER, HTTP, lambda now, a: json_answer(["Bad Request"], 400)
    ),
    "error-null": Entry(
        "HTTP 400 whose errors are null.", Wire.ANSWER, HTTP, lambda now, a: json_answer({"errors": None}, 400)
    ),
    "moved": Entry(
        "HTTP 301 to `location`.", Wire.ANSWER, HTTP, _moved, {"location": "https://www.example.com/elsewhere"}
    ),
    "404": Entry("HTTP 404 without a body.", Wire.ANSWER, HTTP, _empty(404)),
    "413": Entry(
        "HTTP 413 with a web page.",
        Wire.ANSWER,
        HTTP,
        lambda now, a: Answer(
            413, b"<html><body><h1>413 Request Entity Too Large</h1></body></html>", "text/html", bare=True
        ),
    ),
    # --- X ---------------------------------------------------------------------------------
    "x-400": Entry("400, the request is not valid.", Wire.ANSWER, ("x",), _always(x_answers.invalid)),
    "x-too-long": Entry("400, the text is too long.", Wire.ANSWER, ("x",), _always(x_answers.too_long)),
    "x-bad-media": Entry("400, the media ids are not valid.", Wire.ANSWER, ("x",), _always(x_answers.bad_media)),
    "x-401": Entry("401.", Wire.ANSWER, ("x",), _always(x_answers.unauthorized)),
    "x-402": Entry("402, credits depleted, newer form.", Wire.ANSWER, ("x",), _always(x_answers.credits_depleted)),
    "x-402-older": Entry(
        "402, credits depleted, older form.", Wire.ANSWER, ("x",), _always(x_answers.credits_depleted_older)
    ),
    "x-duplicate": Entry("403, duplicate content.", Wire.ANSWER, ("x",), _always(x_answers.duplicate)),
    "x-not-permitted": Entry("403 that says nothing.", Wire.ANSWER, ("x",), _always(x_answers.not_permitted)),
    "x-reply-not-allowed": Entry(
        "403, no reply, older words.", Wire.ANSWER, ("x",), _always(x_answers.reply_not_allowed)
    ),
    "x-reply-not-author": Entry(
        "403, no reply, newer words.", Wire.ANSWER, ("x",), _always(x_answers.reply_not_author)
    ),
    "x-parent-gone": Entry("403, the parent is deleted.", Wire.ANSWER, ("x",), _always(x_answers.parent_gone)),
    "x-oauth1-permissions": Entry("403, a read-only app.", Wire.ANSWER, ("x",), _always(x_answers.oauth1_permissions)),
    "x-client-not-enrolled": Entry(
        "403, the app is in no project.", Wire.ANSWER, ("x",), _always(x_answers.client_forbidden)
    ),
    "x-official-client": Entry(
        "403, an official client.",
        Wire.ANSWER,
        ("x",),
        _always(lambda: x_answers.client_forbidden("official-client-forbidden")),
    ),
    "x-unsupported-authentication": Entry(
        "403, an app-only token.", Wire.ANSWER, ("x",), _always(x_answers.unsupported_authentication)
    ),
    "x-spend-cap": Entry("403, the spending limit is reached.", Wire.ANSWER, ("x",), _always(x_answers.spend_cap)),
    "x-suspended": Entry("403, the account is suspended.", Wire.ANSWER, ("x",), _always(x_answers.suspended)),
    "x-cashtags": Entry("403, more than one cashtag.", Wire.ANSWER, ("x",), _always(x_answers.cashtags)),
    "x-usage-capped": Entry("429, the monthly cap is used up.", Wire.ANSWER, ("x",), _always(x_answers.usage_capped)),
    "x-usage-capped-403": Entry(
        "403, the daily cap is used up.", Wire.ANSWER, ("x",), _always(lambda: x_answers.usage_capped("Daily", 403))
    ),
    "x-usage-capped-402": Entry(
        "402, the monthly cap is used up.", Wire.ANSWER, ("x",), _always(lambda: x_answers.usage_capped("Monthly", 402))
    ),
    "x-429": Entry("429, the 15-minute window resets in `seconds`.", Wire.ANSWER, ("x",), _limited(), _RATE),
    "x-429-older": Entry(
        "429 with code 88 and the true headers.", Wire.ANSWER, ("x",), _always(x_answers.too_many_older)
    ),
    "x-429-no-headers": Entry("429 without any rate header.", Wire.ANSWER, ("x",), _limited(bare=True), _RATE),
    "x-429-past": Entry("429 whose reset is a minute ago.", Wire.ANSWER, ("x",), _limited(window="past"), _RATE),
    "x-429-day": Entry(
        "429: the day's posts are used up (reset in `day_seconds`), the 15-minute window is not.",
        Wire.ANSWER,
        ("x",),
        _limited(left="83", day=True),
        _DAY,
    ),
    "x-429-both": Entry(
        "429: the day's posts and the 15-minute window are used up.", Wire.ANSWER, ("x",), _limited(day=True), _DAY
    ),
    "429-retry-after": Entry("429 with Retry-After and nothing else.", Wire.ANSWER, HTTP, _retry_after, _RATE),
    "429-empty": Entry("429 without a body.", Wire.ANSWER, HTTP, _empty(429)),
    # --- Graph -------------------------------------------------------------------------------
    "graph": Entry(
        "The Graph error `code`, with `subcode` and HTTP `status` if given (0: the usual), `transient` if true.",
        Wire.ANSWER,
        ("facebook",),
        _graph,
        {"code": 2, "subcode": 0, "status": 0, "transient": False},
    ),
    "graph-limit": Entry(
        "80001 whose usage header says `minutes` until the Page may call again.",
        Wire.ANSWER,
        ("facebook",),
        _graph_limit,
        {"minutes": 60},
    ),
    "graph-empty-error": Entry(
        "HTTP 400 with an empty error.", Wire.ANSWER, ("facebook",), lambda now, a: json_answer({"error": {}}, 400)
    ),
    # --- e-mail ------------------------------------------------------------------------------
    "smtp-reply": _smtp("The reply `code` with `text`.", 451, "4.3.0 Requested action aborted: local error"),
    "smtp-garbage": _smtp("A line that is no SMTP reply.", 0, "<html>Bad Gateway</html>"),
    "smtp-421": _smtp("421, and the line is closed.", 421, "4.3.2 Service shutting down, closing connection"),
    "smtp-450": _smtp("450, the mailbox is busy.", 450, "4.2.0 Mailbox busy, try again"),
    "smtp-451": _smtp("451, a local error.", 451, "4.3.0 Requested action aborted: local error"),
    "smtp-451-rate": _smtp("451, too many mails for now.", 451, "4.7.1 Rate limit exceeded, try again in 5 minutes"),
    "smtp-452": _smtp("452, no room.", 452, "4.3.1 Insufficient system storage"),
    "smtp-454": _smtp("454, log-in is not possible for now.", 454, "4.7.0 Temporary authentication failure"),
    "smtp-500": _smtp("500, the command is not understood.", 500, "5.5.2 Command not recognized"),
    "smtp-530": _smtp("530, log in first.", 530, "5.7.0 Authentication required"),
    "smtp-535": _smtp("535, the log-in is refused.", 535, "5.7.8 Authentication credentials invalid"),
    "smtp-550": _smtp(
        "550, there is no such mailbox.", 550, "5.1.1 The email account that you tried to reach does not exist"
    ),
    "smtp-550-policy": _smtp("550, refused by policy.", 550, "5.7.1 Message refused by policy"),
    "smtp-552": _smtp("552, the mailbox is full.", 552, "5.2.2 Mailbox full"),
    "smtp-554": _smtp("554, the transaction failed.", 554, "5.7.1 Transaction failed: message looks like spam"),
}
