"""Who asks for a page, checked before the page does anything: our host, our own form, a standing visit, the permission.

A page's function takes ``Annotated[Visitor, Depends(may(Permission.READ))]``. The verb asks the same question again of
``visitor.actor``: a page that forgot to ask could still do nothing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from db import stops
from db.records import Mode
from desk.web.door import cookies
from desk.web.door.done_of import done_of
from desk.web.door.door import Door
from desk.web.door.origin import Origin, is_from_our_pages
from desk.web.door.times import PageTimes
from scheduler.app import App
from scheduler.needs import count_needs
from scheduler.people import entering
from scheduler.people.actor import Actor, NotAllowed
from scheduler.people.entering import Inside
from scheduler.people.roles import Permission
from scheduler.people.tokens import form_token, same
from templates.desk_words import DeskWords, wanted_language, words_in

MOST_FIELDS, MOST_FILES, MOST_BYTES = 2_000, 20, 32_000_000
MOST_BEFORE_THE_DOOR = 20_000
_READING = ("GET", "HEAD")


class Outside(Exception):
    """Nobody is logged in here; ``back_to`` is where to go afterwards."""

    def __init__(self, back_to: str) -> None:
        super().__init__(back_to)
        self.back_to = back_to


class Shut(Exception):
    """The request may not come in at all; ``word`` names the sentence."""

    def __init__(self, word: str, status: int = 403) -> None:
        super().__init__(word)
        self.word, self.status = word, status


@dataclass(frozen=True)
class Caller:
    """Anybody who asks, logged in or not: the way pages of the door are made."""

    door: Door
    request: Request
    origin: Origin
    form: FormData = field(default_factory=FormData)

    @property
    def app(self) -> App:
        """The newsroom."""
        return self.door.app

    @cached_property
    def words(self) -> DeskWords:
        """The language that the browser asks for, else the newsroom's, or English."""
        return words_in(self.asked_language or self.app.settings.newsroom.language)

    @property
    def asked_language(self) -> str:
        """What the browser asks for among the languages that the desk has, "" for none of them."""
        return wanted_language(self.request.headers.get("accept-language", ""))

    @cached_property
    def times(self) -> PageTimes:
        """Times as this page shows them."""
        return PageTimes(self.app.settings.newsroom.zone, self.app.clock.now(), self.words)

    @property
    def address(self) -> str:
        """Where this page is read again, "" for one that a form brought."""
        return _address(self.request) if self.request.method in _READING else ""

    def values(self) -> dict[str, Any]:
        """What every template finds."""
        modes = self.app.modes()
        return {
            "newsroom": self.app.settings.newsroom.name,
            "live": bool(modes.get(Mode.LIVE)),
            "modes": modes,
            "times": self.times,
            "here": self.request.url.path,
            "address": self.address,
            "inside": None,
            "form_token": "",
            "done": self._done(),
            "done_of": None,
        }

    def page(self, template: str, values: Mapping[str, Any] | None = None, *, status: int = 200) -> Response:
        """A page from templates/desk, e.g. ``today.html``."""
        return self.door.pages.answer(
            self.request, template, self.words, {**self.values(), **(values or {})}, status=status
        )

    def go(self, address: str, done: str = "", **said: object) -> Response:
        """To another page of ours, which says that it is ``done``: a name under ``done`` in the catalogue."""
        if done:
            address += ("&" if "?" in address else "?") + urlencode({"done": done, **said})
        return RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})

    def _done(self) -> str:
        """The sentence on what was just done; whatever an address says, it can only be one of the catalogue's."""
        word = f"done.{self.request.query_params.get('done', '')}"
        if word not in self.words:
            return ""
        counts = {name: self._count(name) for name in ("n", "new", "revised", "same")}
        return self.words(word, **counts)

    def _count(self, name: str) -> int:
        number = self.request.query_params.get(name, "1")
        return int(number) if number.isdecimal() and len(number) < 7 else 1


@dataclass(frozen=True)
class Visitor(Caller):
    """Somebody who is logged in and may what the page needs. ``form`` is what they sent, checked to be ours."""

    inside: Inside = field(kw_only=True)
    token: str = field(kw_only=True, repr=False)

    @property
    def actor(self) -> Actor:
        """For the verbs."""
        return self.inside.actor

    @cached_property
    def words(self) -> DeskWords:
        """The person's own language, else what the browser asks for, else the newsroom's."""
        return words_in(self.inside.person.language or self.asked_language or self.app.settings.newsroom.language)

    def may(self, permission: Permission) -> bool:
        """Whether to show what needs this permission."""
        return self.actor.may(permission)

    def values(self) -> dict[str, Any]:
        """With who is in, the menu, the token for forms, and which story it was that something was done with."""
        values = super().values()
        asked = self.request.query_params
        of = done_of(self.app, asked, self.times, self.words) if values["done"] else None
        if of is not None:
            values |= {"done": of.sentence(self.words, asked.get("done", ""), values["done"]), "done_of": of}
        with self.app.ground.reading() as tx:
            pause = stops.pause_of_everything(tx, self.app.clock.now())
        return {
            **values,
            "inside": self.inside,
            "pause": pause,
            "may": lambda word: self.may(Permission(word)),
            "menu": self.door.menu(self),
            "needs_count": count_needs(self.app),
            "form_token": form_token(self.token),
        }


def called(request: Request) -> Caller:
    """Anybody at our own host. Raises ``Shut``."""
    door: Door = request.app.state.door
    origin = door.origin(request)
    if not door.knows_host(origin):
        raise Shut("host", 421)
    if not origin.is_safe:
        raise Shut("unsafe")
    return Caller(door, request, origin)


def known(caller: Caller) -> Visitor | None:
    """Who is logged in here, whatever they may; None for nobody. Raises what reading a visit raises."""
    token = cookies.read(caller.request, cookies.VISIT, caller.origin)
    inside = entering.who(caller.app, token) if token is not None else None
    if inside is None or token is None:
        return None
    return Visitor(caller.door, caller.request, caller.origin, inside=inside, token=token)


async def called_with_form(request: Request) -> AsyncIterator[Caller]:
    """Anybody who sends the log-in form: ours, by what the browser says and by the token in cookie and form."""
    caller = called(request)
    form = await _form(caller, MOST_BEFORE_THE_DOOR)
    kept = cookies.read(request, cookies.FORM, caller.origin)
    if kept is None or not same(str(form.get("form_token", "")), form_token(kept)):
        raise Shut("form")
    yield Caller(caller.door, request, caller.origin, form)


def may(permission: Permission) -> Callable[[Request], AsyncIterator[Visitor]]:
    """A dependency: who asks, if they are in and may. Raises ``Outside``, ``NotAllowed``, ``Shut``."""

    async def visitor(request: Request) -> AsyncIterator[Visitor]:
        caller = called(request)
        there = await run_sync(known, caller)
        if there is None:
            raise Outside(_back_to(request))
        form, inside = FormData(), there.inside
        try:
            if request.method not in _READING:
                form = await _form(caller)
                if not same(str(form.get("form_token", "")), form_token(there.token)):
                    raise Shut("form")
            if not inside.actor.may(permission):
                raise NotAllowed(inside.actor, permission)
            yield replace(there, form=form)
        finally:
            await form.close()  # uploads are files

    visitor.__dict__["permission"] = permission
    return visitor


async def _form(caller: Caller, most: int = MOST_BYTES) -> FormData:
    """What a form of ours sent. Raises ``Shut`` for one that is not ours, or too long."""
    request = caller.request
    if not is_from_our_pages(request, caller.origin):
        raise Shut("foreign")
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > most:
        raise Shut("long", 413)
    return await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=most)


def _back_to(request: Request) -> str:
    return _address(request) if request.method in _READING else "/"


def _address(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.url.path}{query}"
