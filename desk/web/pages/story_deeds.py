"""What may be done with a whole story, with one delivery of it, or on one channel: each by its verb, which asks again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from db.records import Scope
from desk.web.door.visitor import Visitor, may
from desk.web.pages.asked_moment import NoMoment, asked_moment
from desk.web.pages.page import Page
from desk.web.pages.resuming import agreed, asked_ways, proposal_page
from desk.web.pages.story import Wrong, back_to, story_page, template_of
from scheduler import newsroom
from scheduler.newsroom import Reach, Refused
from scheduler.people.roles import Permission
from scheduler.spans import parse_span

routes = APIRouter()
Doer = Annotated[Visitor, Depends(may(Permission.STOP))]
Queuer = Annotated[Visitor, Depends(may(Permission.QUEUE))]
FIELDS: dict[str, dict[str, str]] = {
    "cancel": {"reason": "why-{channel}"},
    "takedown": {"reason": "down-why-{channel}"},
    "correct": {"text": "correct-text-{channel}", "reason": "correct-why-{channel}"},
    "again": {"text": "again-text-{channel}", "reason": "again-why-{channel}"},
    "hold": {"reason": "hold-why", "until": "hold-until"},
    "set_embargo": {"until": "embargo-until", "reason": "embargo-why"},
    "lift_embargo": {"until": "embargo-until", "reason": "embargo-why"},
    "evergreen": {"every": "every", "times": "times", "until": "evergreen-until", "season": "season"},
    "end_evergreen": {"every": "every"},
}
"""The fields of each form by their names, with their ids on the page; the others have a reason alone."""


@routes.post("/story/{article_id:int}/do")
def do(visitor: Doer, article_id: int) -> Response:
    """A verb of the whole story, of one delivery of it, or of one channel."""
    verb = DEEDS.get(_said(visitor, "verb"))
    if verb is None:
        return visitor.go(f"/story/{article_id}")
    back = back_to(visitor, article_id)
    try:
        verb(visitor, article_id, _said(visitor, "reason"))
    except Refused as no:
        wrong = typed(visitor, str(no), moment=isinstance(no, NoMoment))
        fault = "" if isinstance(no, NoMoment) else str(no)
        return story_page(visitor, article_id, template_of(back), fault=fault, wrong=wrong, status=409)
    return visitor.go(back, done=f"story_{_said(visitor, 'verb')}", story=article_id)


def typed(visitor: Visitor, why: str, *, moment: bool) -> dict[str, Wrong]:
    """What stood in the fields of the form that was sent, by their ids on the page; the first, or the moment's, says why."""
    verb, channel = _said(visitor, "verb"), _said(visitor, "channel")
    fields = FIELDS.get(verb, {"reason": f"{verb}-why" if "aside" in visitor.form else "reason"})
    says = "until" if moment else next(iter(fields))
    return {
        field.format(channel=channel): Wrong(_said(visitor, name), why if name == says else "")
        for name, field in fields.items()
    }


@routes.get("/story/{article_id:int}/release")
def proposal(visitor: Doer, article_id: int) -> Response:
    """What letting the story go again would do to each post that came due meanwhile, with a choice for each."""
    return _proposal(visitor, article_id)


@routes.post("/story/{article_id:int}/release")
def release(visitor: Doer, article_id: int) -> Response:
    """Lets the story go again as chosen, or shows what would come of other choices."""
    if "look" in visitor.form:
        return _proposal(visitor, article_id)
    agreed(visitor, Reach(Scope.STORY, str(article_id)))
    return visitor.go(f"/story/{article_id}", done="story_release")


def _proposal(visitor: Visitor, article_id: int) -> Response:
    page = f"/story/{article_id}"
    return proposal_page(
        visitor,
        Reach(Scope.STORY, str(article_id)),
        asked_ways(visitor),
        title=visitor.words("story.release_what", id=article_id),
        to=f"{page}/release",
        leave=page,
    )


@routes.post("/story/{article_id:int}/address")
def address(visitor: Queuer, article_id: int) -> Response:
    """Where readers find a story, or that it may go without a link."""
    if _said(visitor, "without"):
        newsroom.go_without_link(visitor.app, article_id, actor=visitor.actor)
        return visitor.go(back_to(visitor, article_id), done="without_link")
    newsroom.give_address(visitor.app, article_id, _said(visitor, "url"), actor=visitor.actor)
    return visitor.go(back_to(visitor, article_id), done="address_given")


def _call_off(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.cancel(visitor.app, _delivery(visitor), actor=visitor.actor, reason=reason)


def _call_all_off(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.cancel_story(visitor.app, article_id, actor=visitor.actor, reason=reason)


def _take_down(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.take_down(visitor.app, _delivery(visitor), actor=visitor.actor, reason=reason)


def _take_all_down(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.take_story_down(visitor.app, article_id, actor=visitor.actor, reason=reason)


def _skip(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.skip(visitor.app, article_id, actor=visitor.actor, reason=reason)


def _take(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.take(visitor.app, article_id, actor=visitor.actor)


def _hold(visitor: Visitor, article_id: int, reason: str) -> None:
    until = asked_moment(visitor, "until")
    newsroom.hold(visitor.app, Reach(Scope.STORY, str(article_id)), actor=visitor.actor, reason=reason, until=until)


def _release(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.resume(visitor.app, Reach(Scope.STORY, str(article_id)), actor=visitor.actor, reason=reason)


def _breaking(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.declare_breaking(visitor.app, article_id, actor=visitor.actor, reason=reason)


def _calm(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.undo_breaking(visitor.app, article_id, actor=visitor.actor, reason=reason)


def _kill(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.kill(visitor.app, article_id, actor=visitor.actor, reason=reason)


def _revive(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.revive(visitor.app, article_id, actor=visitor.actor, reason=reason)


def _embargo(visitor: Visitor, article_id: int, reason: str) -> None:
    until = asked_moment(visitor, "until")
    if until is None:
        raise Refused("say until when no word of it leaves")
    newsroom.embargo(visitor.app, article_id, until, actor=visitor.actor, reason=reason)


def _lift_embargo(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.lift_embargo(visitor.app, article_id, actor=visitor.actor, reason=reason)


def _evergreen(visitor: Visitor, article_id: int, reason: str) -> None:
    times = _said(visitor, "times")
    if times and not (times.isdecimal() and len(times) < 6):
        raise Refused(f'"{times[:40]}" is no number: write how often it may come again on a channel')
    try:
        every = parse_span(_said(visitor, "every"))
    except ValueError as fault:
        raise Refused(f"{fault}.") from None
    newsroom.mark_evergreen(
        visitor.app,
        article_id,
        every=every,
        times=int(times) if times else None,
        until=asked_moment(visitor, "until"),
        season=_said(visitor, "season"),
        channels=[str(one) for one in visitor.form.getlist("channel")],
        actor=visitor.actor,
        reason=reason,
    )


def _end_evergreen(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.end_evergreen(visitor.app, article_id, actor=visitor.actor, reason=reason)


def _correct(visitor: Visitor, article_id: int, reason: str) -> None:
    text = _said(visitor, "text")
    newsroom.correct(visitor.app, article_id, _said(visitor, "channel"), text, actor=visitor.actor, reason=reason)


def _again(visitor: Visitor, article_id: int, reason: str) -> None:
    text = _said(visitor, "text") or None
    newsroom.again(visitor.app, article_id, _said(visitor, "channel"), text=text, actor=visitor.actor, reason=reason)


def _alert(visitor: Visitor, article_id: int, reason: str) -> None:
    newsroom.alert_now(visitor.app, _said(visitor, "channel"), article_id, actor=visitor.actor)


DEEDS: dict[str, Callable[[Visitor, int, str], None]] = {
    "cancel": _call_off,
    "cancel_all": _call_all_off,
    "takedown": _take_down,
    "takedown_all": _take_all_down,
    "take": _take,
    "skip": _skip,
    "hold": _hold,
    "release": _release,
    "breaking": _breaking,
    "calm": _calm,
    "kill": _kill,
    "revive": _revive,
    "set_embargo": _embargo,
    "lift_embargo": _lift_embargo,
    "evergreen": _evergreen,
    "end_evergreen": _end_evergreen,
    "correct": _correct,
    "again": _again,
    "alert": _alert,
}
"""What may be done with a story from its page; each asks for its own permission again."""


def _delivery(visitor: Visitor) -> int:
    number = _said(visitor, "delivery")
    if not (number.isdecimal() and len(number) < 19):
        raise Refused("no delivery was named; reload the page and try again")
    return int(number)


def _said(visitor: Visitor, name: str) -> str:
    return str(visitor.form.get(name, "")).replace("\r\n", "\n").strip()


PAGE = Page("story-deeds", "/story", Permission.STOP, routes, in_menu=False)
