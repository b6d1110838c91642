"""The desk's test ground: a newsroom with the sample stories, its real web server, and browsers of people who are in."""

from __future__ import annotations

import json
import shutil
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from db import people, visits
from desk.cli.rooms import ROOT
from desk.web.answers import StrictAnswers
from desk.web.app import web_app
from desk.web.serving import WebServer
from scheduler.app import App, build
from scheduler.clock import HeldClock
from scheduler.demonstration import SETTINGS, rehearse_day
from scheduler.importing import start_import
from scheduler.people.entering import VISIT
from scheduler.people.passwords import hashed
from scheduler.people.roles import Role
from scheduler.people.tokens import hash_of, new_token
from scheduler.subscribing import Statement

MORNING = datetime(2026, 9, 21, 6, 30, tzinfo=UTC)
"""A Monday, 07:30 in London, where the demo's newsroom is."""
PASSWORD = "four words in row"
SHOTS = ROOT / "build" / "screenshots"
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 320, "height": 640}
THEMES = ("light", "dark")
PATIENCE = 30_000
"""Milliseconds that a page may take to show what it will show: a busy machine is no fault of the page's."""
expect.set_options(timeout=PATIENCE)


def make_sample(folder: Path, environment: Mapping[str, str] = MappingProxyType({})) -> HeldClock:
    """The demo's newsroom after its day, with one person a role; the clock as it stands then.

    ``environment`` may say of a setting what the file does not, e.g. of the database.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    clock = HeldClock(MORNING)
    app = open_app(folder, clock, environment)
    rehearse_day(app)
    kept = hashed(PASSWORD)
    with app.ground.transaction() as tx:
        for role in Role:
            person = people.add(tx, NAMES[role], role.value, actor="test", now=clock.now())
            assert person is not None
            people.change(tx, person.id, actor="test", now=clock.now(), password_hash=kept)
    told = Statement("the fair", clock.now().date(), "Yes, mail me the briefing")
    readers = "email,name\nreader-1@readers.example.org,Reader 1\nno address,Nobody\n"
    start_import(app, "morning", "readers.csv", readers.encode(), told, actor="test").wait()
    app.close()
    return clock


NAMES = {Role.VIEWER: "Vera", Role.EDITOR: "Edith", Role.APPROVER: "Anand", Role.ADMIN: "Ada"}
"""Who has which role in the sample newsroom."""


def open_app(folder: Path, clock: HeldClock, environment: Mapping[str, str] = MappingProxyType({})) -> App:
    """The newsroom in a folder."""
    from scheduler.settings_load import load_settings

    loaded = load_settings(folder / "settings.toml", environment)
    return build(loaded.settings, folder, clock=clock, on_trouble=print, jitter=lambda: 0.5)


@dataclass
class Site:
    """A newsroom whose desk answers at ``address``. ``complaints`` is what browsers had to say of its pages."""

    app: App
    clock: HeldClock
    address: str
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    """Parts of complaints that a test brings about on purpose."""

    def token(self, role: Role) -> str:
        """A visit of the person with this role, begun without the form."""
        token = new_token()
        with self.app.ground.transaction() as tx:
            person = people.by_name(tx, NAMES[role])
            assert person is not None
            now = self.clock.now()
            visits.begin(tx, hash_of(token), person, browser="test", now=now, until=now + VISIT)
        return token

    def cookie(self, role: Role) -> dict[str, str]:
        """The cookie of such a visit, as plain HTTP clients send it."""
        return {f"pressrun-{self.address.rpartition(':')[2]}-visit": self.token(role)}

    @contextmanager
    def window(
        self,
        role: Role | None = Role.APPROVER,
        *,
        theme: str = "light",
        size: dict[str, int] | None = None,
        scripts: bool = True,
        for_axe: bool = False,
        motion: str = "reduce",
        locale: str = "en-GB",
    ) -> Iterator[Page]:
        """A browser window of somebody with this role; None: of nobody yet."""
        context: BrowserContext = self.browser.new_context(
            color_scheme=theme,  # type: ignore[arg-type]
            viewport=size or WIDE,  # type: ignore[arg-type]
            java_script_enabled=scripts,
            bypass_csp=for_axe,
            reduced_motion=motion,  # type: ignore[arg-type]
            base_url=self.address,
            locale=locale,
            timezone_id="Pacific/Chatham",  # nothing may depend on the reader's own zone
        )
        context.set_default_timeout(PATIENCE)
        if role is not None:
            ((name, value),) = self.cookie(role).items()
            context.add_cookies([{"name": name, "value": value, "url": self.address}])
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._complain(f"script: {error}"))
        try:
            yield page
        finally:
            context.close()

    def shot(self, page: Page, name: str) -> None:
        """A picture of the whole page, for people to look at."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        size = page.viewport_size
        if size is not None and page.locator("iframe").count():  # a frame outside the window is not drawn
            page.set_viewport_size({**size, "height": page.evaluate("document.documentElement.scrollHeight")})
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
        if size is not None:
            page.set_viewport_size(size)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._complain(f"console: {message.text} {message.location.get('url', '')}".strip())

    def _complain(self, said: str) -> None:
        if not any(part in said for part in self.expected):
            self.complaints.append(said)


def may_sign(page: Page) -> None:
    """Waits until what stands on a page has stood there long enough for a yes to be heard."""
    expect(page.locator("html")).to_have_attribute("data-yes", "heard")


def axe_faults(page: Page) -> list[str]:
    """What axe finds wrong on a page opened with ``for_axe``: rule, how grave, where."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node.get('failureSummary', '')}"
        for one in found
        for node in one["nodes"]
    ]


def moved_by_itself(page: Page) -> list[str]:
    """What jumped from its place while the page came up, each with its score; empty below a tenth of what counts as good.

    A page whose scores (Layout Instability, W3C draft) come to 0.1 still counts as good. A field for a date, for one,
    takes 0.001 by itself when Chromium is slow to draw it.
    """
    found = page.evaluate(
        """() => new Promise(done => {
             const seen = [];
             const told = shift => [shift.value, shift.sources.map(one => {
               const node = one.node;
               return !node ? "?" : node.nodeType === 1 ? node.outerHTML.slice(0, 80) : node.textContent.slice(0, 80);
             }).join(" | ")];
             new PerformanceObserver(list => seen.push(...list.getEntries().map(told)))
               .observe({type: "layout-shift", buffered: true});
             requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(seen))));
           })"""
    )
    return [f"{score:.4f} {what}" for score, what in found] if sum(score for score, _ in found) > 0.01 else []


def too_wide(page: Page) -> list[str]:
    """The elements that make the page scroll sideways; none on a page that is usable at this width."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
        [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
        .map((one) => one.outerHTML.slice(0, 120))"""
    )
    return found


def copy_of(sample: Path, folder: Path) -> None:
    """The sample newsroom once more, in a folder of its own."""
    if folder != sample:
        shutil.copytree(sample, folder, dirs_exist_ok=True)
    guard = folder / "pressrun.db-guard"  # the copy is at home here, since another start of the machine
    known = {**json.loads(guard.read_text()), "home": str(guard.resolve()), "boot_id": "before"}
    guard.write_text(json.dumps(known))


@contextmanager
def open_site(sample: Path, folder: Path, start: datetime, browser: Browser) -> Iterator[Site]:
    """A copy of the sample newsroom, served until the block ends. Fails for whatever a browser complained of."""
    copy_of(sample, folder)
    clock = HeldClock(start + timedelta(seconds=1))
    app = open_app(folder, clock)
    answers = web_app(app)
    if isinstance(answers, StrictAnswers):
        answers.on_fault = lambda fault: traceback.print_exception(fault)  # whoever mends a page wants the whole of it
    server = WebServer(answers, "127.0.0.1", 0)
    server.start()
    site = Site(app, clock, server.address, browser)
    try:
        yield site
    finally:
        app.stop()
        server.stop()
        app.close()
    assert not site.complaints, "\n".join(site.complaints)
