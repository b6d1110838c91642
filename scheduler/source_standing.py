"""How each source stands: does it answer, when was it last read, what has it brought; and a look that stores nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from db import sources
from db.records import SourceState
from scheduler.app import App
from scheduler.intake.errors import IntakeError
from scheduler.intake.foresee import Foreseen, foresee
from scheduler.intake.items import Refused
from scheduler.intake.sources import quiet_sentence
from scheduler.intake.taking import BEFORE
from scheduler.secrets import SecretError, read_secrets
from scheduler.settings import WebhookSource

_REFUSED_FOR = timedelta(days=7)
_MOST_REFUSED = 200


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """One source of the settings.

    ``word``: ``ok``, ``failing`` (``sentence`` says why), ``quiet`` (nothing new for unusually long) or ``not read
    yet``. ``refused`` are single stories of the last week that could not be read. A webhook is never fetched: its ``fetched_at`` is the last call, and it has no ``next_at``. Counts are of
    new stories: today by the newsroom's wall, and ever.
    """

    name: str
    kind: str
    word: str
    sentence: str = ""
    fetched_at: datetime | None = None
    next_at: datetime | None = None
    new_at: datetime | None = None
    new_today: int = 0
    new_total: int = 0
    failures: int = 0
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceLook:
    """What a source would bring now; ``error`` is the sentence why it cannot be read, "" where it can.

    ``note`` tells of a source that cannot be looked at from here; so many files as ``fresh`` says may still be being
    written, and are read later.
    """

    name: str
    kind: str
    stories: tuple[Foreseen, ...] = ()
    refused: tuple[Refused, ...] = ()
    error: str = ""
    note: str = ""
    fresh: int = 0


def source_standings(app: App) -> tuple[SourceStanding, ...]:
    """Every source of the settings, in their order."""
    now = app.clock.now()
    zone = app.settings.newsroom.zone
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    with app.ground.reading() as tx:
        states = {state.name: state for state in sources.every(tx)}
        today = sources.new_since(tx, midnight)
        refused = sources.refused_since(tx, now - _REFUSED_FOR, but=BEFORE, limit=_MOST_REFUSED)
    return tuple(
        replace(
            _standing(name, asked.kind, states.get(name), today.get(name, 0), now),
            refused=tuple(Refused(one.item, one.reason) for one in refused.get(name, ())),
        )
        for name, asked in app.settings.sources.items()
    )


def look_at(app: App, name: str) -> SourceLook:
    """Reads one source now, due or not; posts and stores nothing. ``name`` is one of the settings' sources."""
    asked = app.settings.sources[name]
    if isinstance(asked, WebhookSource):
        address = f"{app.settings.newsroom.public_url}/intake/{name}"
        try:
            read_secrets(asked)
        except SecretError as error:
            return SourceLook(name, asked.kind, error=str(error))
        return SourceLook(name, asked.kind, note=f"it sends by itself, to {address} while pressrun serve runs")
    try:
        stories, refused, fresh = foresee(app.ground, app.sources[name], app.clock.now(), fetch=app.fetch)
    except IntakeError as error:
        return SourceLook(name, asked.kind, error=str(error))
    return SourceLook(name, asked.kind, stories, refused, fresh=fresh)


def _standing(name: str, kind: str, state: SourceState | None, today: int, now: datetime) -> SourceStanding:
    if state is None:
        return SourceStanding(name, kind, "not read yet")
    quiet = quiet_sentence(state, now)
    return SourceStanding(
        name=name,
        kind=kind,
        word="failing" if state.error else "quiet" if quiet else "ok",
        sentence=state.error or quiet,
        fetched_at=state.fetched_at,
        next_at=state.next_at,
        new_at=state.new_at,
        new_today=today,
        new_total=state.new_count,
        failures=state.failures,
    )
