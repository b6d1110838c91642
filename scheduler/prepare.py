"""From the queue to promises: words for every channel, the exact posts, and when each will go.

Words are made before the transaction and stored inside it, together with the plan and the story's leaving the
queue: a worker that dies in between leaves the story in the line, and the next one does it all again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from channels.base import Channel
from db import articles, deliveries, notices, posts, queue, teasers
from db.deliveries import Stale, Taken
from db.records import (
    MACHINE,
    Article,
    Delivery,
    Mode,
    Post,
    Problem,
    State,
    SubjectKind,
    Teaser,
)
from db.session import GroundLost
from scheduler import proposals
from scheduler.app import App, Outlet
from scheduler.approval import approval
from scheduler.asked_first import is_news
from scheduler.before_live import before_live, old_settings
from scheduler.clock import instant
from scheduler.difference import difference
from scheduler.first_posts import rules_now
from scheduler.plan import Checked, asked_by, plan_deliveries, taken_from
from scheduler.readers_asked import asks_to_be_read, speaks_for_itself
from scheduler.words import sentences_for, teaser_for
from templates.picks import Chosen

BATCH = 50
_PLAN_TRIES = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """Words, the post composed of them, and what stands in its way: nothing stored yet."""

    outlet: Outlet
    teaser: Teaser
    post: Post
    problems: tuple[Problem, ...]


def prepare_waiting(app: App) -> int:
    """Prepares every story in the line; returns how many.

    One that cannot be prepared stays in the line, is told to the desk, and keeps none of the others waiting. All of
    them stay there while this process rehearses on a channel that has gone live: its settings are old.
    """
    if old_settings(app):
        return 0
    prepared, failed = 0, set[int]()
    while not app.stopping():
        with app.ground.reading() as tx:
            places = queue.waiting(tx, BATCH + len(failed), instant=instant(app.clock))
        ids = [place.article_id for place in places if place.article_id not in failed]
        if not ids:
            break
        for article_id in ids:
            try:
                prepare(app, article_id)
                prepared += 1
            except GroundLost:
                raise
            except Exception as fault:
                failed.add(article_id)
                _tell_unprepared(app, article_id, fault)
    return prepared


def _tell_unprepared(app: App, article_id: int, fault: Exception) -> None:
    """A template that cannot be filled, or a fault of our own: the story waits, and the desk knows why."""
    own = not hasattr(fault, "exit_code")
    why = f"Pressrun met a fault of its own ({type(fault).__name__})" if own else str(fault)
    if own:
        app.faults(fault)
    with app.ground.transaction() as tx:
        sentence = f"story {article_id} has no words yet: {why}"
        notices.tell_once(tx, _cause(article_id), sentence, f"pressrun preview {article_id}", now=app.clock.now())


def _cause(article_id: int) -> str:
    return f"unprepared {article_id}"


def prepare(app: App, article_id: int) -> None:
    """Writes and plans one story for every channel, or brings what was planned up to its newest revision."""
    with app.ground.reading() as tx:
        article = articles.get(tx, article_id)
    chosen = sentences_for(article)
    drafts = [draft(app, outlet, article, chosen) for outlet in app.outlets.values()]
    now = app.clock.now()
    with app.ground.transaction() as tx:
        if articles.get(tx, article_id).revision != article.revision:
            return  # it changed while the words were made; it is still in the line
        if article.skipped_at is None:
            for one in drafts:
                _store(app, tx, article, one, now)
            proposals.propose(app, tx, article, now)
        queue.done(tx, article_id, actor=app.worker, now=now)
        notices.clear(tx, _cause(article_id), now=now)


def draft(app: App, outlet: Outlet, article: Article, chosen: Chosen | None = None) -> Draft:
    """The machine's words for one channel and the exact post, checked. Pure but for template files."""
    channel = app.silent(outlet)
    return checked(outlet, channel, teaser_for(app, outlet, article, chosen=chosen))


def checked(outlet: Outlet, channel: Channel, teaser: Teaser) -> Draft:
    """Composes words and has the channel say what an editor must fix; another's voice in the machine's words as well."""
    post = channel.compose(teaser)
    return Draft(outlet, teaser, post, (*channel.validate(post), *_voice(teaser)))


def _voice(teaser: Teaser) -> tuple[Problem, ...]:
    """The problem of words that the machine took from a story told in the first person; none where a person wrote the text."""
    if not speaks_for_itself(teaser):
        return ()
    sentence = 'The words say "I" or "we" as if the newsroom spoke. Write them anew, or label the story an opinion.'
    return (Problem("voice", sentence),)


def _store(app: App, tx: Connection, article: Article, one: Draft, now: datetime) -> None:
    """New words and a promise, or what is already promised brought up to date."""
    outlet = one.outlet
    if outlet.mode is Mode.LIVE and not outlet.crowd and before_live(tx, article, outlet.name):
        return
    existing = deliveries.of_subject(tx, SubjectKind.ARTICLE, article.id, mode=outlet.mode, channel=outlet.name)
    newest = teasers.newest(tx, SubjectKind.ARTICLE, article.id, outlet.name)
    if newest is None:
        post = store_draft(tx, article.id, one, actor=MACHINE, now=now)
        if not outlet.crowd:
            plan_one(app, tx, article, one, post, now)
        return
    if newest.revision == article.revision and (existing or outlet.crowd):
        return
    existing = [_mind_rules(tx, outlet, article, delivery, now) for delivery in existing]
    if existing and _says_the_same(tx, article, one):
        return  # a comma mended further down: what the words are made of has not changed
    if newest.writer != MACHINE:
        _hold_changed(app, tx, article, existing, now)
        return
    one = replace(one, teaser=replace(one.teaser, version=newest.version))
    post = store_draft(tx, article.id, one, actor=MACHINE, now=now)
    if outlet.crowd:
        return  # the next issue is cut from the newest words
    if not existing:
        plan_one(app, tx, article, one, post, now)
    for delivery in existing:
        _bring_up_to_date(app, tx, article, delivery, one, post, now)


def _mind_rules(tx: Connection, outlet: Outlet, article: Article, delivery: Delivery, now: datetime) -> Delivery:
    """A revision may bring a word, tag or section that asks for a person: the machine's own yes no longer counts."""
    if delivery.state is not State.PLANNED or delivery.approved_by != MACHINE or not is_news(delivery):
        return delivery
    asked = asked_by(article, rules_now(tx, outlet)) or asks_to_be_read(article)
    if not asked:
        return delivery
    nobody: dict[str, None] = {"approved_by": None, "approved_at": None, "approved_fingerprint": None}
    return deliveries.move(tx, delivery, State.WAITING, actor=MACHINE, now=now, reason=asked, **nobody)


def _says_the_same(tx: Connection, article: Article, one: Draft) -> bool:
    """Whether the machine would write for this revision what it wrote before, whoever's words stand there now."""
    history = teasers.history(tx, SubjectKind.ARTICLE, article.id, one.outlet.name)
    ours = [words for words in history if words.writer == MACHINE]
    if not ours:
        return False
    before, after = ours[-1], one.teaser
    return (before.text, before.link, before.image) == (after.text, after.link, after.image)


def store_draft(tx: Connection, article_id: int, one: Draft, *, actor: str, now: datetime) -> Post:
    """Stores words as the version after the one they were made from, and their post; returns it with its number.

    Raises ``Stale`` when somebody wrote a version in between.
    """
    teaser = teasers.add(tx, SubjectKind.ARTICLE, article_id, one.teaser, actor=actor, now=now)
    return posts.add(tx, one.post, one.problems, teaser_id=teaser.id, actor=actor, now=now)


def plan_one(
    app: App,
    tx: Connection,
    article: Article,
    one: Draft,
    post: Post,
    now: datetime,
    *,
    purpose: str = "first",
    ordered_by: str = MACHINE,
) -> Delivery | None:
    """Promises one post. A slot that another planner took in this moment is planned around.

    None when the promise stands already: the same key is never promised twice.
    """
    outlet = one.outlet
    cost = app.silent(outlet).price(post)
    for _ in range(_PLAN_TRIES):
        taken = deliveries.taken_since(tx, outlet.mode, outlet.name, taken_from(outlet.rules, now))
        rules = {outlet.name: rules_now(tx, outlet)}
        (planned,) = plan_deliveries(
            article, [Checked(post, one.problems, asks_to_be_read(article, one.teaser))], rules, taken, now
        )
        promise = replace(planned.delivery(ordered_by=ordered_by), purpose=purpose, cost=cost)
        if promise.state is State.PLANNED:
            promise = replace(promise, approved_at=now)
        try:
            delivery = deliveries.add(tx, promise, actor=ordered_by, now=now)
        except Taken:
            if deliveries.find(tx, promise.mode, promise.subject_kind, article.id, outlet.name, purpose):
                return None
            continue
        return delivery
    raise Taken(f"no free slot could be kept on {outlet.name}; try again")


def _bring_up_to_date(
    app: App, tx: Connection, article: Article, delivery: Delivery, one: Draft, post: Post, now: datetime
) -> None:
    """A machine's words follow the article; words a person approved stay, and are held when they would change."""
    if delivery.state not in (State.WAITING, State.PLANNED) or delivery.fingerprint == post.fingerprint:
        return
    if delivery.state is State.PLANNED and delivery.approved_by not in (None, MACHINE):
        _hold_changed(app, tx, article, [delivery], now)
        return
    stops = any(problem.stops for problem in one.problems)
    needs_yes = delivery.state is State.WAITING and delivery.approved_fingerprint is None
    after = State.WAITING if stops or needs_yes else State.PLANNED
    reason = " ".join(problem.message for problem in one.problems if problem.stops)
    deliveries.move(
        tx,
        delivery,
        after,
        actor=MACHINE,
        now=now,
        reason=reason or delivery.reason,
        post_id=post.id,
        fingerprint=post.fingerprint,
        cost_micros=app.silent(one.outlet).price(post).micros,
        **approval(MACHINE, post, now, given=after is State.PLANNED),
    )


def _hold_changed(app: App, tx: Connection, article: Article, existing: list[Delivery], now: datetime) -> None:
    """The article changed under words that a person wrote or approved: held, and the desk told at once."""
    for delivery in existing:
        if delivery.state is not State.PLANNED:
            continue
        words_id = posts.teaser_id(tx, delivery.post_id)
        seen = teasers.get(tx, words_id).revision if words_id is not None else 0
        changed = difference(articles.revision(tx, article.id, seen), article) if seen else ""
        reason = (
            f"the article changed (revision {article.revision}) after {delivery.approved_by} approved these words"
            f"{f': {changed}' if changed else ''}; look at them again"
        )
        try:
            held = deliveries.move(tx, delivery, State.WAITING, actor=MACHINE, now=now, reason=reason)
        except Stale:
            continue
        notices.tell_once(
            tx,
            f"changed d{held.id} {article.revision}",
            f"story {article.id}, {held.channel}: {reason}",
            f"pressrun preview {article.id} --channel {held.channel}",
            now=now,
        )
