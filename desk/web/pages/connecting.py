"""Connecting a channel step by step: the app's keys, the person's yes at the platform, and whom it speaks for then."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from db.records import Mode
from desk.web.door.visitor import Visitor, may
from desk.web.pages.page import Page
from scheduler import connecting
from scheduler.connecting import KEYS
from scheduler.newsroom.grounds import Refused, outlet_named
from scheduler.people.roles import Permission

routes = APIRouter()
Connector = Annotated[Visitor, Depends(may(Permission.CHANNELS))]


@routes.get("/channels/connected")
def returned(visitor: Connector, state: str = "", code: str = "", error: str = "") -> Response:
    """Where a platform sends the person back: with a code, or with their no. Raises ``Refused``."""
    if error:
        raise Refused("The platform says that the person did not agree. Nothing was connected.")
    name, _ = connecting.finish_by_state(visitor.app, state, code, actor=visitor.actor)
    return visitor.go(f"/channels/{name}/connect", done="channel_connected")


@routes.get("/channels/{name}/connect")
def steps(visitor: Connector, name: str, live: str = "") -> Response:
    """How the channel is connected, and the step that comes next."""
    return _page(visitor, name, _mode(visitor, name, live))


@routes.post("/channels/{name}/connect")
def begin(visitor: Connector, name: str) -> Response:
    """The first step."""
    mode, way = _mode(visitor, name, str(visitor.form.get("live", ""))), str(visitor.form.get("way", ""))
    keys = {key: str(visitor.form.get(key, "")) for key in KEYS.get(way, ())}
    try:
        connecting.begin(
            visitor.app, name, actor=visitor.actor, way=way, mode=mode, keys=keys, desk=visitor.origin.text
        )
    except Refused as fault:
        return _page(visitor, name, mode, wrong=str(fault), way=way, status=409)
    return visitor.go(f"/channels/{name}/connect{'?live=1' if mode is Mode.LIVE else ''}")


@routes.post("/channels/{name}/connect/finish")
def finish(visitor: Connector, name: str) -> Response:
    """The second step, with what the platform showed."""
    mode = _mode(visitor, name, str(visitor.form.get("live", "")))
    try:
        connecting.finish(visitor.app, name, str(visitor.form.get("answer", "")), actor=visitor.actor, mode=mode)
    except Refused as fault:
        return _page(visitor, name, mode, wrong=str(fault), status=409)
    more = "?live=1" if mode is Mode.LIVE else ""
    return visitor.go(f"/channels/{name}/connect{more}", done="channel_connected")


@routes.post("/channels/{name}/disconnect")
def disconnect(visitor: Connector, name: str) -> Response:
    """Forgets the channel's keys."""
    mode = _mode(visitor, name, str(visitor.form.get("live", "")))
    connecting.disconnect(visitor.app, name, actor=visitor.actor, mode=mode, reason=str(visitor.form.get("why", "")))
    return visitor.go(f"/channels/{name}/connect", done="channel_disconnected")


def _page(visitor: Visitor, name: str, mode: Mode, *, wrong: str = "", way: str = "", status: int = 200) -> Response:
    outlet = outlet_named(visitor.app, name)
    ways = connecting.ways_of(outlet)
    waiting = connecting.waiting_of(visitor.app, name, mode)
    values = {
        "outlet": outlet,
        "mode": mode,
        "standings": connecting.standings(visitor.app, outlet),
        "waiting": waiting,
        "ways": ways,
        "way": way or (waiting.way if waiting is not None else ways[0]),
        "keys": KEYS,
        "callback": f"{visitor.origin.text}{connecting.CALLBACK}",
        "wrong": wrong,
    }
    return visitor.page("connect.html", values, status=status)


def _mode(visitor: Visitor, name: str, live: str) -> Mode:
    return Mode.LIVE if live else outlet_named(visitor.app, name).mode


PAGE = Page("connect", "/channels", Permission.CHANNELS, routes, in_menu=False)
