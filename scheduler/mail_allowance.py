"""How many mails may still begin today: what each mail server allows, and the ramp of a list's first days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from channels.email.replies import asks_all_to_wait
from channels.email.smtp import RelayConfig
from db import attempts, bounces, server_days
from db.records import Delivery, Failure, Mode, Outcome
from db.server_days import ServerDay
from scheduler.mail_lines import Station
from scheduler.mail_retry import Lane
from scheduler.slots import start_of_day

OLDEST_ISSUE = timedelta(days=5)
"""An issue cut before that begins no copy any more."""


@dataclass(frozen=True, slots=True)
class RampDay:
    """One of a list's first days on which it gets mail: ``number`` from 1, the copies it ``may`` begin, those ``begun``."""

    number: int
    may: int
    begun: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """The limits a day, of which ``zone`` says when it begins. ``ramp`` is the newsletter's own, and breaking mail
    passes it; empty is no limit. What a mail server allows stands in its settings and holds for all who use it.
    """

    zone: ZoneInfo
    ramp: Sequence[int] = ()

    def left(self, tx: Connection, delivery: Delivery, lane: Lane, now: datetime) -> int | None:
        """So many copies may begin before the day ends by the ramp; None: as many as there are."""
        day = self.ramp_day(tx, delivery.mode, delivery.channel, now) if lane is not Lane.BREAKING else None
        return max(0, day.may - day.begun) if day is not None else None

    def ramp_day(self, tx: Connection, mode: Mode, channel: str, now: datetime) -> RampDay | None:
        """Where a list's first days stand; None without a ramp, and when its days are over."""
        today = self.day(now)
        days = attempts.days_begun(tx, mode, channel, self.zone, before=today, most=len(self.ramp))
        if days >= len(self.ramp):
            return None
        begun = bounces.copies_begun(tx, mode, (channel,), start_of_day(today, self.zone), now - OLDEST_ISSUE)
        return RampDay(days + 1, self.ramp[days], begun)

    def day(self, now: datetime) -> date:
        """Which day it is."""
        return now.astimezone(self.zone).date()

    def tomorrow(self, now: datetime) -> datetime:
        """When the next day begins."""
        return start_of_day(self.day(now) + timedelta(days=1), self.zone)

    # --- mail servers ------------------------------------------------------------------------------

    def note_servers(self, tx: Connection, mode: Mode, stations: Sequence[Station], now: datetime) -> None:
        """Gives each server its row of the day, before the first copy goes."""
        named = {one.relay.config.name for one in stations if one.relay.config.name}
        if named:
            server_days.add_missing(tx, mode, named, self.day(now), now=now)

    def left_today(self, tx: Connection, mode: Mode, limits: Mapping[str, int | None], now: datetime) -> int | None:
        """So many mails may still go today through these servers together, by their limits; None: one has no limit."""
        known = server_days.of_servers(tx, mode, list(limits), self.day(now))
        left = [
            None if most is None else max(0, most - known.get(name, ServerDay()).begun) for name, most in limits.items()
        ]
        return None if None in left else sum(one for one in left if one is not None)

    def look(self, tx: Connection, mode: Mode, stations: Sequence[Station], now: datetime, boot: float) -> None:
        """Notes on each server what it may still get today, and keeps mail from one whose day, or patience, is over."""
        named = {one.relay.config.name: one for one in stations if one.relay.config.name}
        if not named:
            return
        known = server_days.of_servers(tx, mode, list(named), self.day(now))
        for name, station in named.items():
            config, stands = station.relay.config, known.get(name, ServerDay())
            for failure, until in self._waits(config, stands, now):
                station.wait(failure, until, now, boot)
            if config.per_day is not None:
                station.left = max(0, config.per_day - stands.begun)

    def count(self, tx: Connection, mode: Mode, through: Sequence[Station], now: datetime) -> None:
        """One mail is begun for each time that a server is named in ``through``."""
        begun = Counter(one.relay.config.name for one in through if one.left is not None)
        for name, number in sorted(begun.items()):
            server_days.count(tx, mode, name, self.day(now), number, now=now)

    def keeps(self, tx: Connection, mode: Mode, config: RelayConfig, now: datetime) -> Failure | None:
        """Why this server gets no single mail now: its day is over, or it asked to wait. None: it may get one."""
        if not config.name:
            return None
        stands = server_days.of_servers(tx, mode, [config.name], self.day(now)).get(config.name, ServerDay())
        return next((failure for failure, _ in self._waits(config, stands, now)), None)

    def hold(self, tx: Connection, mode: Mode, config: RelayConfig, now: datetime) -> None:
        """Keeps others from a server's day until ``tx`` ends, so that what follows in it may be the day's last mail."""
        if config.name and config.per_day is not None:
            server_days.add_missing(tx, mode, [config.name], self.day(now), now=now)
            server_days.lock(tx, [(mode, config.name)])

    def count_one(self, tx: Connection, mode: Mode, config: RelayConfig, now: datetime) -> None:
        """One mail that is no copy of an issue is begun: a letter, a test, a word to the desk."""
        if config.name and config.per_day is not None:
            server_days.count(tx, mode, config.name, self.day(now), 1, now=now)

    def note_refusal(self, tx: Connection, mode: Mode, config: RelayConfig, failure: Failure, now: datetime) -> None:
        """What a server said of one mail, where it was meant for all of ours: issues keep to it too."""
        of_all = asks_all_to_wait(failure) and not failure.code.startswith("421")  # 421 is about one line
        if config.name and of_all and failure.retry_after is not None:
            server_days.wait(tx, mode, config.name, self.day(now), now + failure.retry_after, now=now)

    def _waits(self, config: RelayConfig, stands: ServerDay, now: datetime) -> list[tuple[Failure, datetime]]:
        """What keeps mail from a server now, and until when."""
        found = []
        if stands.waits_until is not None and stands.waits_until > now:
            sentence = f"{config.host} asked to wait with further mail"
            found.append((Failure(Outcome.RATE_LIMITED, "asked to wait", sentence), stands.waits_until))
        if config.per_day is not None and stands.begun >= config.per_day:
            sentence = f"as many as may go through {config.host} today have gone"
            found.append((Failure(Outcome.RATE_LIMITED, "day's limit", sentence), self.tomorrow(now)))
        return found

    def note_wait(self, tx: Connection, mode: Mode, station: Station, until: datetime, now: datetime) -> None:
        """A server asked for no more mail until then: other issues and other processes keep to it too."""
        if station.relay.config.name:
            server_days.wait(tx, mode, station.relay.config.name, self.day(now), until, now=now)
