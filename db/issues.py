"""The editions of newsletters: what was cut, when, from which stories. Unique per (mode, channel, window)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, select, update

from db.errors import NotThere
from db.json_forms import teaser_of
from db.live_marks import was_there_before_live
from db.records import Frequency, Issue, Mode, OwnWords, SubjectKind, Teaser
from db.stops import story_stopped
from db.tables import articles, issue_articles, teasers
from db.tables import issues as t
from db.writing import ACTOR_LENGTH, clean, cut, insert_unless_there, resigned, signed


def add(
    tx: Connection, issue: Issue, stories: Sequence[Teaser], *, actor: str, now: datetime, reason: str = ""
) -> Issue | None:
    """Stores a cut issue with its stories in order, each with the words it carries.

    None where somebody has cut this window already, or put one of the stories into another issue of this channel and
    frequency: nothing is written then, and the caller cuts again from what is left. ``issue.post_id`` is the stored
    post. A correction may carry what its issue carried.
    """
    with tx.begin_nested() as savepoint:
        row_id = insert_unless_there(
            tx,
            t,
            {
                "mode": issue.mode,
                "channel": issue.channel,
                "window": issue.window,
                "frequency": issue.frequency,
                "corrects_id": issue.corrects,
                "cut_at": issue.cut_at,
                "post_id": issue.post_id,
                **_own(issue.own),
                **signed(actor, now, reason),
            },
        )
        if row_id is None:
            savepoint.rollback()
            return None
        for position, teaser in enumerate(stories):
            values = {
                "issue_id": row_id,
                "mode": issue.mode,
                "channel": issue.channel,
                "carried": issue.frequency if issue.corrects is None else issue.window,
                "article_id": teaser.article_id,
                "position": position,
                "teaser_id": teaser.id,
                **signed(actor, now, reason),
            }
            if insert_unless_there(tx, issue_articles, values) is None:
                savepoint.rollback()
                return None
    return get(tx, row_id)


def get(tx: Connection, issue_id: int) -> Issue:
    """The issue with this number. Raises ``NotThere``."""
    row = tx.execute(select(t).where(t.c.id == issue_id)).one_or_none()
    if row is None:
        raise NotThere(f"there is no issue {issue_id}; see what went out with: pressrun log")
    return _issue(tx, row)


def find(tx: Connection, mode: Mode, channel: str, window: str) -> Issue | None:
    """The issue of this window, or None."""
    row = tx.execute(select(t).where(t.c.mode == mode, t.c.channel == channel, t.c.window == window)).one_or_none()
    return _issue(tx, row) if row is not None else None


def recent(tx: Connection, mode: Mode, channel: str, limit: int = 20) -> list[Issue]:
    """The issues cut last, the newest first."""
    rows = tx.execute(
        select(t)
        .where(t.c.mode == mode, t.c.channel == channel)
        .order_by(t.c.cut_at.desc(), t.c.id.desc())
        .limit(limit)
    ).all()
    return [_issue(tx, row) for row in rows]


def corrections_of(tx: Connection, issue_id: int) -> list[Issue]:
    """The issues that put this one right, oldest first."""
    return [_issue(tx, row) for row in tx.execute(select(t).where(t.c.corrects_id == issue_id).order_by(t.c.id)).all()]


def latest(tx: Connection, mode: Mode, channel: str) -> Issue | None:
    """The issue cut last, or None."""
    row = tx.execute(
        select(t).where(t.c.mode == mode, t.c.channel == channel).order_by(t.c.cut_at.desc(), t.c.id.desc()).limit(1)
    ).one_or_none()
    return _issue(tx, row) if row is not None else None


def newest(tx: Connection, mode: Mode, channel: str, limit: int) -> list[Issue]:
    """At most ``limit`` issues, those cut last first."""
    query = select(t).where(t.c.mode == mode, t.c.channel == channel).order_by(t.c.cut_at.desc(), t.c.id.desc())
    return [_issue(tx, row) for row in tx.execute(query.limit(limit))]


def of_article(tx: Connection, article_id: int) -> list[Issue]:
    """Every issue that carries this story, oldest first."""
    query = select(t).where(
        t.c.id.in_(select(issue_articles.c.issue_id).where(issue_articles.c.article_id == article_id))
    )
    return [_issue(tx, row) for row in tx.execute(query.order_by(t.c.id))]


def stories(tx: Connection, issue_id: int) -> list[Teaser]:
    """The words of each story as the issue carries them, in order."""
    query = (
        select(teasers)
        .join(issue_articles, issue_articles.c.teaser_id == teasers.c.id)
        .where(issue_articles.c.issue_id == issue_id)
        .order_by(issue_articles.c.position)
    )
    return [_teaser(row) for row in tx.execute(query)]


def waiting_stories(
    tx: Connection, mode: Mode, channel: str, now: datetime, frequency: Frequency = Frequency.DAILY
) -> list[Teaser]:
    """The newest words of every story no issue of this channel and frequency has carried, in the order taken in.

    Left out: what a person skipped, what is stopped or under embargo at ``now``, and what was taken in before the
    channel went live.
    """
    newest = (
        select(teasers.c.subject_id, func.max(teasers.c.teaser_version).label("version"))
        .where(teasers.c.subject_kind == SubjectKind.ARTICLE, teasers.c.channel == channel)
        .group_by(teasers.c.subject_id)
        .subquery()
    )
    carried = select(issue_articles.c.article_id).where(
        issue_articles.c.mode == mode, issue_articles.c.channel == channel, issue_articles.c.carried == frequency
    )
    query = (
        select(teasers)
        .join(
            newest,
            and_(teasers.c.subject_id == newest.c.subject_id, teasers.c.teaser_version == newest.c.version),
        )
        .join(articles, articles.c.id == teasers.c.subject_id)
        .where(
            teasers.c.subject_kind == SubjectKind.ARTICLE,
            teasers.c.channel == channel,
            articles.c.skipped_at.is_(None),
            articles.c.embargo_at.is_(None) | (articles.c.embargo_at <= now),
            ~story_stopped(now),
            teasers.c.subject_id.not_in(carried),
            ~was_there_before_live(mode, channel),
        )
        .order_by(articles.c.created_at, articles.c.id)
    )
    return [_teaser(row) for row in tx.execute(query)]


def carry(
    tx: Connection, issue_id: int, post_id: int, *, without: int, actor: str, now: datetime, reason: str = ""
) -> None:
    """Takes one story out of an issue that nobody has begun to get, and notes the post that says the rest."""
    tx.execute(
        delete(issue_articles).where(issue_articles.c.issue_id == issue_id, issue_articles.c.article_id == without)
    )
    tx.execute(update(t).where(t.c.id == issue_id).values(post_id=post_id, **resigned(t, actor, now, reason)))


def note_post(tx: Connection, issue_id: int, post_id: int, *, actor: str, now: datetime, reason: str = "") -> None:
    """The issue says this post from now on."""
    tx.execute(update(t).where(t.c.id == issue_id).values(post_id=post_id, **resigned(t, actor, now, reason)))


def renew(
    tx: Connection, issue_id: int, post_id: int, teaser: Teaser, *, actor: str, now: datetime, reason: str = ""
) -> None:
    """Gives one of an issue's stories other words, and notes the post that says them."""
    tx.execute(
        update(issue_articles)
        .where(issue_articles.c.issue_id == issue_id, issue_articles.c.article_id == teaser.article_id)
        .values(teaser_id=teaser.id, **resigned(issue_articles, actor, now, reason))
    )
    tx.execute(update(t).where(t.c.id == issue_id).values(post_id=post_id, **resigned(t, actor, now, reason)))


def arrange(
    tx: Connection,
    issue: Issue,
    stories: Sequence[Teaser],
    own: OwnWords | None,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
) -> bool:
    """Gives an issue that nobody has begun to get these stories in this order, and a person's words above them.

    False where another issue of its frequency carries one of them: the caller rolls back. A story that it has keeps the
    words it carries.
    """
    tx.execute(
        delete(issue_articles).where(
            issue_articles.c.issue_id == issue.id,
            issue_articles.c.article_id.not_in([one.article_id for one in stories]),
        )
    )
    for position, story in enumerate(stories):
        if story.article_id in issue.article_ids:
            tx.execute(
                update(issue_articles)
                .where(issue_articles.c.issue_id == issue.id, issue_articles.c.article_id == story.article_id)
                .values(position=position, **resigned(issue_articles, actor, now, reason))
            )
            continue
        values = {
            "issue_id": issue.id,
            "mode": issue.mode,
            "channel": issue.channel,
            "carried": issue.frequency,
            "article_id": story.article_id,
            "position": position,
            "teaser_id": story.id,
            **signed(actor, now, reason),
        }
        if insert_unless_there(tx, issue_articles, values) is None:
            return False
    tx.execute(update(t).where(t.c.id == issue.id).values(**_own(own), **resigned(t, actor, now, reason)))
    return True


def prepared_at(tx: Connection, issue_id: int) -> datetime | None:
    """When its audience was frozen, None while it is not."""
    moment: datetime | None = tx.execute(select(t.c.prepared_at).where(t.c.id == issue_id)).scalar_one()
    return moment


def note_prepared(tx: Connection, issue_id: int, *, actor: str, now: datetime, reason: str = "") -> None:
    """From now on the audience is frozen. A second note changes nothing."""
    tx.execute(
        update(t)
        .where(t.c.id == issue_id, t.c.prepared_at.is_(None))
        .values(prepared_at=now, **resigned(t, actor, now, reason))
    )


def _issue(tx: Connection, row: Row[Any]) -> Issue:
    carried = (
        select(issue_articles.c.article_id)
        .where(issue_articles.c.issue_id == row.id)
        .order_by(issue_articles.c.position)
    )
    return Issue(
        mode=Mode(row.mode),
        channel=row.channel,
        window=row.window,
        cut_at=row.cut_at,
        id=row.id,
        post_id=row.post_id,
        article_ids=tuple(tx.execute(carried).scalars()),
        frequency=Frequency(row.frequency),
        corrects=row.corrects_id,
        own=OwnWords(row.own_lead_id, row.own_subject, row.own_preheader, row.own_by)
        if row.own_lead_id is not None
        else None,
    )


def _own(own: OwnWords | None) -> dict[str, Any]:
    if own is None:
        return {"own_lead_id": None, "own_subject": "", "own_preheader": "", "own_by": ""}
    return {
        "own_lead_id": own.lead_id,
        "own_subject": clean(own.subject),
        "own_preheader": clean(own.preheader),
        "own_by": cut(own.by, ACTOR_LENGTH),
    }


def _teaser(row: Row[Any]) -> Teaser:
    return teaser_of(row.content, id=row.id, channel=row.channel, version=row.teaser_version, writer=row.writer)
