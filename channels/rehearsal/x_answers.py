"""What X says when it refuses, in the words that clients have met; for its rules and for scripted faults."""

from __future__ import annotations

import json

from channels.rehearsal.exchange import Answer

_PROBLEM = "application/problem+json"
_TYPES = "https://api.twitter.com/2/problems/"
TOO_LONG = (
    "Your Tweet text is too long. For more information on how Twitter determines text length see "
    "https://github.com/twitter/twitter-text."
)


def _problem(status: int, title: str, detail: str, type_: str = "about:blank", **more: object) -> Answer:
    body = {"title": title, "detail": detail, "type": type_, "status": status, **more}
    return Answer(status, json.dumps(body).encode(), _PROBLEM)


def _forbidden(detail: str) -> Answer:
    return _problem(403, "Forbidden", detail)


def invalid(*messages: str) -> Answer:
    """400: the request itself is wrong."""
    body = {
        "errors": [{"message": message} for message in messages],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": _TYPES + "invalid-request",
        "status": 400,
    }
    return Answer(400, json.dumps(body).encode(), _PROBLEM)


def too_long() -> Answer:
    """400: more than the weighted length that the account may use."""
    return invalid(TOO_LONG)


def bad_media() -> Answer:
    """400: a media id that is unknown, expired, another's, or still being processed."""
    return invalid("Your media IDs are invalid.")


def unauthorized() -> Answer:
    """401."""
    return _problem(401, "Unauthorized", "Unauthorized")


def credits_depleted() -> Answer:
    """402 in the newer form."""
    return _problem(402, "Payment Required", "credits depleted", "https://api.x.com/2/problems/credits-depleted")


def credits_depleted_older(account: str = "1") -> Answer:
    """402 in the older form, which names the account."""
    detail = f"Your enrolled account [{account}] does not have any credits to fulfill this request."
    return _problem(402, "CreditsDepleted", detail, _TYPES + "credits", account_id=int(account))


def duplicate() -> Answer:
    """403: the same words as a recent post."""
    return _forbidden("You are not allowed to create a Tweet with duplicate content.")


def not_permitted() -> Answer:
    """403: the catch-all that says nothing."""
    return _forbidden("You are not permitted to perform this action.")


def reply_not_allowed() -> Answer:
    """403: a reply to somebody who has not asked for one, older words."""
    return _forbidden(
        "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the "
        "author of the post you are replying to."
    )


def reply_not_author() -> Answer:
    """403: the same in newer words."""
    detail = "You can only reply to or quote posts where you are mentioned or are the author."
    return _problem(403, "Authorization Error", detail, _TYPES + "not-authorized-for-resource")


def parent_gone() -> Answer:
    """403: the post that is replied to is deleted."""
    return _forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.")


def oauth1_permissions() -> Answer:
    """403: a read-only app."""
    detail = "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint."
    return _problem(403, "Forbidden", detail, _TYPES + "oauth1-permissions")


def client_forbidden(reason: str = "client-not-enrolled") -> Answer:
    """403: the app is in no project (or is an official one)."""
    return _problem(
        403,
        "Client Forbidden",
        "When authenticating requests to the Twitter API v2 endpoints, you must use keys and tokens from a Twitter "
        "developer App that is attached to a Project. You can create a project via the developer portal.",
        _TYPES + "client-forbidden",
        reason=reason,
        required_enrollment="Appropriate Level of API Access",
        registration_url="https://developer.twitter.com/en/docs/projects/overview",
    )


def unsupported_authentication() -> Answer:
    """403: an app-only token where a user's is needed."""
    detail = (
        "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.  Supported authentication "
        "types are [OAuth 1.0a User Context, OAuth 2.0 User Context]."
    )
    return _problem(403, "Unsupported Authentication", detail, _TYPES + "unsupported-authentication")


def spend_cap() -> Answer:
    """403: the console's spending limit is reached until the next cycle."""
    detail = "Your account has reached its billing cycle spend cap. Requests are blocked until the next cycle."
    return _problem(403, "SpendCapReached", detail, _TYPES + "spend-cap-reached")


def suspended() -> Answer:
    """403: the account is suspended."""
    return _problem(403, "Forbidden", "User has been suspended.", _TYPES + "user-suspended")


def cashtags() -> Answer:
    """403: more than one cashtag."""
    return _forbidden("Your post may have a maximum of one cashtag.")


def too_many() -> Answer:
    """429 in the form of API v2."""
    return _problem(429, "Too Many Requests", "Too Many Requests")


def too_many_older() -> Answer:
    """429 in the older form."""
    return Answer(429, json.dumps({"errors": [{"code": 88, "message": "Rate limit exceeded"}]}).encode())


def usage_capped(period: str = "Monthly", status: int = 429) -> Answer:
    """429 (also met as 402 and 403): the product's cap is used up."""
    return _problem(
        status,
        "UsageCapExceeded",
        f"Usage cap exceeded: {period} product cap",
        _TYPES + "usage-capped",
        period=period,
        scope="Product",
        account_id=1,
        product_name="standard-basic",
    )


def not_found(what: str, value: str, parameter: str = "id") -> Answer:
    """404: there is no such thing."""
    return _problem(
        404,
        "Not Found Error",
        f"Could not find {what} with {parameter}: [{value}].",
        _TYPES + "resource-not-found",
        value=value,
        parameter=parameter,
        resource_type=what,
        resource_id=value,
    )


def gone_media_endpoint() -> Answer:
    """410: the picture upload of API v1.1 is no more."""
    message = "This endpoint has been removed. Use POST /2/media/upload."
    return Answer(410, json.dumps({"errors": [{"code": 251, "message": message}]}).encode())


def no_such_path() -> Answer:
    """404 without a body, as the gateway answers an unknown address."""
    return Answer(404, b"", None)
