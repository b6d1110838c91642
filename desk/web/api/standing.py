"""How sources and channels stand, each looked at when asked; sections held and let go."""

from __future__ import annotations

from fastapi import APIRouter

from db.records import Scope
from desk.cli.forms import look_form, source_form
from desk.shapes.standing import LookForm
from desk.web.api.acting import Asked, Pause, Why, lay, lift
from desk.web.api.caller import Approving, Queueing, Reading, Stopping
from desk.web.api.fields import ChannelNamed, Numbered, SectionNamed, SourceNamed, Text
from desk.web.api.gives import ChannelHealth, Laid, Lifted, Sources, TriedOut
from desk.web.api.problems import Problem
from desk.web.api.routes import ReadRoute, WriteRoute
from scheduler import newsroom
from scheduler.newsroom import Reach
from scheduler.newsroom.grounds import outlet_named
from scheduler.source_standing import look_at, source_standings
from scheduler.standing import check


class Trial(Asked):
    """Words to be tried."""

    text: Text


standing_reads = APIRouter(route_class=ReadRoute)
standing_acts = APIRouter(route_class=WriteRoute)


@standing_reads.get("/sources", tags=["sources"])
def sources(call: Reading) -> Sources:
    """Every source: does it answer, when it was read and will be again, what is wrong."""
    found = source_standings(call.app)
    return {"timezone": call.times.name, "sources": [source_form(one, call.times) for one in found]}


@standing_acts.post("/sources/{name}/check", tags=["sources"])
def check_source(call: Queueing, name: SourceNamed, asked: Why) -> LookForm:
    """Reads one source now and tells what it would bring; stores nothing."""
    if name not in call.app.settings.sources:
        raise Problem(404, "not-there", f'There is no source "{name}" in the settings.')
    return look_form(look_at(call.app, name), call.times)


@standing_acts.post("/channels/{name}/check", tags=["channels"])
def check_channel(call: Stopping, name: ChannelNamed, asked: Why) -> ChannelHealth:
    """Asks a channel's platform whether a post could go out now; posts nothing."""
    health = check(call.app, outlet_named(call.app, name))
    return {
        "channel": name,
        "ok": health.ok,
        "account_id": health.account_id or None,
        "account_name": health.account_name or None,
        "problems": [{"code": one.code, "message": one.message} for one in health.problems],
        "notes": list(health.notes),
    }


@standing_acts.post("/channels/{name}/try", tags=["channels"])
def try_channel(call: Approving, name: ChannelNamed, asked: Trial) -> TriedOut:
    """Posts words on the rehearsal platform of a channel, whatever its mode: the world reads nothing of it."""
    receipts = newsroom.try_out(call.app, name, asked.text, actor=call.actor)
    return {"channel": name, "parts": [{"id": one.id, "url": one.url} for one in receipts]}


@standing_acts.post("/sections/{name}/pause", tags=["sections"])
def pause_section(call: Stopping, name: SectionNamed, asked: Pause) -> Laid:
    """Keeps everything of one section from going."""
    return lay(call, Reach(Scope.SECTION, name), asked)


@standing_acts.post("/sections/{name}/resume", tags=["sections"])
def resume_section(call: Stopping, name: SectionNamed, asked: Why) -> Lifted:
    """Ends a section's pause, never with a burst."""
    return lift(call, Reach(Scope.SECTION, name), asked)


@standing_acts.post("/deliveries/{delivery}/hold", tags=["deliveries"])
def hold(call: Stopping, delivery: Numbered, asked: Pause) -> Laid:
    """Keeps one delivery from going."""
    return lay(call, Reach(Scope.DELIVERY, str(delivery)), asked)


@standing_acts.post("/deliveries/{delivery}/release", tags=["deliveries"])
def release(call: Stopping, delivery: Numbered, asked: Why) -> Lifted:
    """Lets a held delivery go again."""
    return lift(call, Reach(Scope.DELIVERY, str(delivery)), asked)
