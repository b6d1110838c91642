"""What readers may reach: subscribe, confirm, choose, leave, read earlier issues. No cookie, no script, nothing of the desk.

GET shows a page and changes nothing, since mail scanners open every link. The one-click address of RFC 8058 leaves
the list at a POST whatever its body's form (multipart, urlencoded or none: the token says it all), answers 200 and
never redirects. Nothing here tells whether an address is known.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from starlette.formparsers import MultiPartException, MultiPartParser

from channels.email.addresses import BadAddress
from channels.email.links import BadToken
from db.session import Ground, GroundLost
from desk.web.callers import Limiter, caller_of
from scheduler import choosing, joining
from scheduler.choosing import Less, NoSubscription
from scheduler.joining import Form, Joining, TooLate
from scheduler.leaving import leave, list_of
from scheduler.public_lists import PublicList
from templates.public_pages import Frame, Link, Option, PublicPages

LONGEST_FORM = 64_000
"""Bytes of a form; no page of ours has a longer one."""
MOST_FIELDS = 2_000
LESS_DAYS = 30
LEAST_SECONDS = 0.2
"""A form is answered after whole multiples of this: how long the work took would tell whether the address is known."""
READ = ["GET", "HEAD"]


@dataclass(frozen=True, slots=True)
class PublicDoor:
    """What the public pages need. ``joining.keys`` are the present link key and all older ones."""

    ground: Ground
    now: Callable[[], datetime]
    joining: Joining = field(repr=False)
    lists: Mapping[str, PublicList]
    newsroom: str
    language: str
    pages: PublicPages
    public_url: str = ""
    postal_address: str = ""
    wording: str = ""
    privacy_url: str = ""
    keep_ip: bool = False
    proxies: Sequence[str] = ()
    limiter: Limiter = field(default_factory=Limiter)

    def frame(self, to: PublicList | None = None, *, listed: bool = False, feed: bool = False) -> Frame:
        """What stands around a page of this list, or of none."""
        return Frame(
            newsroom=self.newsroom,
            language=(to.language if to else "") or self.language,
            postal_address=self.postal_address,
            newsletter=to.title if to else "",
            feed=f"/n/{to.slug}/feed.xml" if to and feed else "",
            listed=listed,
        )

    def words(self, to: PublicList | None = None) -> dict[str, Any]:
        """The words of this list's language."""
        return self.pages.words((to.language if to else "") or self.language)

    def by_slug(self, slug: str) -> PublicList | None:
        """The list at this place in addresses, or None."""
        return next((one for one in self.lists.values() if one.slug == slug), None)

    def named(self, list_name: str) -> PublicList:
        """The list of this name; one that the settings no longer have still says its name."""
        known = self.lists.get(list_name)
        if known is not None:
            return known
        some = next(iter(self.lists.values()), None)
        return _bare(list_name, self.language, some)

    def newsletters(self) -> HTMLResponse:
        """The page of all newsletters."""
        links = [Link(f"/n/{one.slug}", one.title) for one in self.lists.values()]
        return self.html(self.pages.newsletters(self.frame(listed=True), links), listed=True)

    def html(self, page: str, *, status: int = 200, retry: int | None = None, listed: bool = False) -> HTMLResponse:
        """The page with its strict headers."""
        headers = {
            "Cache-Control": "public, max-age=300" if listed else "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": f"default-src 'none'; style-src {self.pages.style_hash}; form-action 'self'; "
            "frame-ancestors 'none'; base-uri 'none'",
        }
        if not listed:
            headers["X-Robots-Tag"] = "noindex"
        else:
            headers["X-Robots-Tag"] = "all"
        if status == 503:
            retry = 300
        if retry is not None:
            headers["Retry-After"] = str(retry)
        return HTMLResponse(page, status_code=status, headers=headers)

    def message(
        self, name: str, to: PublicList | None = None, *, status: int = 200, links: Sequence[Link] = ()
    ) -> HTMLResponse:
        """A page that says the sentence of this name under its title; where nothing is, the way to the newsletters."""
        words = self.words(to)
        if name == "nothing" and self.lists:
            links = (*links, Link("/n/", words["newsletters_title"]))
        title = f"{name}_title" if f"{name}_title" in words else _TITLES[name]
        filled = {"newsletter": to.title if to else "", "newsroom": self.newsroom}
        page = self.pages.message(
            self.frame(to),
            words[title].format(**filled),
            words[name].format(**filled),
            links=links,
            good=status == 200,
        )
        return self.html(page, status=status)


_TITLES = {"leave_done": "leave_title", "less_done": "less_title"}


def public_routes(door: PublicDoor) -> APIRouter:
    """The routes under ``/n/``, ``/c/`` and ``/u/``; to be included in an application of the caller's."""
    routes = APIRouter()

    @routes.api_route("/n", methods=READ, include_in_schema=False)
    @routes.api_route("/n/", methods=READ, include_in_schema=False)
    def newsletters() -> HTMLResponse:
        """All that can be subscribed to."""
        return door.newsletters()

    @routes.api_route("/n/{slug}", methods=READ, include_in_schema=False)
    def form(slug: str) -> HTMLResponse:
        """The form to subscribe."""
        to = door.by_slug(slug)
        return _subscribe_page(door, to) if to is not None else door.message("nothing", status=404)

    @routes.post("/n/{slug}", include_in_schema=False)
    async def subscribe(slug: str, request: Request) -> HTMLResponse:
        """Somebody asks; the answer says nothing of the address."""
        to = door.by_slug(slug)
        if to is None:
            return door.message("nothing", status=404)
        if not door.limiter.allows(caller_of(request, door.proxies)):
            return _too_many(door, to)
        began = time.monotonic()
        said = await read_form(request)
        ip = caller_of(request, door.proxies) if door.keep_ip else ""
        answer = await run_in_threadpool(_asked, door, to, said, ip)
        await asyncio.sleep(_until_step(time.monotonic() - began, LEAST_SECONDS))
        return answer

    @routes.api_route("/c/{token}", methods=READ, include_in_schema=False)
    def to_confirm(token: str) -> HTMLResponse:
        """The button that says yes."""
        try:
            to = door.named(joining.list_to_confirm(token, door.joining.keys))
        except BadToken:
            return door.message("broken", status=404)
        return door.html(door.pages.confirm(door.frame(to)))

    @routes.post("/c/{token}", include_in_schema=False)
    def yes(token: str, request: Request) -> HTMLResponse:
        """The person's yes."""
        ip = caller_of(request, door.proxies) if door.keep_ip else ""
        try:
            joined = joining.confirm(door.ground, token, door.joining, door.now(), ip=ip)
        except BadToken:
            return door.message("broken", status=404)
        except TooLate:
            to = door.named(joining.list_to_confirm(token, door.joining.keys))
            return door.message("late", to, status=410, links=_again(door, to))
        except GroundLost:
            return door.message("later", status=503)
        to = door.named(joined.list_name)
        choices = f"/p/{joining.reader_token(joined, door.joining.keys)}"
        return door.message("confirmed", to, links=(Link(choices, door.words(to)["choices_link"]),))

    @routes.api_route("/u/{token}", methods=READ, include_in_schema=False)
    def to_leave(token: str) -> HTMLResponse:
        """The page for people: leave, or have less."""
        try:
            to = door.named(list_of(token, door.joining.keys))
            return door.html(_leaving_page(door, token, to))
        except BadToken:
            return door.message("broken", status=404)
        except GroundLost:
            return door.html(door.pages.unsubscribe(door.frame(to), less_here="", choices=""))

    @routes.post("/u/{token}", include_in_schema=False)
    def left(token: str, request: Request) -> HTMLResponse:
        """Leaves the list: the button of the mail program, or of the page."""
        try:
            list_name = leave(
                door.ground,
                token,
                keys=door.joining.keys,
                suppression_key=door.joining.suppression_key,
                now=door.now(),
                source="unsubscribe link in the mail",
                ip=caller_of(request, door.proxies) if door.keep_ip else "",
            )
        except BadToken:
            return door.message("broken", status=404)
        except GroundLost:
            return door.message("later", status=503)
        to = door.named(list_name)
        return door.message("leave_done", to, links=_again(door, to))

    @routes.post("/u/{token}/less", include_in_schema=False)
    async def less(token: str, request: Request) -> HTMLResponse:
        """Less mail instead of none."""
        said = await read_form(request)
        return await run_in_threadpool(_lessened, door, token, said.get("less", ""))

    return routes


async def read_form(request: Request) -> dict[str, str]:
    """A form's fields; of one that came several times all values, by comma. What is no form, or too long, has none."""
    fields = await read_fields(request)
    return {name: ",".join(values) for name, values in fields.items()}


async def read_fields(request: Request) -> dict[str, list[str]]:
    """A form's fields with every value of each."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_FORM:
            return {}
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return await _multipart(request, bytes(body))
    try:
        return parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}


async def _multipart(request: Request, body: bytes) -> dict[str, list[str]]:
    """The same of a form that comes in parts, as a script on the newsroom's own site may send it; a file is none."""

    async def whole() -> AsyncGenerator[bytes]:
        yield body

    try:
        form = await MultiPartParser(request.headers, whole(), max_files=0, max_fields=MOST_FIELDS).parse()
    except (MultiPartException, KeyError, ValueError):
        return {}
    fields: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            fields.setdefault(name, []).append(value)
    return fields


def _until_step(took: float, step: float) -> float:
    """The seconds left until the next whole multiple of ``step``. Pure."""
    return step - took % step if step > 0 else 0.0


def _asked(door: PublicDoor, to: PublicList, said: Mapping[str, str], ip: str) -> HTMLResponse:
    answer = door.message("asked" if door.joining.double else "joined", to)
    if said.get("website", "").strip():
        return answer  # only a program fills a field that nobody sees
    address = said.get("email", "").strip()
    wording = _wording(door, to)
    try:
        form = Form(f"/n/{to.slug}", wording, ip)
        joining.ask(door.ground, to, address, "", to.language or door.language, form, door.joining, door.now())
    except (BadAddress, joining.UnsafeHeader):
        fault = door.words(to)["bad_address"]
        return _subscribe_page(door, to, address=address[:254], fault=fault, status=422)
    except GroundLost:
        return door.message("later", to, status=503)
    return answer


def _subscribe_page(
    door: PublicDoor, to: PublicList, *, address: str = "", fault: str = "", status: int = 200
) -> HTMLResponse:
    page = door.pages.subscribe(
        door.frame(to, listed=not fault, feed=True),
        here=f"/n/{to.slug}",
        archive=f"/n/{to.slug}/archive",
        wording=_wording(door, to),
        privacy_url=door.privacy_url,
        address=address,
        fault=fault,
    )
    return door.html(page, status=status, listed=not fault)


def _wording(door: PublicDoor, to: PublicList) -> str:
    """What people agree to by sending the form."""
    said: str = door.wording or door.words(to)["wording"].format(newsletter=to.title, newsroom=door.newsroom)
    return said


def _leaving_page(door: PublicDoor, token: str, to: PublicList) -> str:
    words, less = door.words(to), []
    try:
        now_chosen = choosing.standing(door.ground, token, door.joining.keys)
        less = choosing.offered(now_chosen.choices, to, door.now())
    except NoSubscription:
        return door.pages.unsubscribe(door.frame(to), less_here="", choices="")
    names = {Less.PAUSE: "less_pause", Less.WEEKLY: "less_weekly", Less.NO_ALERTS: "less_no_alerts"}
    return door.pages.unsubscribe(
        door.frame(to),
        less_here=f"/u/{token}/less",
        choices=f"/p/{token}",
        less=[Option(one.value, words[names[one]]) for one in less],
    )


def _lessened(door: PublicDoor, token: str, what: str) -> HTMLResponse:
    try:
        to = door.named(list_of(token, door.joining.keys))
        asked = Less(what)
        choosing.have_less(door.ground, token, asked, to, days=LESS_DAYS, keys=door.joining.keys, now=door.now())
    except BadToken:
        return door.message("broken", status=404)
    except NoSubscription:
        return door.message("gone", to, status=410, links=_again(door, to))
    except GroundLost:
        return door.message("later", status=503)
    except ValueError:
        return door.html(_leaving_page(door, token, to), status=422)
    return door.message("less_done", to, links=(Link(f"/p/{token}", door.words(to)["choices_link"]),))


def _again(door: PublicDoor, to: PublicList) -> tuple[Link, ...]:
    if to.name not in door.lists:
        return ()
    return (Link(f"/n/{to.slug}", door.words(to)["subscribe"]),)


def _too_many(door: PublicDoor, to: PublicList) -> HTMLResponse:
    answer = door.message("too_many", to, status=429)
    answer.headers["Retry-After"] = "600"
    return answer


def _bare(list_name: str, language: str, some: PublicList | None) -> PublicList:
    from db.records import Mode

    mode, zone = (some.mode, some.zone) if some is not None else (Mode.REHEARSAL, "UTC")
    return PublicList(list_name, "", list_name, "", mode, zone, language)
