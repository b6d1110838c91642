"""What holds for every page of the desk: access in both themes, at 320 px, without scripts; strict headers; a permission."""

from __future__ import annotations

import html
import urllib.error
import urllib.request
from collections.abc import Callable
from email.message import Message

import pytest
from playwright.sync_api import Page as Window

from desk.web.door.rendering import POLICY
from desk.web.pages import PAGES
from desk.web.pages.page import Page
from scheduler.people.roles import MAY, Role
from tests.desk.web.ground import NARROW, THEMES, Site, axe_faults, moved_by_itself, too_wide

# A page that a menu does not lead to is named here with an address at which the sample newsroom has something to show.
OTHERS: dict[str, str] = {
    "account": "/account",
    "reference": "/api",
    "reference-stories": "/api/stories",
    "reference-newsletters": "/api/newsletters",
    "webhooks": "/webhooks",
    "own-post": "/post",
    "sources": "/sources",
    "evergreens": "/evergreens",
    "story": "/story/1",
    "story-waiting": "/story/5",
    "wordings": "/story/5?wordings=x-main",
    "delivery": "/log/3",
    "calendar-month": "/calendar?view=month",
    "calendar-day": "/calendar?view=day",
    "calendar-move": "/calendar/move/9",
    "week": "/channels/x-main/slots",
    "connect": "/channels/x-main/connect",
    "connect-live": "/channels/fb-main/connect?live=1",
    "issue": "/newsletters/issues/1",
    "issue-correct": "/newsletters/issues/1/correct",
    "issue-next": "/newsletters/mail/next",
    "lists": "/newsletters/lists",
    "subscribers": "/newsletters/subscribers",
    "reader": "/newsletters/subscribers/1",
    "suppressions": "/newsletters/suppressions",
    "imports": "/newsletters/imports",
    "import": "/newsletters/imports/1",
    "log-none": "/log?text=zzzz",
    "log-wrong": "/log?since=yesterday&state=wrong",
}
# The line of sign-off opens its first story, and what is opened stays that story's whatever comes first later.
OPENS = {"signoff": "/signoff/5"}
Leaf = Callable[..., Window]
LOOKED_AT = {**{page.name: page.path for page in PAGES if page.in_menu}, **OTHERS}


def moved(page: Window) -> list[str]:
    """What moves by itself while a page comes up. Whatever really does so does it again: a window of which a whole page was
    just pictured may still take its own size back while the next page comes up.
    """
    if not moved_by_itself(page):
        return []
    page.reload()
    return moved_by_itself(page)


@pytest.mark.parametrize("name", LOOKED_AT)
def test_axe_finds_nothing_in_either_theme_and_the_page_is_pictured(name: str, leafed: Leaf, read_site: Site) -> None:
    page = leafed(LOOKED_AT[name], for_axe=True)
    assert moved(page) == []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        read_site.shot(page, f"{name}-{theme}")
        assert axe_faults(page) == [], theme


@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_small_telephone_shows_the_page_without_scrolling_sideways(name: str, leafed: Leaf, read_site: Site) -> None:
    page = leafed(LOOKED_AT[name], size=NARROW)
    assert moved(page) == []
    read_site.shot(page, f"{name}-320")
    assert too_wide(page) == []


@pytest.mark.parametrize("name", LOOKED_AT)
def test_without_scripts_the_page_can_be_read(name: str, leafed: Leaf) -> None:
    page = leafed(LOOKED_AT[name], scripts=False)
    assert page.locator("main h1").count() == 1
    assert page.title().endswith("· The Harbour Herald")


@pytest.mark.parametrize("name", LOOKED_AT)
def test_the_page_is_strict_and_light(name: str, read_site: Site) -> None:
    status, headers, body = fetched(read_site, LOOKED_AT[name], Role.ADMIN)
    assert (status, headers["Content-Security-Policy"]) == (200, POLICY)
    assert headers["Cache-Control"] == "no-store"
    assert len(body) < 100_000
    read_again_at = html.escape(OPENS.get(name, LOOKED_AT[name]), quote=True)
    assert f'<body data-address="{read_again_at}">' in body.decode(), "an open page looks for news at its own address"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("page", [page for page in PAGES if page.in_menu], ids=lambda page: page.name)
def test_a_page_opens_for_those_who_have_its_permission_and_for_nobody_else(
    page: Page, role: Role, read_site: Site
) -> None:
    assert fetched(read_site, page.path, role)[0] == (200 if page.permission in MAY[role] else 403)
    status, headers, _ = fetched(read_site, page.path, None)
    assert (status, headers["Location"].partition("?")[0]) == (303, "/enter")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object) -> None:
        return None


def fetched(site: Site, path: str, role: Role | None) -> tuple[int, Message, bytes]:
    """One page as a plain client reads it, redirects not followed: status, headers, body."""
    cookie = "; ".join(f"{name}={value}" for name, value in site.cookie(role).items()) if role is not None else ""
    request = urllib.request.Request(f"{site.address}{path}", headers={"Accept": "text/html", "Cookie": cookie})
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()
