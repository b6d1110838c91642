"""The pages of the desk. A new page is a module with a ``PAGE``, and one line here; the order is the menu's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.web.pages import auditing, reports, staff, today
from desk.web.pages.page import MenuLine, Page

if TYPE_CHECKING:
    from desk.web.door.visitor import Visitor

PAGES: tuple[Page, ...] = (
    today.PAGE,
    reports.PAGE,
    staff.PAGE,
    auditing.PAGE,
)  # fmt: skip


def menu_for(visitor: Visitor) -> list[MenuLine]:
    """The menu's lines that this person may open, the page they are on marked."""
    here = visitor.request.url.path
    return [
        MenuLine(page.name, page.path, page.icon, page.is_at(here))
        for page in PAGES
        if page.in_menu and visitor.may(page.permission)
    ]
