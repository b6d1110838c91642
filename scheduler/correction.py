"""A correction of a post that is out: a delivery of its own, with the life of any other.

Its purpose says what it corrects and how: ``correction-17-edit`` replaces the words of delivery 17 in place,
``correction-17-reply`` answers it, ``correction-17-repost`` says it anew, and once that is out the old one is taken
down. A second correction of the same kind ends in ``-2``. The first delivery stays sent: it was.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Connection

from db import attempts
from db.records import Delivery, Receipt

_PREFIX = "correction-"


class Manner(StrEnum):
    """How a post that is out is corrected."""

    EDIT = "edit"
    REPLY = "reply"
    REPOST = "repost"


def purpose_of(corrected: int, manner: Manner, number: int) -> str:
    """The purpose of the ``number``-th correction of this kind of a delivery."""
    return f"{_PREFIX}{corrected}-{manner}" + (f"-{number}" if number > 1 else "")


def is_correction(delivery: Delivery) -> bool:
    """Whether this promise corrects another."""
    return delivery.purpose.startswith(_PREFIX)


def is_edit(delivery: Delivery) -> bool:
    """Whether it replaces words in place; asked twice it does no harm, so a lost answer needs no look."""
    return is_correction(delivery) and manner_of(delivery) is Manner.EDIT


def corrected(delivery: Delivery) -> int:
    """The number of the delivery that a correction corrects."""
    return int(delivery.purpose.removeprefix(_PREFIX).split("-")[0])


def manner_of(delivery: Delivery) -> Manner:
    """How a correction corrects."""
    return Manner(delivery.purpose.removeprefix(_PREFIX).split("-")[1])


def answered(tx: Connection, delivery: Delivery) -> Receipt | None:
    """The post that an edit replaces or a reply answers: the first part of what is corrected; None for a repost."""
    if not is_correction(delivery) or manner_of(delivery) is Manner.REPOST:
        return None
    return next((known.receipt for known in attempts.receipts_of(tx, corrected(delivery))), None)
