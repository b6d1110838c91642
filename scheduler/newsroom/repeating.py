"""A story once more on one channel, in words it has not used there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from db import articles, audit, deliveries, notices, posts, stops, teasers
from db.moves import IN_FLIGHT
from db.records import (
    Article,
    Delivery,
    Mode,
    State,
    SubjectKind,
    Teaser,
)
from scheduler.app import App, Outlet
from scheduler.approval import approval
from scheduler.before_live import before_live
from scheduler.newsroom.four_eyes import WAITS, waits_for_another
from scheduler.newsroom.grounds import MAY_CHANGE, Changed, Refused, newest_words, outlet_named
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.prepare import checked, plan_one, store_draft
from scheduler.words import teaser_for
from templates.style import VARIANTS
from templates.teaser import NoWords


@needs(Permission.APPROVE)
def again(
    app: App,
    article_id: int,
    channel: str,
    *,
    actor: str,
    text: str | None = None,
    words: Teaser | None = None,
    reason: str = "",
) -> Changed:
    """Promises a story once more on one channel, as a delivery of its own in words it has not used there yet.

    ``text`` are the person's own, ``words`` earlier ones with their link and picture as they were; else another of the story's wordings is taken (its quotation, its figure). A story
    from before the channel went live is promised for the first time, in the words it has. Raises ``Refused`` where there is none, while the one before has not ended, and on a channel that sends issues.
    """
    outlet = outlet_named(app, channel)
    if outlet.crowd:
        raise Refused(f"{channel} sends issues: a story stands in one of them once, never again")
    moment = app.clock.now()
    with app.ground.reading() as tx:
        article = articles.get(tx, article_id)
        before = deliveries.of_subject(tx, SubjectKind.ARTICLE, article_id, mode=outlet.mode, channel=channel)
        newest = newest_words(tx, article, outlet)
        killed = stops.killed(tx, article_id)
        used = teasers.history(tx, SubjectKind.ARTICLE, article_id, channel)
        first = outlet.mode is Mode.LIVE and before_live(tx, article, channel)
    rounds = [one for one in before if one.purpose.startswith(("first", "again-"))]
    if killed:
        raise Refused(f"story {article_id} was killed; to bring it back by name: pressrun revive {article_id}")
    if not rounds and not first:
        raise Refused(f"story {article_id} was never planned on {channel}; see: pressrun show {article_id}")
    if rounds and rounds[-1].state in (*MAY_CHANGE, *IN_FLIGHT):
        raise Refused(f"delivery {rounds[-1].id} on {channel} is still {rounds[-1].state}; let it end first")
    purpose = "first" if first else f"again-{len(rounds)}"
    if words is not None:
        words = replace(words, version=newest.version, writer=actor)
    elif text is not None:
        words = replace(newest, text=text.strip(), writer=actor, used=())
    elif first:
        words = newest
    else:
        words = replace(_other_words(app, outlet, article, purpose, used), version=newest.version)
    draft = checked(outlet, app.silent(outlet), words)
    with app.ground.transaction() as tx:
        post = store_draft(tx, article_id, draft, actor=actor, now=moment)
        delivery = plan_one(app, tx, article, draft, post, moment, purpose=purpose, ordered_by=actor)
        if delivery is None:
            raise Refused(f"somebody else ordered {purpose} of story {article_id} on {channel} in this moment")
        if waits_for_another(app, draft.teaser.writer):
            why, none = WAITS.format(writer=actor), approval(actor, post, moment, given=False)
            delivery = deliveries.move(tx, delivery, State.WAITING, actor=actor, now=moment, reason=why, **none)
        elif not any(problem.stops for problem in draft.problems):
            yes = approval(actor, post, moment, given=True)
            delivery = deliveries.move(tx, delivery, State.PLANNED, actor=actor, now=moment, reason=reason, **yes)
        for one in rounds:  # this one stands for those that failed before it
            if one.state is State.FAILED:
                notices.clear(tx, f"delivery {one.id} {State.FAILED}", now=moment)
        audit.write(tx, "again", f"story {article_id} on {channel}", actor=actor, now=moment, reason=reason)
        return Changed(delivery, draft.problems)


@needs(Permission.APPROVE)
def retry(app: App, delivery_id: int, *, actor: str, reason: str = "") -> Changed:
    """Promises the story of a failed delivery once more, in the words it had, as a delivery of its own.

    Raises ``Refused`` for one that has not failed, for one that is still to be looked for (it may be out), and for one
    that was tried once more already: the later one stands for it, and may be out.
    """
    with app.ground.reading() as tx:
        delivery = deliveries.get(tx, delivery_id)
        others = deliveries.of_subject(
            tx, delivery.subject_kind, delivery.subject_id, mode=delivery.mode, channel=delivery.channel
        )
        teaser_id = posts.teaser_id(tx, delivery.post_id)
        words = teasers.get(tx, teaser_id) if teaser_id is not None else None
    if delivery.state is not State.FAILED:
        raise Refused(f"delivery {delivery_id} is {delivery.state}; only a failed one is tried once more")
    if delivery.look_at is not None:
        raise Refused(f"delivery {delivery_id} is looked for once more, {app.told(delivery.look_at)}; wait for that")
    if delivery.subject_kind is not SubjectKind.ARTICLE or words is None:
        raise Refused(f"delivery {delivery_id} is no story's post; order it anew, with: pressrun post")
    last = tried_again_as(delivery, others)
    if last is not None:
        raise Refused(f"delivery {delivery_id} was tried once more already: delivery {last.id}, which is {last.state}")
    return again(app, delivery.subject_id, delivery.channel, actor=actor, words=words, reason=reason)


def tried_again_as(failed: Delivery, others: Sequence[Delivery]) -> Delivery | None:
    """The last of a story's deliveries on the same channel that was ordered after ``failed`` and stands for it."""
    later = [one for one in others if one.id > failed.id and one.purpose.startswith("again-")]
    return later[-1] if later else None


def _other_words(app: App, outlet: Outlet, article: Article, purpose: str, used: list[Teaser]) -> Teaser:
    """The first of the story's wordings that this channel has not had. Raises ``Refused`` when it had them all."""
    said = {_without_link(one) for one in used}
    for variant in VARIANTS:
        try:
            words = teaser_for(app, outlet, article, purpose=purpose, variant=variant)
        except NoWords:
            continue
        if _without_link(words) not in said:
            return words
    raise Refused(
        f"story {article.id} offers no words that {outlet.name} has not had, and the same twice is refused there; "
        f"write your own: pressrun again {article.id} --channel {outlet.name} --text …"
    )


def _without_link(teaser: Teaser) -> str:
    return " ".join((teaser.text.replace(teaser.link, "") if teaser.link else teaser.text).split())
