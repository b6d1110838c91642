"""The only place where the rooms are joined: settings in, an ``App`` out that the journey and the verbs work with."""

from __future__ import annotations

import os
import random
import secrets
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from channels.base import Channel
from db import channel_secrets
from db.records import Claim, Mode
from db.schema import create_or_check
from db.session import Ground, open_ground
from scheduler.building import outlets_from, sources_from
from scheduler.clock import Clock, SystemClock
from scheduler.engine import Engine
from scheduler.engine.threads import Threads
from scheduler.intake.source_config import SourceConfig
from scheduler.mail_room import MailRoom
from scheduler.outlet import Outlet
from scheduler.rehearsing import Rehearsal
from scheduler.safeguards import Safeguard
from scheduler.settings import Settings
from scheduler.vault import Vault

if TYPE_CHECKING:
    from scheduler.intake.fetching import Fetch

__all__ = ["App", "Outlet", "build"]

_OTHER_MACHINES_CLOCK = timedelta(seconds=60)
_STOP_MARGIN = timedelta(seconds=5)
_WEBHOOK_ENDS = 12.0
"""Seconds that a webhook's call may still take; one that is cut is made again, under the same event id."""
MEDIA = "media"


class App:
    """Everything a tick needs. One a process; thread-safe: each thread gets channels of its own."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        ground: Ground,
        clock: Clock,
        *,
        on_trouble: Callable[[str], None],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.settings, self.folder, self.ground, self.clock = settings, folder, ground, clock
        self.jitter, self.trouble = jitter, on_trouble
        self.rehearsal = Rehearsal(folder, clock)
        self.vault = Vault(ground, folder, clock)
        self.outlets: Mapping[str, Outlet] = outlets_from(settings, folder, self.rehearsal, self.vault)
        self.connections: Mapping[str, str] = {}  # channel -> the mark of its connection, as this process knows
        self.sources: Mapping[str, SourceConfig] = sources_from(settings)
        self.media = folder / MEDIA
        self.worker = f"{clock.machine}:{os.getpid()}:{secrets.token_hex(3)}"
        self.safeguard = Safeguard(_guard_file(ground, folder), ground, clock)
        self.engine: Engine = Threads(self._lane_fault)
        self.webhook_engine: Engine = Threads(self._lane_fault)  # apart: nothing that sends waits for a receiver
        self.mail_room = MailRoom(ground, clock)
        self.held_until: dict[str, datetime] = {}
        self.fresh_files: dict[str, int] = {}  # source -> files that this process's last look left for the next
        self.pictures_cleared_at: datetime | None = None
        self.hits_folded_at: datetime | None = None
        self.carrier_pauses: dict[str, tuple[int, float]] = {}  # failures in a row, not before this on the boot clock
        self.bounces_after = 0.0  # the mailboxes of returned mail are not looked at before this on the boot clock
        self.webhooks_tidied = 0.0  # what was told long ago is not looked for before this on the boot clock
        self.ticked_boot: float | None = None  # when this process ticked last, on the boot clock
        self.stop_event = threading.Event()
        self._own = threading.local()
        self._hurry = threading.Event()

    # --- channels ------------------------------------------------------------------------------

    def channel(self, outlet: Outlet) -> Channel:
        """The channel as this thread uses it, credentials and all; in rehearsal the platforms start with it."""
        return self._mine(f"{outlet.name} {self.connections.get(outlet.name, '')}", outlet.build)

    def follow_connections(self) -> None:
        """Lets a channel that was connected anew speak with its new keys from the next call on. Raises ``GroundLost``."""
        with self.ground.reading() as tx:
            found = channel_secrets.every(tx)
        self.connections = {
            one.channel: one.mark
            for one in found
            if one.channel in self.outlets and self.outlets[one.channel].mode is one.mode
        }

    def silent(self, outlet: Outlet) -> Channel:
        """The channel for its pure half: compose, measure, validate, price."""
        return self._mine(f"{outlet.name} silent", outlet.build_silent)

    def _mine(self, key: str, build: Callable[[], Channel]) -> Channel:
        held: dict[str, Channel] = self._own.__dict__.setdefault("channels", {})
        if key not in held:
            held[key] = build()
        return held[key]

    @cached_property
    def fetch(self) -> Fetch:
        """The door to the web, with the newsroom's contact in its User-Agent."""
        from scheduler.intake.fetching import Fetcher

        newsroom = self.settings.newsroom
        return Fetcher(contact=newsroom.contact or newsroom.site)

    def modes(self) -> dict[Mode, list[str]]:
        """The channels by mode, for the first line of every output."""
        named: dict[Mode, list[str]] = {}
        for outlet in self.outlets.values():
            named.setdefault(outlet.mode, []).append(outlet.name)
        return named

    # --- claims --------------------------------------------------------------------------------

    def claim(self, span: timedelta) -> Claim:
        """A claim of this worker from now on for ``span``."""
        clock = self.clock
        return Claim(
            owner=self.worker,
            machine=clock.machine,
            boot_id=clock.boot_id,
            until_boot=clock.boot() + span.total_seconds(),
            until_at=clock.now() + span,
        )

    def is_dead(self, claim: Claim) -> bool:
        """Whether a claim has run out: by the boot clock on its own machine, by the wall, with a margin, elsewhere."""
        clock = self.clock
        if claim.machine != clock.machine:
            return clock.now() > claim.until_at + _OTHER_MACHINES_CLOCK
        return claim.boot_id != clock.boot_id or clock.boot() > claim.until_boot

    # --- stopping ------------------------------------------------------------------------------

    def stop(self) -> None:
        """Nothing new is claimed from now on (design rule 12)."""
        self.stop_event.set()

    def stopping(self) -> bool:
        """Whether ``stop`` was called."""
        return self.stop_event.is_set()

    def giving_up(self) -> bool:
        """Whether a result that cannot be recorded may be left to a later look: only once we were told to end."""
        return self._hurry.is_set()

    def stop_seconds(self) -> float:
        """How long whatever is in flight may take to end."""
        longest = max((outlet.deadline for outlet in self.outlets.values()), default=timedelta(0))
        return (longest + _STOP_MARGIN).total_seconds()

    def close(self) -> bool:
        """Ends lanes, rehearsal and database. True when everything in flight ended in time."""
        self.stop()
        in_time = self.engine.stop(self.stop_seconds())
        self.webhook_engine.stop(_WEBHOOK_ENDS)
        self._hurry.set()
        if not in_time:
            in_time = self.engine.stop(_STOP_MARGIN.total_seconds())
        self.rehearsal.stop()
        self.ground.close()
        return in_time

    def tick_age(self) -> float | None:
        """Seconds since the last tick of this process; None where it never ticked."""
        return self.clock.boot() - self.ticked_boot if self.ticked_boot is not None else None

    # --- people --------------------------------------------------------------------------------

    def told(self, moment: datetime | None) -> str:
        """A moment as the newsroom's wall shows it, its zone named."""
        if moment is None:
            return "no time"
        zone = self.settings.newsroom.zone
        return f"{moment.astimezone(zone):%a %d %b %Y %H:%M} {self.settings.newsroom.timezone}"

    def faults(self, fault: BaseException) -> None:
        """Hears of an exception of our own making that was turned into an outcome; never shows its text."""
        self.trouble(f"Pressrun met a fault of its own ({type(fault).__name__}); the log has the delivery")

    def _lane_fault(self, lane: str, fault: BaseException) -> None:
        if hasattr(fault, "exit_code"):
            self.trouble(f"{lane}: {fault}")
        else:
            self.trouble(f"{lane}: Pressrun met a fault of its own ({type(fault).__name__}: {fault})")


def build(
    settings: Settings,
    folder: Path,
    *,
    clock: Clock | None = None,
    on_trouble: Callable[[str], None],
    jitter: Callable[[], float] = random.random,
) -> App:
    """Opens the database, checks its schema, and joins the rooms.

    Raises ``GroundLost``, ``SchemaTooOld`` or ``SchemaTooNew``, each with a sentence and an ``exit_code``.
    """
    ground = open_ground(settings.database.url)
    create_or_check(ground)
    return App(settings, folder, ground, clock or SystemClock(), on_trouble=on_trouble, jitter=jitter)


def _guard_file(ground: Ground, folder: Path) -> Path:
    """The file that remembers beside the database what was begun; see ``scheduler.safeguards``."""
    path = ground.path
    return path.with_name(f"{path.name}-guard") if path is not None else folder / "pressrun.db-guard"
