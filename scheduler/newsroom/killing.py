"""Kill: a whole story taken back everywhere, and kept out until somebody revives it by name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from db import (
    articles,
    audit,
    deliveries,
    issue_corrections,
    issue_variants,
    issues,
    notices,
    posts,
    queue,
    recipients,
    stops,
)
from db.moves import OPEN
from db.records import Article, Cause, Delivery, Issue, Publish, Scope, State, Stop, SubjectKind
from scheduler import correction, proposals, takedown
from scheduler.app import App, Outlet
from scheduler.approval import approval
from scheduler.first_posts import rules_now
from scheduler.issue_promise import compose
from scheduler.newsroom.grounds import MAY_CHANGE, Refused, current
from scheduler.newsroom.taking_back import Did, TakenBack, ask_why, take_back
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.variants import lineup_of


@dataclass(frozen=True, slots=True)
class Killed:
    """What became of every delivery of a story that was killed; those that had ended with nothing out are left out."""

    article: Article
    rows: tuple[TakenBack, ...]

    @property
    def removals(self) -> tuple[int, ...]:
        """The numbers of the take-downs that were ordered."""
        return tuple(row.removal.id for row in self.rows if row.removal is not None)


@needs(Permission.TAKE_BACK)
def kill(app: App, article_id: int, *, actor: str, reason: str) -> Killed:
    """Calls off what is planned on every channel, takes down what is out, and keeps the story out for good.

    An issue that nobody has begun to get goes without the story; one that is going out stops before its next reader.
    What is in flight is taken down as soon as it is known to be out, whoever finds it. Asked twice it does what the
    first time left undone. Raises ``Refused`` without a reason and ``NotThere`` for a story there is not.
    """
    ask_why(reason)
    moment = app.clock.now()
    with app.ground.transaction() as tx:
        article = articles.get(tx, article_id)
        stops.lay(tx, _order(article_id, actor, reason, moment), actor=actor, now=moment)
        if article.skipped_at is None:
            articles.skip(tx, article_id, actor=actor, now=moment, reason=reason)
        queue.done(tx, article_id, actor=actor, now=moment, reason="killed")
        proposals.take_down(tx, article_id, moment)
        rows = [
            take_back(app, tx, one, actor=actor, reason=reason, moment=moment)
            for one in deliveries.of_subject(tx, SubjectKind.ARTICLE, article_id)
            if not takedown.is_takedown(one) and not _only_words(tx, one, actor, reason, moment)
        ]
        for issue in issues.of_article(tx, article_id):
            for one in deliveries.of_subject(tx, SubjectKind.ISSUE, issue.id):
                rows.append(_from_issue(app, tx, issue, one, article, actor, reason, moment))
        for number in issue_corrections.telling(tx, article_id):
            issue = issues.get(tx, number)
            if article_id not in issue.article_ids:
                for one in deliveries.of_subject(tx, SubjectKind.ISSUE, issue.id):
                    rows.append(_from_box(app, tx, issue, one, article, actor, reason, moment))
        told = "; ".join(f"d{row.delivery.id} {row.delivery.channel}: {row.did}" for row in rows)
        audit.write(tx, "kill", f"story {article_id}", actor=actor, now=moment, reason=reason, after=told)
        worth = [row for row in rows if row.did is not Did.CANCELLED or row.delivery.updated_at == moment]
        return Killed(articles.get(tx, article_id), tuple(worth))


@needs(Permission.TAKE_BACK)
def revive(app: App, article_id: int, *, actor: str, reason: str = "") -> Article:
    """Takes a kill back by name: the story may be planned again, and waits in the queue for it.

    What was taken down stays down. Raises ``Refused`` for a story that was not killed.
    """
    moment = app.clock.now()
    with app.ground.transaction() as tx:
        article = articles.get(tx, article_id)
        order = stops.killed(tx, article_id)
        if order is None:
            raise Refused(f"story {article_id} was not killed; see: pressrun show {article_id}")
        stops.lift(
            tx,
            scope=Scope.STORY,
            target=str(article_id),
            cause=Cause.KILLED,
            by=actor,
            now=moment,
            reason=reason,
        )
        articles.unskip(tx, article_id, actor=actor, now=moment, reason=reason)
        queue.put(tx, article_id, article.priority, actor=actor, now=moment, reason="revived")
        audit.write(tx, "revive", f"story {article_id}", actor=actor, now=moment, reason=reason, before=order.reason)
        return articles.get(tx, article_id)


def _order(article_id: int, actor: str, reason: str, moment: datetime) -> Stop:
    return Stop(
        scope=Scope.STORY,
        target=str(article_id),
        mode=None,
        cause=Cause.KILLED,
        reason=reason,
        by=actor,
        since_at=moment,
    )


def _only_words(tx: Connection, one: Delivery, actor: str, reason: str, moment: datetime) -> bool:
    """An edit in place is no post of its own: what it changed is taken down; one that has not begun is called off."""
    if not correction.is_edit(one):
        return False
    if one.state in MAY_CHANGE:
        deliveries.move(tx, one, State.CANCELLED, actor=actor, now=moment, reason=reason)
    return True


def _from_issue(
    app: App, tx: Connection, issue: Issue, one: Delivery, article: Article, actor: str, reason: str, moment: datetime
) -> TakenBack:
    """The story out of an issue that nobody began to get; else the issue is stopped where it is."""
    if one.state in MAY_CHANGE and not recipients.in_line(tx, one) and current(app, one) and len(issue.article_ids) > 1:
        return _without(app, tx, issue, one, article, actor, reason, moment)
    done = take_back(app, tx, one, actor=actor, reason=reason, moment=moment)
    if one.state in OPEN and done.did is Did.CANCELLED:
        issues.carry(tx, issue.id, issue.post_id, without=article.id, actor=actor, now=moment, reason=reason)
    return done


def _from_box(
    app: App, tx: Connection, issue: Issue, one: Delivery, article: Article, actor: str, reason: str, moment: datetime
) -> TakenBack:
    """A correction of the story out of the box of an issue that nobody began to get; else the issue is stopped."""
    if one.state in MAY_CHANGE and not recipients.in_line(tx, one) and current(app, one):
        return _without(app, tx, issue, one, article, actor, reason, moment)
    return take_back(app, tx, one, actor=actor, reason=reason, moment=moment)


def _without(
    app: App, tx: Connection, issue: Issue, one: Delivery, article: Article, actor: str, reason: str, moment: datetime
) -> TakenBack:
    """Composes the issue anew without a word of the story, its box included; where issues need a person's yes, it waits for a new one."""
    outlet: Outlet = app.outlets[one.channel]
    issue_corrections.take_out(tx, issue.id, article.id, actor=actor, now=moment)
    rest = lineup_of(tx, issue).only([number for number in issue.article_ids if number != article.id])
    post, problems = compose(app, outlet, rest)
    stored = posts.add(tx, post, problems, teaser_id=None, actor=actor, now=moment)
    left = tuple(one.article_id for one in rest.stories)
    issue_variants.add(tx, issue.id, stored, left, actor=actor, now=moment)
    issues.carry(tx, issue.id, stored.id, without=article.id, actor=actor, now=moment, reason=reason)
    stopping = " ".join(problem.message for problem in problems if problem.stops)
    asks = rules_now(tx, outlet).asks is Publish.APPROVE
    goes = one.state is State.PLANNED and not stopping and not asks
    waits = stopping or f"story {article.id} was taken out of it; it waits for a person's yes."
    moved = deliveries.move(
        tx,
        one,
        State.PLANNED if goes else State.WAITING,
        actor=actor,
        now=moment,
        reason="" if goes else waits,
        post_id=stored.id,
        fingerprint=stored.fingerprint,
        **approval(actor, replace(post, id=stored.id), moment, given=goes),
    )
    if not goes:
        remedy = f"pressrun approve d{one.id}"
        notices.tell_once(tx, f"killed from issue {issue.id}", f"{one.channel}: {waits}", remedy, now=moment)
    sentence = f"the issue of {issue.window} goes without it" if goes else waits
    return TakenBack(moved, Did.LEFT_OUT, sentence)
