"""The desk's door: everything a page needs that does not change from one request to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from desk.web.door.asides import Asides
from desk.web.door.kept_counts import KeptCounts
from desk.web.door.origin import Origin, host_is_ours, origin_of
from desk.web.door.rendering import Pages
from desk.web.door.static import Static
from desk.web.live import Pulses
from scheduler.app import App

Menu = Callable[[Any], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Door:
    """The newsroom, its pages, its files, and what tells that something changed."""

    app: App
    static: Static
    pages: Pages
    pulses: Pulses
    menu: Menu
    kept: KeptCounts = field(default_factory=KeptCounts)
    asides: Asides = field(default_factory=Asides)

    @staticmethod
    def of(app: App, menu: Menu) -> Door:
        """The door of a newsroom; ``menu`` gives the lines of the menu for who asks."""
        static = Static()
        return Door(app, static, Pages(static), Pulses(app), menu)

    def origin(self, request: HTTPConnection) -> Origin:
        """Where a request comes from."""
        return origin_of(request, self.app.settings.serve.proxies)

    def knows_host(self, origin: Origin) -> bool:
        """Whether the host asked for is ours: this machine, ``serve.host``, or that of ``newsroom.public_url``."""
        public = urlsplit(self.app.settings.newsroom.public_url).hostname or ""
        return host_is_ours(origin, {self.app.settings.serve.host, public})
