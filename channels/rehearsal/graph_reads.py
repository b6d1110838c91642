"""Reading on the rehearsal Graph: one post, or a Page's posts in cursor pages."""

from __future__ import annotations

import base64
import urllib.parse
from collections.abc import Mapping
from datetime import UTC, datetime

from channels.rehearsal import graph_answers, published
from channels.rehearsal.exchange import Answer, Refused
from channels.rehearsal.graph_posts import PageDesk, graph_json, shape, standing
from channels.rehearsal.published import Published


def read_post(desk: PageDesk, post_id: str) -> Answer:
    """``GET /{post}``."""
    post = standing(desk, post_id, "get")
    if (post.visible_from or post.created_at) > desk.now:
        raise Refused(graph_answers.no_such_object(post_id))
    return graph_json(shape(desk, post))


def read_edge(desk: PageDesk, edge: str, base: str) -> Answer:
    """``GET /{page}/published_posts``, ``/feed`` or ``/scheduled_posts``: newest first, in cursor pages."""
    since, until = _time(desk.values, "since"), _time(desk.values, "until")
    posts = [
        post
        for post in published.timeline(desk.store, "facebook", desk.page.page_id, desk.now, since)
        if not post.reply_to and (until is None or post.created_at < until)
    ]
    if edge == "published_posts":
        posts = [post for post in posts if post.is_public(desk.now)]
    elif edge == "scheduled_posts":
        posts = [post for post in posts if post.scheduled_at and not post.is_public(desk.now)]
    return _paged(desk, posts, base)


def read_comments(desk: PageDesk, post_id: str, base: str) -> Answer:
    """``GET /{post}/comments``: oldest first, or newest first with ``order=reverse_chronological``, in cursor pages."""
    post = standing(desk, post_id, "get")
    below = [
        one
        for one in published.timeline(desk.store, "facebook", desk.page.page_id, desk.now)
        if one.reply_to == post.id
    ]
    if desk.values.get("order") != "reverse_chronological":
        below.reverse()
    return _paged(desk, below, base)


def _paged(desk: PageDesk, posts: list[Published], base: str) -> Answer:
    """One cursor page of a list."""
    limit = desk.values.get("limit", "25")
    if not limit.isdecimal() or not 1 <= int(limit) <= 100:
        raise Refused(graph_answers.bad_parameter("param limit must be between 1 and 100"))
    if "after" in desk.values:
        seen = _cursor(desk.values["after"])
        places = [place for place, post in enumerate(posts) if post.id == seen]
        posts = posts[places[0] + 1 :] if places else [post for post in posts if post.id < seen]
    page = posts[: int(limit)]
    if not page:
        return graph_json({"data": []})
    cursors = {"before": _write_cursor(page[0].id), "after": _write_cursor(page[-1].id)}
    paging: dict[str, object] = {"cursors": cursors}
    if len(posts) > len(page):
        query = {**desk.values, "access_token": desk.page.token, "limit": limit, "after": cursors["after"]}
        paging["next"] = f"{base}?{urllib.parse.urlencode(query)}"
    return graph_json({"data": [shape(desk, post) for post in page], "paging": paging})


def _time(values: Mapping[str, str], name: str) -> datetime | None:
    value = values.get(name)
    if value is None:
        return None
    try:
        at = datetime.fromtimestamp(int(value), UTC) if value.isdecimal() else datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        raise Refused(graph_answers.bad_parameter(f"param {name} must be a UNIX time or a date")) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _write_cursor(id: str) -> str:
    return base64.urlsafe_b64encode(f"after:{id}".encode()).decode().rstrip("=")


def _cursor(text: str) -> str:
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        plain = ""
    if not plain.startswith("after:"):
        raise Refused(graph_answers.bad_parameter("Invalid cursors values"))
    return plain.removeprefix("after:")
