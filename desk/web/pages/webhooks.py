"""Webhooks: how each stands and what it last heard; try, pause, resume and replay one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from db import webhooks as store
from desk.web.door.visitor import Visitor, may
from desk.web.pages.page import Page, Reader
from scheduler.people.roles import Permission
from scheduler.webhooks import verbs
from scheduler.webhooks.standing import webhook_standings
from scheduler.webhooks.wire import Answer

routes = APIRouter()
Connector = Annotated[Visitor, Depends(may(Permission.CHANNELS))]
ROWS = 20


@routes.get("/webhooks")
def webhooks(visitor: Reader) -> Response:
    """Every webhook with its newest events."""
    return _page(visitor)


@routes.post("/webhooks/{name}/test")
def test(visitor: Connector, name: str) -> Response:
    """One call at once; the page says what was answered."""
    return _page(visitor, {name: verbs.try_webhook(visitor.app, name, actor=visitor.actor)})


@routes.post("/webhooks/{name}/pause")
def pause(visitor: Connector, name: str) -> Response:
    """Calls it no more, for a reason that everybody sees."""
    verbs.pause_webhook(visitor.app, name, actor=visitor.actor, reason=str(visitor.form.get("why", "")))
    return visitor.go("/webhooks", done="webhook_paused")


@routes.post("/webhooks/{name}/resume")
def resume(visitor: Connector, name: str) -> Response:
    """Calls it again, beginning with what was kept for it."""
    verbs.resume_webhook(visitor.app, name, actor=visitor.actor)
    return visitor.go("/webhooks", done="webhook_resumed")


@routes.post("/webhooks/{name}/replay")
def replay(visitor: Connector, name: str) -> Response:
    """Owes it again what was given up."""
    number = verbs.replay_webhook(visitor.app, name, actor=visitor.actor)
    return visitor.go("/webhooks", done="webhook_replayed", n=number)


def _page(visitor: Visitor, tried: dict[str, Answer] | None = None) -> Response:
    standings = webhook_standings(visitor.app)
    with visitor.app.ground.reading() as tx:
        events = {one.name: store.events(tx, one.name, limit=ROWS) for one in standings}
        tries = store.tries(tx, [one.id for found in events.values() for one in found])
    values = {"standings": standings, "events": events, "tries": tries, "tried": tried or {}}
    return visitor.page("webhooks.html", values)


PAGE = Page("webhooks", "/webhooks", Permission.READ, routes, in_menu=False)
