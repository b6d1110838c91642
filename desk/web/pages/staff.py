"""People: who may come into the desk and as what; add, change a role, send a new link, let go and back; and the tokens of programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from desk.web.door.visitor import Visitor, may
from desk.web.pages.page import Page
from scheduler.newsroom.grounds import Refused
from scheduler.people import api_tokens, staffing
from scheduler.people.api_tokens import MadeToken
from scheduler.people.roles import MAY, Permission, Role
from scheduler.people.staffing import LINK_LASTS, Invited
from scheduler.spans import parse_span

LASTS = ("30d", "90d", "365d", "always")
"""The lives of a token that the page offers."""

routes = APIRouter()
Staffer = Annotated[Visitor, Depends(may(Permission.PEOPLE))]


@dataclass(frozen=True, slots=True)
class TokenAsked:
    """What the form for a token holds."""

    program: str
    whose: str
    lasts: str
    scopes: tuple[str, ...]


@routes.get("/people")
def people(visitor: Staffer) -> Response:
    """Everybody who belongs or belonged to the desk."""
    return _page(visitor)


@routes.post("/people")
def add(visitor: Staffer) -> Response:
    """A new colleague; the page shows their link, once."""
    name = str(visitor.form.get("name", ""))
    try:
        made = staffing.add_person(visitor.app, name, _role(visitor), actor=visitor.actor)
    except Refused as fault:
        return _page(visitor, wrong=str(fault), name=name, status=409)
    return _page(visitor, invited=made)


@routes.post("/people/role")
def role(visitor: Staffer) -> Response:
    """Another role, from their next click on."""
    staffing.set_role(visitor.app, _name(visitor), _role(visitor), actor=visitor.actor)
    return visitor.go("/people", done="role_set")


@routes.post("/people/link")
def link(visitor: Staffer) -> Response:
    """A new link; with ``no_code`` their second factor is taken away."""
    no_code = "no_code" in visitor.form
    made = staffing.new_link(visitor.app, _name(visitor), actor=visitor.actor, no_code=no_code)
    return _page(visitor, invited=made)


@routes.post("/people/out")
def log_out(visitor: Staffer) -> Response:
    """Logs somebody out wherever they are logged in."""
    ended = staffing.log_out(visitor.app, _name(visitor), actor=visitor.actor)
    return visitor.go("/people", done="logged_out", n=ended)


@routes.post("/people/leave")
def leave(visitor: Staffer) -> Response:
    """Lets somebody go: they are out at once."""
    staffing.let_go(visitor.app, _name(visitor), actor=visitor.actor, reason=str(visitor.form.get("why", "")))
    return visitor.go("/people", done="let_go")


@routes.post("/people/back")
def back(visitor: Staffer) -> Response:
    """Lets somebody in again, with a new link."""
    return _page(visitor, invited=staffing.let_back(visitor.app, _name(visitor), actor=visitor.actor))


@routes.post("/people/tokens")
def make_token(visitor: Staffer) -> Response:
    """A token for a program; the page shows it, once."""
    asked = TokenAsked(
        str(visitor.form.get("program", "")),
        str(visitor.form.get("whose", "")),
        str(visitor.form.get("lasts", "")),
        tuple(str(one) for one in visitor.form.getlist("scope")),
    )
    try:
        made = api_tokens.make_token(
            visitor.app, asked.whose, asked.program, asked.scopes, actor=visitor.actor, lasts=_span(asked.lasts)
        )
    except Refused as fault:
        return _page(visitor, asked=asked, token_wrong=str(fault), status=409)
    return _page(visitor, made=made)


@routes.post("/people/tokens/{number}/end")
def end_token(visitor: Staffer, number: int) -> Response:
    """Takes a token back."""
    api_tokens.end_token(visitor.app, number, actor=visitor.actor, reason=str(visitor.form.get("why", "")))
    return visitor.go("/people", done="token_ended")


def _page(
    visitor: Visitor,
    *,
    invited: Invited | None = None,
    wrong: str = "",
    name: str = "",
    made: MadeToken | None = None,
    asked: TokenAsked | None = None,
    token_wrong: str = "",
    status: int = 200,
) -> Response:
    everybody = staffing.everybody(visitor.app)
    staff = [one for one in everybody if one.left_at is None]
    values = {
        "staff": staff,
        "gone": [one for one in everybody if one.left_at is not None],
        "roles": [(one.value, visitor.words(f"role.{one.value}")) for one in Role],
        "rights": [(one.value, sorted(MAY[one], key=list(Permission).index)) for one in Role],
        "permissions": list(Permission),
        "invited": invited,
        "link": f"{visitor.origin.text}/enter/{invited.token}" if invited is not None else "",
        "link_days": LINK_LASTS.days,
        "wrong": wrong,
        "name": name,
        "now": visitor.app.clock.now(),
        "tokens": api_tokens.tokens(visitor.app),
        "made": made,
        "asked": asked or TokenAsked("", visitor.inside.person.name, LASTS[1], (Permission.READ,)),
        "token_wrong": token_wrong,
        "people_names": [(one.name, one.name) for one in staff],
        "lasts": [(one, visitor.words(f"tokens.span.{one}")) for one in LASTS],
    }
    return visitor.page("people.html", values, status=status)


def _span(word: str) -> timedelta | None:
    """How long a token lives; None: until it is taken back. Raises ``Refused``."""
    if word not in LASTS:
        raise Refused("Choose how long the token opens the API.")
    return None if word == LASTS[-1] else parse_span(word)


def _name(visitor: Visitor) -> str:
    return str(visitor.form.get("name", ""))


def _role(visitor: Visitor) -> Role:
    """The role that the form names. Raises ``Refused``."""
    try:
        return Role(str(visitor.form.get("role", "")))
    except ValueError:
        raise Refused(f"There is no such role; choose one of {', '.join(Role)}.") from None


PAGE = Page("people", "/people", Permission.PEOPLE, routes, icon="people")
