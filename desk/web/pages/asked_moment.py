"""A moment that a form's field names in people's words: ``18:15``, ``tomorrow 6``, ``明日 9:00``, a day alone."""

from __future__ import annotations

from datetime import datetime

from desk.cli.moments import NotATime, Times
from desk.web.door.visitor import Visitor
from scheduler.newsroom import Refused


class NoMoment(Refused):
    """What was typed is no moment; ``str()`` says how one is written."""


def asked_moment(visitor: Visitor, name: str) -> datetime | None:
    """The moment that the field ``name`` says, a date alone its beginning; None where it is empty. Raises ``NoMoment``."""
    said = str(visitor.form.get(name, "")).strip()
    if not said:
        return None
    try:
        return Times(visitor.times.zone, visitor.times.now).read(said, day_alone=True).at
    except NotATime as fault:
        raise NoMoment(str(fault)) from None
