"""The line of stories: take one now, and say how urgent it is. Skipping one is ``calling_off.skip``."""

from __future__ import annotations

from db import articles, audit, queue, stops
from db.records import Article, Priority
from scheduler.app import App
from scheduler.newsroom.grounds import Refused
from scheduler.newsroom.rushing import declare_breaking, undo_breaking
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.prepare import prepare


@needs(Permission.QUEUE)
def take(app: App, article_id: int, *, actor: str) -> Article:
    """Writes a story's words and plans its posts now, without waiting for the next run; one that was skipped is taken
    up again. What is planned already stays as it is. Raises ``Refused`` for a story that was killed, and whatever a
    template's fault is.
    """
    now = app.clock.now()
    with app.ground.transaction() as tx:
        article = articles.get(tx, article_id)
        if stops.killed(tx, article_id):
            raise Refused(f"story {article_id} was killed; to bring it back by name: pressrun revive {article_id}")
        if article.skipped_at is not None:
            articles.unskip(tx, article_id, actor=actor, now=now, reason=f"taken up again by {actor}")
        queue.put(tx, article_id, article.priority, actor=actor, now=now, reason=f"taken by {actor}")
        audit.write(tx, "take", f"story {article_id}", actor=actor, now=now)
    prepare(app, article_id)
    with app.ground.reading() as tx:
        return articles.get(tx, article_id)


@needs(Permission.QUEUE)
def prioritise(app: App, article_id: int, priority: Priority, *, actor: str, reason: str = "") -> Article:
    """Says how urgent a story is; breaking, and back from it, as ``declare_breaking`` and ``undo_breaking`` do.

    Raises ``Refused`` for a story that is so already, and ``NotAllowed`` for breaking without the right to say yes.
    """
    with app.ground.reading() as tx:
        before = articles.get(tx, article_id).priority
    if before is priority:
        raise Refused(f"story {article_id} is {priority} already")
    if priority is Priority.BREAKING:
        return declare_breaking(app, article_id, actor=actor, reason=reason).article
    if before is Priority.BREAKING:
        article = undo_breaking(app, article_id, actor=actor, reason=reason).article
        if priority is Priority.NORMAL:
            return article
    now = app.clock.now()
    with app.ground.transaction() as tx:
        article = articles.set_priority(tx, article_id, priority, actor=actor, now=now, reason=reason)
        place = queue.place(tx, article_id)
        if place is not None and place.done_at is None:
            queue.put(tx, article_id, priority, actor=actor, now=now, reason=f"{priority} by {actor}")
        audit.write(
            tx, "prioritise", f"story {article_id}", actor=actor, now=now, reason=reason,
            before=before.value, after=priority.value,
        )  # fmt: skip
        return article
