"""How a delivery is tied to others and what keeps it, in words for ``pressrun show``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from db.records import Article, Delivery, Stop
    from desk.cli.moments import Times
    from desk.shapes.deliveries import StopForm

_HOW = {
    "edit": "changed in place by",
    "reply": "corrected by the answer",
    "repost": "corrected anew by",
    "mail": "corrected by the mail",
}


def ties_of(tx: Connection, one: Delivery) -> str:
    """What a correction or take-down is about; else what corrected it or took it down, with where each stands."""
    from db import ties
    from scheduler import correction, takedown

    if takedown.is_takedown(one):
        return f"takes down d{takedown.taken_back(one)}"
    told = []
    if correction.is_correction(one):
        told.append(f"corrects d{correction.corrected(one)} ({correction.manner_of(one)})")
    for other in ties.about(tx, one):
        how = "taken down by" if takedown.is_takedown(other) else _HOW[correction.manner_of(other)]
        told.append(f"{how} d{other.id} ({other.state})")
    return ", ".join(told)


def stops_over_story(lying: list[Stop], article: Article) -> list[Stop]:
    """Those of the stops that lie now which keep a whole story: on it, on its section, on everything."""
    from db.records import Scope

    section = article.section.casefold()
    return [
        stop
        for stop in lying
        if stop.scope is Scope.EVERYTHING
        or (stop.scope is Scope.STORY and stop.target == str(article.id))
        or (stop.scope is Scope.SECTION and section and stop.target.casefold() == section)
    ]


def stop_told(stop: Stop, times: Times) -> str:
    """A stop in one line: what, by whom, since and until when, and why."""
    until = f" until {times.show(stop.until_at)}" if stop.until_at is not None else ""
    what = f"{stop.scope} {stop.target}".strip()
    killed = "killed" if stop.cause == "killed" else f"{what} stopped"
    return f"{killed} by {stop.by}, {times.show(stop.since_at)}{until}: {stop.reason}"


def stop_form(stop: Stop, times: Times) -> StopForm:
    """A stop for programs."""
    return {
        "scope": stop.scope,
        "target": stop.target,
        "cause": stop.cause,
        "reason": stop.reason,
        "by": stop.by,
        "since_at": times.iso(stop.since_at),
        "until_at": times.iso(stop.until_at),
        "lets_breaking": stop.lets_breaking,
    }
