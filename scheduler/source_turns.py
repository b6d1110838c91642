"""Whose turn it is among the sources, from settings and from what each look left behind."""

from __future__ import annotations

from datetime import datetime

from db import sources
from db.records import Image, SourceState
from scheduler.app import App
from scheduler.intake.source_config import SourceConfig
from scheduler.intake.sources import is_due


def due_sources(app: App, now: datetime) -> list[SourceConfig]:
    """The sources whose next look has come."""
    states = _states(app)
    return [config for name, config in app.sources.items() if is_due(states.get(name), now)]


def next_look(app: App, now: datetime) -> datetime | None:
    """The next moment at which a source is due; ``now`` for one that was never looked at. None without sources."""
    states = _states(app)
    moments = [(state.next_at if (state := states.get(name)) else None) or now for name in app.sources]
    return min(moments, default=None)


def may_upload(app: App, image: Image) -> bool:
    """Whether a picture's credit is one of those that the newsroom may upload to a platform."""
    credit = image.credit.casefold()
    return bool(credit) and any(name.casefold() in credit for name in app.settings.images.may_upload)


def _states(app: App) -> dict[str, SourceState]:
    with app.ground.reading() as tx:
        return {state.name: state for state in sources.every(tx)}
