"""Handing a story in: what a person gives the desk becomes a story in the queue, with what the person says of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from db import articles
from db.records import Article
from scheduler.app import App
from scheduler.intake.documents import read_document
from scheduler.intake.errors import IntakeError
from scheduler.intake.items import Found, Refused
from scheduler.intake.pictures import keep_picture
from scheduler.intake.taking import Taken, take_article
from scheduler.intake.targets import DESK, Said, read_target, with_said
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.source_turns import may_upload

_NOTHING = Said()


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One story as it stands afterwards, and whether it is new, a revision of one we had, or the same as one."""

    taken: Taken
    article: Article


@needs(Permission.QUEUE)
def hand_in(
    app: App, target: str, *, actor: str, said: Said = _NOTHING, text: bytes | None = None
) -> tuple[tuple[HandedIn, ...], tuple[Refused, ...]]:
    """Takes in the stories at a path or web address, or the bytes of ``text`` under the name ``target``.

    A table, a feed, a sitemap and a WordPress site hold more than one; what of them is no story, or is left, comes
    back as refused. Nothing is written or planned yet: the stories are in the queue. Raises ``IntakeError`` with a sentence where there is no story, and
    where one address is said of several.
    """
    now, local = app.clock.now(), False
    if text is None:
        local = is_local(app, target)
        found, refused = read_target(target, now=now, fetch=app.fetch, local=local)
    else:
        found, refused = read_document(text, target, source=DESK, now=now)
        name = f"{target} {hashlib.sha256(text).hexdigest()[:16]}"  # another text under this name is another story
        found = tuple(replace(one, item_id=f"{name} {number}") for number, one in enumerate(found))
    if said.url is not None and len(found) > 1:
        raise IntakeError(f"{target} holds {len(found)} stories and they cannot share one address: leave it out.")
    told = [replace(one, article=with_picture(app, with_said(one.article, said), local=local)) for one in found]
    return tuple(_take(app, one, actor) for one in told), refused


def _take(app: App, one: Found, actor: str) -> HandedIn:
    with app.ground.transaction() as tx:
        taken = take_article(tx, one.article, one.item_id, actor=actor, now=app.clock.now())
        assert taken.article_id is not None  # what a person hands over is never left out
        return HandedIn(taken, articles.get(tx, taken.article_id))


def is_local(app: App, address: str) -> bool:
    """Whether an address may lie on this machine or in a private network: at the door of a source that says so."""
    doors = {_door(source.url) for source in app.sources.values() if source.local and source.url}
    return _door(address) in doors


def _door(address: str) -> tuple[str, str]:
    """Scheme, and host with port."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.scheme.lower(), parts.netloc.lower()


def with_picture(app: App, article: Article, *, local: bool = False) -> Article:
    """The story with its picture kept, where the newsroom may upload it; a picture that is none becomes a flag."""
    if article.image is None or not may_upload(app, article.image):
        return article
    try:
        return replace(article, image=keep_picture(article.image, app.media, app.fetch, local=local))
    except IntakeError as error:
        left = replace(article.image, path=None) if article.image.url else None
        return replace(article, image=left, flags=(*article.flags, str(error)))
