"""The editor's verbs: what people may do with stories and deliveries. The command line and the desk both call these.

Each verb is one transaction: it checks what may be done, does it, and writes the audit. What may not be done raises
``Refused`` with a sentence that says why and what to do instead.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from db import articles, attempts, audit, deliveries, free_posts, notices, posts, queue, teasers
from db.deliveries import Stale
from db.moves import IN_FLIGHT
from db.records import (
    Article,
    Delivery,
    Image,
    KnownBy,
    Mode,
    Outcome,
    Post,
    Problem,
    Publish,
    Receipt,
    State,
    SubjectKind,
    Teaser,
    Verb,
    Wish,
)
from scheduler.app import App, Outlet
from scheduler.approval import approval
from scheduler.intake.errors import IntakeError
from scheduler.intake.pictures import keep_picture
from scheduler.outcomes import to_sent
from scheduler.plan import Moment, find_moment, publish_of, taken_from
from scheduler.prepare import Draft, checked, plan_one, store_draft
from scheduler.words import teaser_for
from scheduler.work import attempt_for, read_work

VARIANTS = ("lead", "quote", "number")
_MAY_CHANGE = (State.WAITING, State.PLANNED)


class Refused(Exception):
    """A verb that may not be done now; ``str()`` says why and what to do instead."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Changed:
    """What a verb did to one delivery, and what still stands in its way."""

    delivery: Delivery
    problems: tuple[Problem, ...] = ()


def edit(app: App, article_id: int, channel: str, text: str, *, actor: str, reason: str = "") -> Changed | Teaser:
    """Replaces the words of a story on one channel by a person's.

    A post that needs a yes waits for a new one; else the editor's word is the yes. For a channel that sends issues
    only the words change: the next issue takes them. Raises ``Refused`` while words may already be out.
    """
    outlet = _outlet(app, channel)
    if not text.strip():
        raise Refused("the text is empty; a post needs words. To drop the post: pressrun cancel DELIVERY --why …")
    now = app.clock.now()
    with app.ground.transaction() as tx:
        article = articles.get(tx, article_id)
        newest = _newest_words(tx, article, outlet)
        draft = checked(outlet, app.silent(outlet), replace(newest, text=text.strip(), writer=actor, used=()))
        target = None if outlet.crowd else _changeable(tx, article, outlet)
        post = store_draft(tx, article.id, draft, actor=actor, now=now)
        subject = f"story {article.id} on {channel}"
        audit.write(tx, "edit", subject, actor=actor, now=now, reason=reason, before=newest.text, after=text.strip())
        if target is None:
            return replace(draft.teaser, version=newest.version + 1)
        free = publish_of(article, outlet.rules.publish, outlet.rules.sections) is Publish.AUTO
        moved = _with_post(app, tx, outlet, target, draft, post, actor, now, approved=free)
        return Changed(moved, draft.problems)


def approve(
    app: App,
    article_id: int,
    *,
    actor: str,
    channels: Collection[str] = (),
    no_link: bool = False,
    fingerprint: str | None = None,
) -> list[Changed]:
    """A person's yes to exactly the posts that wait, on the channels named or on all.

    ``no_link`` also releases a story without an address. ``fingerprint``: the yes holds only for the post the
    person saw. Raises ``Refused`` where nothing waits, a problem stands, or the post has changed since.
    """
    now = app.clock.now()
    with app.ground.transaction() as tx:
        article = articles.get(tx, article_id)
        if no_link and not article.no_link:
            articles.set_no_link(tx, article_id, True, actor=actor, now=now, reason="released without a link")
            article = replace(article, no_link=True)
        waiting = [
            one
            for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, article_id, states=(State.WAITING,))
            if (not channels or one.channel in channels) and _current(app, one)
        ]
        if not waiting:
            raise Refused(f"nothing of story {article_id} waits for a yes; see: pressrun show {article_id}")
        return [_approve_one(app, tx, article, one, actor, now, fingerprint) for one in waiting]


def approve_issue(app: App, delivery_id: int, *, actor: str) -> Changed:
    """A person's yes to exactly the issue or free post that waits under this delivery's number."""
    now = app.clock.now()
    with app.ground.transaction() as tx:
        delivery = deliveries.get(tx, delivery_id)
        if delivery.state is not State.WAITING:
            raise Refused(f"delivery {delivery_id} is {delivery.state}, it does not wait for a yes")
        return _approve_one(app, tx, None, delivery, actor, now, None)


def schedule(
    app: App, article_id: int, at: datetime, *, actor: str, channels: Collection[str] = (), reason: str = ""
) -> list[Changed]:
    """Gives a story's open posts an exact moment in place of their slot. A post that waits for a yes still waits.

    Raises ``Refused`` for a moment that is past or before the embargo.
    """
    now = app.clock.now()
    if at <= now:
        raise Refused(f"{app.told(at)} is past; give a moment to come, or use: pressrun now {article_id}")
    return _at(app, article_id, lambda outlet: at, actor=actor, channels=channels, verb="schedule", reason=reason)


def now(app: App, article_id: int, *, actor: str, channels: Collection[str] = (), reason: str = "") -> list[Changed]:
    """Sends a story's open posts at once: past slots, spacing and quiet hours, with the actor's yes to each.

    Raises ``Refused`` under an embargo or where a problem stands.
    """
    moment = app.clock.now()
    changed = _at(app, article_id, lambda outlet: moment, actor=actor, channels=channels, verb="now", reason=reason)
    waiting = [one.delivery.channel for one in changed if one.delivery.state is State.WAITING]
    if not waiting:
        return changed
    approved = {one.delivery.channel: one for one in approve(app, article_id, actor=actor, channels=waiting)}
    return [approved.get(one.delivery.channel, one) for one in changed]


def skip(app: App, article_id: int, *, actor: str, reason: str = "") -> list[Delivery]:
    """Takes a story out of the queue and calls off what was planned; what is in flight gets the wish."""
    moment = app.clock.now()
    with app.ground.transaction() as tx:
        article = articles.get(tx, article_id)
        articles.skip(tx, article_id, actor=actor, now=moment, reason=reason)
        queue.done(tx, article_id, actor=actor, now=moment, reason="skipped")
        why = reason or "the story was skipped"
        gone = [
            _call_off(tx, one, actor, moment, why)
            for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, article_id)
            if one.state in (*_MAY_CHANGE, *IN_FLIGHT)
        ]
        audit.write(tx, "skip", f"story {article.id}", actor=actor, now=moment, reason=reason)
        return gone


def cancel(app: App, delivery_id: int, *, actor: str, reason: str) -> Delivery:
    """Calls one delivery off. One whose words may be out gets the wish: not there becomes cancelled, there is taken
    down. Raises ``Refused`` for one that has ended."""
    moment = app.clock.now()
    with app.ground.transaction() as tx:
        delivery = deliveries.get(tx, delivery_id)
        if delivery.state not in (*_MAY_CHANGE, *IN_FLIGHT):
            hint = "; it is out, so it can only be taken down" if delivery.state is State.SENT else ""
            raise Refused(f"delivery {delivery_id} is {delivery.state} already{hint}")
        after = _call_off(tx, delivery, actor, moment, reason)
        audit.write(tx, "cancel", f"delivery {delivery_id}", actor=actor, now=moment, reason=reason)
        return after


def again(app: App, article_id: int, channel: str, *, actor: str, reason: str = "") -> Changed:
    """Promises a story once more on one channel, as a delivery of its own with the next of its three wordings.

    Raises ``Refused`` before its first one is sent or failed, and on a channel that sends issues.
    """
    outlet = _outlet(app, channel)
    if outlet.crowd:
        raise Refused(f"{channel} sends issues: a story stands in one of them once, never again")
    moment = app.clock.now()
    with app.ground.reading() as tx:
        article = articles.get(tx, article_id)
        before = deliveries.of_subject(tx, SubjectKind.ARTICLE, article_id, mode=outlet.mode, channel=channel)
        newest = _newest_words(tx, article, outlet)
    rounds = [one for one in before if one.purpose.startswith(("first", "again-"))]
    if not rounds:
        raise Refused(f"story {article_id} was never planned on {channel}; see: pressrun show {article_id}")
    if rounds[-1].state in (*_MAY_CHANGE, *IN_FLIGHT):
        raise Refused(f"delivery {rounds[-1].id} on {channel} is still {rounds[-1].state}; let it end first")
    purpose = f"again-{len(rounds)}"
    if newest.writer == actor or newest.version > 1:
        words = newest
    else:
        variant = VARIANTS[len(rounds) % len(VARIANTS)]
        words = replace(teaser_for(app, outlet, article, purpose=purpose, variant=variant), version=newest.version)
    draft = checked(outlet, app.silent(outlet), words)
    with app.ground.transaction() as tx:
        post = store_draft(tx, article_id, draft, actor=actor, now=moment)
        delivery = plan_one(app, tx, article, draft, post, moment, purpose=purpose, ordered_by=actor)
        if delivery is None:
            raise Refused(f"somebody else ordered {purpose} of story {article_id} on {channel} in this moment")
        if not any(problem.stops for problem in draft.problems):
            yes = approval(actor, post, moment, given=True)
            delivery = deliveries.move(tx, delivery, State.PLANNED, actor=actor, now=moment, reason=reason, **yes)
        audit.write(tx, "again", f"story {article_id} on {channel}", actor=actor, now=moment, reason=reason)
        return Changed(delivery, draft.problems)


def free_post(
    app: App,
    text: str,
    channel: str,
    *,
    actor: str,
    image: Path | None = None,
    alt: str = "",
    at: datetime | None = None,
) -> Changed:
    """Posts a person's own words, without an article, as soon as the channel may speak or at ``at``.

    Raises ``Refused`` for words or a picture the channel would not take; nothing is stored then.
    """
    outlet = _outlet(app, channel)
    if outlet.crowd:
        raise Refused(f"{channel} sends issues; add the words as a story instead: pressrun add FILE")
    if image is not None and not alt.strip():
        raise Refused("the picture has no alt text; say what it shows with --alt, readers who cannot see it need it")
    try:
        picture = keep_picture(Image(path=str(image), alt=alt), app.media, app.fetch) if image is not None else None
    except IntakeError as refused:
        raise Refused(str(refused)) from refused
    moment = app.clock.now()
    words = Teaser(channel=channel, kind=outlet.kind, text=text.strip(), writer=actor, image=picture)
    draft = checked(outlet, app.silent(outlet), words)
    stops = [problem.message for problem in draft.problems if problem.stops]
    if stops:
        raise Refused(" ".join(stops))
    with app.ground.transaction() as tx:
        stored = free_posts.add(tx, text.strip(), picture, actor=actor, now=moment)
        teaser = teasers.add(tx, SubjectKind.POST, stored.id, draft.teaser, actor=actor, now=moment)
        post = posts.add(tx, draft.post, draft.problems, teaser_id=teaser.id, actor=actor, now=moment)
        delivery = deliveries.add(
            tx, _promise(app, tx, outlet, stored.id, post, actor, moment, at), actor=actor, now=moment
        )
        audit.write(tx, "post", f"delivery {delivery.id}", actor=actor, now=moment, after=text.strip())
        return Changed(delivery, draft.problems)


def settle(
    app: App, delivery_id: int, verdict: State, *, actor: str, url: str | None = None, reason: str = ""
) -> Delivery:
    """A person says what became of an unsettled delivery: ``SENT`` it is out, ``PLANNED`` it is not, ``UNKNOWN``
    nobody can say. Logged as a try of its own with the person's name. Raises ``Refused`` for any other delivery."""
    moment = app.clock.now()
    with app.ground.transaction() as tx:
        delivery = deliveries.get(tx, delivery_id)
        if delivery.state is not State.UNSETTLED:
            raise Refused(f"delivery {delivery_id} is {delivery.state}; only an unsettled one needs a verdict")
        work = read_work(tx, delivery)
        told = {State.SENT: "it is out", State.PLANNED: "it is not out", State.UNKNOWN: "nobody can say"}[verdict]
        why = f"{actor} says: {told}" + (f" ({reason})" if reason else "")
        part = work.next_part() or 0
        row = replace(
            attempt_for(work, Verb.VERDICT, part, worker=app.worker, cost=delivery.cost.__class__()), ordered_by=actor
        )
        attempt = attempts.open_attempt(tx, row, actor=actor, now=moment)
        audit.write(tx, "settle", f"delivery {delivery_id}", actor=actor, now=moment, reason=reason, after=told)
        notices.clear(tx, f"delivery {delivery_id} {State.UNSETTLED}", now=moment)
        if verdict is State.SENT:
            receipt = Receipt(id=url or f"said by {actor}", url=url)
            attempts.close_sent(tx, attempt, receipt, known_by=KnownBy.PERSON, now=moment)
            return to_sent(app, tx, work, known_by=KnownBy.PERSON, reason=why)
        outcome = Outcome.NOT_THERE if verdict is State.PLANNED else Outcome.UNCERTAIN
        attempts.close_look(tx, attempt, outcome, why, now=moment)
        if verdict is State.UNKNOWN:
            return deliveries.move(tx, delivery, State.UNKNOWN, actor=actor, now=moment, reason=why)
        if delivery.wish is not None:
            return deliveries.move(tx, delivery, State.CANCELLED, actor=actor, now=moment, reason=why)
        if delivery.latest_at is not None and delivery.latest_at <= moment:
            late = f"{why}; it is too late to send it now"
            return deliveries.move(tx, delivery, State.EXPIRED, actor=actor, now=moment, reason=late)
        return deliveries.move(
            tx, delivery, State.PLANNED, actor=actor, now=moment, reason=why, next_at=moment, looks=0, uncertain_at=None
        )


# --- what the verbs share --------------------------------------------------------------------------


def _at(
    app: App,
    article_id: int,
    when: Callable[[Outlet], datetime],
    *,
    actor: str,
    channels: Collection[str],
    verb: str,
    reason: str,
) -> list[Changed]:
    moment = app.clock.now()
    for channel in channels:
        _outlet(app, channel)
    with app.ground.transaction() as tx:
        article = articles.get(tx, article_id)
        found = [
            one
            for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, article_id, states=_MAY_CHANGE)
            if (not channels or one.channel in channels) and _current(app, one)
        ]
        if not found:
            raise Refused(f"story {article_id} has nothing left to send there; see: pressrun show {article_id}")
        changed = []
        for one in found:
            outlet = app.outlets[one.channel]
            at = when(outlet)
            if article.embargo_at is not None and at < article.embargo_at:
                raise Refused(f"story {article_id} is under embargo until {app.told(article.embargo_at)}")
            latest = outlet.rules.latest
            moved = deliveries.move(
                tx,
                one,
                one.state,
                actor=actor,
                now=moment,
                reason=one.reason if one.state is State.WAITING else reason,
                due_at=at,
                next_at=at,
                latest_at=at + latest if latest is not None else None,
                slot_at=None,
                ordered_by=actor,
            )
            changed.append(Changed(moved, posts.problems(tx, moved.post_id)))
            subject = f"delivery {one.id}"
            before, after = app.told(one.due_at), app.told(at)
            audit.write(tx, verb, subject, actor=actor, now=moment, reason=reason, before=before, after=after)
        return changed


def _approve_one(
    app: App,
    tx: Connection,
    article: Article | None,
    delivery: Delivery,
    actor: str,
    moment: datetime,
    fingerprint: str | None,
) -> Changed:
    if fingerprint is not None and fingerprint != delivery.fingerprint:
        raise Refused(f"delivery {delivery.id} has changed since you saw it; look at it again")
    problems = posts.problems(tx, delivery.post_id)
    stops = [problem.message for problem in problems if problem.stops]
    if stops:
        raise Refused(f"delivery {delivery.id} on {delivery.channel} cannot go yet: {' '.join(stops)}")
    live = delivery.mode is Mode.LIVE
    if live and article is not None and not article.url and not article.no_link:
        raise Refused(f"story {article.id} has no address; give it one, or approve it with --no-link")
    outlet = app.outlets[delivery.channel]
    post = replace(posts.get(tx, delivery.post_id), id=delivery.post_id)
    times: dict[str, Any] = {}
    if delivery.due_at <= moment:  # its moment passed while it waited: the next free one
        others = [
            one
            for one in deliveries.taken_since(tx, outlet.mode, outlet.name, taken_from(outlet.rules, moment))
            if one.id != delivery.id
        ]
        place = find_moment(outlet.rules, others, moment, delivery.priority) or Moment(moment, delivery.latest_at)
        times = {
            "due_at": place.due_at,
            "next_at": place.due_at,
            "latest_at": place.latest_at,
            "slot_at": place.slot_at,
        }
    moved = deliveries.move(
        tx, delivery, State.PLANNED, actor=actor, now=moment, **approval(actor, post, moment, given=True), **times
    )
    audit.write(tx, "approve", f"delivery {delivery.id}", actor=actor, now=moment, after=delivery.fingerprint)
    return Changed(moved, problems)


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
        reason="" if goes else stops or f"edited by {actor}; it waits for a person's yes.",
        post_id=post.id,
        fingerprint=post.fingerprint,
        cost_micros=app.silent(outlet).price(post).micros,
        **approval(actor, post, moment, given=goes),
    )


def _call_off(tx: Connection, delivery: Delivery, actor: str, moment: datetime, reason: str) -> Delivery:
    if delivery.state in IN_FLIGHT:
        return deliveries.wish(tx, delivery.id, Wish.CANCEL, actor=actor, now=moment, reason=reason)
    try:
        return deliveries.move(tx, delivery, State.CANCELLED, actor=actor, now=moment, reason=reason)
    except Stale as stale:
        raise Refused(f"delivery {delivery.id} moved in this very moment; try again") from stale


def _promise(
    app: App,
    tx: Connection,
    outlet: Outlet,
    free_id: int,
    post: Post,
    actor: str,
    moment: datetime,
    at: datetime | None,
) -> Delivery:
    taken = deliveries.taken_since(tx, outlet.mode, outlet.name, taken_from(outlet.rules, moment))
    latest = outlet.rules.latest
    if at is not None:
        place = Moment(at, at + latest if latest is not None else None)
    else:
        place = find_moment(outlet.rules, taken, moment) or Moment(moment, None)
    return Delivery(
        mode=outlet.mode,
        subject_kind=SubjectKind.POST,
        subject_id=free_id,
        channel=outlet.name,
        kind=outlet.kind,
        purpose="first",
        post_id=post.id,
        fingerprint=post.fingerprint,
        state=State.PLANNED,
        due_at=place.due_at,
        next_at=place.due_at,
        latest_at=place.latest_at,
        slot_at=place.slot_at,
        ordered_by=actor,
        approved_by=actor,
        approved_at=moment,
        approved_fingerprint=post.fingerprint,
        cost=app.silent(outlet).price(post),
    )


def _changeable(tx: Connection, article: Article, outlet: Outlet) -> Delivery | None:
    """The delivery an edit changes. Raises ``Refused`` where the words may be out already."""
    found = deliveries.of_subject(tx, SubjectKind.ARTICLE, article.id, mode=outlet.mode, channel=outlet.name)
    open_ones = [one for one in found if one.state in _MAY_CHANGE]
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


def _newest_words(tx: Connection, article: Article, outlet: Outlet) -> Teaser:
    newest = teasers.newest(tx, SubjectKind.ARTICLE, article.id, outlet.name)
    if newest is None:
        raise Refused(f"story {article.id} has no words for {outlet.name} yet; write them with: pressrun tick")
    return newest


def _current(app: App, delivery: Delivery) -> bool:
    """Whether a delivery belongs to a channel that is still configured, in the mode it has now."""
    outlet = app.outlets.get(delivery.channel)
    return outlet is not None and outlet.mode is delivery.mode


def _outlet(app: App, channel: str) -> Outlet:
    outlet = app.outlets.get(channel)
    if outlet is None:
        known = ", ".join(app.outlets) or "none"
        raise Refused(f'there is no channel "{channel}" in settings.toml; there are: {known}')
    return outlet
