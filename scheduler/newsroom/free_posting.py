"""A person's own words, without an article."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from db import audit, deliveries, free_posts, posts, teasers
from db.records import (
    Delivery,
    Image,
    Post,
    State,
    SubjectKind,
    Teaser,
)
from scheduler.app import App, Outlet
from scheduler.approval import approval
from scheduler.intake.errors import IntakeError
from scheduler.intake.pictures import keep_picture
from scheduler.newsroom.four_eyes import WAITS, waits_for_another
from scheduler.newsroom.grounds import Changed, Refused, outlet_named
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.plan import Moment, find_moment, taken_from
from scheduler.prepare import checked


@needs(Permission.WORD)
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

    Raises ``Refused`` for a moment that is past and for words or a picture the channel would not take; nothing is
    stored then.
    """
    outlet = outlet_named(app, channel)
    if at is not None and at < app.clock.now():
        raise Refused(f"{app.told(at)} is past; give a moment to come, or none: it goes when the channel may speak")
    if image is not None and not alt.strip():
        raise Refused("the picture has no alt text; say what it shows with --alt, readers who cannot see it need it")
    try:
        picture = keep_picture(Image(path=str(image), alt=alt), app.media, app.fetch) if image is not None else None
    except IntakeError as refused:
        raise Refused(str(refused)) from refused
    moment = app.clock.now()
    draft = checked(outlet, app.silent(outlet), own_words(outlet, text, writer=actor, picture=picture))
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


def own_words(outlet: Outlet, text: str, *, writer: str, picture: Image | None = None) -> Teaser:
    """A person's own words for one channel, as they stand in a post. Raises ``Refused`` for a newsletter."""
    if outlet.crowd:
        raise Refused(f"{outlet.name} sends issues; add the words as a story instead: pressrun add FILE")
    return Teaser(channel=outlet.name, kind=outlet.kind, text=text.strip(), writer=writer, image=picture)


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
    waits = waits_for_another(app, actor)
    return Delivery(
        mode=outlet.mode,
        subject_kind=SubjectKind.POST,
        subject_id=free_id,
        channel=outlet.name,
        kind=outlet.kind,
        purpose="first",
        post_id=post.id,
        fingerprint=post.fingerprint,
        state=State.WAITING if waits else State.PLANNED,
        due_at=place.due_at,
        next_at=place.due_at,
        latest_at=place.latest_at,
        slot_at=place.slot_at,
        ordered_by=actor,
        reason=WAITS.format(writer=actor) if waits else "",
        **approval(actor, post, moment, given=not waits),
        cost=app.silent(outlet).price(post),
    )
