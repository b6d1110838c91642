"""The desk's cookies: the visit's token, the token of a browser that was let in before, and the log-in form's own."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import HTTPConnection
from starlette.responses import Response

from desk.web.door.origin import Origin

VISIT, BROWSER, FORM = "visit", "browser", "form"
_KEEP = {VISIT: timedelta(days=14), BROWSER: timedelta(days=365), FORM: timedelta(hours=12)}


def name_of(word: str, origin: Origin) -> str:
    """A cookie's name. Over https browsers bind ``__Host-`` to this host; on a machine, ports do not tell cookies apart."""
    if origin.scheme == "https":
        return f"__Host-pressrun-{word}"
    port = origin.netloc.removeprefix(f"[{origin.host}]").removeprefix(origin.host).lstrip(":")
    return f"pressrun-{port if port.isdecimal() else '80'}-{word}"


def read(request: HTTPConnection, word: str, origin: Origin) -> str | None:
    """A cookie's value, None where the browser has none."""
    return request.cookies.get(name_of(word, origin)) or None


def keep(response: Response, word: str, value: str, origin: Origin) -> None:
    """Has the browser keep it, out of scripts' reach and of other sites'. The visit's goes along a link from a mail."""
    response.set_cookie(
        name_of(word, origin),
        value,
        max_age=int(_KEEP[word].total_seconds()),
        path="/",
        secure=origin.scheme == "https",
        httponly=True,
        samesite="lax" if word == VISIT else "strict",
    )


def drop(response: Response, word: str, origin: Origin) -> None:
    """Has the browser forget it."""
    response.delete_cookie(
        name_of(word, origin), path="/", secure=origin.scheme == "https", httponly=True, samesite="lax"
    )
