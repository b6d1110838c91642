"""The pages of the desk. A new page is a module with a ``PAGE``, and one line here; the order is the menu's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.web.pages.account import PAGE as ACCOUNT
from desk.web.pages.auditing import PAGE as AUDITING
from desk.web.pages.connecting import PAGE as CONNECT
from desk.web.pages.evergreens import PAGE as EVERGREENS
from desk.web.pages.issue import PAGE as ISSUE
from desk.web.pages.issue_correcting import PAGE as ISSUE_CORRECTING
from desk.web.pages.log import PAGE as LOG
from desk.web.pages.mouths import PAGE as CHANNELS
from desk.web.pages.newsletters import PAGE as NEWSLETTERS
from desk.web.pages.orders import PAGE as SUPPRESSIONS
from desk.web.pages.own_post import PAGE as OWN_POST
from desk.web.pages.page import MenuLine, Page
from desk.web.pages.pausing import PAGE as PAUSING
from desk.web.pages.planning import PAGE as CALENDAR
from desk.web.pages.planning_moves import PAGE as CALENDAR_MOVES
from desk.web.pages.queue import PAGE as QUEUE
from desk.web.pages.readers import PAGE as SUBSCRIBERS
from desk.web.pages.reference import PAGE as REFERENCE
from desk.web.pages.reports import PAGE as REPORTS
from desk.web.pages.signoff import PAGE as SIGNOFF
from desk.web.pages.sources import PAGE as SOURCES
from desk.web.pages.staff import PAGE as STAFF
from desk.web.pages.story import PAGE as STORY
from desk.web.pages.story_deeds import PAGE as STORY_DEEDS
from desk.web.pages.taking_in import PAGE as IMPORTS
from desk.web.pages.today import PAGE as TODAY
from desk.web.pages.webhooks import PAGE as WEBHOOKS
from desk.web.pages.week import PAGE as WEEK

if TYPE_CHECKING:
    from desk.web.door.visitor import Visitor

PAGES: tuple[Page, ...] = (
    TODAY,
    QUEUE,
    OWN_POST,
    SOURCES,
    EVERGREENS,
    SIGNOFF,
    STORY,
    STORY_DEEDS,
    CALENDAR,
    CALENDAR_MOVES,
    LOG,
    REPORTS,
    NEWSLETTERS,
    ISSUE,
    ISSUE_CORRECTING,
    SUBSCRIBERS,
    SUPPRESSIONS,
    IMPORTS,
    CHANNELS,
    PAUSING,
    WEEK,
    CONNECT,
    WEBHOOKS,
    STAFF,
    AUDITING,
    REFERENCE,
    ACCOUNT,
)


def menu_for(visitor: Visitor) -> list[MenuLine]:
    """The menu's lines that this person may open, the page they are on marked."""
    here = visitor.request.url.path
    return [
        MenuLine(page.name, page.path, page.icon, page.is_at(here))
        for page in PAGES
        if page.in_menu and visitor.may(page.permission)
    ]
