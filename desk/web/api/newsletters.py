"""What a program may read and do with newsletters and their issues: the desk's own verbs and figures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from db import issue_wishes, issues
from db.records import Delivery, Frequency, Scope
from desk.cli.forms import delivery_form
from desk.cli.issue_pages import counted_form, report_form
from desk.web.api.acting import Asked, Because, Why
from desk.web.api.caller import Approving, Call, Reading, Stopping, TakingBack, Wording
from desk.web.api.fields import Line, NewsletterNamed, Number, Numbered, Text, kind
from desk.web.api.gives import (
    ComingIssue,
    Corrected,
    ForeseenCorrection,
    IssuePreview,
    IssueTold,
    LeftOut,
    NewsletterForm,
    Newsletters,
    OneIssue,
    Ordered,
    Pinned,
    TestSent,
    Worded,
)
from desk.web.api.problems import Problem
from desk.web.api.routes import ReadRoute, WriteRoute
from scheduler import newsroom
from scheduler.ahead import issues_ahead
from scheduler.issue_preview import Preview, preview, send_test
from scheduler.issue_standing import delivery_of, newsletter_named, standing_of
from scheduler.newsroom import Reach
from scheduler.preflight import preflight
from scheduler.preflight_finding import Level

letters_read = APIRouter(route_class=ReadRoute)
letters_act = APIRouter(route_class=WriteRoute)
ISSUES = 20


class Order(Asked):
    """Stories by number, the lead first; those not named follow in their usual order."""

    stories: Annotated[list[Number], Field(max_length=1_000)]
    weekly: bool = False


class LeaveOut(Why):
    """A story to leave out of a newsletter; ``back`` puts it back."""

    story: Number
    back: bool = False


class Above(Asked):
    """The words above the next issue; empty: what its stories say."""

    subject: Line = ""
    preheader: Line = ""
    weekly: bool = False


class Arrange(Why):
    """An issue's stories in order and the words above it; what is left out stays. ``seen``: the fingerprint looked at."""

    stories: Annotated[list[Number] | None, Field(default=None, max_length=1_000)]
    subject: Line | None = None
    preheader: Line | None = None
    seen: Annotated[str, Field(default="", max_length=64)]


class TestMail(Asked):
    """Where a test mail goes; empty: to the newsletter's own address."""

    to: Annotated[str, Field(default="", max_length=400, json_schema_extra=kind("mail-address"))]
    weekly: bool = False


class Cut(Asked):
    """Which issue is cut now."""

    weekly: bool = False


class Story(Asked):
    """One story by its number."""

    story: Number


class Pin(Story):
    """A story to put first in the next issue; ``away`` takes its pin away."""

    away: bool = False


class Send(Why):
    """A yes to exactly the issue that has this fingerprint."""

    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    anyway: bool = False


class Correction(Why):
    """What an issue's newsletter got wrong about a story: the right words, and a sentence for readers."""

    story: Number
    text: Text
    note: Annotated[str, Field(min_length=1, max_length=1_000)]
    seen: Annotated[
        str, Field(default="", max_length=2_000, description="`mark` of the correction as it was foreseen; 409 if not.")
    ]


@letters_read.get("/newsletters", tags=["newsletters"])
def newsletters(call: Reading) -> Newsletters:
    """Every newsletter: what is cut next, and its newest issues with where they stand."""
    ahead, times = issues_ahead(call.app), call.times
    found: list[NewsletterForm] = []
    for outlet in call.app.outlets.values():
        if outlet.letter is None:
            continue
        with call.app.ground.reading() as tx:
            newest = issues.newest(tx, outlet.mode, outlet.name, ISSUES)
            stand = [(one, delivery_of(tx, one)) for one in newest]
        found.append(
            {
                "newsletter": outlet.name,
                "title": outlet.letter.title,
                "list": outlet.letter.list_name,
                "mode": outlet.mode,
                "next": [
                    {"frequency": one.frequency, "stories": one.stories, "at": times.iso(one.at)}
                    for one in ahead
                    if one.channel == outlet.name
                ],
                "issues": [
                    {"issue": one.id, "window": one.window, "delivery": delivery.id, "state": delivery.state}
                    for one, delivery in stand
                ],
            }
        )
    return {"timezone": times.name, "newsletters": found}


@letters_read.get("/newsletters/{name}/next", tags=["newsletters"], responses={409: {}})
def coming(call: Reading, name: NewsletterNamed, weekly: bool = False) -> ComingIssue:
    """The next issue as it would be cut now, byte for byte, and what the pre-flight finds."""
    shown = preview(call.app, name, _frequency(weekly))
    with call.app.ground.reading() as tx:
        out = issue_wishes.left_out(tx, name)
    return {**_preview_form(call, shown), "left_out": out}


@letters_read.get("/issues/{issue}", tags=["newsletters"])
def one_issue(call: Reading, issue: Numbered) -> OneIssue:
    """One issue: who got it, why the others did not, and what was opened and followed where that is counted."""
    with call.app.ground.reading() as tx:
        standing = standing_of(tx, issues.get(tx, issue), counted=True)
    return {
        "timezone": call.times.name,
        **report_form(call.times, standing),
        "counted": counted_form(standing.counted),
        "fingerprint": standing.delivery.fingerprint,
    }


@letters_read.get("/issues/{issue}/preview", tags=["newsletters"], responses={409: {}})
def issue_preview(call: Reading, issue: Numbered) -> IssuePreview:
    """What an issue says, and what the pre-flight finds."""
    with call.app.ground.reading() as tx:
        found = issues.get(tx, issue)
    return _preview_form(call, preview(call.app, found))


@letters_act.post("/newsletters/{name}/order", tags=["newsletters"])
def order(call: Wording, name: NewsletterNamed, asked: Order) -> Ordered:
    """The order of the next issue's stories."""
    found = newsroom.order_next(call.app, name, asked.stories, _frequency(asked.weekly), actor=call.actor)
    return {"newsletter": name, "stories": found}


@letters_act.post("/newsletters/{name}/leave-out", tags=["newsletters"])
def leave_out(call: Wording, name: NewsletterNamed, asked: LeaveOut) -> LeftOut:
    """Leaves a story out of a newsletter until it is put back."""
    changed = newsroom.leave_out(call.app, name, asked.story, actor=call.actor, back=asked.back, reason=asked.why)
    return {"newsletter": name, "story": asked.story, "left_out": not asked.back, "changed": changed}


@letters_act.post("/newsletters/{name}/words", tags=["newsletters"])
def word(call: Wording, name: NewsletterNamed, asked: Above) -> Worded:
    """A subject and preheader of one's own above the next issue."""
    own = newsroom.word_next(call.app, name, _frequency(asked.weekly), asked.subject, asked.preheader, actor=call.actor)
    return {"newsletter": name, "subject": own.subject if own else "", "preheader": own.preheader if own else ""}


@letters_act.post("/newsletters/{name}/pin", tags=["newsletters"])
def pin(call: Wording, name: NewsletterNamed, asked: Pin) -> Pinned:
    """Puts a story first in the next issue."""
    changed = newsroom.pin(call.app, name, asked.story, actor=call.actor, away=asked.away)
    return {"newsletter": name, "story": asked.story, "pinned": not asked.away, "changed": changed}


@letters_act.post("/newsletters/{name}/test", tags=["newsletters"])
def try_coming(call: Wording, name: NewsletterNamed, asked: TestMail) -> TestSent:
    """Sends a test mail of the next issue."""
    return _test(call, preview(call.app, name, _frequency(asked.weekly)), asked.to)


@letters_act.post("/newsletters/{name}/cut", tags=["newsletters"], status_code=201)
def cut(call: Approving, name: NewsletterNamed, asked: Cut) -> IssueTold:
    """Cuts the next issue now."""
    return _told(call, newsroom.cut_now(call.app, name, _frequency(asked.weekly), actor=call.actor))


@letters_act.post("/newsletters/{name}/alert", tags=["newsletters"], status_code=201)
def alert(call: Approving, name: NewsletterNamed, asked: Story) -> IssueTold:
    """Alerts those readers to a story who asked for its section at once."""
    return _told(call, newsroom.alert_now(call.app, name, asked.story, actor=call.actor))


@letters_act.post("/issues/{issue}/arrange", tags=["newsletters"])
def arrange(call: Wording, issue: Numbered, asked: Arrange) -> IssueTold:
    """An issue's stories and the words above it, while nobody has begun to get it; it waits for a yes to that."""
    done = newsroom.arrange_issue(
        call.app,
        _delivery(call, issue).id,
        asked.stories,
        actor=call.actor,
        subject=asked.subject,
        preheader=asked.preheader,
        seen=asked.seen,
        reason=asked.why,
    )
    return _told(call, done.delivery)


@letters_act.post("/issues/{issue}/test", tags=["newsletters"])
def try_issue(call: Wording, issue: Numbered, asked: TestMail) -> TestSent:
    """Sends a test mail of an issue."""
    with call.app.ground.reading() as tx:
        found = issues.get(tx, issue)
    return _test(call, preview(call.app, found), asked.to)


@letters_act.post("/issues/{issue}/send", tags=["newsletters"])
def send(call: Approving, issue: Numbered, asked: Send) -> IssueTold:
    """A yes to exactly this issue; it goes at once. What the pre-flight stops goes only `anyway`, with a reason."""
    with call.app.ground.reading() as tx:
        found = issues.get(tx, issue)
        delivery = delivery_of(tx, found)
    if delivery.fingerprint != asked.fingerprint:
        raise Problem(409, "refused", "This is not the issue as it stands now: look at it again, then say yes anew.")
    if not asked.anyway:
        stopping = [one for one in preflight(call.app, preview(call.app, found)) if one.level is Level.STOP]
        if stopping:
            raise Problem(409, "refused", " ".join(f"{one.name}: {one.sentence}." for one in stopping))
    done = newsroom.send_issue(
        call.app, delivery.id, actor=call.actor, seen=asked.fingerprint, reason=asked.why, anyway=asked.anyway
    )
    return _told(call, done.delivery)


@letters_act.post("/issues/{issue}/recompose", tags=["newsletters"])
def recompose(call: Wording, issue: Numbered, asked: Why) -> IssueTold:
    """Makes an issue anew from the words and templates as they are now."""
    done = newsroom.recompose(call.app, _delivery(call, issue).id, actor=call.actor, reason=asked.why)
    return _told(call, done.delivery)


@letters_act.post("/issues/{issue}/pause", tags=["newsletters"])
def pause(call: Stopping, issue: Numbered, asked: Why) -> IssueTold:
    """Keeps an issue from going on."""
    delivery = _delivery(call, issue)
    newsroom.hold(call.app, Reach(Scope.DELIVERY, str(delivery.id)), actor=call.actor, reason=asked.why)
    return _told(call, delivery)


@letters_act.post("/issues/{issue}/resume", tags=["newsletters"])
def resume(call: Stopping, issue: Numbered, asked: Why) -> IssueTold:
    """Lets a paused issue go on."""
    delivery = _delivery(call, issue)
    newsroom.resume(call.app, Reach(Scope.DELIVERY, str(delivery.id)), actor=call.actor, reason=asked.why)
    return _told(call, _delivery(call, issue))


@letters_act.post("/issues/{issue}/cancel", tags=["newsletters"])
def cancel(call: Stopping, issue: Numbered, asked: Because) -> IssueTold:
    """Calls an issue off."""
    if not asked.why.strip():
        raise Problem(422, "not-understood", "why: say why it is called off; the reason stands in the log.")
    return _told(call, newsroom.cancel(call.app, _delivery(call, issue).id, actor=call.actor, reason=asked.why))


@letters_act.post("/issues/{issue}/foresee-correction", tags=["newsletters"])
def foresee(call: TakingBack, issue: Numbered, asked: Correction) -> ForeseenCorrection:
    """What a correction would do now, and the mails that would go; does nothing."""
    found = newsroom.foresee_mail(
        call.app, asked.story, _carrier(call, issue, asked), asked.text, actor=call.actor, note=asked.note
    )
    return {
        "issue": issue,
        "misled": found.done.misled,
        "exchanged": found.done.exchanged,
        "in_next_issue": found.done.noted,
        "mark": found.done.mark,
        "mails": [
            {
                "to_misled": one.to_misled,
                "subject": one.part.subject,
                "preheader": one.part.preheader,
                "text": one.part.text,
                "html": one.part.html,
            }
            for one in found.mails
        ],
    }


@letters_act.post("/issues/{issue}/correct", tags=["newsletters"])
def correct(call: TakingBack, issue: Numbered, asked: Correction) -> Corrected:
    """Puts right what an issue said about a story."""
    done = newsroom.correct_mail(
        call.app,
        asked.story,
        _carrier(call, issue, asked),
        asked.text,
        actor=call.actor,
        reason=asked.why or asked.note,
        note=asked.note,
        seen=asked.seen,
    )
    return {
        "issue": issue,
        "misled": done.misled,
        "exchanged": done.exchanged,
        "renewed": [one.subject_id for one in done.renewed],
        "corrections": [one.subject_id for one in done.mails],
        "in_next_issue": done.noted,
    }


def _carrier(call: Call, issue: int, asked: Correction) -> str:
    """The newsletter whose issue carries the story."""
    with call.app.ground.reading() as tx:
        found = issues.get(tx, issue)
    if asked.story not in found.article_ids:
        raise Problem(409, "refused", f"story: issue {issue} does not carry story {asked.story}.")
    return found.channel


def _frequency(weekly: bool) -> Frequency:
    return Frequency.WEEKLY if weekly else Frequency.DAILY


def _delivery(call: Call, issue: int) -> Delivery:
    with call.app.ground.reading() as tx:
        found = issues.get(tx, issue)
        newsletter_named(call.app, found.channel)
        return delivery_of(tx, found)


def _told(call: Call, delivery: Delivery) -> IssueTold:
    form = delivery_form(delivery, call.times)
    return {
        "timezone": call.times.name,
        "issue": delivery.subject_id,
        "fingerprint": delivery.fingerprint,
        "delivery": form,
    }


def _test(call: Call, shown: Preview, to: str) -> TestSent:
    sent = send_test(call.app, shown, to, actor=call.actor)
    return {
        "newsletter": shown.outlet.name,
        "to": sent.to,
        "accepted": True,
        "answer": sent.receipt.code or None,
        "rehearsal_page": sent.page or None,
    }


def _preview_form(call: Call, shown: Preview) -> IssuePreview:
    found = preflight(call.app, shown, net=False)
    return {
        "newsletter": shown.outlet.name,
        "issue": shown.issue.id if shown.issue else None,
        "window": shown.lineup.window,
        "subject": shown.part.subject,
        "preheader": shown.part.preheader,
        "stories": [one.article_id for one in shown.lineup.stories],
        "text": shown.part.text,
        "html": shown.part.html,
        "html_bytes": shown.html_size,
        "findings": [{"name": one.name, "level": one.level.value, "sentence": one.sentence} for one in found],
    }
