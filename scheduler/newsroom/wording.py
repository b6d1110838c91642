"""Changing words: a person's text, picture, hashtags, link and inbox lines in place of the machine's, while none of it may be out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from db import articles, audit, deliveries
from db.moves import IN_FLIGHT
from db.records import (
    Article,
    Delivery,
    Post,
    State,
    SubjectKind,
    Teaser,
)
from scheduler.app import App, Outlet
from scheduler.approval import approval
from scheduler.first_posts import rules_now
from scheduler.newsroom.four_eyes import WAITS, waits_for_another
from scheduler.newsroom.grounds import MAY_CHANGE, Changed, Refused, newest_words, outlet_named
from scheduler.newsroom.picturing import picture_named
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.plan import asked_by
from scheduler.prepare import Draft, checked, store_draft
from scheduler.rewording import NotPossible, Rewording, differences, reworded, told


class Overtaken(Refused):
    """Somebody else changed the words meanwhile; ``newest`` are theirs."""

    def __init__(self, newest: Teaser) -> None:
        super().__init__(
            f"{newest.writer} changed the words on {newest.channel} while you wrote: theirs stand, yours are not lost; "
            "make one of both and save again"
        )
        self.newest = newest


@needs(Permission.WORD)
def edit(
    app: App,
    article_id: int,
    channel: str,
    asked: str | Rewording,
    *,
    actor: str,
    reason: str = "",
    seen_version: int | None = None,
) -> Changed | Teaser:
    """Replaces the words of a story on one channel by a person's: ``asked`` is their text, or all that they change.

    A post that needs a yes waits for a new one; else the editor's word is the yes. For a channel that sends issues
    only the words change: the next issue takes them. ``seen_version`` is the version the person changed: where there
    is a newer one it raises ``Overtaken``, so that nobody's words are lost. Raises ``Refused`` while words may already
    be out, and for what the channel's posts cannot carry.
    """
    outlet = outlet_named(app, channel)
    asked = Rewording(text=asked) if isinstance(asked, str) else asked
    if asked.empty:
        raise Refused("nothing to change was given")
    if asked.text is not None and not asked.text.strip():
        raise Refused("the text is empty; a post needs words. To drop the post: pressrun cancel DELIVERY --why …")
    now = app.clock.now()
    with app.ground.transaction() as tx:
        article = articles.get(tx, article_id)
        newest = newest_words(tx, article, outlet)
        if seen_version is not None and seen_version != newest.version:
            raise Overtaken(newest)
        words = reworded_for(app, tx, outlet, article, newest, asked)
        draft = checked(outlet, app.silent(outlet), replace(words, writer=actor))
        target = None if outlet.crowd else _changeable(tx, article, outlet)
        post = store_draft(tx, article.id, draft, actor=actor, now=now)
        before, after = told(differences(newest, words))
        subject = f"story {article.id} on {channel}"
        audit.write(tx, "edit", subject, actor=actor, now=now, reason=reason, before=before, after=after)
        if target is None:
            return replace(draft.teaser, version=newest.version + 1)
        free = not asked_by(article, rules_now(tx, outlet)) and not waits_for_another(app, actor)
        moved = _with_post(app, tx, outlet, target, draft, post, actor, now, approved=free)
        return Changed(moved, draft.problems)


def reworded_for(app: App, tx: Connection, outlet: Outlet, article: Article, words: Teaser, asked: Rewording) -> Teaser:
    """``words`` as asked, nothing stored. Raises ``Refused`` for what the channel's posts cannot carry."""
    picture = picture_named(app, tx, outlet, article, asked.picture) if asked.picture is not None else None
    try:
        return reworded(words, asked, picture=picture, parameters=tuple(app.settings.links.utm))
    except NotPossible as no:
        raise Refused(str(no)) from None


def _with_post(
    app: App,
    tx: Connection,
    outlet: Outlet,
    delivery: Delivery,
    draft: Draft,
    post: Post,
    actor: str,
    moment: datetime,
    *,
    approved: bool,
) -> Delivery:
    """Puts other words under a delivery that has not begun."""
    stops = " ".join(problem.message for problem in draft.problems if problem.stops)
    goes = approved and not stops
    return deliveries.move(
        tx,
        delivery,
        State.PLANNED if goes else State.WAITING,
        actor=actor,
        now=moment,
        reason="" if goes else stops or _why_it_waits(app, actor),
        post_id=post.id,
        fingerprint=post.fingerprint,
        cost_micros=app.silent(outlet).price(post).micros,
        **approval(actor, post, moment, given=goes),
    )


def _why_it_waits(app: App, actor: str) -> str:
    if waits_for_another(app, actor):
        return WAITS.format(writer=actor)
    return f"edited by {actor}; it waits for a person's yes."


def _changeable(tx: Connection, article: Article, outlet: Outlet) -> Delivery | None:
    """The delivery an edit changes. Raises ``Refused`` where the words may be out already."""
    found = deliveries.of_subject(tx, SubjectKind.ARTICLE, article.id, mode=outlet.mode, channel=outlet.name)
    open_ones = [one for one in found if one.state in MAY_CHANGE]
    if open_ones:
        return open_ones[-1]
    flying = [one for one in found if one.state in IN_FLIGHT]
    if flying:
        raise Refused(
            f"delivery {flying[-1].id} on {outlet.name} is {flying[-1].state}: its words may be out already; "
            "edit them once it is settled"
        )
    if found:
        raise Refused(
            f"story {article.id} is {found[-1].state} on {outlet.name}; to post it once more: "
            f"pressrun again {article.id} --channel {outlet.name}"
        )
    return None
