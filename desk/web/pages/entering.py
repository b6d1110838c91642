"""The pages before the door: log in, the one-time links, log out. They say as little as they can."""

from __future__ import annotations

from math import ceil

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from db import people
from desk.web.callers import network_of
from desk.web.door import cookies
from desk.web.door.origin import Origin
from desk.web.door.visitor import Caller
from desk.web.pages.page import AnyCaller, Reader, Sender
from scheduler.people import entering
from scheduler.people.entering import LetIn, NotLetIn
from scheduler.people.passwords import WeakPassword
from scheduler.people.throttle import Comer
from scheduler.people.tokens import form_token, hash_of, new_token

routes = APIRouter()


@routes.get("/enter")
def ask(caller: AnyCaller, to: str = "/") -> Response:
    """The log-in form; who is in already goes on."""
    token = cookies.read(caller.request, cookies.VISIT, caller.origin)
    if token is not None and entering.who(caller.app, token) is not None:
        return caller.go(_inside(to))
    with caller.app.ground.reading() as tx:
        nobody = not people.any_admin(tx)
    return _form_page(caller, "enter.html", to=_inside(to), nobody=nobody)


@routes.post("/enter")
def log_in(caller: Sender) -> Response:
    """Lets in, or says in one sentence that it does not."""
    form, request = caller.form, caller.request
    name, to = str(form.get("name", "")), _inside(str(form.get("to", "/")))
    comer = Comer(name, network_of(caller.origin.address), _known_browser(caller, name))
    try:
        let = entering.log_in(
            caller.app,
            name,
            str(form.get("password", "")),
            str(form.get("code", "")),
            comer=comer,
            browser=_browser(request),
        )
    except NotLetIn as no:
        status = 429 if no.word == "wait" else 403
        seconds = ceil(no.wait.total_seconds())
        answer = _form_page(
            caller, "enter.html", status=status, to=to, name=name, no=no.word, wait=seconds, nobody=False
        )
        if seconds:
            answer.headers["Retry-After"] = str(seconds)
        return answer
    return _let_in(caller, let, to)


@routes.get("/enter/{token}")
def open_link(caller: AnyCaller, token: str) -> Response:
    """A one-time link. Opening it spends nothing: mail scanners and browsers look ahead."""
    try:
        purpose, person = entering.purpose_of(caller.app, token)
    except NotLetIn:
        return caller.page("shut.html", {"word": "link"}, status=404)
    return _form_page(caller, "link.html", purpose=purpose, person=person, token=token)


@routes.post("/enter/{token}")
def spend_link(caller: Sender, token: str) -> Response:
    """Spends the link: lets in, or keeps the password that was chosen and lets in."""
    try:
        purpose, person = entering.purpose_of(caller.app, token)
        if purpose == "enter":
            return _let_in(caller, entering.enter_by_link(caller.app, token, browser=_browser(caller.request)), "/")
        name, password = str(caller.form.get("name", "")).strip(), str(caller.form.get("password", ""))
        no = _fault_of(purpose, name, password, str(caller.form.get("again", "")))
        if not no:
            try:
                let = entering.choose_password(caller.app, token, name, password, browser=_browser(caller.request))
                return _let_in(caller, let, "/") if let is not None else caller.go("/enter", done="password_chosen")
            except WeakPassword as weak:
                no = str(weak)
        return _form_page(
            caller, "link.html", status=422, purpose=purpose, person=person, token=token, name=name, no=no
        )
    except NotLetIn:
        return caller.page("shut.html", {"word": "link"}, status=404)


@routes.post("/leave")
def log_out(visitor: Reader) -> Response:
    """Ends the visit."""
    entering.log_out(visitor.app, visitor.inside)
    answer = visitor.go("/enter")
    cookies.drop(answer, cookies.VISIT, visitor.origin)
    return answer


def _fault_of(purpose: str, name: str, password: str, again: str) -> str:
    """The catalogue's word for what is wrong with a form, "" for nothing."""
    if purpose == "setup" and not (name and name.isprintable() and len(name) <= people.NAME_LENGTH):
        return "name"
    return "" if password == again else "again"


def _form_page(caller: Caller, template: str, *, status: int = 200, **values: object) -> Response:
    """A page with a form before the door, and the cookie that its token belongs to."""
    kept = cookies.read(caller.request, cookies.FORM, caller.origin) or new_token()
    shown = {"name": "", "no": "", "wait": 0, **values, "form_token": form_token(kept)}
    answer = caller.page(template, shown, status=status)
    cookies.keep(answer, cookies.FORM, kept, caller.origin)
    return answer


def _let_in(caller: Caller, let: LetIn, to: str) -> Response:
    answer = RedirectResponse(to, status_code=303, headers={"Cache-Control": "no-store"})
    cookies.keep(answer, cookies.VISIT, let.token, caller.origin)
    secret = _browser_secret(caller.request, caller.origin) or new_token()
    with caller.app.ground.reading() as tx:
        person = people.by_id(tx, let.person.id)
    assert person is not None
    cookies.keep(answer, cookies.BROWSER, f"{secret}.{_proof(secret, person)}", caller.origin)
    return answer


def _proof(secret: str, person: people.Person) -> str:
    """That a browser was let in as this person, since their password was chosen."""
    return hash_of(f"{secret} {person.id} {person.password_hash}")


def _known_browser(caller: Caller, name: str) -> str | None:
    """The token of a browser that was let in as this person before."""
    secret = _browser_secret(caller.request, caller.origin)
    if secret is None:
        return None
    with caller.app.ground.reading() as tx:
        person = people.by_name(tx, name)
    held = cookies.read(caller.request, cookies.BROWSER, caller.origin) or ""
    return secret if person is not None and held.partition(".")[2] == _proof(secret, person) else None


def _browser_secret(request: Request, origin: Origin) -> str | None:
    return (cookies.read(request, cookies.BROWSER, origin) or "").partition(".")[0] or None


def _browser(request: Request) -> str:
    """What the browser calls itself, for the list of visits."""
    return request.headers.get("user-agent", "")[:200]


def _inside(to: str) -> str:
    """An address of ours to go on to; whatever else it is, the first page."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable() else "/"
