"""One door for stopping a story: what of it is planned, in flight and live, and each way to stop it."""

from __future__ import annotations

from dataclasses import dataclass

from db import articles, attempts, audit, deliveries, issues
from db.moves import IN_FLIGHT
from db.records import Article, Delivery, State, SubjectKind
from scheduler import correction, takedown
from scheduler.app import App
from scheduler.newsroom.calling_off import call_off
from scheduler.newsroom.grounds import MAY_CHANGE, Refused
from scheduler.newsroom.taking_back import TakenBack, ask_why, take_back
from scheduler.people.actor import needs
from scheduler.people.roles import Permission


@dataclass(frozen=True, slots=True)
class Whole:
    """A story's deliveries, those of the issues that carry it included, by what may still be done about them."""

    article: Article
    planned: tuple[Delivery, ...]
    in_flight: tuple[Delivery, ...]
    live: tuple[Delivery, ...]


def whole(app: App, article_id: int) -> Whole:
    """Where a story stands everywhere. Raises ``NotThere``."""
    with app.ground.reading() as tx:
        article = articles.get(tx, article_id)
        every = [
            one for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, article_id) if not takedown.is_takedown(one)
        ]
        for issue in issues.of_article(tx, article_id):
            every += deliveries.of_subject(tx, SubjectKind.ISSUE, issue.id)
        gone = {one.id for one in every if any(order.state is State.SENT for order in takedown.orders_for(tx, one))}
        live = [one for one in every if one.state is State.SENT and one.id not in gone and not correction.is_edit(one)]
        return Whole(
            article,
            tuple(one for one in every if one.state in MAY_CHANGE),
            tuple(one for one in every if one.state in IN_FLIGHT),
            tuple(live),
        )


@needs(Permission.STOP)
def cancel_story(app: App, article_id: int, *, actor: str, reason: str) -> list[Delivery]:
    """Calls off the story's own posts that have not ended; issues that carry it go on. Raises ``Refused`` where there
    are none, and without a reason."""
    ask_why(reason)
    moment = app.clock.now()
    with app.ground.transaction() as tx:
        articles.get(tx, article_id)
        still = [
            one
            for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, article_id, states=(*MAY_CHANGE, *IN_FLIGHT))
            if not takedown.is_takedown(one) and not (correction.is_edit(one) and one.state in IN_FLIGHT)
        ]
        if not still:
            raise Refused(f"nothing of story {article_id} is still to go; see: pressrun show {article_id}")
        ended = [call_off(tx, one, actor, moment, reason) for one in still]
        for one in ended:
            audit.write(tx, "cancel", f"delivery {one.id}", actor=actor, now=moment, reason=reason)
        return ended


@needs(Permission.TAKE_BACK)
def take_story_down(app: App, article_id: int, *, actor: str, reason: str) -> list[TakenBack]:
    """Takes down every post of the story that is out or in flight; what is planned stays planned.

    Mail that has gone is given back as beyond recall. Raises ``Refused`` where nothing is out, and without a reason.
    """
    ask_why(reason)
    there = whole(app, article_id)
    moment = app.clock.now()
    with app.ground.transaction() as tx:
        out = [deliveries.locked(tx, one.id) for one in (*there.in_flight, *there.live)]
        halfway = [one for one in there.planned if attempts.receipts_of(tx, one.id)]
        rows = [
            take_back(app, tx, one, actor=actor, reason=reason, moment=moment)
            for one in (*out, *halfway)
            if not correction.is_edit(one)
        ]
        if not rows:
            raise Refused(f"nothing of story {article_id} is out; to call off what is planned, use --cancel")
        for row in rows:
            subject = f"delivery {row.delivery.id}"
            audit.write(tx, "takedown", subject, actor=actor, now=moment, reason=reason, after=row.sentence)
        return rows
