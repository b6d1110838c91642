"""A story: the article left with what was used marked, a channel's words and faithful preview each right, its history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import FileResponse, Response

from db import articles, audit, stops
from db.records import Article, Cause, Scope, Teaser
from desk.cli.moments import NotATime, Times
from desk.web.door.visitor import Visitor, may
from desk.web.pages.page import Page, Reader
from desk.web.pages.previews import shown
from desk.web.pages.story_changes import changes
from desk.web.pages.story_marks import marked
from scheduler import newsroom
from scheduler.newsroom import Overtaken, Reach, Refused
from scheduler.people.roles import Permission
from scheduler.story_view import Standing, history, standings, tried, wordings

routes = APIRouter()
Writer = Annotated[Visitor, Depends(may(Permission.WORD))]
Approver = Annotated[Visitor, Depends(may(Permission.APPROVE))]
Stopper = Annotated[Visitor, Depends(may(Permission.STOP))]


@routes.get("/story/{article_id:int}")
def story(visitor: Reader, article_id: int) -> Response:
    """The story as it stands."""
    return story_page(visitor, article_id, "story.html")


@routes.get("/media/{sha256}")
def picture(visitor: Reader, sha256: str) -> Response:
    """A picture that intake kept, by the hash of its bytes."""
    if not (len(sha256) == 64 and sha256.isalnum()):
        raise HTTPException(404)
    kept = next(iter(sorted(visitor.app.media.glob(f"{sha256}*"))), None)
    if kept is None or kept.suffix.lower() not in _PICTURES:
        raise HTTPException(404)
    headers = {"Cache-Control": "private, max-age=86400", "Content-Security-Policy": "default-src 'none'; sandbox"}
    return FileResponse(kept, media_type=_PICTURES[kept.suffix.lower()], headers=headers)


_PICTURES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
}


@routes.post("/story/{article_id:int}/words")
def words(visitor: Writer, article_id: int) -> Response:
    """Keeps a person's words on one channel; or, with ``try``, shows how they would stand and keeps nothing."""
    channel, text = _said(visitor, "channel"), str(visitor.form.get("text", "")).replace("\r\n", "\n")
    back = _back(visitor, article_id)
    template = "signoff.html" if back.startswith("/signoff") else "story.html"
    if "try" in visitor.form:
        with visitor.app.ground.reading() as tx:
            article = articles.get(tx, article_id)
        one = tried(visitor.app, article, channel, text)
        return story_page(visitor, article_id, template, instead=one, texts={channel: text})
    version = _said(visitor, "version")
    try:
        newsroom.edit(
            visitor.app,
            article_id,
            channel,
            text,
            actor=visitor.actor,
            seen_version=int(version) if version.isdecimal() else None,
        )
    except Overtaken as overtaken:
        return story_page(visitor, article_id, template, texts={channel: text}, fault=str(overtaken), status=409)
    return visitor.go(back, done="words_kept")


@routes.post("/story/{article_id:int}/try")
def measure(visitor: Writer, article_id: int) -> Response:
    """One channel's card alone, with a person's words in it: for the live counter and preview. Keeps nothing."""
    channel, text = _said(visitor, "channel"), str(visitor.form.get("text", "")).replace("\r\n", "\n")
    with visitor.app.ground.reading() as tx:
        article = articles.get(tx, article_id)
    one = tried(visitor.app, article, channel, text)
    return visitor.page("result.html", {"article": article, "one": one, "shown": {channel: shown(one, article)}})


@routes.post("/story/{article_id:int}/approve")
def approve(visitor: Approver, article_id: int) -> Response:
    """A yes to exactly what was seen, on the channels that the form names."""
    seen = {
        name.removeprefix("seen-"): str(value) for name, value in visitor.form.multi_items() if name.startswith("seen-")
    }
    only = _said(visitor, "channel")
    if only:
        seen = {channel: mark for channel, mark in seen.items() if channel == only}
    newsroom.approve(visitor.app, article_id, actor=visitor.actor, seen=seen)
    return visitor.go(_back(visitor, article_id), done="approved", n=len(seen))


@routes.post("/story/{article_id:int}/time")
def time(visitor: Approver, article_id: int) -> Response:
    """An exact moment for one channel's post, or at once."""
    channel = _said(visitor, "channel")
    back = _back(visitor, article_id)
    if "now" in visitor.form:
        newsroom.now(visitor.app, article_id, actor=visitor.actor, channels=[channel])
        return visitor.go(back, done="goes_now")
    try:
        at = Times(visitor.times.zone, visitor.times.now).read(_said(visitor, "at").replace("T", " ")).at
    except NotATime as fault:
        raise Refused(str(fault)) from None
    newsroom.schedule(visitor.app, article_id, at, actor=visitor.actor, channels=[channel])
    return visitor.go(back, done="timed")


@routes.post("/story/{article_id:int}/do")
def do(visitor: Stopper, article_id: int) -> Response:
    """A verb of the whole story, or of one delivery of it."""
    verb = DEEDS.get(_said(visitor, "verb"))
    if verb is None:
        return visitor.go(f"/story/{article_id}")
    verb(visitor, article_id, _said(visitor, "reason"))
    return visitor.go(_back(visitor, article_id), done=f"story_{_said(visitor, 'verb')}")


def _call_off(visitor: Visitor, article_id: int, reason: str) -> None:
    number = _said(visitor, "delivery")
    if not number.isdecimal():
        raise Refused("no delivery was named; reload the page and try again")
    newsroom.cancel(visitor.app, int(number), actor=visitor.actor, reason=reason)


def _skip(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.skip(visitor.app, article_id, actor=visitor.actor, reason=reason)


def _hold(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.hold(visitor.app, Reach(Scope.STORY, str(article_id)), actor=visitor.actor, reason=reason)


def _release(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.resume(visitor.app, Reach(Scope.STORY, str(article_id)), actor=visitor.actor)


def _breaking(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.declare_breaking(visitor.app, article_id, actor=visitor.actor, reason=reason)


def _calm(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.undo_breaking(visitor.app, article_id, actor=visitor.actor, reason=reason)


def _kill(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.kill(visitor.app, article_id, actor=visitor.actor, reason=reason)


DEEDS: dict[str, Callable[[Visitor, int, str], None]] = {
    "cancel": _call_off,
    "skip": _skip,
    "hold": _hold,
    "release": _release,
    "breaking": _breaking,
    "calm": _calm,
    "kill": _kill,
}
"""What may be done with a story from its page; each asks for its own permission again."""


def story_page(
    visitor: Visitor,
    article_id: int,
    template: str,
    *,
    instead: Standing | None = None,
    texts: Mapping[str, str] | None = None,
    fault: str = "",
    status: int = 200,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """The page of a story. ``instead`` takes its channel's place; ``texts`` stand in the boxes in place of what is kept."""
    now = visitor.times.now
    with visitor.app.ground.reading() as tx:
        article = articles.get(tx, article_id)
        done = audit.rows(tx, subject=f"story {article_id}", limit=20)
        before = articles.revision(tx, article_id, article.revision - 1) if article.revision > 1 else None
        held = [stop for stop in stops.active(tx, now) if stop.scope is Scope.STORY and stop.target == str(article_id)]
    found = standings(visitor.app, article)
    if instead is not None:
        found = [instead if one.outlet.name == instead.outlet.name else one for one in found]
    asked = visitor.request.query_params.get("wordings", "")
    return visitor.page(
        template,
        {
            "article": article,
            "standings": found,
            "shown": {one.outlet.name: shown(one, article) for one in found},
            "pieces": marked(article.paragraphs, _used(found)),
            "history": history(visitor.app, article_id),
            "audit": done,
            "held": held,
            "killed": any(stop.cause is Cause.KILLED for stop in held),
            "texts": dict(texts or {}),
            "wordings_of": asked,
            "wordings": wordings(visitor.app, article, asked) if asked in visitor.app.outlets else {},
            "fault": fault,
            "picture": _kept(article),
            "changes": changes(before, article) if before is not None else [],
            "place": 0,
            "of": 0,
            "next_story": None,
            "last_story": None,
            "address": visitor.address or f"/story/{article_id}",
            **(more or {}),
        },
        status=status,
    )


def _used(found: list[Standing]) -> dict[str, tuple[str, ...]]:
    words: list[tuple[str, Teaser]] = [(one.outlet.name, one.teaser) for one in found if one.teaser is not None]
    return {name: teaser.used for name, teaser in words}


def _kept(article: Article) -> str:
    """Where the story's picture is read, "" where none is kept on this machine."""
    image = article.image
    return f"/media/{image.sha256}" if image is not None and image.path and image.sha256 else ""


def _said(visitor: Visitor, name: str) -> str:
    return str(visitor.form.get(name, "")).strip()


def _back(visitor: Visitor, article_id: int) -> str:
    back = _said(visitor, "back")
    return back if back in ("/signoff", f"/signoff/{article_id}", "/queue") else f"/story/{article_id}"


PAGE = Page("story", "/story", Permission.READ, routes, in_menu=False)
