"""How many mails a channel may still begin today: what its service allows, and the ramp of a list's first days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from db import attempts, bounces
from db.records import Delivery
from scheduler.mail_retry import Lane
from scheduler.slots import start_of_day

OLDEST_ISSUE = timedelta(days=5)
"""An issue cut before that begins no copy any more."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """The limits a day. ``per_day`` is the mail server's, over all newsletters that go through it (``names``); ``ramp``
    is the newsletter's own, and breaking mail passes it. None and an empty ramp are no limit.
    """

    zone: ZoneInfo
    per_day: int | None = None
    ramp: Sequence[int] = ()
    names: Sequence[str] = ()

    @property
    def none(self) -> bool:
        """Whether nothing is limited."""
        return self.per_day is None and not self.ramp

    def left(self, tx: Connection, delivery: Delivery, lane: Lane, now: datetime) -> int | None:
        """So many copies may begin before the day ends; None: as many as there are."""
        today = now.astimezone(self.zone).date()
        began = start_of_day(today, self.zone)
        mode, channel, oldest = delivery.mode, delivery.channel, now - OLDEST_ISSUE
        left = []
        if self.per_day is not None:
            left.append(self.per_day - bounces.copies_begun(tx, mode, self.names or (channel,), began, oldest))
        if self.ramp and lane is not Lane.BREAKING:
            days = attempts.days_begun(tx, mode, channel, self.zone, before=today, most=len(self.ramp))
            if days < len(self.ramp):
                left.append(self.ramp[days] - bounces.copies_begun(tx, mode, (channel,), began, oldest))
        return max(0, min(left)) if left else None

    def tomorrow(self, now: datetime) -> datetime:
        """When the next day begins."""
        return start_of_day(now.astimezone(self.zone).date() + timedelta(days=1), self.zone)
