"""Which program calls: its bearer token, what it may, and the newsroom's times for reading and writing moments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.security import HTTPBearer

from desk.cli.moments import Times
from desk.web.api.problems import Problem
from desk.web.door.door import Door
from scheduler.app import App
from scheduler.people.actor import Actor, NotAllowed
from scheduler.people.api_tokens import Program, program_of
from scheduler.people.roles import Permission

_ADMITTED = "pressrun.admitted"
_BEARER = HTTPBearer(auto_error=False, description="A token made at the desk, or by: pressrun people token NAME")


@dataclass(frozen=True)
class Call:
    """One call of a program that may make it."""

    app: App
    program: Program

    @property
    def actor(self) -> Actor:
        """For the verbs: the person's name and the program's."""
        return self.program.actor

    @property
    def times(self) -> Times:
        """The newsroom's zone, and now."""
        return Times(self.app.settings.newsroom.zone, self.app.clock.now())

    def moment(self, text: str, *, past: bool = False) -> datetime:
        """The moment a text names: ISO with an offset, or as people write it in the newsroom's zone.

        Raises ``NotATime``.
        """
        return self.times.read(text, past=past).at


def program_calling(request: Request) -> Program:
    """The program whose token came with a request. Raises ``Problem``."""
    door: Door = request.app.state.door
    origin = door.origin(request)
    if not door.knows_host(origin):
        raise Problem(421, "wrong-host", "This is not the address of this newsroom.")
    if not origin.is_safe:
        raise Problem(403, "unsafe", "A token goes only over https, or to this very machine.")
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    ask = {"WWW-Authenticate": 'Bearer realm="Pressrun"'}
    if kind.casefold() != "bearer" or not token.strip():
        raise Problem(401, "no-token", "Send a token as: Authorization: Bearer TOKEN", ask)
    program = program_of(door.app, token.strip())
    if program is None:
        raise Problem(401, "no-such-token", "This token opens nothing: it was ended, or never was one.", ask)
    return program


def admitted(request: Request, permission: Permission) -> Program:
    """The program that calls, where its token may this. Raises ``Problem``, ``NotAllowed``."""
    program = program_calling(request)
    if not program.actor.may(permission):
        raise NotAllowed(program.actor, permission)
    request.scope[_ADMITTED] = permission, program
    return program


def may(permission: Permission) -> Callable[..., Call]:
    """A dependency: the call, where its token may this. Raises ``Problem``, ``NotAllowed``.

    An address that asks for it is shut by its route before anything of the call is read (``permission_of``).
    """

    def call(request: Request, _: Annotated[object, Depends(_BEARER)] = None) -> Call:
        asked, program = request.scope.get(_ADMITTED, (None, None))
        if program is None or asked is not permission:
            program = admitted(request, permission)
        return Call(request.app.state.door.app, program)

    call.__dict__["permission"] = permission
    return call


def permission_of(dependant: Dependant) -> Permission:
    """The permission that an address asks for: each asks for exactly one."""
    (needed,) = [
        found
        for one in dependant.dependencies
        if one.call is not None and (found := one.call.__dict__.get("permission")) is not None
    ]
    assert isinstance(needed, Permission)
    return needed


Reading = Annotated[Call, Depends(may(Permission.READ))]
Queueing = Annotated[Call, Depends(may(Permission.QUEUE))]
Wording = Annotated[Call, Depends(may(Permission.WORD))]
Approving = Annotated[Call, Depends(may(Permission.APPROVE))]
Stopping = Annotated[Call, Depends(may(Permission.STOP))]
TakingBack = Annotated[Call, Depends(may(Permission.TAKE_BACK))]
Settling = Annotated[Call, Depends(may(Permission.SETTLE))]
Connecting = Annotated[Call, Depends(may(Permission.CHANNELS))]
Auditing = Annotated[Call, Depends(may(Permission.AUDIT))]
Staffing = Annotated[Call, Depends(may(Permission.PEOPLE))]
Keeping = Annotated[Call, Depends(may(Permission.READERS))]
