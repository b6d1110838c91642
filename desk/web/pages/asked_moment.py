"""A moment that a form's field names in people's words: ``18:15``, ``tomorrow 06:00``, ``in 30m``, a day alone."""

from __future__ import annotations

import re
from datetime import datetime

from desk.cli.moments import NotATime, Times
from desk.web.door.visitor import Visitor
from scheduler.newsroom import Refused

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class NoMoment(Refused):
    """What was typed is no moment; ``str()`` says how one is written."""


def asked_moment(visitor: Visitor, name: str) -> datetime | None:
    """The moment that the field ``name`` says, a day alone its beginning; None where it is empty. Raises ``NoMoment``."""
    said = str(visitor.form.get(name, "")).strip().replace("T", " ")
    if not said:
        return None
    try:
        return Times(visitor.times.zone, visitor.times.now).read(f"{said} 00:00" if _DAY.fullmatch(said) else said).at
    except NotATime as fault:
        raise NoMoment(str(fault)) from None
