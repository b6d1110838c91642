"""A story: the article left with what was used marked, a channel's words and faithful preview each right, its history."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import FileResponse, HTMLResponse, Response
from sqlalchemy import Connection

from db import articles, deliveries, evergreens, stops, teasers
from db.records import Article, Cause, Scope, State, SubjectKind, Teaser
from desk.cli.moments import NotATime, Times
from desk.web.door.visitor import Visitor, may
from desk.web.pages.evergreen_form import rule_form
from desk.web.pages.page import Page, Reader
from desk.web.pages.previews import shown
from desk.web.pages.signoff_line import place_in, waiting_line
from desk.web.pages.story_changes import Stretch, changes, differing
from desk.web.pages.story_form import WordsForm, changed, kept_at, rebased, typed_in, words_form
from desk.web.pages.story_marks import marked
from scheduler import newsroom
from scheduler.agenda import next_free
from scheduler.newsroom import Overtaken, Refused, given_pictures
from scheduler.newsroom.approving import moment_after_yes
from scheduler.newsroom.evergreening import said
from scheduler.newsroom.grounds import outlet_named
from scheduler.people.roles import Permission
from scheduler.rewording import Rewording
from scheduler.story_mail import mail_page
from scheduler.story_view import Standing, deeds, history, standing_of, standings, tried, versions, wordings

routes = APIRouter()
REVISIONS_SHOWN = 5
HISTORY_SHOWN = 30
"""So many deliveries of a story stand on its page; the log has them all."""
SIGN_OFF = "signoff.html"
_NEXT = re.compile(r"/signoff\?from=[0-9]{1,18}")
MAIL_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; "
    "frame-ancestors 'self'; sandbox",
    "Referrer-Policy": "no-referrer",
}
Writer = Annotated[Visitor, Depends(may(Permission.WORD))]
Approver = Annotated[Visitor, Depends(may(Permission.APPROVE))]


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


@routes.get("/story/{article_id:int}/mail/{channel}")
def mail(visitor: Reader, article_id: int, channel: str) -> Response:
    """The whole mail this story alone would make, for a frame of its page: no script of it runs, no form is sent."""
    with visitor.app.ground.reading() as tx:
        article = articles.get(tx, article_id)
    return HTMLResponse(mail_page(visitor.app, article, channel), headers=MAIL_HEADERS)


@routes.post("/story/{article_id:int}/words")
def words(visitor: Writer, article_id: int) -> Response:
    """Keeps what a person changed on one channel; or, with ``try``, shows how it would stand and keeps no words."""
    channel = _said(visitor, "channel")
    back = back_to(visitor, article_id)
    template = template_of(back)
    article, form, asked = _asked(visitor, article_id, channel)
    if "try" in visitor.form:
        one = tried(visitor.app, article, channel, asked)
        return story_page(visitor, article_id, template, instead=one, typed=form)
    version = _said(visitor, "version")
    if asked.empty and version == str(form.version):
        return visitor.go(back, done="words_same")
    try:
        newsroom.edit(
            visitor.app,
            article_id,
            channel,
            asked if not asked.empty else form.text,
            actor=visitor.actor,
            seen_version=int(version) if version.isdecimal() else None,
        )
    except Overtaken as overtaken:
        return story_page(visitor, article_id, template, typed=form, fault=str(overtaken), status=409)
    return visitor.go(back, done="words_kept")


@routes.post("/story/{article_id:int}/try")
def measure(visitor: Writer, article_id: int) -> Response:
    """One channel's card alone, with what a person changes in it: for the live counter and preview. Keeps no words."""
    channel = _said(visitor, "channel")
    article, form, asked = _asked(visitor, article_id, channel)
    one = tried(visitor.app, article, channel, asked)
    values = {
        "article": article,
        "one": one,
        "shown": {channel: shown(one, article)},
        "kept": form.kept,
        "picture": kept_at(article.image),
    }
    return visitor.page("result.html", values)


@routes.post("/story/{article_id:int}/approve")
def approve(visitor: Approver, article_id: int) -> Response:
    """A yes to exactly what was seen, on the channels that the form names."""
    seen = {
        name.removeprefix("seen-"): str(value) for name, value in visitor.form.multi_items() if name.startswith("seen-")
    }
    only = _said(visitor, "channel")
    if only:
        seen = {channel: mark for channel, mark in seen.items() if channel == only}
    back = back_to(visitor, article_id)
    try:
        newsroom.approve(visitor.app, article_id, actor=visitor.actor, seen=seen)
    except Refused as no:  # with what stands there now beside it, to be looked at and signed
        return story_page(visitor, article_id, template_of(back), fault=str(no), status=409)
    return visitor.go(back, done="approved", n=len(seen), story=article_id, on=",".join(seen))


@routes.post("/story/{article_id:int}/time")
def time(visitor: Approver, article_id: int) -> Response:
    """An exact moment for one channel's post, or at once."""
    channel = _said(visitor, "channel")
    back = back_to(visitor, article_id)
    of = {"story": article_id, "on": channel}
    if "now" in visitor.form:
        seen = {channel: _said(visitor, "seen")} if "seen" in visitor.form else None
        try:
            newsroom.now(visitor.app, article_id, actor=visitor.actor, channels=[channel], seen=seen)
        except Refused as no:
            return story_page(visitor, article_id, template_of(back), fault=str(no), status=409)
        return visitor.go(back, done="goes_now", **of)
    said = _said(visitor, "slot") if "by_slot" in visitor.form else _said(visitor, "at")
    try:
        at = Times(visitor.times.zone, visitor.times.now).read(said).at
        if at <= visitor.times.now:
            raise Refused(visitor.words("story.past", when=visitor.times.show(at)))
        newsroom.schedule(visitor.app, article_id, at, actor=visitor.actor, channels=[channel])
    except (NotATime, Refused) as no:
        wrong = {f"at-{channel}": Wrong(said, str(no))}
        return story_page(visitor, article_id, template_of(back), wrong=wrong, status=422)
    return visitor.go(back, done="timed", **of)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What a person typed into a field, and why it cannot be."""

    typed: str
    why: str


def story_page(
    visitor: Visitor,
    article_id: int,
    template: str,
    *,
    instead: Standing | None = None,
    typed: WordsForm | None = None,
    fault: str = "",
    wrong: Mapping[str, Wrong] | None = None,
    status: int = 200,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """The page of a story, ``story.html`` or ``signoff.html``.

    ``instead`` takes its channel's place; ``typed`` stands in the form in place of what is kept; ``wrong`` says of a
    field, by its id, what was typed into it and why that cannot be.
    """
    if more is None and template == SIGN_OFF:
        more = place_in(waiting_line(visitor), article_id)
    now = visitor.times.now
    asked = visitor.request.query_params
    with visitor.app.ground.reading() as tx:
        article = articles.get(tx, article_id)
        steps = _steps(tx, article)
        held = [stop for stop in stops.active(tx, now) if stop.scope is Scope.STORY and stop.target == str(article_id)]
        given = given_pictures(tx, article)
        mark = evergreens.get(tx, article_id)
        open_posts = deliveries.of_subject(tx, SubjectKind.ARTICLE, article_id, states=(State.WAITING,))
        late = {
            one.channel: place.due_at
            for one in open_posts
            if one.channel in visitor.app.outlets and (place := moment_after_yes(visitor.app, tx, one, now)) is not None
        }
        free = {one.name: next_free(visitor.app, tx, one) for one in visitor.app.outlets.values() if not one.crowd}
    told = history(visitor.app, article_id, HISTORY_SHOWN + 1) if template == "story.html" else []
    shown_of_it = told[:HISTORY_SHOWN]
    found = standings(visitor.app, article)
    forms = {one.outlet.name: words_form(visitor.app, one, article, given) for one in found}
    if typed is not None:
        forms[typed.channel] = typed
    if instead is not None:
        found = [instead if one.outlet.name == instead.outlet.name else one for one in found]
    wordings_of, versions_of = (
        name if (name := asked.get(word, "")) in visitor.app.outlets else "" for word in ("wordings", "versions")
    )
    return visitor.page(
        template,
        {
            "article": article,
            "standings": found,
            "shown": {one.outlet.name: shown(one, article) for one in found},
            "pieces": marked(article.paragraphs, _used(found)),
            "history": shown_of_it,
            "history_goes_on": len(told) > HISTORY_SHOWN,
            "channel_of": {f"delivery {row.delivery.id}": row.delivery.channel for row in shown_of_it},
            "audit": deeds(visitor.app, article_id, shown_of_it) if template == "story.html" else [],
            "held": held,
            "evergreen": said(visitor.app, mark) if mark is not None and mark.ended_at is None else "",
            "rule": rule_form(mark, visitor.times.zone),
            "killed": any(stop.cause is Cause.KILLED for stop in held),
            "forms": forms,
            "typed": typed.channel if typed is not None else "",
            "free": free,
            "late": late,
            "wrong": wrong or {},
            "wordings_of": wordings_of,
            "wordings": wordings(visitor.app, article, wordings_of) if wordings_of else {},
            "versions_of": versions_of,
            "versions": _versions(visitor, article, versions_of) if versions_of else [],
            "fault": fault,
            "picture": kept_at(article.image),
            "steps": steps,
            "place": 0,
            "of": 0,
            "next_story": None,
            "last_story": None,
            "address": visitor.address or f"/story/{article_id}",
            **(more or {}),
        },
        status=status,
    )


def _asked(visitor: Visitor, article_id: int, channel: str) -> tuple[Article, WordsForm, Rewording]:
    """The story, the form as it was sent, and what in it the person changed of the version they saw. Raises ``Refused``."""
    app, outlet = visitor.app, outlet_named(visitor.app, channel)
    with app.ground.reading() as tx:
        article = articles.get(tx, article_id)
        given = given_pictures(tx, article)
        history = teasers.history(tx, SubjectKind.ARTICLE, article_id, channel)
    standing = standing_of(app, article, outlet)
    seen = next((one for one in history if str(one.version) == _said(visitor, "version")), standing.teaser)
    before, now = (words_form(app, one, article, given) for one in (replace(standing, teaser=seen), standing))
    sent = typed_in(app, before, visitor.form)
    return article, rebased(before, sent, now), changed(before, sent)


def _steps(tx: Connection, article: Article) -> list[tuple[int, list[list[Stretch]]]]:
    """What each of the last revisions changed, the newest first."""
    lowest = max(2, article.revision - REVISIONS_SHOWN + 1)
    after, found = article, list[tuple[int, list[list[Stretch]]]]()
    for number in range(article.revision, lowest - 1, -1):
        before = articles.revision(tx, article.id, number - 1)
        found.append((number, changes(before, after)))
        after = before
    return found


def _versions(visitor: Visitor, article: Article, channel: str) -> list[tuple[Teaser, list[Stretch]]]:
    """The versions of the words, the newest first, each with what it changed of the one before."""
    found = versions(visitor.app, article, channel)
    before = [None, *found[:-1]]
    return [
        (one, differing(last.text if last is not None else one.text, one.text))
        for last, one in reversed(list(zip(before, found, strict=True)))
    ]


def _used(found: list[Standing]) -> dict[str, tuple[str, ...]]:
    words: list[tuple[str, Teaser]] = [(one.outlet.name, one.teaser) for one in found if one.teaser is not None]
    return {name: teaser.used for name, teaser in words}


def _said(visitor: Visitor, name: str) -> str:
    return str(visitor.form.get(name, "")).strip()


def template_of(back: str) -> str:
    """Which of a story's two pages leads back there."""
    return SIGN_OFF if back.startswith("/signoff") else "story.html"


def back_to(visitor: Visitor, article_id: int) -> str:
    """Where a form of this story's leads back to: only to pages of ours that show it."""
    back = _said(visitor, "back")
    ours = back in ("/signoff", f"/signoff/{article_id}", "/queue") or _NEXT.fullmatch(back)
    return back if ours else f"/story/{article_id}"


PAGE = Page("story", "/story", Permission.READ, routes, in_menu=False)
