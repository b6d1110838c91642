"""The one door to the web: a fetch is bounded in time, size, unpacked size and redirects, and goes through the gate."""

from __future__ import annotations

import re
import ssl
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpcore2

from scheduler.intake.errors import IntakeError
from scheduler.intake.gate import GatedNetwork, Resolve, resolve
from scheduler.intake.wanted import Fetch, Fetched, Wanted

__all__ = ["Fetch", "Fetched", "Fetcher", "Wanted", "host_of", "retry_after", "shown", "wire_url"]

SECONDS = 20.0
REDIRECTS = 5


class Fetcher:
    """A ``Fetch``. One fetch a host at a time; safe to share between threads.

    ``contact`` (an address or mail address of the newsroom) stands in the User-Agent, so that a site that
    minds can ask. ``seconds`` is the total for one fetch, redirects and all.
    """

    def __init__(self, *, contact: str, seconds: float = SECONDS, resolve: Resolve = resolve) -> None:
        self._agent = f"Pressrun/1 (+{re.sub(r'[^!-~]', '', contact)})" if contact else "Pressrun/1"
        self._seconds = seconds
        self._resolve = resolve
        self._hosts: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._tls: ssl.SSLContext | None = None

    def __call__(self, wanted: Wanted) -> Fetched:
        """Fetches. Raises ``IntakeError``."""
        host = _parts(wanted.url)[1].lower()
        with self._guard:
            turn = self._hosts.setdefault(host, threading.Lock())
        seconds = min(self._seconds, wanted.seconds or self._seconds)
        if not turn.acquire(timeout=seconds):
            raise IntakeError(f"{host} is still busy with our last fetch: it is asked again later.")
        try:
            return self._fetch(wanted, seconds)
        finally:
            turn.release()

    def _fetch(self, wanted: Wanted, seconds: float) -> Fetched:
        deadline = time.monotonic() + seconds
        url, seen = wanted.url, {wanted.url}
        for _ in range(REDIRECTS + 1):
            answer = self._once(url, wanted, deadline)
            if isinstance(answer, Fetched):
                return answer
            url = answer
            if url in seen:
                raise IntakeError(f"{shown(wanted.url)} leads in a circle: check the address.")
            seen.add(url)
        raise IntakeError(f"{shown(wanted.url)} leads on more than {REDIRECTS} times: give the address it ends at.")

    def _once(self, url: str, wanted: Wanted, deadline: float) -> Fetched | str:
        """One request: an answer, or the address it leads on to."""
        scheme, host, _ = _parts(url)
        network = GatedNetwork(local=wanted.local, deadline=deadline, resolve=self._resolve)
        headers = {"Host": host, "User-Agent": self._agent, "Accept": wanted.accept}
        headers |= {"Accept-Encoding": "gzip, deflate", "Connection": "close"}
        if url == wanted.url:
            headers |= {"If-None-Match": wanted.etag} if wanted.etag else {}
            headers |= {"If-Modified-Since": wanted.last_modified} if wanted.last_modified else {}
        context = self._context() if scheme == "https" else None
        wire_headers = [(name.encode(), value.encode("latin-1", "ignore")) for name, value in headers.items()]
        try:
            with (
                httpcore2.ConnectionPool(network_backend=network, ssl_context=context, retries=0) as pool,
                pool.stream("GET", wire_url(url), headers=wire_headers) as response,
            ):
                return self._answer(response, url, wanted, deadline)
        except (httpcore2.TimeoutException, TimeoutError):
            raise IntakeError(
                f"{shown(url)} did not answer within {min(self._seconds, wanted.seconds or self._seconds):.0f} s: it is asked "
                "again later."
            ) from None
        except httpcore2.ConnectError as error:
            raise IntakeError(_connect_sentence(url, error)) from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError, ValueError):
            raise IntakeError(f"{shown(url)} broke off its answer: it is asked again later.") from None

    def _answer(self, response: httpcore2.Response, url: str, wanted: Wanted, deadline: float) -> Fetched | str:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        if response.status in {301, 302, 303, 307, 308} and headers.get("location"):
            try:
                return _quoted(urljoin(url, headers["location"].strip()))
            except ValueError:
                raise IntakeError(f"{shown(url)} leads to an address that is none.") from None
        if response.status == 304 and (wanted.etag or wanted.last_modified):
            return Fetched(url, unchanged=True, etag=wanted.etag, last_modified=wanted.last_modified, headers=headers)
        if not 200 <= response.status < 300:
            raise IntakeError(
                _status_sentence(response.status, url), retry_after=retry_after(headers), status=response.status
            )
        body = _body(response.iter_stream(), headers, url, wanted.most, deadline)
        media_type, _, rest = headers.get("content-type", "").partition(";")
        charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", rest, re.IGNORECASE)
        return Fetched(
            url=url,
            body=body,
            media_type=media_type.strip().lower(),
            charset=charset[1].lower() if charset else "",
            etag=headers.get("etag"),
            last_modified=headers.get("last-modified"),
            headers=headers,
        )

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = httpcore2.default_ssl_context()
        return self._tls


def shown(url: str) -> str:
    """An address fit for a sentence: without user, password, query or fragment, and not endless."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "The address"
    text = urlunsplit((parts.scheme, f"{host}{port}", parts.path, "", ""))
    return text if len(text) <= 120 else text[:119] + "…"


def _parts(url: str) -> tuple[str, str, int]:
    """Scheme, host with port as the Host header has it, and port. Raises ``IntakeError`` for what is no address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        ascii_host = host if ":" in host else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise IntakeError("This is not a web address: it should look like https://example.org/story.") from None
    if parts.scheme.lower() not in {"http", "https"} or not host:
        raise IntakeError("This is not a web address: it should look like https://example.org/story.")
    bare = f"[{ascii_host}]" if ":" in ascii_host else ascii_host
    usual = 443 if parts.scheme.lower() == "https" else 80
    return parts.scheme.lower(), bare if port in (None, usual) else f"{bare}:{port}", port or usual


def host_of(url: str) -> str:
    """The Host header of an address, with its port where that is not the usual one. Raises ``IntakeError``."""
    return _parts(url)[1]


def wire_url(url: str) -> httpcore2.URL:
    """An address as it goes on the wire. Raises ``IntakeError`` for what is none."""
    scheme, host, port = _parts(url)
    parts = urlsplit(_quoted(url))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    name = re.sub(r":\d+$", "", host) if not host.endswith("]") else host
    return httpcore2.URL(scheme=scheme.encode(), host=name.encode(), port=port, target=target.encode("ascii", "ignore"))


def _quoted(url: str) -> str:
    """Letters that may not stand in an address as they are, percent-encoded; what is encoded stays."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, _escaped(parts.path), _escaped(parts.query), ""))


def _escaped(text: str) -> str:
    def escape(match: re.Match[str]) -> str:
        return "".join(f"%{byte:02X}" for byte in match.group().encode("utf-8", "replace"))

    return re.sub(r"[^!#-;=?-\[\]_a-z~]", escape, text)


def _body(chunks: Iterator[bytes], headers: Mapping[str, str], url: str, most: int, deadline: float) -> bytes:
    """The unpacked body, never more than ``most``: a bomb is refused before it has grown."""
    coding = headers.get("content-encoding", "").strip().lower()
    if coding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
        raise IntakeError(f"{shown(url)} answers in an encoding we did not ask for ({coding[:20]}).")
    unpack = _Unpacker(coding) if coding not in {"", "identity"} else None
    body = bytearray()
    for chunk in chunks:
        if time.monotonic() > deadline:
            raise httpcore2.ReadTimeout("the time for this fetch is over")
        try:
            body += unpack(chunk, most + 1 - len(body)) if unpack else chunk
        except zlib.error:
            raise IntakeError(f"{shown(url)} sent a broken {coding} answer: it is asked again later.") from None
        if len(body) > most:
            raise IntakeError(f"{shown(url)} has more than {most / 1e6:.0f} MB: nothing that long is read.")
    if unpack and body and not unpack.whole:
        raise IntakeError(f"{shown(url)} sent a broken {coding} answer: it is asked again later.")
    return bytes(body)


class _Unpacker:
    """gzip or deflate, chunk by chunk, with a limit on what comes out. Raises ``zlib.error``."""

    def __init__(self, coding: str) -> None:
        self._may_be_raw = coding == "deflate"
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def __call__(self, chunk: bytes, most: int) -> bytes:
        """What ``chunk`` unpacks to, at most ``most`` bytes of it."""
        text = self._first(chunk, most)
        while self._stream.eof and self._stream.unused_data and len(text) < most:
            chunk = self._stream.unused_data
            self._stream = zlib.decompressobj(zlib.MAX_WBITS | 32)
            text += self._stream.decompress(chunk, most - len(text))
        return text

    def _first(self, chunk: bytes, most: int) -> bytes:
        try:
            return self._stream.decompress(chunk, most)
        except zlib.error:
            # Some servers send "deflate" without its zlib header (RFC 9110, section 8.4.1.2).
            if not self._may_be_raw:
                raise
            self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._stream.decompress(chunk, most)
        finally:
            self._may_be_raw = False

    @property
    def whole(self) -> bool:
        """True when the packed data has come to its own end."""
        return self._stream.eof


def _connect_sentence(url: str, error: Exception) -> str:
    said = str(error).lower()
    if "certificate" in said or "ssl" in said or "tls" in said:
        return f"{shown(url)} has no valid certificate: tell whoever runs it; nothing was read."
    if "not known" in said:
        return f"Nobody knows the name in {shown(url)}: check the address, or the network of this machine."
    return f"{shown(url)} cannot be reached: check the address, or the network of this machine."


def _status_sentence(status: int, url: str) -> str:
    reasons = {
        401: "asks for a password: use an address that is public",
        402: "asks to be paid first",
        403: "does not let us in: ask the site to allow our User-Agent",
        404: "is not there: check the address",
        410: "is gone for good: remove it from the settings, or give the new address",
        429: "says that we ask too often: it is asked again later",
        451: "may not be shown here for legal reasons",
    }
    if status in reasons:
        return f"{shown(url)} {reasons[status]} ({status})."
    if status >= 500:
        return f"{shown(url)} has trouble of its own ({status}): it is asked again later."
    return f"{shown(url)} answered {status}, which is no story: check the address."


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """RFC 9110, section 10.2.3: seconds or a date; never more than a day."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", value):
        return timedelta(seconds=min(int(value), 86_400))
    try:
        moment = parsedate_to_datetime(value)
        span = moment - (parsedate_to_datetime(headers["date"]) if "date" in headers else datetime.now(UTC))
    except (ValueError, TypeError, KeyError):
        return None
    return min(max(span, timedelta(0)), timedelta(days=1))
