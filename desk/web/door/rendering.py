"""How a page is made: its template with words, times and addresses at hand, and the headers a page has."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from desk.web.door.packing import VARY, packed
from desk.web.door.static import FOLDER, Static
from scheduler.aftermath import how_it_stands
from templates.desk_words import DeskWords

_NAME = re.compile(r"`([^`]+)`")
POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'; "
    "img-src 'self' data:; require-trusted-types-for 'script'; trusted-types pressrun"
)
PAGE_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",  # with no-referrer our own forms would send no Origin
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class Pages:
    """Renders the templates of templates/desk."""

    def __init__(self, static: Static) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["static"] = static.address
        self._environment.filters["iso"] = _iso
        self._environment.filters["stands"] = how_it_stands
        self._environment.filters["coded"] = coded

    def answer(
        self, request: Request, template: str, words: DeskWords, values: Mapping[str, Any], *, status: int = 200
    ) -> Response:
        """The page, or 304 where the caller has exactly this one (``If-None-Match``)."""
        body = self.text(template, words, values).encode()
        tag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'  # weak: packed and plain are the same page
        headers = {**PAGE_HEADERS, "ETag": tag, "Vary": VARY}
        if status == 200 and request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        small = packed(request, body)
        if small is not None:
            headers["Content-Encoding"] = "gzip"
        return HTMLResponse(body if small is None else small, status_code=status, headers=headers)

    def text(self, template: str, words: DeskWords, values: Mapping[str, Any]) -> str:
        """The page's HTML alone."""
        return self._environment.get_template(template).render(t=words, **values)


def marked(html: str) -> Markup:
    """HTML of our own making, which the template does not escape again."""
    return Markup(html)


def coded(text: str) -> Markup:
    """A text of ours whose names stand between backticks, as HTML: the names as code, the rest escaped."""
    return Markup(_NAME.sub(r"<code>\1</code>", str(escape(text))))


def _iso(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment is not None else ""
