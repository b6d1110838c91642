"""People: who may come into the desk and as what; add, change a role, send a new link, let go and back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from desk.web.door.visitor import Visitor, may
from desk.web.pages.page import Page
from scheduler.newsroom.grounds import Refused
from scheduler.people import staffing
from scheduler.people.roles import MAY, Permission, Role
from scheduler.people.staffing import LINK_LASTS, Invited

routes = APIRouter()
Staffer = Annotated[Visitor, Depends(may(Permission.PEOPLE))]


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


@routes.post("/people/leave")
def leave(visitor: Staffer) -> Response:
    """Lets somebody go: they are out at once."""
    staffing.let_go(visitor.app, _name(visitor), actor=visitor.actor, reason=str(visitor.form.get("why", "")))
    return visitor.go("/people", done="let_go")


@routes.post("/people/back")
def back(visitor: Staffer) -> Response:
    """Lets somebody in again, with a new link."""
    return _page(visitor, invited=staffing.let_back(visitor.app, _name(visitor), actor=visitor.actor))


def _page(
    visitor: Visitor, *, invited: Invited | None = None, wrong: str = "", name: str = "", status: int = 200
) -> Response:
    everybody = staffing.everybody(visitor.app)
    values = {
        "staff": [one for one in everybody if one.left_at is None],
        "gone": [one for one in everybody if one.left_at is not None],
        "roles": [(one.value, visitor.words(f"role.{one.value}")) for one in Role],
        "rights": [(one.value, sorted(MAY[one], key=list(Permission).index)) for one in Role],
        "permissions": list(Permission),
        "invited": invited,
        "address": f"{visitor.origin.text}/enter/{invited.token}" if invited is not None else "",
        "link_days": LINK_LASTS.days,
        "wrong": wrong,
        "name": name,
    }
    return visitor.page("people.html", values, status=status)


def _name(visitor: Visitor) -> str:
    return str(visitor.form.get("name", ""))


def _role(visitor: Visitor) -> Role:
    """The role that the form names. Raises ``Refused``."""
    try:
        return Role(str(visitor.form.get("role", "")))
    except ValueError:
        raise Refused(f"There is no such role; choose one of {', '.join(Role)}.") from None


PAGE = Page("people", "/people", Permission.PEOPLE, routes, icon="people")
