"""What people see and change of themselves: password, language, second factor, where they are logged in."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from desk.web.door.devices import device_of
from desk.web.door.visitor import Visitor
from desk.web.pages.page import Page, Reader
from scheduler.newsroom.grounds import Refused
from scheduler.people import own, totp
from scheduler.people.passwords import WeakPassword
from scheduler.people.roles import Permission
from templates.desk_texts import languages

routes = APIRouter()


@routes.get("/account")
def account(visitor: Reader) -> Response:
    """The page."""
    return _page(visitor)


@routes.post("/account/password")
def password(visitor: Reader) -> Response:
    """Another password."""
    new = _said(visitor, "password")
    if new != _said(visitor, "again"):
        return _page(visitor, fault=visitor.words("link.no.again"))
    try:
        own.change_password(visitor.app, visitor.inside, _said(visitor, "old"), new, actor=visitor.actor)
    except (Refused, WeakPassword) as no:
        return _page(visitor, fault=str(no))
    return visitor.go("/account", done="password_changed")


@routes.post("/account/language")
def language(visitor: Reader) -> Response:
    """Another language of the pages."""
    chosen = _said(visitor, "language")
    if chosen in ("", *languages()):
        own.choose_language(visitor.app, visitor.inside, chosen, actor=visitor.actor)
    return visitor.go("/account", done="language_chosen")


@routes.post("/account/code")
def code(visitor: Reader) -> Response:
    """A second factor, or none any more."""
    secret, given = _said(visitor, "secret"), _said(visitor, "password")
    try:
        if "drop" in visitor.form:
            own.drop_second_factor(visitor.app, visitor.inside, given, actor=visitor.actor)
            return visitor.go("/account", done="code_dropped")
        own.set_second_factor(visitor.app, visitor.inside, given, secret, _said(visitor, "code"), actor=visitor.actor)
    except Refused as no:
        return _page(visitor, fault=str(no), secret=secret)
    return visitor.go("/account", done="code_set")


@routes.post("/account/visits/{number}/end")
def end_visit(visitor: Reader, number: int) -> Response:
    """Out of one other browser."""
    try:
        own.end_visit(visitor.app, visitor.inside, number, actor=visitor.actor)
    except Refused as no:
        return _page(visitor, fault=str(no))
    return visitor.go("/account", done="visit_ended")


@routes.post("/account/others")
def others(visitor: Reader) -> Response:
    """Out everywhere but here."""
    ended = own.end_others(visitor.app, visitor.inside, actor=visitor.actor)
    return visitor.go("/account", done="others_ended", n=ended)


def _page(visitor: Visitor, *, fault: str = "", secret: str = "") -> Response:
    person = visitor.inside.person
    fresh = secret if len(secret) == 32 and secret.isalnum() else totp.new_secret()
    values = {
        "fault": fault,
        "visits": [(one, device_of(one.browser)) for one in own.my_visits(visitor.app, visitor.inside)],
        "languages": languages(),
        "secret": fresh,
        "otpauth": totp.address_for(fresh, person.name, visitor.app.settings.newsroom.name),
        "address": "/account",
    }
    return visitor.page("account.html", values, status=422 if fault else 200)


def _said(visitor: Visitor, name: str) -> str:
    return str(visitor.form.get(name, ""))


PAGE = Page("account", "/account", Permission.READ, routes, in_menu=False)
