"""Two people for one post: whoever wrote the words does not say yes to them, where ``[rights] four_eyes`` asks so."""

from __future__ import annotations

from sqlalchemy import Connection

from db import issues, posts, teasers
from db.records import MACHINE, Delivery, SubjectKind
from scheduler.app import App
from scheduler.newsroom.grounds import Refused

WAITS = "written by {writer}; it waits for another person's yes."


def mind_four_eyes(app: App, tx: Connection, delivery: Delivery, actor: str) -> None:
    """Raises ``Refused`` where the actor wrote the words of this delivery and may not approve them alone."""
    if not app.settings.rights.four_eyes:
        return
    if delivery.subject_kind is SubjectKind.ISSUE:
        own = issues.get(tx, delivery.subject_id).own
        if own is not None and same_person(own.by, actor):
            raise Refused(
                f"{actor} wrote the words above issue {delivery.subject_id}, and [rights] four_eyes asks for another "
                f"person's yes: pressrun issue send {delivery.subject_id}, by somebody else"
            )
    number = posts.teaser_id(tx, delivery.post_id)
    writer = teasers.get(tx, number).writer if number is not None else MACHINE
    if same_person(writer, actor):
        raise Refused(
            f"{actor} wrote the words of delivery {delivery.id} on {delivery.channel}, and [rights] four_eyes asks for "
            f"another person's yes: pressrun preview, then approve, by somebody else"
        )


def waits_for_another(app: App, writer: str) -> bool:
    """Whether words that this person writes need somebody else's yes; the machine's own do not."""
    return app.settings.rights.four_eyes and writer != MACHINE


def same_person(one: str, other: str) -> bool:
    """Whether two names of the audit mean one person; case does not count."""
    return one.casefold() == other.casefold()
