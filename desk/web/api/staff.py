"""What a program may read and do with people, tokens and channels' weeks.

Whatever gives a secret away (a colleague's link, a token) is done at the desk or on the command line: the answer of a
call is kept for a day, and a secret is kept nowhere.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from db.people import Person
from desk.shapes.overview import LoggedOut, People, PersonForm, SlotsForm, TokenEnded, Tokens
from desk.web.api.acting import Why
from desk.web.api.caller import Call, Connecting, Staffing
from desk.web.api.fields import MOST_NUMBER, ChannelNamed, kind
from desk.web.api.routes import ReadRoute, WriteRoute
from scheduler import slot_edits
from scheduler.people import api_tokens, staffing
from scheduler.people.roles import Permission, Role
from scheduler.slot_edits import MOST_SLOTS, Week, lines_of

staff_reads = APIRouter(route_class=ReadRoute)
staff_acts = APIRouter(route_class=WriteRoute)
PersonNamed = Annotated[str, Path(min_length=1, max_length=120, json_schema_extra=kind("person"))]
TokenNumbered = Annotated[int, Path(ge=1, le=MOST_NUMBER, json_schema_extra=kind("token"))]


class NewRole(Why):
    """What somebody is at the desk from now on."""

    role: Annotated[Role, Field(strict=False)]


class NewSlots(Why):
    """A channel's week, slot by slot as in settings.toml; none: it speaks at once."""

    slots: Annotated[
        list[Annotated[str, Field(max_length=80, json_schema_extra=kind("slot"))]], Field(max_length=MOST_SLOTS)
    ]


@staff_reads.get("/people", tags=["people"])
def people(call: Staffing) -> People:
    """Everybody who belongs or belonged to the desk."""
    return {"people": [_person(call, one) for one in staffing.everybody(call.app)]}


@staff_reads.get("/tokens", tags=["people"])
def tokens(call: Staffing) -> Tokens:
    """Every token that was not taken back: whose it is, what it may, when it was used last."""
    iso = call.times.iso
    return {
        "tokens": [
            {
                "token": one.id,
                "person": whose,
                "program": one.name,
                "scopes": [Permission(scope) for scope in one.scopes],
                "made_at": iso(one.created_at),
                "ends_at": iso(one.expires_at),
                "used_at": iso(one.used_at),
            }
            for one, whose in api_tokens.tokens(call.app)
        ]
    }


@staff_reads.get("/channels/{name}/slots", tags=["channels"], responses={409: {}})
def slots(call: Connecting, name: ChannelNamed) -> SlotsForm:
    """A channel's week, and what the settings say."""
    return _slots(call, name, slot_edits.week_of(call.app, name))


@staff_acts.post("/people/{name}/role", tags=["people"])
def set_role(call: Staffing, name: PersonNamed, asked: NewRole) -> PersonForm:
    """Gives a person another role, from their next click on."""
    return _person(call, staffing.set_role(call.app, name, asked.role, actor=call.actor, reason=asked.why))


@staff_acts.post("/people/{name}/leave", tags=["people"])
def leave(call: Staffing, name: PersonNamed, asked: Why) -> PersonForm:
    """Lets a person go: they and their tokens are out at once."""
    return _person(call, staffing.let_go(call.app, name, actor=call.actor, reason=asked.why))


@staff_acts.post("/people/{name}/out", tags=["people"])
def log_out(call: Staffing, name: PersonNamed, asked: Why) -> LoggedOut:
    """Logs a person out wherever they are logged in; they may come in again. Programs' tokens go on."""
    return {"ended": staffing.log_out(call.app, name, actor=call.actor, reason=asked.why)}


@staff_acts.post("/tokens/{token}/end", tags=["people"])
def end_token(call: Staffing, token: TokenNumbered, asked: Why) -> TokenEnded:
    """Takes a token back: it opens nothing from now on."""
    api_tokens.end_token(call.app, token, actor=call.actor, reason=asked.why)
    return {"ended": token}


@staff_acts.post("/channels/{name}/slots", tags=["channels"])
def set_slots(call: Connecting, name: ChannelNamed, asked: NewSlots) -> SlotsForm:
    """Sets a channel's week; what is planned keeps its moment."""
    slot_edits.set_slots(call.app, name, asked.slots, actor=call.actor, reason=asked.why)
    return _slots(call, name, slot_edits.week_of(call.app, name))


@staff_acts.post("/channels/{name}/slots/settings", tags=["channels"])
def use_settings(call: Connecting, name: ChannelNamed, asked: Why) -> SlotsForm:
    """Lets the slots of settings.toml count again."""
    slot_edits.use_settings_slots(call.app, name, actor=call.actor, reason=asked.why)
    return _slots(call, name, slot_edits.week_of(call.app, name))


def _person(call: Call, one: Person) -> PersonForm:
    return {
        "name": one.name,
        "role": Role(one.role),
        "has_password": one.password_hash is not None,
        "has_second_factor": one.totp_sealed is not None,
        "since": call.times.iso(one.created_at),
        "left_at": call.times.iso(one.left_at),
    }


def _slots(call: Call, name: str, week: Week) -> SlotsForm:
    return {
        "channel": name,
        "slots": list(lines_of(week.slots)),
        "settings": list(lines_of(week.settings)),
        "set_by": week.set_by or None,
        "set_at": call.times.iso(week.set_at),
    }
