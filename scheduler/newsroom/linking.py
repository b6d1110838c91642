"""Where readers find a story: its address, given later than the story came, or the word that it may go without one."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from db import articles, audit, queue
from db.records import Article
from scheduler.app import App
from scheduler.intake.errors import IntakeError
from scheduler.intake.revising import address_of, revision_of
from scheduler.intake.targets import Said, with_said
from scheduler.newsroom.grounds import Refused
from scheduler.people.actor import needs
from scheduler.people.roles import Permission
from scheduler.prepare import prepare

NO_LINK = "may go without a link"


@needs(Permission.QUEUE)
def give_address(app: App, article_id: int, address: str, *, actor: str, reason: str = "") -> Article:
    """Says where readers find a story: a new revision, whose words are written anew with the link.

    What a person approved waits for a new yes then, as after every change; what is out stays as it is. Raises
    ``Refused`` for what is no web address, for the one it has, and for one that another story has.
    """
    with app.ground.transaction() as tx:
        ours = articles.get(tx, article_id)
        try:
            found = with_said(ours, Said(url=address))
        except IntakeError as no:
            raise Refused(str(no)) from no
        key = address_of(found)
        owner = articles.find(tx, url_key=key, content_hash="")
        if owner is not None and owner.id != article_id:
            raise Refused(f"{found.url} is the address of story {owner.id}; see: pressrun show {owner.id}")
        revised = _revised(app, tx, ours, found, "address", f"{found.url}", actor, reason, key)
    _written_anew(app, revised)
    return revised


@needs(Permission.QUEUE)
def go_without_link(app: App, article_id: int, *, actor: str, reason: str = "") -> Article:
    """Says that a story may go though readers get no link. Raises ``Refused`` for one that has an address, or may."""
    with app.ground.transaction() as tx:
        ours = articles.get(tx, article_id)
        if ours.url:
            raise Refused(f"story {article_id} has an address: {ours.url}")
        found = replace(ours, no_link=True)
        revised = _revised(app, tx, ours, found, "no link", NO_LINK, actor, reason, None)
    _written_anew(app, revised)
    return revised


def _written_anew(app: App, article: Article) -> None:
    if article.skipped_at is None:
        prepare(app, article.id)


def _revised(
    app: App,
    tx: Connection,
    ours: Article,
    found: Article,
    verb: str,
    told: str,
    actor: str,
    reason: str,
    key: str | None,
) -> Article:
    revised = revision_of(ours, found, seen=True, actor=actor)
    if revised is None:
        raise Refused(f"story {ours.id} has that already: {told}")
    now = app.clock.now()
    articles.revise(tx, ours.id, revised, actor=actor, now=now, reason=revised.flags[-1], url_key=key)
    queue.put(tx, ours.id, revised.priority, actor=actor, now=now, reason="the article changed")
    audit.write(tx, verb, f"story {ours.id}", actor=actor, now=now, reason=reason, after=told)
    return articles.get(tx, ours.id)
