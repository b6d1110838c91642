"""Connecting a channel to an account as a program does it: begin, let a person say yes at the platform, finish.

The answer of a write is kept for a day, so no answer of a write here holds what opens anything: where the person says
yes is told by the read, from what lies sealed in the database.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from db.records import Mode
from desk.cli.desk_address import desk_address
from desk.web.api.acting import Asked, Why
from desk.web.api.caller import Call, Connecting
from desk.web.api.fields import ChannelNamed, Reason, kind
from desk.web.api.gives import ChannelBegun, ChannelConnected, ChannelConnections, ChannelDisconnected, Connection
from desk.web.api.routes import ReadRoute, WriteRoute
from scheduler import connecting
from scheduler.app import Outlet
from scheduler.connecting import KEYS, Standing
from scheduler.newsroom.grounds import outlet_named

connecting_reads = APIRouter(route_class=ReadRoute)
connecting_acts = APIRouter(route_class=WriteRoute)

Key = Annotated[str, Field(max_length=1_000, json_schema_extra=kind("app-key"))]
InMode = Annotated[Mode, Field(strict=False, description="Without it: as the channel stands now.")] | None


class AppKeys(Asked):
    """The app's own keys, by the way that needs them; rehearsal takes made-up ones of its own."""

    CONSUMER_KEY: Key = ""
    CONSUMER_SECRET: Key = ""
    CLIENT_ID: Key = ""
    CLIENT_SECRET: Key = ""
    APP_ID: Key = ""
    APP_SECRET: Key = ""


class Begin(Why):
    """How a channel is to be connected; without a way the usual one of its kind."""

    way: Literal["pin", "oauth2", "page"] | None = None
    mode: InMode = None
    keys: AppKeys = AppKeys()


class Finish(Asked):
    """What the platform showed: a PIN, a code, or the whole address that it led to."""

    answer: Annotated[str, Field(max_length=4_000, json_schema_extra=kind("platform-answer"))]
    mode: InMode = None


class Disconnect(Asked):
    """Which keys are forgotten."""

    mode: InMode = None
    why: Reason = ""


@connecting_reads.get("/channels/{name}/connection", tags=["channels"], responses={409: {}})
def connection(call: Connecting, name: ChannelNamed) -> ChannelConnections:
    """How a channel is connected in rehearsal and for the world, and where a person says yes to what was begun."""
    outlet = outlet_named(call.app, name)
    ways = connecting.ways_of(outlet)
    return {
        "timezone": call.times.name,
        "channel": name,
        "ways": [{"way": way, "keys": list(KEYS[way])} for way in ways],
        "callback": f"{desk_address(call.app.settings)}{connecting.CALLBACK}",
        "connections": [_connection(call, outlet, one) for one in connecting.standings(call.app, outlet)],
    }


@connecting_acts.post("/channels/{name}/connect", tags=["channels"])
def begin(call: Connecting, name: ChannelNamed, asked: Begin) -> ChannelBegun:
    """Begins to connect a channel: `/channels/{name}/connection` then tells where a person says yes."""
    waiting = connecting.begin(
        call.app,
        name,
        actor=call.actor,
        way=asked.way or "",
        mode=asked.mode,
        keys=asked.keys.model_dump(),
        desk=desk_address(call.app.settings),
        reason=asked.why,
    )
    until = call.times.iso(waiting.until)
    return {"channel": name, "mode": waiting.mode, "way": waiting.way, "until": until}


@connecting_acts.post("/channels/{name}/connect/finish", tags=["channels"])
def finish(call: Connecting, name: ChannelNamed, asked: Finish) -> ChannelConnected:
    """Ends it with what the platform showed; it is good once. The keys are kept sealed and never shown."""
    mode = asked.mode or outlet_named(call.app, name).mode
    health = connecting.finish(call.app, name, asked.answer, actor=call.actor, mode=mode)
    return {
        "channel": name,
        "mode": mode,
        "account_id": health.account_id or None,
        "account_name": health.account_name or None,
        "notes": list(health.notes),
    }


@connecting_acts.post("/channels/{name}/disconnect", tags=["channels"])
def disconnect(call: Connecting, name: ChannelNamed, asked: Disconnect) -> ChannelDisconnected:
    """Forgets a channel's keys."""
    mode = asked.mode or outlet_named(call.app, name).mode
    connecting.disconnect(call.app, name, actor=call.actor, mode=mode, reason=asked.why)
    return {"channel": name, "mode": mode}


def _connection(call: Call, outlet: Outlet, one: Standing) -> Connection:
    kept, iso = one.connected, call.times.iso
    waiting = connecting.waiting_of(call.app, outlet.name, one.mode)
    return {
        "mode": one.mode,
        "connected": {
            "way": kept.way,
            "account_id": kept.account_id or None,
            "account_name": kept.account_name or None,
            "by": kept.by,
            "at": iso(kept.at),
            "ends_at": iso(kept.ends_at),
            "trouble": kept.trouble or None,
        }
        if kept is not None
        else None,
        "waiting": {
            "way": waiting.way,
            "address": waiting.address,
            "by": waiting.by,
            "until": iso(waiting.until),
        }
        if waiting is not None
        else None,
        "secret_file": one.file,
    }
