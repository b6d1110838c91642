"""HTTP/1.1 on this machine: reads a request, lets a fault or the platform speak, writes the answer.

Every request goes through ``play``: the fault in line strikes before or after the platform has acted, and the
request is written to the log of the store.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import ClassVar
from urllib.parse import unquote_plus

from channels.rehearsal import line
from channels.rehearsal.catalogue import CATALOGUE, Wire
from channels.rehearsal.exchange import Answer, BadBody, Refused, Request, Service, json_answer
from channels.rehearsal.faults import Fault, FaultBook
from channels.rehearsal.plug import Plug
from channels.rehearsal.store import Store

LONGEST_BODY = 64 * 1024 * 1024
_LOGGED = 4_000
_SECRET = re.compile(
    r"((?:access_token|fb_exchange_token|client_secret|input_token|refresh_token|code|code_verifier)=)[^&\s]*"
)
_log = logging.getLogger(__name__)


class Stage:
    """What the handlers of one platform share: the service, the faults in line, the store and the clock."""

    def __init__(
        self, service: Service, book: FaultBook, store: Store, now: Callable[[], datetime], *, noted: bool = True
    ) -> None:
        self._noted = noted
        self.service = service
        self.book = book
        self.store = store
        self.now = now

    def perform(self, request: Request, lag: timedelta) -> Answer:
        """The platform's own answer. A defect of the rehearsal itself is answered 500 and logged as such."""
        try:
            answer = self.service.answer(request, lag)
        except Refused as refused:
            answer = refused.answer
        except BadBody as error:
            answer = json_answer({"title": "Invalid Request", "detail": str(error), "status": 400}, 400)
        except Exception:
            _log.exception("the rehearsal platform %s failed at %s", self.service.platform, request.path)
            return json_answer({"title": "Rehearsal defect", "detail": "See the log."}, 500)
        return answer if answer.bare else self.service.dress(request, answer)

    def replacement(self, request: Request, fault: Fault) -> Answer:
        """The answer that the fault puts in place of the true one."""
        entry = CATALOGUE[fault.name]
        if entry.make is None:
            return Answer(503, b"", None)
        answer = entry.make(self.now(), {**entry.arguments, **fault.arguments})
        return answer if answer.bare else self.service.dress(request, answer)

    def words(self, request: Request) -> str:
        """What a fault's ``containing`` is looked for in."""
        text = f"{request.path}?{request.query_string}\n{request.body[:100_000].decode('utf-8', 'replace')}"
        return text + "\n" + unquote_plus(text)

    def note(self, request: Request, kind: str, status: int, fault: Fault | None) -> None:
        """Writes the request to the log, tokens masked."""
        if not self._noted:
            return
        what = _SECRET.sub(r"\1***", request.path + ("?" + request.query_string if request.query_string else ""))
        body = ""
        if request.content_type in ("application/json", "application/x-www-form-urlencoded"):
            body = _SECRET.sub(r"\1***", request.body[:_LOGGED].decode("utf-8", "replace"))
        name = f"{fault.name} {fault.when}" if fault else ""
        self.store.note_request(self.now(), self.service.platform, request.method, what, kind, status, name, body)


class Handler(BaseHTTPRequestHandler):
    """One connection; kept alive until either side leaves."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120.0
    stage: ClassVar[Stage]
    server: Plug

    def _serve(self) -> None:
        request = self._read()
        if request is None:
            return
        with self.server.serving(self.connection) as wanted:
            done = self._do(request) if wanted else None
        if done is None:
            self.close_connection = True
        else:
            self._act(*done)

    def _do(self, request: Request) -> tuple[Wire, Fault | None, Answer]:
        """What the platform does, and how its answer is to be given."""
        stage = self.stage
        kind = stage.service.kind(request)
        fault = stage.book.take(stage.service.platform, kind, lambda: stage.words(request))
        entry = CATALOGUE[fault.name] if fault else None
        wire = entry.wire if entry else Wire.PASS
        lag = fault.lag if fault else timedelta()
        before = fault is not None and fault.when == "before" and wire not in (Wire.PASS, Wire.SLOW)
        if fault is not None and before:
            answer = stage.replacement(request, fault)
        else:
            answer = stage.perform(request, lag)
            if fault is not None and wire is Wire.ANSWER:
                answer = stage.replacement(request, fault)
            elif fault is not None and wire is Wire.LABEL:
                answer = replace(answer, content_type=stage.replacement(request, fault).content_type)
        silent = wire in (Wire.CLOSE, Wire.RESET, Wire.HANG)
        stage.note(request, kind, 0 if silent else answer.status, fault)
        return wire, fault, answer

    def _act(self, wire: Wire, fault: Fault | None, answer: Answer) -> None:
        if fault is None or wire in (Wire.PASS, Wire.ANSWER, Wire.LABEL):
            off = fault.seconds() if fault is not None and fault.name == "date-off" else 0.0
            self._write(self._bytes(answer, timedelta(seconds=off)))
            return
        if wire is Wire.SLOW:
            if line.wait_for_leaving(self.connection, fault.seconds(), self.server.stopping):
                self.close_connection = True
            else:
                self._write(self._bytes(answer))
            return
        self.close_connection = True
        whole = self._bytes(answer)
        head = whole.index(b"\r\n\r\n") + 4
        if wire is Wire.CLIP:
            half = Answer(answer.status, answer.body[: len(answer.body) // 2], answer.content_type, answer.headers)
            self._write(self._bytes(half))
        elif wire is Wire.CUT:
            self._write(whole[: head + (len(whole) - head) // 2] if len(whole) > head else whole[:10])
        elif wire is Wire.DRIP:
            line.drip(self.connection, whole, fault.seconds("interval"), fault.seconds(), self.server.stopping)
        elif wire is Wire.HANG:
            line.wait_for_leaving(self.connection, fault.seconds(), self.server.stopping)
        elif wire is Wire.RESET:
            line.reset(self.connection)

    def _read(self) -> Request | None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            length = int(headers.get("content-length", "0"))
        except ValueError:
            length = -1
        if "transfer-encoding" in headers or length < 0 or length > LONGEST_BODY:
            status = 411 if "transfer-encoding" in headers else 400 if length < 0 else 413
            self.close_connection = True
            self._write(self._bytes(Answer(status, b"", None)))
            return None
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return None
        path, _, query = self.path.partition("?")
        base = f"http://{headers.get('host', '127.0.0.1')}"
        return Request(self.command, path, query, headers, body, base)

    def _bytes(self, answer: Answer, off: timedelta = timedelta()) -> bytes:
        try:
            phrase = HTTPStatus(answer.status).phrase
        except ValueError:
            phrase = ""
        lines = [f"HTTP/1.1 {answer.status} {phrase}"]
        lines.append(f"Date: {format_datetime(self.stage.now() + off, usegmt=True)}")
        if answer.content_type is not None:
            lines.append(f"Content-Type: {answer.content_type}")
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        lines.append(f"Content-Length: {len(answer.body)}")
        if self.close_connection:
            lines.append("Connection: close")
        head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
        return head if self.command == "HEAD" else head + answer.body

    def _write(self, data: bytes) -> None:
        self.connection.sendall(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve

    def log_message(self, format: str, *args: object) -> None:
        """Keeps the standard library from writing to the terminal; requests are in the store."""


def handler_for(stage: Stage) -> type[Handler]:
    """A handler class for one platform."""
    return type(f"{stage.service.platform.title()}Handler", (Handler,), {"stage": stage})
