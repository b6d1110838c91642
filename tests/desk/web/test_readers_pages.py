"""Readers' pages in a real browser: they work without JavaScript, fit 320 px, in light and dark, in every language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from channels.email.links import make_confirm_token, make_token
from db import subscribers
from db.records import Frequency
from db.subscribers import Tie
from desk.web.app import public_app
from desk.web.serving import WebServer
from scheduler.keys import keys_in
from tests.desk.web.ground import NARROW, THEMES, WIDE, axe_faults, too_wide
from tests.scheduler.house import SETTINGS, House, house

LANGUAGES = ("en", "de", "fr", "es", "ja", "ar")
NEWSLETTER = """
[channels.post]
kind = "email"
from = "The Test Times <news@news.example.org>"

[newsletters.morning]
title = "Morning briefing"
channel = "post"
daily = "immediately"
weekly = ["fri 16:00"]
alerts = "breaking"
sections = ["Politics", "Sport", "Culture and books"]
"""


@contextmanager
def pages(folder: Path, language: str = "en") -> Iterator[tuple[House, str]]:
    """A newsroom with one reader, and the address of its readers' pages."""
    settings = SETTINGS.replace('name = "The Test Times"', f'name = "The Test Times"\nlanguage = "{language}"')
    with house(folder, settings + NEWSLETTER) as h:
        h.readers(1)
        server = WebServer(public_app(h.app), "127.0.0.1", 0)
        server.start()
        try:
            yield h, server.address
        finally:
            server.stop()


def paths(h: House) -> dict[str, str]:
    """Every page by its name."""
    with h.app.ground.reading() as tx:
        (one,) = subscribers.candidates(tx, "morning")
    key, seed = keys_in(h.app.folder).link, one.subscriber.token_seed
    token = make_token(key, "morning", seed)
    asked = int(h.clock.now().timestamp())
    return {
        "front": "/",
        "form": "/n/morning",
        "archive": "/n/morning/archive",
        "confirm": f"/c/{make_confirm_token(key, 'morning', seed, asked)}",
        "choices": f"/p/{token}",
        "leave": f"/u/{token}",
        "nothing": "/nothing",
    }


def heard(page: Page) -> list[str]:
    """What the browser complains of: errors and what the policy refused."""
    found: list[str] = []
    page.on("console", lambda told: found.append(told.text) if told.type in ("error", "warning") else None)
    page.on("pageerror", lambda fault: found.append(str(fault)))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_a_small_telephone_in_every_language(tmp_path: Path, browser: Browser, language: str) -> None:
    with pages(tmp_path, language) as (h, address):
        page = browser.new_page(viewport=NARROW)  # type: ignore[arg-type]
        for name, path in paths(h).items():
            page.goto(address + path)
            assert too_wide(page) == [], name
            direction = page.evaluate("document.documentElement.dir")
            assert direction == ("rtl" if language == "ar" else "ltr")
        page.close()


@pytest.mark.parametrize("theme", THEMES)
def test_every_page_can_be_read_and_used_by_everybody(tmp_path: Path, browser: Browser, theme: str) -> None:
    with pages(tmp_path) as (h, address):
        context = browser.new_context(viewport=WIDE, color_scheme=theme, bypass_csp=True)  # type: ignore[arg-type]
        page = context.new_page()
        for name, path in paths(h).items():
            page.goto(address + path)
            assert axe_faults(page) == [], name
        page.goto(address + paths(h)["choices"])
        page.get_by_role("button", name="Save").click()
        assert axe_faults(page) == [], "what was saved"
        page.get_by_label("Quiet from").fill("22:00")
        page.get_by_role("button", name="Save").click()
        assert page.get_by_role("alert").is_visible()
        assert axe_faults(page) == [], "what was not"
        context.close()


def test_a_reader_without_javascript_goes_the_whole_way(tmp_path: Path, browser: Browser) -> None:
    with pages(tmp_path) as (h, address):
        context = browser.new_context(java_script_enabled=False, viewport=NARROW)  # type: ignore[arg-type]
        page = context.new_page()
        complaints = heard(page)
        page.goto(f"{address}/")
        page.get_by_role("link", name="Morning briefing").click()
        page.get_by_label("Your e-mail address").fill("lea@example.org")
        page.get_by_role("button", name="Subscribe").click()
        assert page.get_by_role("heading", level=1).inner_text() == "Look into your mailbox"
        h.work()
        (letter,) = [one for one in h.platforms.published("email") if "lea@example.org" in one.to]
        link = re.search(r"(/c/\S+)", letter.text)
        assert link
        page.goto(address + link[1])
        page.get_by_role("button", name="Yes, send it to me").click()
        page.get_by_role("link", name="Choose what you get").click()
        page.get_by_role("group", name="Politics").get_by_label("At once").check()
        page.get_by_role("group", name="Sport").get_by_label("Daily").uncheck()
        page.get_by_label("Quiet from").fill("22:00")
        page.get_by_label("until").fill("06:30")
        page.get_by_label("Your time zone").select_option("Asia/Tokyo")
        page.get_by_label("14 days").check()
        page.get_by_role("button", name="Save").click()
        assert page.get_by_role("status").inner_text() == "Saved. It counts from now on."
        assert page.get_by_role("group", name="Politics").get_by_label("At once").is_checked()
        with h.app.ground.reading() as tx:
            person = subscribers.find(tx, "lea@example.org")
            assert person is not None
            found = subscribers.on_list(tx, "morning", person.id)
        assert found is not None
        assert found.choices.sections["politics"] == {Frequency.IMMEDIATE, Frequency.DAILY}
        assert found.choices.sections["sport"] == {Frequency.NEVER}
        assert found.choices.zone == "Asia/Tokyo"
        page.get_by_role("link", name="Unsubscribe").click()
        assert page.get_by_role("button", name="Once a week only").is_visible()
        assert page.get_by_role("button", name="No alerts").is_visible()
        page.get_by_role("button", name="Unsubscribe").click()
        assert "no further issue" in page.get_by_role("status").inner_text()
        assert page.get_by_role("link", name="Subscribe").get_attribute("href") == "/n/morning"  # a slip of the finger
        with h.app.ground.reading() as tx:
            left = subscribers.on_list(tx, "morning", person.id)
        assert left is not None
        assert left.tie is Tie.ENDED
        assert complaints == []
        context.close()
