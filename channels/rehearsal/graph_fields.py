"""The ``fields`` parameter of Graph, and what a post looks like through it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from channels.rehearsal import graph_answers
from channels.rehearsal.exchange import Refused
from channels.rehearsal.published import Published

Fields = Mapping[str, "Fields | None"]
_DEFAULT: Fields = {"id": None, "message": None, "created_time": None}


def read_fields(text: str) -> Fields:
    """``id,attachments{url,type}`` as a tree. Raises ``Refused`` (code 2500) where braces do not match."""
    tree, rest = _level(text.replace(" ", ""), nested=False)
    if rest:
        raise _syntax(text)
    return tree


def _level(text: str, *, nested: bool) -> tuple[Fields, str]:
    tree: dict[str, Fields | None] = {}
    name = ""
    while text:
        sign, text = text[0], text[1:]
        if sign == "{":
            tree[name], text = _level(text, nested=True)
            name = ""
        elif sign in ",}":
            if name:
                tree[name] = None
            name = ""
            if sign == "}":
                if not nested:
                    raise _syntax(sign)
                return tree, text
        else:
            name += sign
    if nested:
        raise _syntax("{")
    if name:
        tree[name] = None
    return tree, ""


def _syntax(text: str) -> Refused:
    return Refused(graph_answers.graph_error(2500, f"Syntax error in the fields expression near '{text[:40]}'"))


def graph_time(at: datetime) -> str:
    """A time as Graph writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S+0000")


def select(values: Mapping[str, object], fields: Fields, kind: str) -> dict[str, object]:
    """The chosen fields that have a value. Raises ``Refused`` (code 100) for one that the node does not have."""
    chosen: dict[str, object] = {}
    for name, inner in fields.items():
        bare = name.partition(".")[0]
        if bare == "link" and kind == "Post":
            message = "(#12) link field is deprecated for versions v3.3 and higher"
            raise Refused(graph_answers.graph_error(12, message))
        if bare not in values:
            raise Refused(
                graph_answers.bad_parameter(f"Tried accessing nonexisting field ({bare}) on node type ({kind})")
            )
        value = values[bare]
        if value is None:
            continue
        if inner is not None:
            value = _inside(value, inner, bare)
        chosen[bare] = value
    if "id" in values:
        chosen.setdefault("id", values["id"])
    return chosen


def _inside(value: object, fields: Fields, name: str) -> object:
    if isinstance(value, dict) and isinstance(value.get("data"), list):
        return {"data": [_inside(item, fields, name) for item in value["data"]]}
    if isinstance(value, dict):
        return {key: value[key] for key in fields if key in value}
    return value


def post_values(post: Published, now: datetime, permalink: str, picture: str) -> dict[str, object]:
    """All fields of a post; None where this one has none."""
    public = post.is_public(now)
    due = post.scheduled_at if post.scheduled_at and not public else None
    return {
        "id": post.id,
        "message": post.text or None,
        "created_time": graph_time(post.created_at),
        "updated_time": graph_time(post.edited_at or post.created_at),
        "permalink_url": permalink,
        "is_published": public,
        "is_hidden": False,
        "scheduled_publish_time": int(due.timestamp()) if due else None,
        "from": {"id": post.account, "name": post.account_name},
        "application": {"id": "100200300400500", "name": "Rehearsal", "category": "Utilities"},
        "status_type": "added_photos" if post.media else "shared_story" if post.link else "mobile_status_update",
        "full_picture": picture or None,
        "attachments": _attachments(post, permalink, picture),
        "can_reply_privately": False,
        "parent": {"id": post.reply_to} if post.reply_to else None,
    }


def _attachments(post: Published, permalink: str, picture: str) -> dict[str, object] | None:
    if post.media:
        items: list[dict[str, object]] = [
            {
                "type": "photo",
                "media_type": "photo",
                "description": alt,
                "url": permalink,
                "unshimmed_url": permalink,
                "target": {"id": media, "url": permalink},
                "media": {"image": {"src": picture}},
            }
            for media, alt in zip(post.media, post.alt, strict=False)
        ]
        return {"data": items}
    if not post.link:
        return None
    shim = f"https://l.facebook.com/l.php?u={quote(post.link, safe='')}&h=AT0rehearsal"
    return {
        "data": [
            {
                "type": "share",
                "media_type": "link",
                "title": post.link,
                "url": shim,
                "unshimmed_url": post.link,
                "target": {"url": shim},
            }
        ]
    }


def default_fields() -> Fields:
    """What a read gives when no fields are asked for."""
    return _DEFAULT
