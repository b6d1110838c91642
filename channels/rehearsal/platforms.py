"""Starts and stops the rehearsal platforms, and is their door for code in the same process.

    with RehearsalPlatforms(Path("rehearsal.sqlite")) as platforms:
        platforms.addresses.x_url                       # give it to the channel as its base_url
        platforms.faults.add(Fault("x", "send", "closed", when="after"))
        platforms.published("x")

All listen on 127.0.0.1. A store remembers its ports and takes them again where they are free, so that links to
what was published open from run to run. Where the page's port is held by another process on the same store
(``pressrun rehearse`` left running), that page is used.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from channels.rehearsal import published as shelf
from channels.rehearsal import x_charges
from channels.rehearsal.faults import PLATFORMS, FaultBook
from channels.rehearsal.graph_server import GraphService
from channels.rehearsal.httpd import Stage, handler_for
from channels.rehearsal.page_server import PageService
from channels.rehearsal.plug import Plug
from channels.rehearsal.published import Published
from channels.rehearsal.requests_log import Asked, asked
from channels.rehearsal.rules import Rules
from channels.rehearsal.rules_kept import RulesKept
from channels.rehearsal.smtp_server import SmtpStage, smtp_handler
from channels.rehearsal.store import Store
from channels.rehearsal.x_server import XService


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the rehearsal platforms listen. URLs have no slash at their end."""

    x_url: str
    graph_url: str
    smtp_host: str
    smtp_port: int
    page_url: str

    @property
    def x_post_url(self) -> str:
        """The public address of a post on X, ``{id}`` in it to be filled: X tells no address, only an id."""
        return f"{self.page_url}/x/{{id}}"


class RehearsalPlatforms:
    """X, Graph, a mail server and the page, over one store."""

    def __init__(
        self,
        store: Path,
        *,
        now: Callable[[], datetime] | None = None,
        rules: Rules | None = None,
        measure: Callable[[str], int] | None = None,
    ) -> None:
        """Opens the store; nothing listens before ``start``. Raises ``StoreError`` for a file that cannot be used.

        ``now`` gives the platforms' clock (signatures are checked by the machine's own). ``rules`` replace the
        store's; None keeps them. ``measure`` counts a post on X; None counts as ``channels.x_length`` does.
        """
        self._now = now or (lambda: datetime.now(UTC))
        self._measure = measure
        self._store = Store(store)
        self._rules = RulesKept(self._store)
        if rules is not None:
            self._rules.set(rules)
        self.faults = FaultBook(self._store)
        self._plugs: list[Plug] = []
        self._addresses: Addresses | None = None

    @property
    def addresses(self) -> Addresses:
        """Where they listen. Raises ``RuntimeError`` before ``start``."""
        if self._addresses is None:
            raise RuntimeError("The rehearsal platforms are not started.")
        return self._addresses

    @property
    def rules(self) -> Rules:
        """The rules in force; assign to change them for every process on this store."""
        return self._rules.get()

    @rules.setter
    def rules(self, rules: Rules) -> None:
        self._rules.set(rules)

    def start(self) -> Addresses:
        """Begins to listen and returns where; a second call returns the same."""
        if self._addresses is not None:
            return self._addresses
        page = PageService(self._store, self._rules, self.faults, self._now, lambda: self.addresses)
        x = XService(self._store, lambda: self.rules.x, self._now, page.x_post_elsewhere, self._measure)
        graph = GraphService(
            self._store,
            lambda: self.rules.graph,
            self._now,
            lambda id: f"{self.addresses.page_url}/facebook/{id}",
            lambda id: f"{self.addresses.page_url}/media/{id}",
        )
        smtp = SmtpStage(self._store, self.faults, lambda: self.rules.smtp, self._now)
        x_port = self._listen("x", handler_for(Stage(x, self.faults, self._store, self._now)))
        graph_port = self._listen("facebook", handler_for(Stage(graph, self.faults, self._store, self._now)))
        smtp_port = self._listen("email", smtp_handler(smtp))
        page_port = self._elsewhere()
        if page_port is None:
            handler = handler_for(Stage(page, self.faults, self._store, self._now, noted=False))
            page_port = self._listen("page", handler)
        home = "http://127.0.0.1"
        self._addresses = Addresses(
            f"{home}:{x_port}", f"{home}:{graph_port}", "127.0.0.1", smtp_port, f"{home}:{page_port}"
        )
        for plug in self._plugs:
            plug.start()
        return self._addresses

    def _listen(self, name: str, handler: type) -> int:
        """A server at the port that the store remembers for this name, else at a free one, which it remembers."""
        remembered = int(self._store.fact(f"port {name}") or 0)
        unplugged = (lambda: self.faults.unplugged(name)) if name in PLATFORMS else (lambda: False)
        try:
            plug = Plug(remembered, handler, unplugged)
        except OSError:
            plug = Plug(0, handler, unplugged)
        if remembered == 0:
            self._store.remember(f"port {name}", str(plug.port))
        self.faults.listen(plug.wake)
        self._plugs.append(plug)
        return plug.port

    def _elsewhere(self) -> int | None:
        """The port of a page that another process shows for this very store; None when there is none."""
        port = int(self._store.fact("port page") or 0)
        if port == 0:
            return None
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=0.5)
        try:
            connection.request("GET", "/rehearsal/health")
            health = json.loads(connection.getresponse().read(10_000))
            return port if health["store"] == self._store.fact("store id") else None
        except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def stop(self) -> None:
        """Stops listening, cuts what is open and closes the store; what was published is kept."""
        for plug in self._plugs:
            plug.stop()
        self._plugs.clear()
        self._addresses = None
        self._store.close()

    def rest(self, patience: float = 30.0) -> None:
        """Returns once nothing is being done for anybody; a call that its caller has given up can no longer land.

        For tests that hold the clock. Raises ``TimeoutError`` after ``patience`` seconds.
        """
        for plug in self._plugs:
            if not plug.rest(patience):
                raise TimeoutError(f"The rehearsal platform at port {plug.port} has been busy for {patience:.0f} s.")

    def published(self, platform: str) -> tuple[Published, ...]:
        """All that ``x``, ``facebook`` or ``email`` accepted, newest first, what was taken down included."""
        if platform not in PLATFORMS:
            raise ValueError(f"There is no platform {platform!r}; there are {', '.join(PLATFORMS)}.")
        return shelf.everything(self._store, platform)

    def requests(self, platform: str) -> tuple[Asked, ...]:
        """What was asked of a platform, oldest first (the newest 20,000 of all), tokens masked."""
        return asked(self._store, platform)

    def spent(self, account_id: str) -> int:
        """What an X account has paid, in millionths of a dollar."""
        return x_charges.spent(self._store, account_id)

    def reset(self) -> None:
        """Forgets what was published, asked, metered and ordered, and puts the rules back to the usual ones."""
        self.faults.clear()
        self._store.empty()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
