"""Earlier issues for everybody: the list, the feed (RSS 2.0), and each issue as it went out or was corrected."""

from __future__ import annotations

from datetime import date, datetime
from email.utils import format_datetime
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from db.archive import PublishedIssue
from db.session import GroundLost
from desk.web.public import PublicDoor
from scheduler.public_lists import PublicList
from scheduler.reading_again import came_out, web_view
from templates.public_pages import IssueLink
from templates.public_words import day_words

IN_FEED = 30
NOT_KEPT = "no-cache"
"""What was killed or came under embargo must be gone at the next look: no cache may answer without asking us."""

_ATOM = "http://www.w3.org/2005/Atom"


def archive_routes(door: PublicDoor) -> APIRouter:
    """The routes under ``/n/LIST/``; an issue that tells a story which was killed or is under embargo is in none."""
    routes = APIRouter()

    @routes.api_route("/n/{slug}/archive", methods=["GET", "HEAD"], include_in_schema=False)
    def archive(slug: str, before: str = "") -> HTMLResponse:
        """Every issue that came out."""
        to = door.by_slug(slug)
        if to is None:
            return door.message("nothing", status=404)
        try:
            issues, more = came_out(door.ground, to, now=door.now(), before=_number(before))
        except GroundLost:
            return door.message("later", to, status=503)
        page = door.pages.archive(
            door.frame(to, listed=True, feed=True),
            [_link(door, to, one) for one in issues],
            subscribe=f"/n/{to.slug}",
            feed=f"/n/{to.slug}/feed.xml",
            older=f"/n/{to.slug}/archive?before={issues[-1].id}" if more else "",
        )
        answer = door.html(page, listed=True)
        answer.headers["Cache-Control"] = NOT_KEPT
        return answer

    @routes.api_route("/n/{slug}/feed.xml", methods=["GET", "HEAD"], include_in_schema=False)
    def feed(slug: str) -> Response:
        """The newest issues as RSS."""
        to = door.by_slug(slug)
        if to is None:
            return door.message("nothing", status=404)
        try:
            issues, _ = came_out(door.ground, to, now=door.now(), limit=IN_FEED)
        except GroundLost:
            return door.message("later", to, status=503)
        headers = {"Cache-Control": NOT_KEPT}
        return Response(feed_of(door, to, issues), media_type="application/rss+xml", headers=headers)

    @routes.api_route("/n/{slug}/issues/{issue}", methods=["GET", "HEAD"], include_in_schema=False)
    def issue(slug: str, issue: str) -> HTMLResponse:
        """One issue as its readers got it, but for what was each one's own."""
        to, number = door.by_slug(slug), _number(issue)
        if to is None or number is None:
            return door.message("nothing", to, status=404)
        try:
            page = web_view(door.ground, to, number, now=door.now(), instead=f"{door.public_url}/n/{to.slug}")
        except GroundLost:
            return door.message("later", to, status=503)
        if page is None:
            return door.message("nothing", to, status=404)
        return HTMLResponse(page, headers=_ISSUE_HEADERS)

    return routes


_ISSUE_HEADERS = {
    "Cache-Control": NOT_KEPT,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "all",
    # A mail's styles stand in its elements; what its links lead to is opened outside the sandbox.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation",
}


def feed_of(door: PublicDoor, to: PublicList, issues: list[PublishedIssue]) -> bytes:
    """RSS 2.0 of these issues, newest first; addresses are whole. Pure."""
    ET.register_namespace("atom", _ATOM)
    base = f"{door.public_url}/n/{to.slug}"
    rss = ET.Element("rss", version="2.0")
    channel = ET.SubElement(rss, "channel")
    for name, text in (
        ("title", to.title),
        ("link", f"{base}/archive"),
        ("description", f"{to.title}, {door.newsroom}"),
        ("language", to.language or door.language),
    ):
        ET.SubElement(channel, name).text = text
    ET.SubElement(channel, f"{{{_ATOM}}}link", rel="self", type="application/rss+xml", href=f"{base}/feed.xml")
    for one in issues:
        item = ET.SubElement(channel, "item")
        ET.SubElement(item, "title").text = one.subject
        ET.SubElement(item, "link").text = f"{base}/issues/{one.id}"
        ET.SubElement(item, "guid", isPermaLink="true").text = f"{base}/issues/{one.id}"
        ET.SubElement(item, "pubDate").text = format_datetime(one.at)
    body: bytes = ET.tostring(rss, encoding="utf-8", xml_declaration=True)
    return body


def _number(text: str) -> int | None:
    """An issue's number as an address holds it, None for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else None


def _link(door: PublicDoor, to: PublicList, one: PublishedIssue) -> IssueLink:
    day = _day(one, to)
    return IssueLink(f"/n/{to.slug}/issues/{one.id}", one.subject, day.isoformat(), day_words(day, door.words(to)))


def _day(one: PublishedIssue, to: PublicList) -> date:
    """The wall date an issue stands for: its window's, else the day on which it was cut."""
    try:
        return datetime.fromisoformat(one.window[:10]).date()
    except ValueError:
        return one.at.astimezone(ZoneInfo(to.zone)).date()
