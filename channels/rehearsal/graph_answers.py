"""What the Graph API says when it refuses, code by code; for its rules and for scripted faults."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping

from channels.rehearsal.exchange import Answer

GRAPH_JSON = "application/json; charset=UTF-8"


def graph_error(
    code: int,
    message: str,
    status: int = 400,
    subcode: int | None = None,
    type_: str = "OAuthException",
    transient: bool = False,
    title: str = "",
    user_message: str = "",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """An error in Graph's shape, with a trace id of its own."""
    error: dict[str, object] = {"message": message, "type": type_, "code": code}
    if subcode is not None:
        error["error_subcode"] = subcode
    error["is_transient"] = transient
    if title:
        error |= {"error_user_title": title, "error_user_msg": user_message}
    error["fbtrace_id"] = "A" + uuid.uuid4().hex[:22]
    return Answer(status, json.dumps({"error": error}).encode(), GRAPH_JSON, headers or {})


def bad_token(subcode: int | None = None, status: int = 400) -> Answer:
    """190: the token is no good; the subcode says why."""
    why = {
        None: "Invalid OAuth access token - Cannot parse access token",
        458: "Error validating access token: The user has not authorized application",
        459: "Error validating access token: You cannot access the app till you log in to www.facebook.com and follow "
        "the instructions given",
        460: "Error validating access token: The session has been invalidated because the user changed their password "
        "or Facebook has changed the session for security reasons.",
        463: "Error validating access token: Session has expired",
        464: "Error validating access token: Sessions for the user are not allowed because the user is not a "
        "confirmed user.",
        467: "Error validating access token: The session is invalid because the user logged out.",
        490: "Error validating access token: The user is enrolled in a blocking, logged-in checkpoint",
        492: "Error validating access token: The session was invalidated because the user does not have an "
        "appropriate role on the page.",
    }.get(subcode, "Error validating access token")
    header = f'OAuth "Facebook Platform" "invalid_token" "{why}"'
    return graph_error(190, why, status, subcode, headers={"WWW-Authenticate": header})


def no_token() -> Answer:
    """104: no token at all where one is needed."""
    return graph_error(104, "An access token is required to request this resource.", 400)


def missing_permission(permission: str) -> Answer:
    """200 with HTTP 403: the token lacks a permission."""
    message = (
        f"(#200) The permission(s) {permission} are not available. It could because either they are deprecated or need "
        "to be approved by App Review."
    )
    return graph_error(200, message, 403)


def bad_parameter(message: str, subcode: int | None = None) -> Answer:
    """100: something about the request."""
    return graph_error(100, f"(#100) {message}", 400, subcode)


def no_such_object(id: str, method: str = "get") -> Answer:
    """100 with subcode 33: gone, never there, or not for this token."""
    message = (
        f"Unsupported {method} request. Object with ID '{id}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation"
    )
    return graph_error(100, message, 400, 33, "GraphMethodException")


def duplicate() -> Answer:
    """506: the same post twice in a row."""
    return graph_error(
        506,
        "(#506) Duplicate status message",
        400,
        1455006,
        title="Duplicate Status Update",
        user_message="This status update is identical to the last one you posted. Try posting something different.",
    )


def link_not_reached() -> Answer:
    """1609005: Facebook could not read the link."""
    return graph_error(
        1609005,
        "(#1609005) Link post failed: the link could not be scraped",
        400,
        title="The post's links could not be posted",
        user_message="There was a problem scraping data from the provided link.",
    )


def page_limit() -> Answer:
    """80001: too many calls to this Page with a page or system-user token."""
    message = "(#80001) There have been too many calls to this Page account. Wait a bit and try again."
    return graph_error(80001, message, 400)


def page_request_limit() -> Answer:
    """32: too many calls to this Page with a person's token."""
    return graph_error(32, "(#32) Page request limit reached", 403)


def app_limit() -> Answer:
    """4: the app has called too often."""
    return graph_error(4, "(#4) Application request limit reached", 403, transient=True)


CODES: Mapping[int, tuple[str, int, bool]] = {
    1: ("An unknown error occurred", 500, False),
    2: ("An unexpected error has occurred. Please retry your request later.", 500, True),
    3: ("(#3) Application does not have the capability to make this API call.", 400, False),
    10: ("(#10) Application does not have permission for this action", 403, False),
    17: ("(#17) User request limit reached", 400, False),
    102: ("Session key invalid or no longer valid", 401, False),
    110: ("(#110) Invalid user id", 400, False),
    200: ("(#200) Permissions error", 403, False),
    210: ("(#210) User not visible", 403, False),
    341: ("(#341) Feed action request limit reached", 400, False),
    368: ("The action attempted has been deemed abusive or is otherwise disallowed", 400, False),
    613: ("(#613) Calls to this api have exceeded the rate limit.", 400, False),
    803: ("(#803) Some of the aliases you requested do not exist", 404, False),
    9009: ("(#9009) The id is not valid for this operation", 400, False),
}
"""Code to message, HTTP status and is_transient, for the codes that have no rule of their own here."""

SUBCODES: Mapping[int, str] = {
    1366046: "The photo is too large or of a format that cannot be used.",
    1366051: "These photos were already posted.",
    1390008: "You are posting too fast.",
    1346003: "The content is against the Community Standards.",
    1404102: "The content is against the Community Standards.",
    1404006: "A security check is needed.",
    1404112: "A security check is needed.",
    4854002: "A security check is needed.",
    1404078: "The authorization does not reach this far.",
    1609008: "A link to facebook.com cannot be shared.",
    2061006: "The address is not valid.",
    1363047: "The service is not available now.",
    1609010: "The service is not available now.",
}
"""Subcodes that come under code 100 (or 368, 1), with what they say to the user."""


EVERY_CODE: tuple[tuple[int, int | None], ...] = (
    *((code, None) for code in sorted({*CODES, 4, 32, 100, 190, 506, 80001, 1609005})),
    *((190, subcode) for subcode in (458, 459, 460, 463, 464, 467, 490, 492)),
    (100, 33),
    (613, 1996),
    *((368 if 1404000 <= subcode < 1405000 or subcode > 4_000_000 else 100, subcode) for subcode in sorted(SUBCODES)),
)
"""Every code that Facebook is known to refuse a Page with, as (code, subcode or None)."""


def code_error(
    code: int, subcode: int | None = None, status: int | None = None, transient: bool | None = None
) -> Answer:
    """Any code of the table, with what the table says where nothing else is asked for."""
    rules = {4: app_limit, 32: page_request_limit, 80001: page_limit, 506: duplicate, 1609005: link_not_reached}
    if code in rules and (subcode, status, transient) == (None, None, None):
        return rules[code]()
    if code == 190:
        return bad_token(subcode, status or 400)
    message, usual, usually = CODES.get(code, (f"(#{code}) Error", 400, False))
    said = SUBCODES.get(subcode or 0, "")
    return graph_error(
        code,
        message,
        usual if status is None else status,
        subcode,
        transient=usually if transient is None else transient,
        title="Your post could not be published" if said else "",
        user_message=said,
    )
