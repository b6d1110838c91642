"""How long the web server waits for whoever calls: for a request's head, and for its body. Nobody may hold a place for ever.

uvicorn waits for the next request of a line that was used before, and for nothing else: a few hundred lines that say
nothing would shut the door for everybody.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import h11
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from desk.web.answers import HEADERS, SlowBody, StrictAnswers, refusal

HEAD_WITHIN = 20.0
"""Seconds for the head of a request, from the line's first moment or from the last answer on."""
BODY_WITHIN = 30.0
"""Seconds for a body, and one more for each ``LEAST_A_SECOND`` bytes of it."""
LEAST_A_SECOND = 20_000
AT_ONCE = 200
"""Lines at once, those of open pages that wait for news included; one more is told to come back."""


class PatientBodies:
    """An application whose requests arrive in time, or ``receive`` raises ``SlowBody``."""

    def __init__(self, app: ASGIApp, clock: Callable[[], float] = time.monotonic) -> None:
        self._app, self._clock = app, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, length, whole = -1.0, 0, False

        async def patient() -> Message:
            nonlocal began, length, whole
            if whole:  # what is asked for now is whether somebody is still there
                return await receive()
            began = self._clock() if began < 0 else began
            left = began + BODY_WITHIN + length / LEAST_A_SECOND - self._clock()
            try:
                async with asyncio.timeout(max(left, 0.0)):
                    message = await receive()
            except TimeoutError:
                raise SlowBody from None
            length += len(message.get("body", b""))
            whole = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        await self._app(scope, patient, send)


class PatientLine(H11Protocol):
    """uvicorn's line to one caller, which ends when a request's head does not come; its own noes have strict headers."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """As asyncio calls it."""
        super().connection_made(transport)  # type: ignore[arg-type]
        if len(self.connections) > AT_ONCE and not self._end_the_longest_silent():
            self.app = _CROWDED
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """As asyncio calls it."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """As asyncio calls it."""
        super().data_received(data)
        self._wait()

    def on_response_complete(self) -> None:
        """As uvicorn calls it."""
        super().on_response_complete()
        self._wait()

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP."""
        answer = refusal(400, "This is no request as the web knows it.")
        head = [*answer.raw_headers, *((name.lower().encode(), one.encode()) for name, one in HEADERS.items())]
        for event in (
            h11.Response(status_code=400, headers=[*head, (b"connection", b"close")], reason=b"Bad Request"),
            h11.Data(data=bytes(answer.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _wait(self) -> None:
        """Waits for a head, unless a request is at work. What comes meanwhile does not lengthen the wait."""
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._waiting is None and not self.transport.is_closing():
            self._waiting = self.loop.call_later(HEAD_WITHIN, self.transport.close)

    def _end_the_longest_silent(self) -> bool:
        """Makes room: who says nothing goes before who has just come. False where everybody is at work."""
        waits = [
            (one._waiting.when(), one) for one in self.connections if isinstance(one, PatientLine) and one._waiting
        ]
        if waits:
            min(waits, key=lambda found: found[0])[1].transport.close()
        return bool(waits)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


async def _come_back(scope: Scope, receive: Receive, send: Send) -> None:
    answer = refusal(503, "Too many are here at once: try again in a few minutes.")
    answer.headers["Connection"] = "close"
    await answer(scope, receive, send)


_CROWDED = StrictAnswers(_come_back, lambda fault: None)
