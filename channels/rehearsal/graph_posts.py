"""What a Page does on the rehearsal Graph: posts, photos, comments, edits, take-downs."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from channels.rehearsal import graph_answers, graph_fields, published
from channels.rehearsal.accounts import FacebookPage
from channels.rehearsal.exchange import Answer, Refused, json_answer
from channels.rehearsal.forms import FormField
from channels.rehearsal.graph_answers import GRAPH_JSON
from channels.rehearsal.pictures import read_picture
from channels.rehearsal.published import Published
from channels.rehearsal.rules import GraphRules
from channels.rehearsal.store import Store, micros

_LONGEST = 63_206
_PICTURE_SIZE = 4 * 1024 * 1024
_SOONEST, _LATEST = timedelta(minutes=10), timedelta(days=30)
_TRUE, _FALSE = frozenset({"true", "1"}), frozenset({"false", "0"})


@dataclass(frozen=True, slots=True)
class PageDesk:
    """What the calls share: store, rules, time, the Page, the parameters, and where a reader finds a post."""

    store: Store
    rules: GraphRules
    now: datetime
    page: FacebookPage
    values: Mapping[str, str]
    files: Mapping[str, FormField]
    permalink: Callable[[str], str]
    picture: Callable[[str], str]
    lag: timedelta


def publish(desk: PageDesk) -> Answer:
    """``POST /{page}/feed``: the post's id; with ``fields`` what was asked to be read after the write."""
    message, link = desk.values.get("message", ""), desk.values.get("link") or None
    photos = _attached(desk)
    if not message.strip() and not link and not photos:
        raise Refused(graph_answers.bad_parameter("Missing message or attachment"))
    _check_message(message)
    if link is not None:
        _check_link(desk.rules, link)
    scheduled, is_published = _schedule(desk)
    with desk.store.change() as db:
        for photo in photos:
            _photo_of(desk, photo)
        _check_twin(desk, message, link, photos, is_published)
        post = _keep(desk, "post", message, link, photos, scheduled, is_published)
        db.executemany("update media set expires_at = null where id = ?", [(photo,) for photo in photos])
    return _written(desk, post, {"id": post.id})


def add_photo(desk: PageDesk) -> Answer:
    """``POST /{page}/photos``: the photo's id, and its post's unless ``published=false``."""
    is_published = _boolean(desk.values, "published", True)
    caption = desk.values.get("caption") or desk.values.get("message", "")
    _check_message(caption)
    data = _picture_bytes(desk)
    picture = read_picture(data) if data else None
    if data and (picture is None or picture.type not in ("image/jpeg", "image/png") or len(data) > _PICTURE_SIZE):
        raise Refused(graph_answers.code_error(100, 1366046))
    with desk.store.change() as db:
        id = str(desk.store.next_number("facebook last photo", 122_100_000_000_001))
        db.execute(
            "insert into media (id, platform, account, category, type, width, height, alt, bytes, created_at)"
            " values (?, 'facebook', ?, 'photo', ?, ?, ?, ?, ?, ?)",
            (
                id,
                desk.page.page_id,
                picture.type if picture else "",
                picture.width if picture else 0,
                picture.height if picture else 0,
                desk.values.get("alt_text_custom", ""),
                data,
                micros(desk.now),
            ),
        )
        if not is_published:
            return graph_json({"id": id})
        _check_twin(desk, caption, None, (id,), True)
        post = _keep(desk, "photo", caption, None, (id,), None, True)
    return _written(desk, post, {"id": id, "post_id": post.id})


def comment(desk: PageDesk, post_id: str) -> Answer:
    """``POST /{post}/comments``: the comment's id."""
    parent = standing(desk, post_id, "post")
    message = desk.values.get("message", "")
    if not message.strip() and not desk.values.get("attachment_url"):
        raise Refused(graph_answers.bad_parameter("Missing message or attachment"))
    _check_message(message)
    with desk.store.change():
        made = _keep(desk, "comment", message, desk.values.get("attachment_share_url"), (), None, True, parent.id)
    return _written(desk, made, {"id": made.id})


def edit(desk: PageDesk, post_id: str) -> Answer:
    """``POST /{post}``: other words, another moment, or published now; the link stays as it is."""
    post = standing(desk, post_id, "post")
    known = {"message", "is_published", "scheduled_publish_time", "is_hidden", "is_pinned", "published"}
    given = set(desk.values) & known
    if not given:
        raise Refused(graph_answers.bad_parameter("Nothing to change: no known parameter was given"))
    message = desk.values.get("message", post.text)
    _check_message(message)
    scheduled, is_published = post.scheduled_at, post.is_published
    if _boolean(desk.values, "is_published", False):
        scheduled, is_published = None, True
    elif "scheduled_publish_time" in desk.values:
        scheduled = _moment(desk)
    with desk.store.change() as db:
        db.execute(
            "update posts set text = ?, words = ?, shown = ?, is_published = ?, scheduled_at = ?, edited_at = ?"
            " where platform = 'facebook' and id = ?",
            (
                message,
                published.plain(message),
                message,
                is_published,
                None if scheduled is None else micros(scheduled),
                micros(desk.now),
                post.id,
            ),
        )
    return graph_json({"success": True})


def take_down(desk: PageDesk, post_id: str) -> Answer:
    """``DELETE /{post}``: success once; afterwards the object does not exist."""
    post = standing(desk, post_id, "delete")
    with desk.store.change() as db:
        db.execute(
            "update posts set deleted_at = ? where platform = 'facebook' and id = ?", (micros(desk.now), post.id)
        )
    return graph_json({"success": True})


def graph_json(value: object) -> Answer:
    """An answer as Graph labels it."""
    return json_answer(value, 200, GRAPH_JSON)


def _keep(
    desk: PageDesk,
    kind: str,
    message: str,
    link: str | None,
    photos: tuple[str, ...],
    scheduled: datetime | None,
    is_published: bool,
    reply_to: str | None = None,
) -> Published:
    number = desk.store.next_number("facebook last post", 122_100_000_000_000_001)
    post = Published(
        platform="facebook",
        account=desk.page.page_id,
        account_name=desk.page.name,
        id=f"{reply_to.partition('_')[2] if reply_to else desk.page.page_id}_{number}",
        kind=kind,
        text=message,
        shown=message,
        link=link,
        media=photos,
        reply_to=reply_to,
        created_at=desk.now,
        visible_from=desk.now + desk.lag + timedelta(seconds=desk.rules.lag_seconds),
        scheduled_at=scheduled,
        is_published=is_published,
    )
    published.add_post(desk.store, post)
    return post


def _written(desk: PageDesk, post: Published, short: dict[str, object]) -> Answer:
    if "fields" not in desk.values:
        return graph_json(short)
    kept = published.find_post(desk.store, "facebook", post.id) or post
    return graph_json({**short, **shape(desk, kept), "id": short["id"]})


def shape(desk: PageDesk, post: Published) -> dict[str, object]:
    """The post through the ``fields`` that were asked for."""
    asked = desk.values.get("fields")
    fields = graph_fields.read_fields(asked) if asked else graph_fields.default_fields()
    picture = desk.picture(post.media[0]) if post.media else ""
    values = graph_fields.post_values(post, desk.now, desk.permalink(post.id), picture)
    return graph_fields.select(values, fields, "Post")


def standing(desk: PageDesk, id: str, method: str) -> Published:
    """The Page's post of this id. Raises ``Refused`` (100, subcode 33) when it is gone or was never there."""
    post = published.find_post(desk.store, "facebook", id)
    if post is None or post.deleted or post.account != desk.page.page_id:
        raise Refused(graph_answers.no_such_object(id, method))
    return post


def _check_message(message: str) -> None:
    if len(message) > _LONGEST:
        raise Refused(graph_answers.bad_parameter(f"param message must be at most {_LONGEST} characters long"))


def _check_link(rules: GraphRules, link: str) -> None:
    parts = urllib.parse.urlsplit(link)
    if parts.scheme not in ("http", "https") or not parts.hostname or "." not in parts.hostname:
        raise Refused(graph_answers.bad_parameter("The link must be a valid URL (link)"))
    if any(word in link for word in rules.unreachable_links):
        raise Refused(graph_answers.link_not_reached())


def _check_twin(desk: PageDesk, message: str, link: str | None, photos: tuple[str, ...], is_published: bool) -> None:
    """506 only for the same words, link and no pictures as the post just before."""
    if photos or not is_published:
        return
    last = desk.store.row(
        "select words, link, media from posts where platform = 'facebook' and account = ? and deleted_at is null"
        " and reply_to is null and is_published order by n desc limit 1",
        (desk.page.page_id,),
    )
    if last and last["media"] == "[]" and last["words"] == published.plain(message) and last["link"] == link:
        raise Refused(graph_answers.duplicate())


def _schedule(desk: PageDesk) -> tuple[datetime | None, bool]:
    is_published = _boolean(desk.values, "published", True)
    if "scheduled_publish_time" not in desk.values:
        return None, is_published
    if is_published:
        raise Refused(graph_answers.bad_parameter("You cannot specify a scheduled publish time on a published post"))
    return _moment(desk), False


def _moment(desk: PageDesk) -> datetime:
    value = desk.values["scheduled_publish_time"]
    if not value.isdecimal() or len(value) > 11:
        raise Refused(graph_answers.bad_parameter("param scheduled_publish_time must be a UNIX time"))
    at = datetime.fromtimestamp(int(value), UTC)
    if not desk.now + _SOONEST <= at <= desk.now + _LATEST:
        message = "The specified scheduled publish time is invalid: 10 minutes to 30 days from now"
        raise Refused(graph_answers.bad_parameter(message))
    return at


def _boolean(values: Mapping[str, str], name: str, default: bool) -> bool:
    value = values.get(name)
    if value is None:
        return default
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise Refused(graph_answers.bad_parameter(f"param {name} must be a boolean"))


def _attached(desk: PageDesk) -> tuple[str, ...]:
    """The photos of ``attached_media``, one JSON list or ``attached_media[0]``, ``[1]`` …"""
    items: list[object] = []
    try:
        if "attached_media" in desk.values:
            whole = json.loads(desk.values["attached_media"])
            items += whole if isinstance(whole, list) else [whole]
        single = sorted(name for name in desk.values if name.startswith("attached_media["))
        items += [json.loads(desk.values[name]) for name in single]
        return tuple(str(item["media_fbid"]) for item in items)  # type: ignore[index]
    except (ValueError, KeyError, TypeError):
        raise Refused(graph_answers.bad_parameter("param attached_media must be an array of media objects")) from None


def _photo_of(desk: PageDesk, id: str) -> None:
    row = desk.store.row("select account from media where platform = 'facebook' and id = ?", (id,))
    if row is None or row["account"] != desk.page.page_id:
        raise Refused(graph_answers.bad_parameter(f"Invalid photo id {id} in attached_media"))
    used = desk.store.row(
        "select 1 from posts as p, json_each(p.media) as j where p.platform = 'facebook' and j.value = ?"
        " and p.deleted_at is null",
        (id,),
    )
    if used is not None:
        raise Refused(graph_answers.code_error(100, 1366051))


def _picture_bytes(desk: PageDesk) -> bytes:
    """The uploaded bytes; empty for a photo by ``url``, which nothing on this machine fetches."""
    if desk.files:
        return next(iter(desk.files.values())).data
    url = desk.values.get("url", "")
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise Refused(graph_answers.graph_error(324, "(#324) Requires upload file"))
    _check_link(desk.rules, url)
    return b""
