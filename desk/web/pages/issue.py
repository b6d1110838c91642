"""One issue, cut or to come: its stories in order, the words above it, its preview and pre-flight, and how it goes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, JSONResponse, Response
from sqlalchemy import Connection

from channels.email.addresses import BadAddress
from channels.errors import ChannelError
from db import articles, issue_pins, issue_wishes, issues, recipients, stops
from db.moves import OPEN
from db.records import Article, Delivery, Frequency, Issue, Scope, State, Teaser
from desk.web.door.visitor import Visitor, may
from desk.web.pages.asked_order import asked_order
from desk.web.pages.figures import counts_of, issue_bar, list_counts, opens_and_clicks, reasons, through_of
from desk.web.pages.mail_look import HEADERS, LOOKS, bodies_of, in_look
from desk.web.pages.page import Page, Reader
from scheduler import newsroom
from scheduler.cutting import slot_after, waiting_for
from scheduler.issue_preview import Preview, TestMail, preview, send_test
from scheduler.issue_standing import delivery_of, newsletter_named, not_begun, standing_of
from scheduler.newsroom import Reach, Refused
from scheduler.newsroom.grounds import MAY_CHANGE
from scheduler.outlet import Outlet
from scheduler.people.roles import Permission
from scheduler.preflight import preflight
from scheduler.preflight_finding import Finding, Level
from scheduler.ready_stories import ready_stories

routes = APIRouter()
Writer = Annotated[Visitor, Depends(may(Permission.WORD))]
Approver = Annotated[Visitor, Depends(may(Permission.APPROVE))]
Stopper = Annotated[Visitor, Depends(may(Permission.STOP))]
MOST_STORIES = 40
"""So many further stories are offered."""
_TESTED = "issue_tested"


@dataclass(frozen=True, slots=True)
class Line:
    """One story of the lineup: its words, its article, and whether a person pinned it."""

    story: Teaser
    article: Article | None
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the page is about. ``where`` is its address; ``issue`` None while it is still to be cut."""

    outlet: Outlet
    frequency: Frequency
    where: str
    issue: Issue | None = None
    delivery: Delivery | None = None
    changeable: bool = True

    def at(self, *more: str) -> str:
        """The address of something of this issue."""
        path, _, query = self.where.partition("?")
        return "/".join((path, *more)) + (f"?{query}" if query else "")


# --- reading -----------------------------------------------------------------------------------------


@routes.get("/newsletters/{name}/next")
def coming(visitor: Reader, name: str, weekly: str = "", look: str = "", check: str = "") -> Response:
    """The next issue of a newsletter as it would be cut now."""
    return _page(visitor, _next(visitor, name, weekly), look, bool(check))


@routes.get("/newsletters/issues/{number:int}")
def one_issue(visitor: Reader, number: int, look: str = "", check: str = "") -> Response:
    """An issue that was cut: while nobody has begun to get it, it can be changed; then how it goes, and who got it."""
    return _page(visitor, _cut(visitor, number), look, bool(check))


@routes.get("/newsletters/{name}/next/mail")
def coming_mail(visitor: Reader, name: str, weekly: str = "", look: str = "") -> Response:
    """The mail of the next issue, for the frame."""
    return _mail(visitor, _next(visitor, name, weekly), look)


@routes.get("/newsletters/issues/{number:int}/mail")
def issue_mail(visitor: Reader, number: int, look: str = "") -> Response:
    """The mail of an issue, for the frame."""
    return _mail(visitor, _cut(visitor, number), look)


# --- changing ----------------------------------------------------------------------------------------


@routes.post("/newsletters/{name}/next/order")
def order_coming(visitor: Writer, name: str, weekly: str = "") -> Response:
    """Another order, a story left out, put back or unpinned."""
    at = _next(visitor, name, weekly)
    verb, number = _pressed(visitor)

    def act() -> str:
        if verb in ("out", "back"):
            newsroom.leave_out(visitor.app, name, number, actor=visitor.actor, back=verb == "back")
            return f"issue_{verb}"
        if verb == "unpin":
            newsroom.pin(visitor.app, name, number, actor=visitor.actor, away=True)
            return "issue_unpinned"
        newsroom.order_next(visitor.app, name, _asked(visitor), at.frequency, actor=visitor.actor)
        return "issue_ordered"

    return _acted(visitor, at, act)


@routes.post("/newsletters/issues/{number:int}/order")
def order_issue(visitor: Writer, number: int) -> Response:
    """Another order, a story left out or put in."""
    at = _cut(visitor, number)
    issue, delivery = at.issue, at.delivery
    assert issue is not None
    assert delivery is not None
    verb, story = _pressed(visitor)

    def act() -> str:
        wanted = _asked(visitor)
        if verb == "out":
            wanted = [one for one in issue.article_ids if one != story]
        elif verb == "back":
            wanted = [*(one for one in issue.article_ids if one != story), story]
        newsroom.arrange_issue(visitor.app, delivery.id, wanted, actor=visitor.actor, seen=_seen(visitor))
        return f"issue_{verb}" if verb in ("out", "back") else "issue_ordered"

    return _acted(visitor, at, act)


@routes.post("/newsletters/{name}/next/words")
def word_coming(visitor: Writer, name: str, weekly: str = "") -> Response:
    """A person's subject and preheader above the next issue."""
    at = _next(visitor, name, weekly)
    said = (_field(visitor, "subject"), _field(visitor, "preheader"))
    newsroom.word_next(visitor.app, name, at.frequency, *said, actor=visitor.actor)
    return _done(visitor, at, "issue_worded")


@routes.post("/newsletters/issues/{number:int}/words")
def word_issue(visitor: Writer, number: int) -> Response:
    """The same above an issue that was cut."""
    at = _cut(visitor, number)
    assert at.delivery is not None
    newsroom.arrange_issue(
        visitor.app,
        at.delivery.id,
        actor=visitor.actor,
        subject=_field(visitor, "subject"),
        preheader=_field(visitor, "preheader"),
        seen=_seen(visitor),
    )
    return _done(visitor, at, "issue_worded")


@routes.post("/newsletters/{name}/next/test")
def try_coming(visitor: Writer, name: str, weekly: str = "") -> Response:
    """A test mail of the next issue."""
    return _test(visitor, _next(visitor, name, weekly))


@routes.post("/newsletters/issues/{number:int}/test")
def try_issue(visitor: Writer, number: int) -> Response:
    """A test mail of an issue."""
    return _test(visitor, _cut(visitor, number))


@routes.post("/newsletters/{name}/next/cut")
def cut(visitor: Approver, name: str, weekly: str = "") -> Response:
    """Cuts the next issue now; where that of this day or week was cut already, the page leads to it."""
    at = _next(visitor, name, weekly)
    try:
        delivery = newsroom.cut_now(visitor.app, name, at.frequency, actor=visitor.actor)
    except Refused:
        with visitor.app.ground.reading() as tx:
            there = _cut_already(tx, at, visitor.times.now)
        if there is None:
            raise
        return _page(visitor, at, "", False, status=409)
    return visitor.go(f"/newsletters/issues/{delivery.subject_id}", done="issue_cut")


@routes.post("/newsletters/issues/{number:int}/send")
def send(visitor: Approver, number: int) -> Response:
    """A yes to exactly what was seen; it goes at once. What the pre-flight stops goes only "anyway", with a reason."""
    at = _cut(visitor, number)
    assert at.issue is not None
    assert at.delivery is not None
    if _seen(visitor) != at.delivery.fingerprint:
        raise Refused("somebody changed this issue while you looked at it; look again, then say yes anew")
    anyway = "anyway" in visitor.form
    if not anyway:
        found = preflight(visitor.app, preview(visitor.app, at.issue))
        if any(one.level is Level.STOP for one in found):
            return _page(visitor, at, "", True, found=found, status=409)
    why, seen = _field(visitor, "why"), at.delivery.fingerprint
    newsroom.send_issue(visitor.app, at.delivery.id, actor=visitor.actor, seen=seen, reason=why, anyway=anyway)
    return _done(visitor, at, "issue_goes")


@routes.post("/newsletters/issues/{number:int}/recompose")
def recompose(visitor: Writer, number: int) -> Response:
    """Makes it anew from the words and templates as they are now."""
    at = _cut(visitor, number)
    assert at.delivery is not None
    newsroom.recompose(visitor.app, at.delivery.id, actor=visitor.actor, reason=_field(visitor, "why"))
    return _done(visitor, at, "issue_anew")


@routes.post("/newsletters/issues/{number:int}/pause")
def pause(visitor: Stopper, number: int) -> Response:
    """Keeps it from going on; one under way stops before its next reader."""
    at = _cut(visitor, number)
    newsroom.hold(visitor.app, _reach(at), actor=visitor.actor, reason=_field(visitor, "why"))
    return _done(visitor, at, "issue_paused")


@routes.post("/newsletters/issues/{number:int}/resume")
def resume(visitor: Stopper, number: int) -> Response:
    """Lets it go on; nobody who has it gets it again."""
    at = _cut(visitor, number)
    newsroom.resume(visitor.app, _reach(at), actor=visitor.actor, reason=_field(visitor, "why"))
    return _done(visitor, at, "issue_resumed")


@routes.post("/newsletters/issues/{number:int}/cancel")
def cancel(visitor: Stopper, number: int) -> Response:
    """Calls it off: whoever has not got it gets nothing."""
    at = _cut(visitor, number)
    why = _field(visitor, "why")
    if not why:
        raise Refused("say why it is called off: the reason stands in the log")
    assert at.delivery is not None
    newsroom.cancel(visitor.app, at.delivery.id, actor=visitor.actor, reason=why)
    return _done(visitor, at, "issue_cancelled")


# --- what they stand on ------------------------------------------------------------------------------


def _next(visitor: Visitor, name: str, weekly: str) -> Lookup:
    outlet = newsletter_named(visitor.app, name)
    frequency = Frequency.WEEKLY if weekly else Frequency.DAILY
    return Lookup(outlet, frequency, f"/newsletters/{name}/next" + ("?weekly=1" if weekly else ""))


def _cut(visitor: Visitor, number: int) -> Lookup:
    with visitor.app.ground.reading() as tx:
        issue = issues.get(tx, number)
        delivery = delivery_of(tx, issue)
        begun = delivery.state not in MAY_CHANGE or recipients.in_line(tx, delivery)
    outlet = newsletter_named(visitor.app, issue.channel)
    where = f"/newsletters/issues/{number}"
    return Lookup(outlet, issue.frequency, where, issue, delivery, not begun and issue.corrects is None)


def _page(
    visitor: Visitor,
    at: Lookup,
    look: str,
    check: bool,
    *,
    found: Sequence[Finding] | None = None,
    tested: str = "",
    wrong: str = "",
    status: int = 200,
) -> Response:
    letter = at.outlet.letter
    assert letter is not None
    shown, why_none = _preview(visitor, at)
    sent = _tested(visitor, at)
    values = {
        "at": at,
        "letter": letter,
        "shown": shown,
        "why_none": why_none,
        "look": look if look in LOOKS else "light",
        "looks": LOOKS,
        "shape": hashlib.sha256(shown.part.html.encode()).hexdigest()[:12] if shown is not None else "",
        "mail": bodies_of(shown.message) if shown is not None else None,
        "lines": [],
        "left_out": [],
        "further": [],
        "own": None,
        "stops": [],
        "standing": None,
        "through": None,
        "counted": None,
        "waits": None,
        "cut_already": None,
        "goes_at": None,
        "tested": tested,
        "sent_test": sent,
        "wrong": wrong,
        "check": check,
        "findings": found if found is not None else _findings(visitor, at, shown, check),
        **(_of_cut(visitor, at) if at.issue is not None else _of_next(visitor, at)),
    }
    if sent is not None:
        values["done"] = visitor.words("letters.tested_to", to=sent.to)
    return visitor.page("issue.html", values, status=status)


def _cut_already(tx: Connection, at: Lookup, now: datetime) -> Issue | None:
    """The issue of the day or week that runs, for which none can be cut any more."""
    assert at.outlet.letter is not None
    return issues.find(tx, at.outlet.mode, at.outlet.name, at.outlet.letter.window(at.frequency, now))


def _of_next(visitor: Visitor, at: Lookup) -> dict[str, object]:
    now, letter = visitor.times.now, at.outlet.letter
    assert letter is not None
    with visitor.app.ground.reading() as tx:
        waiting = waiting_for(tx, at.outlet, at.frequency, now)
        pinned = set(issue_pins.pinned(tx, at.outlet.name))
        out = articles.several(tx, issue_wishes.left_out(tx, at.outlet.name)[:MOST_STORIES])
        own = issue_wishes.words(tx, at.outlet.name, at.frequency)
        waits = not_begun(tx, at.outlet)
        there = _cut_already(tx, at, now)
    lead = waiting.stories[0].article_id if waiting.stories else 0
    return {
        "lines": [Line(one, waiting.articles.get(one.article_id), one.article_id in pinned) for one in waiting.stories],
        "left_out": out,
        "own": own if own is not None and own.lead_id == lead else None,
        "waits": waits,
        "cut_already": there,
        "goes_at": slot_after(letter, at.frequency, now),
    }


def _of_cut(visitor: Visitor, at: Lookup) -> dict[str, object]:
    issue, now = at.issue, visitor.times.now
    assert issue is not None
    assert at.delivery is not None
    counts = counts_of(visitor, issue.id, moving=at.delivery.state in OPEN)
    with visitor.app.ground.reading() as tx:
        stories = issues.stories(tx, issue.id)
        known = {one.id: one for one in articles.several(tx, [one.article_id for one in stories])}
        standing = standing_of(tx, issue, counts, ())
        lying = stops.over(tx, at.delivery, now) if at.delivery.state in OPEN else []
        further, out = [], list[Article]()
        if at.changeable and not issue.is_alert:
            ready, ready_known = ready_stories(tx, at.outlet, issue.frequency, now)
            numbers = issue_wishes.left_out(tx, at.outlet.name)
            further = [Line(one, ready_known.get(one.article_id)) for one in ready if one.article_id not in numbers]
            waiting = {one.article_id for one in ready}
            out = articles.several(tx, [one for one in numbers if one in waiting][:MOST_STORIES])
    return {
        "lines": [Line(one, known.get(one.article_id)) for one in stories],
        "further": further[-MOST_STORIES:],
        "left_out": out,
        "own": issue.own if issue.own is not None and issue.article_ids[:1] == (issue.own.lead_id,) else None,
        "standing": standing,
        "bar": issue_bar(standing.counts),
        "through": through_of(counts) if standing.frozen and at.delivery.state in OPEN else None,
        "reasons": reasons(visitor, standing),
        "counted": opens_and_clicks(visitor, standing) if standing.frozen else None,
        "stops": lying,
        "goes_at": at.delivery.due_at if at.delivery.state is State.PLANNED else None,
    }


def _preview(visitor: Visitor, at: Lookup) -> tuple[Preview | None, str]:
    """The preview, or why there is none."""
    try:
        return preview(visitor.app, at.issue if at.issue is not None else at.outlet.name, at.frequency), ""
    except Refused as why:
        return None, str(why)


def _findings(visitor: Visitor, at: Lookup, shown: Preview | None, check: bool) -> Sequence[Finding]:
    """The pre-flight of an issue that has not begun; ``check``: the net is asked, too."""
    if shown is None or not at.changeable:
        return ()
    if check:
        return preflight(visitor.app, shown)
    letter = at.outlet.letter
    assert letter is not None

    def count() -> tuple[list[Finding], int]:
        rows = sum(one.confirmed for one in list_counts(visitor) if one.name == letter.list_name)
        return preflight(visitor.app, shown, net=False), rows

    return visitor.door.kept.get(("pre-flight", at.where, shown.part), count)


def _mail(visitor: Visitor, at: Lookup, look: str) -> Response:
    shown, why = _preview(visitor, at)
    if shown is None:
        raise Refused(why)
    return HTMLResponse(in_look(bodies_of(shown.message).html, look), headers=dict(HEADERS))


def _test(visitor: Visitor, at: Lookup) -> Response:
    shown, why = _preview(visitor, at)
    if shown is None:
        raise Refused(why)
    to = _field(visitor, "to")
    try:
        sent = send_test(visitor.app, shown, to, actor=visitor.actor)
    except BadAddress as fault:
        return _page(visitor, at, "", False, tested=to, wrong=str(fault), status=422)
    except ChannelError as fault:
        return _page(visitor, at, "", False, tested=to, wrong=str(fault), status=409)
    visitor.door.asides.leave((_TESTED, visitor.inside.person.name, at.where), sent)
    return _done(visitor, at, _TESTED)


def _tested(visitor: Visitor, at: Lookup) -> TestMail | None:
    """The test mail that this person sent from here just now, where the page is to say it."""
    if visitor.request.query_params.get("done") != _TESTED:
        return None
    found = visitor.door.asides.look((_TESTED, visitor.inside.person.name, at.where))
    return found if isinstance(found, TestMail) else None


def _asked(visitor: Visitor) -> list[int]:
    """The order that the form asks for."""
    there = [int(one) for one in map(str, visitor.form.getlist("story")) if one.isdecimal() and len(one) < 19]
    places = {number: _field(visitor, f"place-{number}") for number in there}
    return asked_order(there, places, _field(visitor, "do"))


def _pressed(visitor: Visitor) -> tuple[str, int]:
    verb, _, number = _field(visitor, "do").partition(" ")
    return verb, int(number) if number.isdecimal() and len(number) < 19 else 0


def _acted(visitor: Visitor, at: Lookup, act: Callable[[], str]) -> Response:
    """Does it; a script that asked for JSON is told a refusal as a sentence, too."""
    try:
        return _done(visitor, at, act())
    except Refused as no:
        if not _scripted(visitor):
            raise
        return JSONResponse({"sentence": visitor.words.said(str(no))}, status_code=409)


def _scripted(visitor: Visitor) -> bool:
    return "application/json" in visitor.request.headers.get("accept", "")


def _done(visitor: Visitor, at: Lookup, word: str) -> Response:
    """Back to the issue, which says it; a script that asked for JSON is told the sentence alone."""
    if _scripted(visitor):
        return JSONResponse({"sentence": visitor.words(f"done.{word}")})
    return visitor.go(at.where, done=word)


def _reach(at: Lookup) -> Reach:
    assert at.delivery is not None
    return Reach(Scope.DELIVERY, str(at.delivery.id))


def _seen(visitor: Visitor) -> str:
    return _field(visitor, "seen")


def _field(visitor: Visitor, name: str) -> str:
    return str(visitor.form.get(name, "")).strip()


PAGE = Page("issue", "/newsletters/issues", Permission.READ, routes, in_menu=False)
