"""Reading on the rehearsal X: one post, several, an account's timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from channels.rehearsal import published, x_answers, x_charges
from channels.rehearsal.exchange import Answer, Refused, Request, json_answer
from channels.rehearsal.published import Published
from channels.rehearsal.x_posts import XDesk, known_only
from channels.rehearsal.x_text import url_entities

_TIMELINE_KEYS = frozenset(
    "max_results start_time end_time since_id until_id exclude pagination_token expansions tweet.fields post.fields "
    "user.fields media.fields place.fields poll.fields".split()
)
_READ_KEYS = frozenset(
    "ids expansions tweet.fields post.fields user.fields media.fields place.fields poll.fields".split()
)


def read_timeline(desk: XDesk, user_id: str, request: Request, owner: bool) -> Answer:
    """``GET /2/users/:id/tweets``: newest first, in pages; ``data`` is absent when there is none."""
    query = request.query
    known_only(query, _TIMELINE_KEYS)
    size = _number(query.get("max_results", "10"), "max_results", 5, 100)
    start, end = _time(query, "start_time"), _time(query, "end_time")
    posts = published.timeline(desk.store, "x", user_id, desk.now, start)
    excluded = set(query.get("exclude", "").split(",")) - {""}
    if excluded - {"replies", "retweets"}:
        raise Refused(x_answers.invalid("The `exclude` query parameter value must be one of [replies, retweets]"))
    since, until = _id(query, "since_id"), _id(query, "until_id")
    token = query.get("pagination_token")
    below = _below(token) if token else until
    chosen = [
        post
        for post in posts
        if (end is None or post.created_at < end)
        and (since is None or int(post.id) > since)
        and (below is None or int(post.id) < below)
        and not ("replies" in excluded and post.reply_to)
    ]
    page = chosen[:size]
    if owner and page:
        x_charges.pay_read(desk.store, desk.rules, user_id, desk.now, [post.id for post in page])
    if not page:
        return json_answer({"meta": {"result_count": 0}})
    meta: dict[str, object] = {
        "result_count": len(page),
        "newest_id": max(page, key=lambda post: int(post.id)).id,
        "oldest_id": min(page, key=lambda post: int(post.id)).id,
    }
    if len(chosen) > len(page):
        meta["next_token"] = f"r{int(page[-1].id):x}"
    return json_answer({"data": [_shape(post, query) for post in page], "meta": meta})


def read_one(desk: XDesk, id: str, request: Request) -> Answer:
    """``GET /2/tweets/:id``: 200; an unknown or deleted one is an error beside no data, as on X."""
    known_only(request.query, _READ_KEYS - {"ids"})
    found, errors = _read(desk, [id], "id")
    return json_answer({"data": _shape(found[0], request.query)} if found else {"errors": errors})


def read_several(desk: XDesk, request: Request) -> Answer:
    """``GET /2/tweets?ids=``: those that stand in ``data``, the others in ``errors``."""
    known_only(request.query, _READ_KEYS)
    ids = [id for id in request.query.get("ids", "").split(",") if id]
    if not 1 <= len(ids) <= 100:
        raise Refused(x_answers.invalid("The `ids` query parameter must name 1 to 100 ids."))
    found, errors = _read(desk, ids, "ids")
    body: dict[str, object] = {}
    if found:
        body["data"] = [_shape(post, request.query) for post in found]
    if errors:
        body["errors"] = errors
    return json_answer(body)


def _read(desk: XDesk, ids: Sequence[str], parameter: str) -> tuple[list[Published], list[dict[str, object]]]:
    found: list[Published] = []
    errors: list[dict[str, object]] = []
    for id in ids:
        post = published.find_post(desk.store, "x", id)
        if post is not None and not post.deleted and (post.visible_from or post.created_at) <= desk.now:
            found.append(post)
            continue
        errors.append(
            {
                "value": id,
                "detail": f"Could not find tweet with {parameter}: [{id}].",
                "title": "Not Found Error",
                "resource_type": "tweet",
                "parameter": parameter,
                "resource_id": id,
                "type": "https://api.twitter.com/2/problems/resource-not-found",
            }
        )
    return found, errors


def _shape(post: Published, query: Mapping[str, str]) -> dict[str, object]:
    wanted = set((query.get("tweet.fields", "") + "," + query.get("post.fields", "")).split(","))
    shape: dict[str, object] = {"id": post.id, "text": post.shown, "edit_history_tweet_ids": [post.id]}
    if "created_at" in wanted:
        shape["created_at"] = (
            post.created_at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{post.created_at.microsecond // 1000:03}Z"
        )
    if "author_id" in wanted:
        shape["author_id"] = post.account
    if "entities" in wanted and post.urls:
        shape["entities"] = {"urls": url_entities(post.shown, post.urls)}
    if "attachments" in wanted and post.media:
        shape["attachments"] = {"media_keys": [f"3_{id}" for id in post.media]}
    if "referenced_tweets" in wanted and post.reply_to:
        shape["referenced_tweets"] = [{"type": "replied_to", "id": post.reply_to}]
    if "conversation_id" in wanted:
        shape["conversation_id"] = post.reply_to or post.id
    return shape


def _below(token: str) -> int:
    try:
        return int(token.removeprefix("r"), 16)
    except ValueError:
        raise Refused(x_answers.invalid("The `pagination_token` query parameter value is not valid")) from None


def _id(query: Mapping[str, str], name: str) -> int | None:
    value = query.get(name)
    if value is None:
        return None
    if not value.isdecimal():
        raise Refused(x_answers.invalid(f"The `{name}` query parameter value [{value}] is not valid"))
    return int(value)


def _number(value: str, name: str, least: int, most: int) -> int:
    if not value.isdecimal() or not least <= int(value) <= most:
        raise Refused(
            x_answers.invalid(f"The `{name}` query parameter value [{value}] is not between {least} and {most}")
        )
    return int(value)


def _time(query: Mapping[str, str], name: str) -> datetime | None:
    value = query.get(name)
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None or "T" not in value:
            raise ValueError
    except ValueError:
        message = f"Invalid '{name}':'{value}'. Must be a valid RFC3339 date and time."
        raise Refused(x_answers.invalid(message)) from None
    return at
