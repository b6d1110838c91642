"""A correction of a post that is out: a delivery of its own, with the life of any other.

Its purpose says what it corrects and how: ``correction-17-edit`` replaces the words of delivery 17 in place,
``correction-17-reply`` answers it, ``correction-17-repost`` says it anew, and once that is out the old one is taken
down; ``correction-17-mail`` writes to the readers of issue 17 who got it wrong. A second correction of the same kind ends in ``-2``. The first delivery stays sent: it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection

from db import attempts, deliveries
from db.records import Delivery, Limits, Post, Receipt, State

_PREFIX = "correction-"

X = "x"
MOST_EDITS = 5
"""So often X lets one post be edited."""

MARGIN = timedelta(minutes=2)
"""An edit is not begun so near to the end of its window that it could come too late."""


class Manner(StrEnum):
    """How a post that is out is corrected."""

    EDIT = "edit"
    REPLY = "reply"
    REPOST = "repost"
    MAIL = "mail"  # a correction to those readers of an issue who got the wrong words


def purpose_of(corrected: int, manner: Manner, number: int) -> str:
    """The purpose of the ``number``-th correction of this kind of a delivery."""
    return f"{_PREFIX}{corrected}-{manner}" + (f"-{number}" if number > 1 else "")


def is_correction(delivery: Delivery) -> bool:
    """Whether this promise corrects another."""
    return delivery.purpose.startswith(_PREFIX)


def is_edit(delivery: Delivery) -> bool:
    """Whether it replaces words in place."""
    return is_correction(delivery) and manner_of(delivery) is Manner.EDIT


def needs_no_look(delivery: Delivery) -> bool:
    """Whether it may simply be asked again after a lost answer: an edit, but on X, where each makes a new version."""
    return is_edit(delivery) and delivery.kind != X


def corrected(delivery: Delivery) -> int:
    """The number of the delivery that a correction corrects."""
    return int(delivery.purpose.removeprefix(_PREFIX).split("-")[0])


def manner_of(delivery: Delivery) -> Manner:
    """How a correction corrects."""
    return Manner(delivery.purpose.removeprefix(_PREFIX).split("-")[1])


def edits_of(tx: Connection, correcting: Delivery) -> list[Delivery]:
    """Every edit in place of what ``correcting`` corrects, oldest first."""
    of_subject = deliveries.of_subject(
        tx, correcting.subject_kind, correcting.subject_id, mode=correcting.mode, channel=correcting.channel
    )
    return [one for one in of_subject if is_edit(one) and corrected(one) == corrected(correcting)]


def can_edit(
    tx: Connection, wrong: Delivery, post: Post, limits: Limits, now: datetime, edits: Sequence[Delivery]
) -> bool:
    """Whether the words of a post may be replaced in place now: what the kind allows, and on X the window, the number
    of edits, one part without pictures, and no edit of it that X has refused."""
    if not limits.can_correct:
        return False
    if limits.correct_within is None:
        return True
    known = attempts.receipts_of(tx, wrong.id)
    at = known[0].receipt.at if known else None
    plain = len(post.parts) == 1 and len(known) == 1 and not post.parts[0].images
    tried = len(edits) < MOST_EDITS and all(one.state is State.SENT for one in edits)
    return plain and tried and at is not None and now + MARGIN < at + limits.correct_within


def answered(tx: Connection, delivery: Delivery) -> Receipt | None:
    """The post that an edit replaces or a reply answers: the first part of what is corrected; None for a repost."""
    if not is_correction(delivery) or manner_of(delivery) in (Manner.REPOST, Manner.MAIL):
        return None
    if is_edit(delivery) and delivery.kind == X:
        versions = [one for one in edits_of(tx, delivery) if one.state is State.SENT and one.id != delivery.id]
        for version in reversed(versions):  # the newest version is the one that may be edited
            for known in attempts.receipts_of(tx, version.id):
                return known.receipt
    return next((known.receipt for known in attempts.receipts_of(tx, corrected(delivery))), None)
