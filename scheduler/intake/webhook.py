"""Stories that a site sends us by itself: signed JSON from Ghost, WordPress or a newsroom's own program.

Pure: the desk's web server hands over body and headers, and stores what comes back.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from db.records import Image
from scheduler.intake.cleaning import clean_line
from scheduler.intake.dates import parse_moment
from scheduler.intake.decoding import decode
from scheduler.intake.draft import Draft, finish
from scheduler.intake.errors import IntakeError
from scheduler.intake.items import Found
from scheduler.intake.labels import label_of
from scheduler.intake.markup import read_html, read_line
from scheduler.intake.wordpress import read_wordpress

_OLDEST = timedelta(minutes=15)
_PLAIN_SIGNATURES = ("x-pressrun-signature", "x-hub-signature-256", "x-wp-webhook-signature", "x-signature")


_PUBLISHED = frozenset({"published", "publish", "sent"})
_WAITING = frozenset({"future", "scheduled"})
_TAKEN_BACK = frozenset(
    {"draft", "private", "pending", "trash", "deleted", "unpublished", "withdrawn", "retracted", "archived"}
)
_EVENT_OUT = re.compile(r"(?:^|[._-])(?:delete[d]?|unpublish(?:ed)?|trash(?:ed)?|withdraw(?:n)?|retract(?:ed)?)$")


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A story that its site took back: every name and address under which the call speaks of it."""

    names: tuple[str, ...]
    address: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """What a call brings: published stories, and those that are published no more."""

    found: tuple[Found, ...] = ()
    withdrawn: tuple[Withdrawal, ...] = ()


class NotSigned(IntakeError):
    """Whoever sent it does not know the secret: answer 403 and store nothing."""


def read_webhook(body: bytes, headers: Mapping[str, str], secret: str, *, source: str, now: datetime) -> Call:
    """The published stories in a call, and those it takes back: deleted, made a draft or private again, withdrawn.

    Raises ``NotSigned`` where the signature is missing or wrong, ``IntakeError`` for a body that is no story.
    """
    check_signature(body, headers, secret, now=now)
    try:
        data = json.loads(decode(body))
    except (ValueError, RecursionError):
        raise IntakeError("The call holds no JSON: send the story as a JSON object.") from None
    if not isinstance(data, dict):
        raise IntakeError("The call holds no story: send it as a JSON object.")
    withdrawal = _withdrawal(data)
    if withdrawal is not None:
        return Call(withdrawn=(withdrawal,))
    if isinstance(data.get("title"), dict) or isinstance(data.get("content"), dict):
        found, refused = read_wordpress(json.dumps([data]).encode(), source=source, now=now)
        if refused:
            raise IntakeError(refused[0].sentence)
        return Call(found)
    story = _ghost_post(data) if "post" in data else data
    if story is None or _text(story.get("status") or "published").lower() not in _PUBLISHED:
        return Call()
    draft = _draft(story)
    return Call((Found(draft.guid or draft.url or draft.headline, finish(draft, source=source, now=now)),))


def check_signature(body: bytes, headers: Mapping[str, str], secret: str, *, now: datetime) -> None:
    """HMAC-SHA256 of the body in hex, as GitHub, WordPress plug-ins and Ghost sign. Raises ``NotSigned``.

    Ghost adds the time in milliseconds, which is signed with the body and must be within 15 minutes of ``now``.
    """
    given = {name.lower(): value for name, value in headers.items()}
    if not secret:
        raise NotSigned("This source has no secret, so nothing is taken from it: set one.")
    if ghost := re.fullmatch(r"sha256=([0-9a-f]{64}),\s*t=(\d{1,16})", given.get("x-ghost-signature", "")):
        if abs(now.timestamp() - int(ghost[2]) / 1000) > _OLDEST.total_seconds():
            raise NotSigned("The call was signed too long ago: check the clocks of both machines.")
        expected = _signature(body + ghost[2].encode(), secret)
        if hmac.compare_digest(expected, ghost[1]):
            return
    for name in _PLAIN_SIGNATURES:
        signature = given.get(name, "").lower().removeprefix("sha256=")
        if hmac.compare_digest(_signature(body, secret).encode(), signature.encode("utf-8", "replace")):
            return
    raise NotSigned("The call is not signed with this source's secret: set the same secret on both sides.")


def _signature(data: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()


def _withdrawal(data: dict[str, Any]) -> Withdrawal | None:
    """What the call takes back, None where it takes nothing back.

    Ghost: ``post.unpublished`` has a draft as current, ``post.deleted`` an empty current and the story as previous.
    WordPress: REST's ``status`` or a hook's ``post_status``, and ``event`` or ``hook`` names such as ``post_trashed``.
    """
    post = data.get("post")
    event = _first(data, "event", "hook", "action", "type").lower()
    if isinstance(post, dict) and ("current" in post or "previous" in post):
        current, previous = (
            one if isinstance(one, dict) else {} for one in (post.get("current"), post.get("previous"))
        )
        taken_back = not current or _status(current) in _TAKEN_BACK
        return _named({**previous, **current}) if taken_back and (current or previous) else None
    story = {**data, **post} if isinstance(post, dict) else data
    if _status(story) in _TAKEN_BACK or (_EVENT_OUT.search(event) and _status(story) not in _WAITING):
        return _named(story)
    return None


def _status(story: dict[str, Any]) -> str:
    return _first(story, "status", "post_status").lower()


def _named(story: dict[str, Any]) -> Withdrawal | None:
    guid = story.get("guid")
    rendered = _text(guid.get("rendered")) if isinstance(guid, dict) else _text(guid)
    given = [rendered, _first(story, "id", "ID", "post_id", "uuid"), _first(story, "url", "link", "permalink")]
    names = tuple(dict.fromkeys(clean_line(one) for one in given if one.strip()))
    return Withdrawal(names, given[2]) if names else None


def _ghost_post(data: dict[str, Any]) -> dict[str, Any] | None:
    """Ghost sends ``{"post": {"current": {...}, "previous": {...}}}``; a deleted post has an empty current."""
    post = data["post"]
    current = post.get("current", post) if isinstance(post, dict) else None
    return current if isinstance(current, dict) and current else None


def _draft(story: dict[str, Any]) -> Draft:
    """Plain JSON under the names that ``pressrun teaser`` and CSV use, and Ghost's."""
    address = _first(story, "url", "link")
    markup, plain_text = _first(story, "html", "content_html"), _first(story, "text", "body", "plaintext")
    text = read_html(markup, address) if markup else None
    picture = _first(story, "image", "feature_image")
    tags = _names(story.get("tags"))
    section = _first(story, "section") or next(iter(_names([story.get("primary_tag")])), "")
    return Draft(
        headline=read_line(_first(story, "headline", "title")),
        paragraphs=text.paragraphs if text else plain_text.splitlines(),
        guid=_first(story, "guid", "id"),
        url=address,
        outlet=_first(story, "outlet", "publication"),
        dek=_first(story, "dek", "subtitle"),
        summary=read_line(_first(story, "summary", "custom_excerpt", "description", "teaser")),
        authors=_names(story.get("authors")) or [_first(story, "author", "byline")],
        section=section,
        tags=tags,
        label=label_of([_first(story, "label")]),
        kickers=[section, *tags],
        language=_first(story, "language", "lang", "locale"),
        image=_image(story, picture) or (text.image if text else None),
        published_at=parse_moment(_first(story, "published_at", "published", "date")),
        modified_at=parse_moment(_first(story, "modified_at", "updated_at", "modified")),
        removed=text.removed if text else (),
    )


def _image(story: dict[str, Any], picture: str) -> Image | None:
    if not picture:
        return None
    caption = read_line(_first(story, "image_credit", "feature_image_caption"))
    return Image(url=picture, alt=_first(story, "image_alt", "feature_image_alt"), credit=caption)


def _names(values: Any) -> list[str]:
    values = values if isinstance(values, list) else [values]
    names = [_text(one.get("name")) if isinstance(one, dict) else _text(one) for one in values[:50]]
    return [name for name in names if name]


def _first(story: dict[str, Any], *names: str) -> str:
    return next((found for name in names if (found := _text(story.get(name)))), "")


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
