"""The one door to HTTP: a ``requests`` session that both platform SDKs are given instead of their own.

It adds what neither has: the address rewritten before signing, one total deadline, no redirects, no proxies or
netrc from the environment, no cookies, the last answer kept, tokens out of the address, nothing logged, never a
second try. In rehearsal it does not leave this machine. A request that brings no whole answer raises ``WireFault``,
which says for certain whether a byte of it left.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from channels.line import PlainPool, Stage, TlsPool, is_home, watched
from channels.masking import hush_libraries
from db.records import Mode

KEPT_BODY: Final = 64 * 1024
"""So much of an answer is kept for the log."""

LARGEST_BODY: Final = 8 * 1024 * 1024
"""An answer longer than this is not read to its end: it is no answer of a platform."""

IDLE_LIMIT: Final = 3.0
"""Seconds after which a kept connection is not trusted with a request any more: the far side may have closed it."""

_TOLERANCE: Final = 0.02
"""The socket's own timeout may strike so many seconds before the watchman; both mean the deadline."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer: status, headers (any case), at most ``KEPT_BODY`` bytes of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def content(self) -> Any:
        """The body as JSON, or None when it is none (HTML, empty, cut short)."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def says_json(self) -> bool:
        """Whether it calls itself JSON; what says success and does not may come from a machine in between."""
        return "json" in self.headers.get("content-type", "").lower()

    def text(self) -> str:
        """The body as text, for people."""
        return self.body.decode("utf-8", "replace")

    def date_at(self) -> datetime | None:
        """The Date header in UTC; None where it is missing or nonsense."""
        try:
            date = parsedate_to_datetime(self.headers["date"])
        except (KeyError, ValueError, TypeError):
            return None
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)


class WireFault(requests.ConnectionError):
    """No whole answer came. ``left`` says whether a byte of the request left; ``code`` and the text say why."""

    def __init__(self, code: str, text: str, *, left: bool) -> None:
        super().__init__(text)
        self.code = code
        self.left = left


class _Refused(Exception):
    """Our own rule forbids the address."""


class _TooLong(Exception):
    """The answer is longer than any platform's."""


class PinnedSession(requests.Session):
    """One account's session; used by one thread at a time.

    ``rewrites`` maps address beginnings to others (the SDKs' fixed hosts to the configured one). ``deadline``
    bounds one request, or all requests inside ``with within(span)``. With ``bearer`` an ``access_token`` parameter
    is taken out of query and body and sent as ``Authorization: Bearer``.
    """

    def __init__(self, rewrites: Mapping[str, str], *, deadline: timedelta, mode: Mode, bearer: bool = False) -> None:
        super().__init__()
        hush_libraries()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.last: Answer | None = None
        self._rewrites = {old.rstrip("/"): new.rstrip("/") for old, new in rewrites.items()}
        self._deadline = deadline
        self._mode = mode
        self._bearer = bearer
        self._until: float | None = None
        self._door = _Door(self)
        self.mount("https://", self._door)
        self.mount("http://", self._door)

    @contextmanager
    def within(self, span: timedelta) -> Iterator[None]:
        """All requests inside share one total deadline."""
        before, self._until = self._until, time.monotonic() + span.total_seconds()
        try:
            yield
        finally:
            self._until = before

    def forget(self) -> None:
        """Forgets the last request: before a call that may end without making one."""
        self.last = None
        self._door.left = False

    def unsendable(self, error: Exception) -> WireFault:
        """The fault for an error that is no answer; whether a byte of the last request left is known all the same."""
        text = f"the request could not be made ({type(error).__name__})"
        return WireFault("unsendable", text, left=self._door.left)

    def request(self, method: str, url: str, **kw: Any) -> requests.Response:  # type: ignore[override]
        """One request, never repeated, never redirected. Raises ``WireFault`` and nothing else."""
        self.forget()
        kw.update(timeout=None, allow_redirects=False, proxies=None, stream=False)
        if self._bearer:
            _move_token(kw)
        try:
            response = super().request(method, self._rewritten(url), **kw)
        except WireFault:
            raise
        except Exception as error:  # a body, address or header that cannot be put on the wire
            raise self.unsendable(error) from None
        body = response.content or b""
        self.last = Answer(response.status_code, CaseInsensitiveDict(response.headers), body[:KEPT_BODY])
        return response

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None: an answer that points elsewhere is kept as the answer."""
        return None

    def until(self) -> float:
        """The moment, on the monotonic clock, at which the request that starts now must be over."""
        return self._until if self._until is not None else time.monotonic() + self._deadline.total_seconds()

    def must_stay_home(self) -> bool:
        """True in rehearsal: no packet leaves this machine, not even a question for a name."""
        return self._mode is not Mode.LIVE

    def _rewritten(self, url: str) -> str:
        for old, new in self._rewrites.items():
            if url == old or url.startswith((old + "/", old + "?")):
                return new + url[len(old) :]
        return url


def _move_token(kw: dict[str, Any]) -> None:
    """Moves ``access_token`` from copies of query and body into a header."""
    headers = dict(kw.get("headers") or {})
    for place in ("params", "data"):
        values = kw.get(place)
        if isinstance(values, Mapping) and "access_token" in values:
            headers["Authorization"] = f"Bearer {values['access_token']}"
            kw[place] = {name: value for name, value in values.items() if name != "access_token"}
    kw["headers"] = headers


class _Door(HTTPAdapter):
    """Carries one request over a watched connection and reads the whole answer before it returns."""

    def __init__(self, session: PinnedSession) -> None:
        self.left = False
        self._session = session
        self._used_at = time.monotonic()
        super().__init__(pool_connections=2, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kw: Any) -> None:
        """Gives the pool manager the watched connections."""
        super().init_poolmanager(*args, **kw)
        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": TlsPool}

    def send(self, request: requests.PreparedRequest, *args: Any, **kw: Any) -> requests.Response:
        """The answer, wholly read; ``WireFault`` otherwise."""
        if time.monotonic() - self._used_at > IDLE_LIMIT:
            self.poolmanager.clear()
        until = self._session.until()
        span = max(0.0, until - time.monotonic())
        with watched(until, stay_home=self._session.must_stay_home()) as call:
            try:
                _check_address(request.url or "", stay_home=call.stay_home)
                response = super().send(
                    request, stream=True, timeout=call.remaining(), verify=kw.get("verify", True), proxies={}
                )
                _read(response)
                call.remaining()  # a line cut within the headers looks like an answer that ends there
            except Exception as error:
                self.poolmanager.clear()
                late = call.severed or time.monotonic() > until - _TOLERANCE
                raise _fault(error, call.stage, late, span) from None
            finally:
                self.left = call.left
                self._used_at = time.monotonic()
        return response


def _check_address(url: str, *, stay_home: bool) -> None:
    parts = urlsplit(url)
    if stay_home and not is_home(parts.hostname or ""):
        raise _Refused(
            f"in rehearsal nothing leaves this machine, and {parts.hostname} is not on it; "
            "let base_url name the rehearsal platforms or set mode to live"
        )
    if parts.scheme != "https" and not is_home(parts.hostname or ""):
        raise _Refused(f"{parts.hostname} would be called without encryption; begin base_url with https://")


def _read(response: requests.Response) -> None:
    """Reads the body to its end within the limit, and hands it to the response."""
    pieces: list[bytes] = []
    length = 0
    for piece in response.iter_content(64 * 1024):
        length += len(piece)
        if length > LARGEST_BODY:
            response.close()
            raise _TooLong
        pieces.append(piece)
    response._content = b"".join(pieces)


_BEFORE: Final = {
    Stage.READY: ("deadline", "the time was over before it began"),
    Stage.NAME: ("name", "its name was not found"),
    Stage.CONNECT: ("connect", "no connection came about"),
    Stage.TLS: ("tls", "no safe connection came about (TLS)"),
}
"""What to say of a request that never left, by how far it came."""


def _fault(error: Exception, stage: Stage, late: bool, span: float) -> WireFault:
    """The fault for ``error``: the side of the line from the connection's note, the reason from the error."""
    if isinstance(error, _Refused):
        return WireFault("refused address", str(error), left=False)
    if stage is not Stage.LEFT:
        code, text = _BEFORE[stage]
        return WireFault(code, text, left=False)
    if isinstance(error, _TooLong):
        return WireFault("too long", "the answer was too long to be one", left=True)
    if late or isinstance(error, requests.Timeout):
        return WireFault("deadline", f"no whole answer came within {span:.3g} s", left=True)
    return WireFault("cut", "the line was cut before the whole answer came", left=True)
