"""The webhooks for programs: how each stands, what it heard; try, pause, resume, replay."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from db import webhooks as store
from desk.cli.forms import webhook_event_form, webhook_form
from desk.web.api.acting import Why
from desk.web.api.caller import Connecting, Reading
from desk.web.api.fields import At, Before, Limit, WebhookNamed, kind
from desk.web.api.gives import Replayed, WebhookEvents, Webhooks, WebhookState, WebhookTried
from desk.web.api.problems import Problem
from desk.web.api.routes import ReadRoute, WriteRoute
from scheduler.webhooks import verbs
from scheduler.webhooks.standing import webhook_standings

hearing = APIRouter(route_class=ReadRoute)
trying = APIRouter(route_class=WriteRoute)


class Replay(Why):
    """Which events to owe again: those given up, or all; since a moment, or one."""

    since: Annotated[At | None, Field(default=None, json_schema_extra=kind("past-moment"))]
    event_id: Annotated[str | None, Field(default=None, max_length=40)]
    everything: bool = False


@hearing.get("/webhooks", tags=["webhooks"])
def webhooks(call: Reading) -> Webhooks:
    """Every webhook: is it told, when it last said yes, what is owed to it."""
    found = webhook_standings(call.app)
    return {"timezone": call.times.name, "webhooks": [webhook_form(one, call.times) for one in found]}


@hearing.get("/webhooks/{name}/events", tags=["webhooks"])
def events(
    call: Reading,
    name: WebhookNamed,
    troubled: bool = False,
    before: Before = None,
    limit: Limit = 50,
) -> WebhookEvents:
    """A webhook's events, the newest first, each with every call; `troubled`: only what failed once or more."""
    _named(call, name)
    with call.app.ground.reading() as tx:
        found = store.events(tx, name, limit=limit + 1, before=before, troubled=troubled)
        tries = store.tries(tx, [one.id for one in found])
    more, found = len(found) > limit, found[:limit]
    return {
        "timezone": call.times.name,
        "events": [webhook_event_form(one, tries.get(one.id, []), call.times) for one in found],
        "next": found[-1].id if more else None,
    }


@trying.post("/webhooks/{name}/test", tags=["webhooks"])
def test(call: Connecting, name: WebhookNamed, asked: Why) -> WebhookTried:
    """One signed call of the type `webhook.test`; it changes nothing."""
    _named(call, name)
    answer = verbs.try_webhook(call.app, name, actor=call.actor)
    return {"webhook": name, "ok": answer.is_yes, "status": answer.status, "sentence": answer.sentence}


@trying.post("/webhooks/{name}/pause", tags=["webhooks"])
def pause(call: Connecting, name: WebhookNamed, asked: Why) -> WebhookState:
    """Calls it no more until it is resumed; what happens meanwhile is kept for it."""
    _named(call, name)
    verbs.pause_webhook(call.app, name, actor=call.actor, reason=asked.why)
    return {"webhook": name, "state": "paused"}


@trying.post("/webhooks/{name}/resume", tags=["webhooks"])
def resume(call: Connecting, name: WebhookNamed, asked: Why) -> WebhookState:
    """Calls it again, beginning with what was kept for it."""
    _named(call, name)
    verbs.resume_webhook(call.app, name, actor=call.actor, reason=asked.why)
    return {"webhook": name, "state": "resumed"}


@trying.post("/webhooks/{name}/replay", tags=["webhooks"])
def replay(call: Connecting, name: WebhookNamed, asked: Replay) -> Replayed:
    """Owes it again what was given up, or with `everything` also what it heard, under the same event ids."""
    _named(call, name)
    number = verbs.replay_webhook(
        call.app,
        name,
        actor=call.actor,
        since=call.moment(asked.since, past=True) if asked.since else None,
        event_id=asked.event_id,
        everything=asked.everything,
        reason=asked.why,
    )
    return {"webhook": name, "events": number}


def _named(call: Reading, name: str) -> None:
    if name not in call.app.settings.webhooks:
        raise Problem(404, "not-there", f"There is no webhook {name} in the settings.")
