"""Correcting what an issue said about a story: what readers would be told, how many they are, and the order itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import HTMLResponse, Response

from db import articles, issues, teasers
from db.records import Article, Issue, SubjectKind
from desk.web.door.visitor import Visitor, may
from desk.web.pages.mail_look import HEADERS, LOOKS, bodies_of, in_look
from desk.web.pages.page import Page
from scheduler import newsroom
from scheduler.issue_standing import newsletter_named
from scheduler.newsroom import Foreseen, Refused
from scheduler.people.roles import Permission

routes = APIRouter()
Corrector = Annotated[Visitor, Depends(may(Permission.TAKE_BACK))]


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is corrected: a story in an issue, and the words that the newsletter has for it now."""

    issue: Issue
    article: Article
    words: str


@routes.get("/newsletters/issues/{number:int}/correct")
def form(visitor: Corrector, number: int, story: str = "") -> Response:
    """The form, with the story's newest words; nothing is looked at yet."""
    wrong = _wrong(visitor, number, story)
    return _page(visitor, wrong, wrong.words, "", "")


@routes.post("/newsletters/issues/{number:int}/correct")
def correct(visitor: Corrector, number: int) -> Response:
    """With ``look`` shows what would go and to how many; else gives the correction that was looked at."""
    wrong = _wrong(visitor, number, _field(visitor, "story"))
    text, note, why = (_field(visitor, name) for name in ("text", "note", "why"))
    if not note:
        sentence = visitor.words("correct.no_note")
        return _page(visitor, wrong, text, note, why, wrong_note=sentence, status=422)
    channel = wrong.issue.channel
    if "look" in visitor.form or not _field(visitor, "seen"):
        try:
            found = newsroom.foresee_mail(visitor.app, wrong.article.id, channel, text, actor=visitor.actor, note=note)
        except Refused as no:
            return _page(visitor, wrong, text, note, why, fault=str(no), status=409)
        return _page(visitor, wrong, text, note, why, found=found)
    try:
        newsroom.correct_mail(
            visitor.app,
            wrong.article.id,
            channel,
            text,
            actor=visitor.actor,
            reason=why or note,
            note=note,
            seen=_field(visitor, "seen"),
        )
    except Refused as no:
        return _page(visitor, wrong, text, note, why, fault=str(no), status=409)
    return visitor.go(f"/newsletters/issues/{number}", done="issue_corrected")


@routes.get("/newsletters/issues/{number:int}/correct/mail")
def mail(
    visitor: Corrector, number: int, story: str = "", text: str = "", note: str = "", which: int = 0, look: str = ""
) -> Response:
    """One of the mails that would go, for the frame."""
    wrong = _wrong(visitor, number, story)
    found = newsroom.foresee_mail(
        visitor.app, wrong.article.id, wrong.issue.channel, text, actor=visitor.actor, note=note
    )
    if not 0 <= which < len(found.mails):
        raise HTTPException(404)
    return HTMLResponse(in_look(bodies_of(found.mails[which].message).html, look), headers=dict(HEADERS))


def _wrong(visitor: Visitor, number: int, story: str) -> Wrong:
    with visitor.app.ground.reading() as tx:
        issue = issues.get(tx, number)
        newsletter_named(visitor.app, issue.channel)
        chosen = int(story) if story.isdecimal() and len(story) < 19 else issue.article_ids[0]
        if chosen not in issue.article_ids or issue.corrects is not None:
            raise HTTPException(404)
        newest = teasers.newest(tx, SubjectKind.ARTICLE, chosen, issue.channel)
        return Wrong(issue, articles.get(tx, chosen), newest.text if newest is not None else "")


def _page(
    visitor: Visitor,
    wrong: Wrong,
    text: str,
    note: str,
    why: str,
    *,
    found: Foreseen | None = None,
    fault: str = "",
    wrong_note: str = "",
    status: int = 200,
) -> Response:
    values: dict[str, Any] = {
        "issue": wrong.issue,
        "article": wrong.article,
        "text": text,
        "note": note,
        "why": why,
        "found": found,
        "mails": [(one, bodies_of(one.message).text) for one in found.mails] if found is not None else [],
        "looks": LOOKS,
        "fault": fault,
        "wrong_note": wrong_note,
    }
    return visitor.page("issue_correct.html", values, status=status)


def _field(visitor: Visitor, name: str) -> str:
    return str(visitor.form.get(name, "")).replace("\r\n", "\n").strip()


PAGE = Page("issue-correct", "/newsletters/issues", Permission.TAKE_BACK, routes, in_menu=False)
