"""What the verbs stand on: how they refuse, what they give back, and what they look up first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from db import teasers
from db.records import (
    Article,
    Delivery,
    Problem,
    State,
    SubjectKind,
    Teaser,
)
from scheduler.app import App, Outlet

MAY_CHANGE = (State.WAITING, State.PLANNED)
"""The states in which nothing has left: words, time and wish are a person's to change."""


class Refused(Exception):
    """A verb that may not be done now; ``str()`` says why and what to do instead."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Changed:
    """What a verb did to one delivery, and what still stands in its way."""

    delivery: Delivery
    problems: tuple[Problem, ...] = ()


def newest_words(tx: Connection, article: Article, outlet: Outlet) -> Teaser:
    """The words a story has for a channel now. Raises ``Refused`` when none are written yet."""
    newest = teasers.newest(tx, SubjectKind.ARTICLE, article.id, outlet.name)
    if newest is None:
        raise Refused(f"story {article.id} has no words for {outlet.name} yet; write them with: pressrun tick")
    return newest


def current(app: App, delivery: Delivery) -> bool:
    """Whether a delivery belongs to a channel that is still configured, in the mode it has now."""
    outlet = app.outlets.get(delivery.channel)
    return outlet is not None and outlet.mode is delivery.mode


def outlet_named(app: App, channel: str) -> Outlet:
    """The configured channel of this name. Raises ``Refused`` that lists those there are."""
    outlet = app.outlets.get(channel)
    if outlet is None:
        known = ", ".join(app.outlets) or "none"
        raise Refused(f'there is no channel "{channel}" in settings.toml; there are: {known}')
    return outlet
