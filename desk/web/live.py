"""Tells open pages that something changed: one look a second for all of them, and a line of server-sent events each.

The event says only that there is news. The page then asks for itself again, so that it shows what a reload would.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from anyio.to_thread import run_sync

from db.pulse import Pulse
from db.session import GroundLost
from scheduler.app import App

EVERY = 1.0
"""Seconds between two looks."""
BEAT = 15.0
"""Seconds after which a silent line sends a sign of life: so a dead one is found."""
MOST = 60
"""Lines at once; a page beyond that is told to reload by itself."""


class Pulses:
    """The news of one newsroom. To be used from the web server's event loop."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._waiting: set[asyncio.Event] = set()
        self._watch: asyncio.Task[None] | None = None

    @property
    def lines(self) -> int:
        """How many pages listen."""
        return len(self._waiting)

    async def news(self, may_hear: Callable[[], bool] = lambda: True) -> AsyncIterator[str]:
        """Server-sent events until the newsroom stops: ``changed`` when anything was committed, else a beat.

        ``may_hear`` is asked again before each ``changed``: whoever was logged out hears no more.
        """
        news = asyncio.Event()
        self._waiting.add(news)
        self._begin()
        try:
            yield "retry: 2000\nevent: hello\ndata: 1\n\n"
            silent = 0.0
            while not self._app.stopping():
                try:
                    async with asyncio.timeout(EVERY):
                        await news.wait()
                    news.clear()
                    if not await run_sync(may_hear):
                        return
                    yield "event: changed\ndata: 1\n\n"
                    silent = 0.0
                except TimeoutError:
                    silent += EVERY
                    if silent >= BEAT:
                        yield ": still here\n\n"
                        silent = 0.0
        finally:
            self._waiting.discard(news)

    def _begin(self) -> None:
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._look(), name="pulse")

    async def _look(self) -> None:
        pulse, last = Pulse(self._app.ground), ""
        try:
            while self._waiting and not self._app.stopping():
                try:
                    now = await run_sync(pulse.read)
                except GroundLost:
                    pulse.close()
                    now = last
                if last and now != last:
                    for one in self._waiting:
                        one.set()
                last = now
                await asyncio.sleep(EVERY)
        finally:
            pulse.close()
