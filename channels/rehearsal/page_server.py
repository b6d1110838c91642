"""The page that shows what each platform has published, and the control of a rehearsal over HTTP.

Only this machine may ask, and no web page of another site: the Host must be this server's, and a change must
be JSON from no foreign origin.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from channels.rehearsal import control, page
from channels.rehearsal.exchange import Answer, Request, json_answer
from channels.rehearsal.faults import FaultBook
from channels.rehearsal.rules_kept import RulesKept
from channels.rehearsal.store import Store

_ID = r"[A-Za-z0-9_]{1,64}"
_PAGES = re.compile(rf"/(x|facebook|mail|media)/({_ID})(?:/(html|raw))?")
_HOSTS = frozenset({"127.0.0.1", "localhost"})


class Where(Protocol):
    """The part of the addresses that the page needs."""

    @property
    def page_url(self) -> str:
        """Where the page is."""
        ...


class PageService:
    """The page and the control as one HTTP service."""

    platform = "page"

    def __init__(
        self, store: Store, rules: RulesKept, book: FaultBook, now: Callable[[], datetime], where: Callable[[], Where]
    ) -> None:
        self._store = store
        self._rules = rules
        self._book = book
        self._now = now
        self._where = where

    def kind(self, request: Request) -> str:
        """No fault ever strikes the page."""
        return "page"

    def answer(self, request: Request, lag: timedelta) -> Answer:
        """The page, a post, a picture, or what the control is asked for."""
        if urlsplit(f"http://{request.headers.get('host', '')}").hostname not in _HOSTS:
            return json_answer({"error": "Ask for this page as 127.0.0.1 or localhost."}, 421)
        if request.path.startswith("/rehearsal/"):
            return control.answer(self._store, self._rules, self._book, self._where().page_url, request)
        if request.method not in ("GET", "HEAD"):
            return json_answer({"error": "The page is only for reading; the control is under /rehearsal/."}, 405)
        if request.path == "/":
            return page.overview(self._store, self._rules.get(), self._book, self._now())
        if request.path == "/style.css":
            return page.style()
        if request.path == "/icon.svg":
            return page.icon()
        match = _PAGES.fullmatch(request.path)
        if match is None:
            return page.missing("")
        kind, id, view = match.groups()
        if kind == "media" and view is None:
            return page.picture(self._store, id)
        if kind == "mail":
            return page.mail(self._store, id, view)
        return page.post(self._store, kind, id, self._now()) if view is None and kind != "media" else page.missing("")

    def x_post_elsewhere(self, id: str) -> Answer:
        """The page of a post on X, for the X server's own address of it."""
        return page.post(self._store, "x", id, self._now(), root=self._where().page_url)

    def dress(self, request: Request, answer: Answer) -> Answer:
        """The headers of every answer of the page."""
        return answer.with_headers(page.HEADERS)
